/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What libarchive opens: tar, ar, CAB and ISO 9660 archives; and files packed alone
 * by gzip and its like, which are a level of their own with one member.
 */

#include <glib.h>

#include "attach/attach-extension.h"
#include "attach/attach-walk.h"

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
unpacked_name(const char *name, const Support *support)
{
    SkBytes extension;

    if (name == NULL || support->packed == NULL || !sk_extension_is(name, support->packed))
        return g_strdup(name != NULL ? name : "content");
    extension = sk_extension_peek(name);
    if (extension.data[0] == 't' || extension.data[0] == 'T')
        return g_strdup_printf("%.*star", (int)((const char *)extension.data - name), name);
    if ((const char *)extension.data - name < 2)
        return g_strdup("content");
    return g_strndup(name, (gsize)((const char *)extension.data - name - 1));
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
    const Support *support = find_support(file->type);
    g_autofree char *name = NULL;
    SkAttachWalk walk = {.format = NULL};

    g_assert(support != NULL);
    name = unpacked_name(file->name, support);
    walk = (SkAttachWalk){.format = support->format, .filter = support->filter, .name = name};
    state_other_side(scan, file);
    sk_attach_walk(scan, file, &walk, NULL);
}
