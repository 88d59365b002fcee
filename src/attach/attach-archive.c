/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What libarchive opens: tar, ar, CAB and ISO 9660 archives; and files packed alone
 * by gzip and its like, which are a level of their own with one member.
 */

#include <glib.h>

#include <archive_entry.h>

#include "attach/attach-decode.h"
#include "attach/attach-extension.h"
#include "attach/attach-file.h"
#include "attach/attach-library.h"
#include "base/buffer.h"
#include "base/limit.h"

/* Where a disk lists what file systems it has, and how long that list may be, in bytes. */
#define ISO_DESCRIPTORS (16 * 2048)
#define ISO_REACH       (32 * 2048)

typedef struct {
    SkAttachType type;
    int (*format)(struct archive *archive);
    int (*filter)(struct archive *archive);
    const char *packed; /* extensions that vanish when it is unpacked */
} Support;

/* clang-format off */
static const Support supports[] = {
    {SK_ATTACH_TAR, archive_read_support_format_tar, NULL, NULL},
    {SK_ATTACH_AR, archive_read_support_format_ar, NULL, NULL},
    {SK_ATTACH_CAB, archive_read_support_format_cab, NULL, NULL},
    {SK_ATTACH_ISO, archive_read_support_format_iso9660, NULL, NULL},
    {SK_ATTACH_GZIP, archive_read_support_format_raw, archive_read_support_filter_gzip, "gz tgz svgz z emz wmz"},
    {SK_ATTACH_BZIP2, archive_read_support_format_raw, archive_read_support_filter_bzip2, "bz2 bz tbz tbz2"},
    {SK_ATTACH_XZ, archive_read_support_format_raw, archive_read_support_filter_xz, "xz txz"},
    {SK_ATTACH_LZMA, archive_read_support_format_raw, archive_read_support_filter_lzma, "lzma tlz"},
    {SK_ATTACH_ZSTD, archive_read_support_format_raw, archive_read_support_filter_zstd, "zst tzst zstd"},
    {SK_ATTACH_LZ4, archive_read_support_format_raw, archive_read_support_filter_lz4, "lz4"},
    {SK_ATTACH_LZIP, archive_read_support_format_raw, archive_read_support_filter_lzip, "lz"},
    {SK_ATTACH_COMPRESS, archive_read_support_format_raw, archive_read_support_filter_compress, "z taz"},
};
/* clang-format on */

typedef struct {
    SkAttachScan *scan;
    SkAttachFile *file;
    struct archive *archive;
    const Support *support;
    SkLibraryMeter meter;
    SkBuffer content; /* of the entry */
} Visit;

static const Support *
find_support(SkAttachType type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(supports); i++) {
        if (supports[i].type == type)
            return &supports[i];
    }
    return NULL;
}

/* "a.txt" of "a.txt.gz", "a.tar" of "a.tgz". */
static char *
unpacked_name(const Visit *visit)
{
    const char *name = visit->file->name;
    SkBytes extension;

    if (name == NULL || !sk_extension_is(name, visit->support->packed))
        return g_strdup(name != NULL ? name : "content");
    extension = sk_extension_peek(name);
    if (extension.data[0] == 't' || extension.data[0] == 'T')
        return g_strdup_printf("%.*star", (int)((const char *)extension.data - name), name);
    if ((const char *)extension.data - name < 2)
        return g_strdup("content");
    return g_strndup(name, (gsize)((const char *)extension.data - name - 1));
}

/* libarchive gives names in the locale's charset if it can, else as they are stored; formats
 * that store Unicode have it too, whatever the locale. */
static char *
entry_name(const Visit *visit, struct archive_entry *entry)
{
    const char *name;

    if (visit->support->filter != NULL)
        return unpacked_name(visit);
    name = archive_entry_pathname(entry);
    if (name == NULL)
        name = archive_entry_pathname_utf8(entry);
    return name != NULL ? sk_attach_decode_name(sk_bytes(name, strlen(name))) : g_strdup("?");
}

/* Reads on, and says so if that goes wrong. */
static SkLibraryResult
read_until(Visit *visit, size_t until)
{
    SkLibraryResult result =
        sk_library_read(visit->archive, &visit->meter, until, &visit->content);

    if (result == SK_LIBRARY_BROKEN)
        sk_attach_broken(visit->scan, visit->file, "%s", sk_library_trouble(visit->archive));
    else if (result == SK_LIBRARY_OVER && !sk_attach_is_over(visit->scan, visit->file))
        sk_attach_broken(visit->scan, visit->file, "no memory to unpack it");
    return result;
}

/* False: nothing more may be asked of libarchive. Its CAB reader, told to go on to the next
 * entry after damage, follows a null pointer (3.6.2). */
static bool
look_inside(Visit *visit, const char *name)
{
    SkLibraryResult result;

    sk_buffer_reset(&visit->content, SK_MIB);
    if (!sk_budget_take_unpacked(sk_attach_budget(visit->scan))) {
        (void)sk_attach_is_over(visit->scan, visit->file);
        return false;
    }
    result = read_until(visit, SK_ATTACH_HEAD);
    if (result == SK_LIBRARY_PART) {
        if (sk_attach_member_by_head(visit->scan, visit->file, name,
                                     sk_buffer_bytes(&visit->content)))
            return true;
        result = read_until(visit, SIZE_MAX);
    }
    /* What could be read of a damaged entry still tells what it is. */
    if (result == SK_LIBRARY_WHOLE || visit->content.len > 0)
        sk_attach_member(visit->scan, visit->file, name, sk_buffer_bytes(&visit->content));
    return result == SK_LIBRARY_WHOLE;
}

static bool
visit_entry(Visit *visit, struct archive_entry *entry)
{
    g_autofree char *name = entry_name(visit, entry);

    if (visit->support->filter != NULL || archive_entry_filetype(entry) == AE_IFREG)
        return look_inside(visit, name);
    sk_attach_member_by_name(visit->scan, visit->file, name);
    return true;
}

/* False: the end, or nothing more can be read. */
static bool
visit_next(Visit *visit)
{
    struct archive_entry *entry = NULL;
    int status;

    if (sk_attach_is_over(visit->scan, visit->file))
        return false;
    status = archive_read_next_header(visit->archive, &entry);
    if (status == ARCHIVE_EOF)
        return false;
    if (status == ARCHIVE_RETRY)
        return true;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
        sk_attach_broken(visit->scan, visit->file, "%s", sk_library_trouble(visit->archive));
        return false;
    }
    if (!sk_budget_take_entry(sk_attach_budget(visit->scan))) {
        (void)sk_attach_is_over(visit->scan, visit->file);
        return false;
    }
    return visit_entry(visit, entry);
}

/* A filter that this libarchive lacks would be run as a program; it says ARCHIVE_WARN then. */
static bool
enable(struct archive *archive, const Support *support)
{
    if (support->filter != NULL && support->filter(archive) != ARCHIVE_OK)
        return false;
    return support->format(archive) == ARCHIVE_OK;
}

/* Windows mounts the UDF side of a disk that has both, and it may hold other files. */
static void
state_other_side(SkAttachScan *scan, SkAttachFile *file)
{
    SkBytes descriptors = sk_bytes_slice(file->bytes, ISO_DESCRIPTORS, ISO_REACH);

    if (file->type == SK_ATTACH_ISO &&
        sk_bytes_find(descriptors, "NSR0", 4, 0) != SK_BYTES_NONE)
        sk_attach_unopened(scan, file, "a UDF file system beside the ISO 9660 one");
}

void
sk_attach_archive_open(SkAttachScan *scan, SkAttachFile *file)
{
    sk_autoarchive struct archive *archive = sk_library_new();
    SkLibrarySource source = {.first = file->bytes, .second = sk_bytes("", 0)};
    const Support *support = find_support(file->type);
    Visit visit = {scan, file, archive, support, {sk_attach_budget(scan), file->bytes.len, 0},
                   {0}};

    g_assert(support != NULL);
    state_other_side(scan, file);
    if (archive == NULL || !enable(archive, support)) {
        sk_attach_unopened(scan, file, "not supported by this libarchive");
        return;
    }
    if (!sk_library_open(archive, &source)) {
        sk_attach_broken(scan, file, "%s", sk_library_trouble(archive));
        return;
    }
    sk_buffer_init(&visit.content, SK_LIMIT_UNPACKED);
    while (visit_next(&visit))
        ;
    sk_buffer_clear(&visit.content);
}
