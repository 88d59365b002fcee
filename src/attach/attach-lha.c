/* SPDX-License-Identifier: Apache-2.0 */

/*
 * LHA archives: headers read here, methods unpacked by libarchive, one file at a time, behind a
 * header of our own making.
 */

#include <glib.h>

#include "attach/attach-file.h"
#include "attach/attach-lha-header.h"
#include "attach/attach-library.h"
#include "base/limit.h"

/* A header of level 0 with a name of one letter. */
#define HEAD_SIZE 25

typedef struct {
    SkAttachScan *scan;
    SkAttachFile *file;
    SkLibraryMeter meter;
    SkBuffer content;
} Visit;

static void
put_le32(uint8_t *at, uint64_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static void
make_head(const SkLhaEntry *entry, uint8_t *head)
{
    memset(head, 0, HEAD_SIZE);
    head[0] = HEAD_SIZE - 2;
    memcpy(head + 2, entry->method.data, 5);
    put_le32(head + 7, entry->packed.len);
    put_le32(head + 11, entry->size);
    head[19] = 0x20;
    head[21] = 1;
    head[22] = 'x';
    head[23] = (uint8_t)entry->crc;
    head[24] = (uint8_t)(entry->crc >> 8);
    for (int i = 2; i < HEAD_SIZE; i++)
        head[1] = (uint8_t)(head[1] + head[i]);
}

static SkLibraryResult
unpack(Visit *visit, const SkLhaEntry *entry)
{
    sk_autoarchive struct archive *archive = sk_library_new();
    struct archive_entry *unused;
    uint8_t head[HEAD_SIZE];
    SkLibrarySource source = {.first = sk_bytes(head, sizeof head),
                              .second = entry->packed,
                              .budget = visit->meter.budget};

    if (archive == NULL)
        return SK_LIBRARY_OVER;
    make_head(entry, head);
    if (archive_read_support_format_lha(archive) != ARCHIVE_OK ||
        !sk_library_open(archive, &source) ||
        archive_read_next_header(archive, &unused) < ARCHIVE_WARN)
        return SK_LIBRARY_BROKEN;
    return sk_library_read(archive, &visit->meter, SIZE_MAX, &visit->content);
}

static bool
is_method(const SkLhaEntry *entry, const char *list)
{
    return entry->method.len == 5 &&
           g_strstr_len(list, -1,
                        (char[]){'-', 'l', (char)entry->method.data[2],
                                 (char)entry->method.data[3], '-', '\0'}) != NULL;
}

static void
look_inside(Visit *visit, const SkLhaEntry *entry, const char *name)
{
    SkLibraryResult result;

    if (is_method(entry, "-lh0--lz4--pm0-")) {
        sk_attach_member(visit->scan, visit->file, name, entry->packed);
        return;
    }
    if (!is_method(entry, "-lh4--lh5--lh6--lh7-")) {
        sk_attach_unopened(visit->scan, visit->file, "an old compression method");
        return;
    }
    sk_buffer_reset(&visit->content, SK_MIB);
    result = unpack(visit, entry);
    if (result == SK_LIBRARY_OVER && !sk_attach_is_over(visit->scan, visit->file))
        sk_attach_broken(visit->scan, visit->file, "no memory to unpack it");
    if (result == SK_LIBRARY_BROKEN)
        sk_attach_broken(visit->scan, visit->file, "\"%s\" does not unpack", name);
    if (visit->content.len > 0)
        sk_attach_member(visit->scan, visit->file, name, sk_buffer_bytes(&visit->content));
}

static void
visit_entry(Visit *visit, const SkLhaEntry *entry)
{
    g_autofree char *name = sk_lha_name_dup(entry);

    if (entry->cut)
        sk_attach_broken(visit->scan, visit->file, "\"%s\" goes beyond the end", name);
    if (is_method(entry, "-lhd-") || entry->size == 0)
        sk_attach_member_by_name(visit->scan, visit->file, name);
    else
        look_inside(visit, entry, name);
}

void
sk_attach_lha_open(SkAttachScan *scan, SkAttachFile *file)
{
    SkBudget *budget = sk_attach_budget(scan);
    Visit visit = {scan, file, {budget, file->bytes.len, 0}, {0}};
    SkLhaEntry entry = {.next = 0};

    sk_buffer_init(&visit.content, SK_LIMIT_UNPACKED);
    while (sk_lha_read(file->bytes, entry.next, &entry)) {
        if (!sk_budget_take_entry(budget) || !sk_budget_take_unpacked(budget) ||
            sk_attach_is_over(scan, file)) {
            (void)sk_attach_is_over(scan, file);
            break;
        }
        visit_entry(&visit, &entry);
    }
    /* The end mark is a zero; a program's leftovers behind it are not ours to judge. */
    if (sk_bytes_u8(file->bytes, entry.next) != 0)
        sk_attach_broken(scan, file, "something else stands where a header should");
    sk_buffer_clear(&visit.content);
}
