/* SPDX-License-Identifier: Apache-2.0 */

/*
 * XML that is a document of its own: Word 2003's, and Office's packages written as one file.
 * Looked at for the words that say macros; nothing is parsed. ActiveMime is how the former
 * carries them: a header, and a packed compound file. And SVG, which may have scripts.
 */

#include <glib.h>

#include "attach/attach-file.h"
#include "attach/attach-text.h"
#include "attach/attach-zlib.h"
#include "base/limit.h"

static bool
contains(SkBytes bytes, const char *what)
{
    return sk_bytes_find(bytes, what, strlen(what), 0) != SK_BYTES_NONE;
}

void
sk_attach_office_xml_open(SkAttachScan *scan, SkAttachFile *file)
{
    /* The declaration stands on the root element, the data in parts named like this. */
    if (contains(file->bytes, "macrosPresent=\"yes\"") ||
        contains(file->bytes, "editdata.mso") || contains(file->bytes, "vbaProject.bin"))
        sk_attach_state(scan, file, SK_FINDING_ATTACH_DANGER_MACRO, NULL);
}

/* Pictures that run: a browser obeys what is between these. */
static const char *const svg_scripts[] = {
    "<script",   "javascript:", "<foreignobject", " onload=", " onerror=", " onclick=",
    " onbegin=", "\nonload=",   "\tonload=",      " onmouse", " onfocus",  "<!entity",
};

void
sk_attach_svg_open(SkAttachScan *scan, SkAttachFile *file)
{
    SkAttachTextKind kind = sk_attach_text_kind(file->bytes);
    g_auto(SkBuffer) folded = {0};
    SkBytes text;

    sk_buffer_init(&folded, SK_LIMIT_UNPACKED);
    if (!sk_buffer_reserve(&folded, file->bytes.len + 1)) {
        sk_attach_broken(scan, file, "no memory to read it");
        return;
    }
    folded.len =
        sk_attach_text_fold(file->bytes, kind, (char *)folded.data, file->bytes.len + 1);
    text = sk_buffer_bytes(&folded);
    for (size_t i = 0; i < G_N_ELEMENTS(svg_scripts); i++) {
        if (contains(text, svg_scripts[i]))
            file->type = SK_ATTACH_SCRIPT;
    }
}

/* Usually at 0x32, but the header says how long it is; the mark of zlib is looked for behind
 * its fixed part. */
static size_t
find_stream(SkBytes bytes)
{
    for (size_t at = 12; at < 256; at++) {
        if (sk_bytes_u8(bytes, at) == 0x78 && sk_bytes_be16(bytes, at) % 31 == 0)
            return at;
    }
    return SK_BYTES_NONE;
}

void
sk_attach_activemime_open(SkAttachScan *scan, SkAttachFile *file)
{
    size_t at = find_stream(file->bytes);
    g_auto(SkBuffer) out = {0};

    sk_buffer_init(&out, SK_LIMIT_UNPACKED);
    if (at == SK_BYTES_NONE || !sk_inflate(sk_bytes_from(file->bytes, at), SK_INFLATE_ZLIB,
                                           sk_attach_budget(scan), &out)) {
        if (!sk_attach_is_over(scan, file))
            sk_attach_broken(scan, file, "its content does not unpack");
    }
    if (out.len > 0)
        sk_attach_member(scan, file, "content", sk_buffer_bytes(&out));
}
