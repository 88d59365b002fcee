/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-type.h"

#include <glib.h>

#include "attach/attach-extension.h"
#include "attach/attach-magic.h"
#include "attach/attach-pgp.h"
#include "attach/attach-script.h"
#include "attach/attach-zip.h"

/* PDF readers accept the mark anywhere in the first KiB. */
#define PDF_REACH 1024

/* What a script host finds in a file it is told to run: it passes over junk, so a script may
 * begin as a picture does. */
static SkAttachType
run_by_name(SkAttachType type, const char *name)
{
    SkExtension extension = sk_extension_of(name);

    if (type != SK_ATTACH_UNKNOWN && type != SK_ATTACH_MEDIA && type != SK_ATTACH_DATA)
        return type;
    if (extension == SK_EXTENSION_SCRIPT)
        return SK_ATTACH_SCRIPT;
    if (extension == SK_EXTENSION_SHORTCUT)
        return SK_ATTACH_SHORTCUT_TEXT;
    return sk_extension_is(name, "com") ? SK_ATTACH_DOS_EXE : type;
}

/* Formats without a mark at the start. */
static SkAttachType
type_without_mark(SkBytes bytes, const char *name)
{
    SkAttachTextKind kind;

    if (sk_bytes_find(sk_bytes_slice(bytes, 0, PDF_REACH), "%PDF-", 5, 0) != SK_BYTES_NONE)
        return SK_ATTACH_PDF;
    kind = sk_attach_text_kind(bytes);
    if (kind != SK_ATTACH_TEXT_NONE)
        return sk_attach_script_type(bytes, kind, name);
    return sk_pgp_is_message(bytes) ? SK_ATTACH_PGP : SK_ATTACH_UNKNOWN;
}

SkAttachType
sk_attach_type_of_head(SkBytes head, const char *name)
{
    SkAttachType type;

    if (head.len == 0)
        return SK_ATTACH_EMPTY;
    type = sk_attach_magic_of_head(head);
    if (type == SK_ATTACH_UNKNOWN)
        type = type_without_mark(head, name);
    return run_by_name(type, name);
}

SkAttachType
sk_attach_type_of(SkBytes bytes, const char *name)
{
    SkAttachType type = sk_attach_type_of_head(bytes, name);

    if (type == SK_ATTACH_UNKNOWN)
        type = sk_attach_magic_of_body(bytes);
    if (type == SK_ATTACH_UNKNOWN && sk_attach_zip_has_directory(bytes))
        type = SK_ATTACH_ZIP;
    return type;
}
