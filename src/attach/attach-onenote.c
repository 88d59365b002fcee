/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-file.h"

/*
 * attach-onenote - files on a OneNote page
 *
 * Every embedded file, pictures of the page included, lies in a FileDataStoreObject, which is
 * found by its GUID wherever it stands ([MS-ONESTORE] 2.6.13). An encrypted section is known by
 * the mark its key description begins with (2.5.19).
 */

#define STORE_GUID "\xE7\x16\xE3\xBD\x65\x26\x11\x45\xA4\xC4\x8D\x4D\x0B\x7A\x9E\xAC"
#define GUID_LEN   16
/* GUID, length in 8 bytes, 12 unused ones. */
#define STORE_HEADER 36
/* A section's header says how long the file is (2.3.1); the other format, of sections that a
 * server has packed, does not. */
#define FORMAT_AT      48
#define FORMAT_SECTION "\x3F\xDD\x9A\x10\x1B\x91\xF5\x49\xA5\xD0\x17\x91\xED\xC8\xAE\xD8"
#define LENGTH_AT      196
#define ENCRYPTION_KEY "\x67\xA0\xD1\xDA\x85\xA3\x6B\xFB"

static bool
is_cut(SkBytes b)
{
    bool is_section = sk_bytes_at(b, FORMAT_AT, FORMAT_SECTION, GUID_LEN);

    return is_section && (b.len < LENGTH_AT + 8 || sk_bytes_le64(b, LENGTH_AT) > b.len);
}

static void
on_file(SkAttachScan *scan, SkAttachFile *file, SkBytes content)
{
    if (!sk_budget_take_unpacked(sk_attach_budget(scan)))
        return;
    if (sk_attach_type_of(content, NULL) != SK_ATTACH_MEDIA)
        sk_attach_state(scan, file, SK_FINDING_ATTACH_DANGER_ONENOTE, NULL);
    sk_attach_member(scan, file, NULL, content);
}

/* Where to look on behind the object at AT. A length that lies costs the file what is cut off,
 * and the search goes on inside it. */
static size_t
open_store(SkAttachScan *scan, SkAttachFile *file, size_t at, bool *cut)
{
    uint64_t len = sk_bytes_le64(file->bytes, at + GUID_LEN);
    SkBytes content = sk_bytes_slice(file->bytes, (uint64_t)at + STORE_HEADER, len);

    if (content.len < len) {
        /* Once: every such file is all the rest, and a page of their marks would cost the
         * square of its length. */
        if (!*cut)
            on_file(scan, file, content);
        *cut = true;
        sk_attach_broken(scan, file, "an embedded file is cut off");
        return at + GUID_LEN;
    }
    if (len > 0)
        on_file(scan, file, content);
    return at + STORE_HEADER + (size_t)len;
}

void
sk_attach_onenote_open(SkAttachScan *scan, SkAttachFile *file)
{
    bool cut = false;
    size_t at = 0;

    if (is_cut(file->bytes))
        sk_attach_broken(scan, file, "it is cut short");
    if (sk_bytes_find(file->bytes, ENCRYPTION_KEY, 8, 0) != SK_BYTES_NONE)
        sk_attach_state_encrypted(scan, file, SK_FINDING_ATTACH_ENCRYPTED_OFFICE,
                                  SK_ENCRYPTED_SOME, NULL, "OneNote, password");
    while ((at = sk_bytes_find(file->bytes, STORE_GUID, GUID_LEN, at)) != SK_BYTES_NONE) {
        at = open_store(scan, file, at, &cut);
        if (sk_attach_is_over(scan, file))
            return;
    }
}
