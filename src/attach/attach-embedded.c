/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-embedded.h"

#include <glib.h>

#include "attach/attach-magic.h"
#include "attach/attach-marker.h"
#include "attach/attach-zip.h"

static bool
is_program(SkAttachType type)
{
    return type == SK_ATTACH_PE || type == SK_ATTACH_DOS_EXE || type == SK_ATTACH_ELF;
}

/* Archives opened behind one file: a harmless one may stand before the one that matters, and
 * programs look for their own format only. */
#define MARKED 4

/* Behind other files these marks cannot stand by chance (they carry checksums), but a document
 * about archives may hold one whole; opening it does no harm. */
static void
open_marked(SkAttachScan *scan, SkAttachFile *file)
{
    size_t at = 0;

    for (unsigned i = 0; i < MARKED && (i == 0 || !sk_attach_is_over(scan, file)); i++) {
        SkAttachType type = SK_ATTACH_UNKNOWN;

        at = sk_marker_find(file->bytes, at + 1, is_program(file->type), &type);
        if (at == SK_BYTES_NONE)
            return;
        sk_attach_member_as(scan, file, "archive behind it", sk_bytes_from(file->bytes, at),
                            type);
    }
}

/* A picture in front does not keep a system from mounting what follows as a disk. */
static void
open_image(SkAttachScan *scan, SkAttachFile *file)
{
    SkAttachType type = sk_attach_magic_of_body(file->bytes);

    if (type == SK_ATTACH_ISO || type == SK_ATTACH_UDF || type == SK_ATTACH_VHD ||
        type == SK_ATTACH_DMG)
        sk_attach_member_as(scan, file, "disk image", file->bytes, type);
}

static void
open_zip(SkAttachScan *scan, SkAttachFile *file)
{
    bool listed = sk_attach_zip_has_directory(file->bytes);
    size_t at = listed ? 0 : sk_attach_zip_find_locked(file->bytes);

    if (at != SK_BYTES_NONE)
        sk_attach_member_as(scan, file, "archive behind it", sk_bytes_from(file->bytes, at),
                            SK_ATTACH_ZIP);
}

void
sk_attach_embedded_open(SkAttachScan *scan, SkAttachFile *file)
{
    open_zip(scan, file);
    open_marked(scan, file);
    if (file->type != SK_ATTACH_UNKNOWN)
        open_image(scan, file);
}
