/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-crypt.h"
#include "attach/attach-office.h"

/* Bits of the 16-bit field at 0x0A of the FIB ([MS-DOC] 2.5.2). */
#define FIB_ENCRYPTED   0x0100u
#define FIB_TABLE_ONE   0x0200u
#define FIB_OBFUSCATED  0x8000u
#define FIB_FLAGS_AT    0x0A
#define FIB_WORD97      0xA5ECu
#define FIB_BASE_LENGTH 32

/* How a Word 97 document is encrypted stands at the beginning of its table stream. */
static const char *
describe(const SkAttachOffice *office, uint32_t stream, SkBytes fib)
{
    uint16_t flags = sk_bytes_le16(fib, FIB_FLAGS_AT);
    uint32_t parent = sk_attach_ole_peek(office->ole, stream)->parent;
    uint32_t table = sk_attach_ole_find(office->ole, parent,
                                        (flags & FIB_TABLE_ONE) != 0 ? "1Table" : "0Table");
    g_auto(SkBuffer) scratch = {0};
    SkBytes head;

    if ((flags & FIB_OBFUSCATED) != 0 || sk_bytes_le16(fib, 0) != FIB_WORD97)
        return "XOR obfuscation";
    if (table == SK_ATTACH_OLE_NONE ||
        !sk_attach_ole_read(office->ole, table, 512, &scratch, &head))
        return "RC4";
    return sk_attach_verifier_read(head).how;
}

void
sk_attach_office_word(const SkAttachOffice *office, uint32_t stream)
{
    g_auto(SkBuffer) scratch = {0};
    g_autofree char *why = NULL;
    SkBytes fib;

    if (!sk_attach_office_read(office, stream, FIB_BASE_LENGTH, &scratch, &fib))
        return;
    if ((sk_bytes_le16(fib, FIB_FLAGS_AT) & FIB_ENCRYPTED) == 0)
        return;
    why = g_strdup_printf("Word, %s", describe(office, stream, fib));
    sk_attach_state_encrypted(office->scan, office->file, SK_FINDING_ATTACH_ENCRYPTED_OFFICE,
                              SK_ENCRYPTED_ALL, NULL, why);
}
