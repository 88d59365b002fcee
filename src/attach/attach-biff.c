/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-crypt.h"
#include "attach/attach-office.h"

#define RECORD_EOF        0x000Au
#define RECORD_FILEPASS   0x002Fu
#define RECORD_BOUNDSHEET 0x0085u

/* RC4 gets a new key each 1024 bytes of the stream ([MS-XLS] 2.2.10). */
#define RC4_BLOCK 1024u
/* Records of one stream looked at: the workbook's own come first, sheets follow their end. */
#define MAX_RECORDS 200000u
/* Records between two looks at the clock. */
#define RECORDS_PER_LOOK 4096u

typedef enum {
    CLEAR,
    BY_XOR,
    BY_RC4,
    UNREADABLE,
} Cover;

typedef struct {
    SkAttachScan *scan;
    SkAttachFile *file;
    SkBytes records;
    Cover cover;
    SkAttachVerifier verifier;
    uint8_t xor_array[16];
    bool stated_macro;
} Biff;

static bool
is_bof(SkBytes records)
{
    uint16_t id = sk_bytes_le16(records, 0), len = sk_bytes_le16(records, 2);

    return (id == 0x0809 || id == 0x0409 || id == 0x0209 || id == 0x0009) && len >= 4 &&
           len <= 32;
}

static void
state_encrypted(Biff *biff, const char *why)
{
    g_autofree char *detail = g_strdup_printf("Excel, %s", why);

    biff->cover = UNREADABLE;
    sk_attach_state_encrypted(biff->scan, biff->file, SK_FINDING_ATTACH_ENCRYPTED_OFFICE,
                              SK_ENCRYPTED_ALL, NULL, detail);
}

static void
try_xor(Biff *biff, uint16_t key, uint16_t verifier)
{
    if (key != sk_attach_xor_key(SK_ATTACH_EXCEL_PASSWORD) ||
        verifier != sk_attach_xor_verifier(SK_ATTACH_EXCEL_PASSWORD)) {
        state_encrypted(biff, "XOR obfuscation");
        return;
    }
    biff->cover = BY_XOR;
    sk_attach_xor_array(SK_ATTACH_EXCEL_PASSWORD, biff->xor_array);
}

static void
try_rc4(Biff *biff, SkBytes info)
{
    biff->verifier = sk_attach_verifier_read(info);
    if (!biff->verifier.aes &&
        sk_attach_verifier_matches(&biff->verifier, sk_attach_budget(biff->scan),
                                   SK_ATTACH_EXCEL_PASSWORD))
        biff->cover = BY_RC4;
    else
        state_encrypted(biff, biff->verifier.how);
}

/* BIFF8 says which method; older workbooks hold only the two numbers of XOR obfuscation. */
static void
on_filepass(Biff *biff, SkBytes record)
{
    if (biff->cover != CLEAR)
        return;
    if (record.len == 4)
        try_xor(biff, sk_bytes_le16(record, 0), sk_bytes_le16(record, 2));
    else if (sk_bytes_le16(record, 0) == 0)
        try_xor(biff, sk_bytes_le16(record, 2), sk_bytes_le16(record, 4));
    else
        try_rc4(biff, sk_bytes_from(record, 2));
}

/* The byte AT of the stream, in a record of LEN bytes, as the default password shows it. */
static uint8_t
clear_byte(const Biff *biff, size_t at, uint16_t len)
{
    uint8_t byte = sk_bytes_u8(biff->records, at);
    SkAttachRc4 rc4;

    switch (biff->cover) {
    case BY_XOR:
        byte ^= biff->xor_array[(at + len) % 16];
        return (uint8_t)(byte >> 5 | byte << 3);
    case BY_RC4:
        sk_attach_verifier_rc4(&biff->verifier, (uint32_t)(at / RC4_BLOCK), &rc4);
        sk_attach_rc4_skip(&rc4, at % RC4_BLOCK);
        sk_attach_rc4_apply(&rc4, &byte, &byte, 1);
        return byte;
    default:
        return byte;
    }
}

/* A sheet of kind 1 is an Excel 4 macro sheet, of kind 6 a Visual Basic module of Excel 5. */
static void
on_boundsheet(Biff *biff, size_t at, uint16_t len)
{
    uint8_t kind;

    if (biff->cover == UNREADABLE || len < 6 || biff->stated_macro)
        return;
    kind = clear_byte(biff, at + 5, len);
    if (kind != 1 && kind != 6)
        return;
    biff->stated_macro = true;
    sk_attach_state(biff->scan, biff->file, SK_FINDING_ATTACH_DANGER_MACRO, "%s",
                    kind == 1 ? "Excel 4 macro sheet" : "Visual Basic module");
}

/* Before BIFF5 a file is one sheet, and its first record says that it is a macro. */
static void
on_first(Biff *biff)
{
    if (sk_bytes_le16(biff->records, 0) < 0x0809 && sk_bytes_le16(biff->records, 6) == 0x0040)
        sk_attach_state(biff->scan, biff->file, SK_FINDING_ATTACH_DANGER_MACRO,
                        "Excel 4 macro sheet");
}

void
sk_attach_biff_look(SkAttachScan *scan, SkAttachFile *file, SkBytes records)
{
    Biff biff = {.scan = scan, .file = file, .records = records};
    uint64_t at = 0;

    if (!is_bof(records)) {
        sk_attach_broken(scan, file, "the workbook does not begin with BOF");
        return;
    }
    on_first(&biff);
    for (uint32_t n = 0; n < MAX_RECORDS && sk_bytes_has(records, at, 4); n++) {
        uint16_t id = sk_bytes_le16(records, at), len = sk_bytes_le16(records, at + 2);

        at += 4;
        if (id == RECORD_EOF ||
            (n % RECORDS_PER_LOOK == RECORDS_PER_LOOK - 1 && sk_attach_is_over(scan, file)))
            return;
        if (id == RECORD_FILEPASS)
            on_filepass(&biff, sk_bytes_slice(records, at, len));
        if (id == RECORD_BOUNDSHEET)
            on_boundsheet(&biff, at, len);
        at += len;
    }
}

void
sk_attach_biff_open(SkAttachScan *scan, SkAttachFile *file)
{
    sk_attach_biff_look(scan, file, file->bytes);
}

void
sk_attach_office_excel(const SkAttachOffice *office, uint32_t stream)
{
    g_auto(SkBuffer) scratch = {0};
    SkBytes records;

    if (sk_attach_office_read(office, stream, UINT64_MAX, &scratch, &records))
        sk_attach_biff_look(office->scan, office->file, records);
}
