/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-crypt.h"
#include "attach/attach-file.h"

/*
 * attach-access - whether an Access database asks for a password
 *
 * No public standard describes the first page. Facts are from the mdbtools project's HACKING.md
 * ("Database Definition Page") and from Jackcess and Jackcess Encrypt (DatabaseImpl,
 * OfficeCryptCodecHandler), and agree with each other:
 *  - 0x14: version; 0 Jet 3, 1 Jet 4, from 2 on ACE.
 *  - 0x18: 126 bytes (Jet 3) or 128 are masked by RC4 with a fixed key.
 *  - 0x3E under the mask: four bytes of page key. In Jet it is all that opening needs, so that
 * a database "encoded" by it asks nobody; in ACE it says only that the file is encrypted.
 *  - 0x42 under the mask: the password, 20 bytes (Jet 3) or 40; in Jet 4 masked once more by
 * the creation date, the number at 0x72 cut to a whole one.
 *  - 0x299: in ACE, the length of an EncryptionInfo as in [MS-OFFCRYPTO], which follows.
 */

#define VERSION_AT  0x14
#define VERSION_ACE 2
#define MASKED_AT   0x18
#define MASKED_LEN  128
#define KEY_AT      0x3E
#define PASSWORD_AT 0x42
#define DATE_AT     0x72
#define INFO_AT     0x299
#define PAGE_JET3   2048

typedef struct {
    uint8_t version;
    uint8_t head[MASKED_AT + MASKED_LEN]; /* without the mask */
} Header;

static bool
read_header(SkBytes bytes, Header *ret)
{
    static const uint8_t key[4] = {0xC7, 0xDA, 0x39, 0x6B};
    SkAttachRc4 rc4;

    if (!sk_bytes_has(bytes, 0, PAGE_JET3))
        return false;
    ret->version = sk_bytes_u8(bytes, VERSION_AT);
    sk_attach_rc4_init(&rc4, key, sizeof key);
    memcpy(ret->head, bytes.data, MASKED_AT);
    sk_attach_rc4_apply(&rc4, bytes.data + MASKED_AT, ret->head + MASKED_AT, MASKED_LEN);
    return true;
}

static bool
is_zero(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

/* The creation date in days since 1899, whole ones, as four bytes. */
static void
date_mask(const Header *header, uint8_t mask[4])
{
    double date;
    uint32_t days = 0;

    memcpy(&date, header->head + DATE_AT, sizeof date);
    if (date >= INT32_MIN && date <= INT32_MAX)
        days = (uint32_t)(int32_t)date;
    for (unsigned i = 0; i < 4; i++)
        mask[i] = (uint8_t)(days >> (8 * i));
}

static bool
has_jet_password(const Header *header)
{
    uint8_t password[40], mask[4];

    memcpy(password, header->head + PASSWORD_AT, sizeof password);
    if (header->version == 0)
        return !is_zero(password, 20);
    date_mask(header, mask);
    for (size_t i = 0; i < sizeof password; i++)
        password[i] ^= mask[i % 4];
    return !is_zero(password, sizeof password);
}

static void
state(SkAttachScan *scan, SkAttachFile *file, const char *why)
{
    sk_attach_state_encrypted(scan, file, SK_FINDING_ATTACH_ENCRYPTED_ACCESS, SK_ENCRYPTED_ALL,
                              NULL, why);
}

static void
look_ace(SkAttachScan *scan, SkAttachFile *file, const Header *header)
{
    SkBytes info =
        sk_bytes_slice(file->bytes, INFO_AT + 2, sk_bytes_le16(file->bytes, INFO_AT));
    g_autofree char *why = NULL;

    if (is_zero(header->head + KEY_AT, 4))
        return;
    if (sk_bytes_le16(info, 0) == 4 && sk_bytes_le16(info, 2) == 4)
        why = g_strdup("agile encryption");
    else
        why = g_strdup(sk_attach_verifier_read(info).how);
    state(scan, file, why);
}

void
sk_attach_access_open(SkAttachScan *scan, SkAttachFile *file)
{
    Header header;

    if (!read_header(file->bytes, &header)) {
        sk_attach_broken(scan, file, "shorter than the first page of a database");
        return;
    }
    if (header.version >= VERSION_ACE)
        look_ace(scan, file, &header);
    else if (has_jet_password(&header))
        state(scan, file, header.version == 0 ? "password, Jet 3" : "password, Jet 4");
}
