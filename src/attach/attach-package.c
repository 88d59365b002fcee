/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-agile.h"
#include "attach/attach-office.h"

/*
 * attach-package - OOXML inside a compound file, encrypted ([MS-OFFCRYPTO] 2.3.4)
 */

/* Bytes of EncryptionInfo: agile descriptors of Office are about 1 KB, certificates add some.
 */
#define MAX_INFO (256u * 1024)

static void
state_encrypted(const SkAttachOffice *office, const char *why)
{
    g_autofree char *detail = NULL;

    /* Time that ran out while the password was tried is no proof that it does not fit. */
    (void)sk_attach_is_over(office->scan, office->file);
    detail = g_strdup_printf("OOXML, %s", why);
    sk_attach_state_encrypted(office->scan, office->file, SK_FINDING_ATTACH_ENCRYPTED_OFFICE,
                              SK_ENCRYPTED_ALL, NULL, detail);
}

static void
hand_over(const SkAttachOffice *office, bool decrypted, const SkBuffer *clear)
{
    if (decrypted)
        sk_attach_member(office->scan, office->file, "decrypted", sk_buffer_bytes(clear));
    else if (!sk_attach_is_over(office->scan, office->file))
        sk_attach_broken(office->scan, office->file, "the encrypted package is damaged");
}

static void
open_agile(const SkAttachOffice *office, SkBytes info, SkBytes package)
{
    SkBudget *budget = sk_attach_budget(office->scan);
    g_autofree char *why = NULL;
    g_auto(SkBuffer) clear = {0};
    SkAttachAgile agile;

    if (!sk_attach_agile_read(sk_bytes_from(info, 8), &agile)) {
        state_encrypted(office, "agile encryption, unreadable description");
        return;
    }
    if (!agile.has_password && agile.has_certificate) {
        state_encrypted(office, "agile encryption, for a certificate");
        return;
    }
    if (sk_attach_agile_matches(&agile, budget, SK_ATTACH_EXCEL_PASSWORD)) {
        hand_over(office, sk_attach_agile_decrypt(&agile, budget, package, &clear), &clear);
        return;
    }
    why = g_strdup_printf("agile encryption, AES-%u", agile.data.key_bits);
    state_encrypted(office, why);
}

static bool
decrypt_standard(const SkAttachVerifier *verifier,
                 SkBudget *budget,
                 SkBytes package,
                 SkBuffer *out)
{
    uint64_t size = sk_bytes_le64(package, 0);
    SkBytes cipher = sk_bytes_from(package, 8);

    cipher.len -= cipher.len % 16;
    sk_buffer_init(out, cipher.len);
    if (size > cipher.len || !sk_budget_take_bytes(budget, cipher.len, package.len, 0) ||
        !sk_buffer_reserve(out, cipher.len) ||
        !sk_attach_aes_decrypt(verifier->secret.bytes, verifier->key_bits, NULL, cipher,
                               out->data))
        return false;
    out->len = (size_t)size;
    return true;
}

static void
open_standard(const SkAttachOffice *office, SkBytes info, SkBytes package)
{
    SkAttachVerifier verifier = sk_attach_verifier_read(info);
    SkBudget *budget = sk_attach_budget(office->scan);
    g_auto(SkBuffer) clear = {0};

    if (!verifier.aes ||
        !sk_attach_verifier_matches(&verifier, budget, SK_ATTACH_EXCEL_PASSWORD)) {
        state_encrypted(office, verifier.how);
        return;
    }
    hand_over(office, decrypt_standard(&verifier, budget, package, &clear), &clear);
}

void
sk_attach_office_package(const SkAttachOffice *office, uint32_t stream)
{
    uint32_t parent = sk_attach_ole_peek(office->ole, stream)->parent;
    uint32_t i = sk_attach_ole_find(office->ole, parent, "EncryptionInfo");
    g_auto(SkBuffer) info_scratch = {0};
    g_auto(SkBuffer) scratch = {0};
    SkBytes info, package;

    if (i == SK_ATTACH_OLE_NONE && office->rights)
        return;
    if (i == SK_ATTACH_OLE_NONE) {
        state_encrypted(office, "without a description of the encryption");
        return;
    }
    if (!sk_attach_ole_read(office->ole, i, MAX_INFO, &info_scratch, &info) ||
        !sk_attach_ole_read(office->ole, stream, UINT64_MAX, &scratch, &package)) {
        state_encrypted(office, "damaged");
        return;
    }
    if (sk_bytes_le16(info, 0) == 4 && sk_bytes_le16(info, 2) == 4)
        open_agile(office, info, package);
    else
        open_standard(office, info, package);
}
