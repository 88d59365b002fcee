/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-crypt.h"
#include "attach/attach-office.h"
#include "attach/attach-zlib.h"
#include "base/limit.h"

/* CurrentUserAtom's token ([MS-PPT] 2.3.2). */
#define TOKEN_ENCRYPTED 0xF3D1C4DFu

#define RECORD_CRYPT_SESSION "\x0F\x00\x14\x2F"
#define RECORD_VBA_INFO      0x0400u
#define RECORD_OLE_STORAGE   0x1011u
#define MAX_RECORDS          1000000u

/* CryptSession10Container keeps its header in clear, whatever else is encrypted (2.3.7). */
static SkBytes
find_crypt_session(SkBytes stream)
{
    size_t at = 0;

    while ((at = sk_bytes_find(stream, RECORD_CRYPT_SESSION, 4, at)) != SK_BYTES_NONE) {
        SkBytes info = sk_bytes_slice(stream, at + 8, sk_bytes_le32(stream, at + 4));
        uint16_t major = sk_bytes_le16(info, 0), minor = sk_bytes_le16(info, 2);

        if (info.len >= 64 && major >= 2 && major <= 4 && minor == 2)
            return info;
        at++;
    }
    return sk_bytes("", 0);
}

static void
state_encrypted(const SkAttachOffice *office, const char *why)
{
    g_autofree char *detail = g_strdup_printf("PowerPoint, %s", why);

    sk_attach_state_encrypted(office->scan, office->file, SK_FINDING_ATTACH_ENCRYPTED_OFFICE,
                              SK_ENCRYPTED_ALL, NULL, detail);
}

/* Without the main stream or its description of the encryption there is nothing to try. */
void
sk_attach_office_current_user(const SkAttachOffice *office, uint32_t stream)
{
    uint32_t parent = sk_attach_ole_peek(office->ole, stream)->parent;
    uint32_t main_stream = sk_attach_ole_find(office->ole, parent, "PowerPoint Document");
    g_auto(SkBuffer) scratch = {0};
    g_auto(SkBuffer) main_scratch = {0};
    SkBytes head, body;

    if (!sk_attach_office_read(office, stream, 64, &scratch, &head) ||
        sk_bytes_le32(head, 12) != TOKEN_ENCRYPTED)
        return;
    if (main_stream == SK_ATTACH_OLE_NONE ||
        !sk_attach_ole_read(office->ole, main_stream, UINT64_MAX, &main_scratch, &body) ||
        find_crypt_session(body).len == 0)
        state_encrypted(office, "unknown encryption");
}

/* An embedded object that is packed: its size, then zlib data. */
static void
inflate_object(const SkAttachOffice *office, SkBytes packed)
{
    g_auto(SkBuffer) clear;
    bool whole;

    sk_buffer_init(&clear, SK_LIMIT_UNPACKED);
    whole = sk_inflate(packed, SK_INFLATE_ZLIB, sk_attach_budget(office->scan), &clear);
    if (sk_attach_is_over(office->scan, office->file))
        return;
    if (!whole)
        sk_attach_broken(office->scan, office->file, "an embedded object is damaged");
    sk_attach_member(office->scan, office->file, "object", sk_buffer_bytes(&clear));
}

static void
on_object(const SkAttachOffice *office, uint16_t instance, SkBytes record)
{
    if (!sk_budget_take_unpacked(sk_attach_budget(office->scan)))
        return;
    if (instance == 0)
        sk_attach_member(office->scan, office->file, "object", record);
    else
        inflate_object(office, sk_bytes_from(record, 4));
}

static void
on_record(const SkAttachOffice *office, uint32_t type, uint16_t instance, SkBytes record)
{
    if (type == RECORD_OLE_STORAGE)
        on_object(office, instance, record);
    if (type == RECORD_VBA_INFO && record.len == 12 && sk_bytes_le32(record, 4) == 1)
        sk_attach_state(office->scan, office->file, SK_FINDING_ATTACH_DANGER_MACRO,
                        "Visual Basic project");
}

/* Containers are entered by reading on behind their header, so that no stack is needed. */
static void
walk_records(const SkAttachOffice *office, SkBytes stream)
{
    uint64_t at = 0;

    for (uint32_t n = 0; n < MAX_RECORDS && sk_bytes_has(stream, at, 8); n++) {
        uint16_t head = sk_bytes_le16(stream, at), type = sk_bytes_le16(stream, at + 2);
        uint32_t len = sk_bytes_le32(stream, at + 4);

        at += 8;
        if ((head & 0x0F) == 0x0F)
            continue;
        on_record(office, type, head >> 4, sk_bytes_slice(stream, at, len));
        if (sk_attach_is_over(office->scan, office->file))
            return;
        at += len;
    }
}

void
sk_attach_office_powerpoint(const SkAttachOffice *office, uint32_t stream)
{
    g_auto(SkBuffer) scratch = {0};
    SkAttachVerifier verifier;
    SkBytes body, info;

    if (!sk_attach_office_read(office, stream, UINT64_MAX, &scratch, &body))
        return;
    info = find_crypt_session(body);
    if (info.len == 0) {
        walk_records(office, body);
        return;
    }
    verifier = sk_attach_verifier_read(info);
    if (verifier.aes || !sk_attach_verifier_matches(&verifier, sk_attach_budget(office->scan),
                                                    SK_ATTACH_POWERPOINT_PASSWORD))
        state_encrypted(office, verifier.how);
}
