/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-leaf.h"

#include <stdio.h>

#include "base/limit.h"
#include "mail/mail-charset.h"
#include "mail/mail-tnef.h"
#include "mail/mail-uuencode.h"

static void offer(SkMailWalk *walk, const SkMailPart *part, const SkMailPlace *place);

void
sk_mail_leaf_tell(SkMailWalk *walk, SkMailTrouble what, const char *path, const char *detail)
{
    if (walk->over)
        return;
    walk->over = what == SK_MAIL_TROUBLE_LIMIT;
    walk->visitor->trouble(what, path[0] != '\0' ? path : NULL, detail, walk->visitor->data);
}

bool
sk_mail_leaf_enter(SkMailWalk *walk, const char *path, uint32_t level)
{
    const char *detail = NULL;

    if (walk->over)
        return false;
    if (level > SK_LIMIT_MIME_DEPTH)
        detail = "parts lie in more levels than are looked at";
    else if (!sk_budget_take_part(walk->budget))
        detail = "there are more parts than are looked at";
    else if (!sk_budget_check_time(walk->budget))
        detail = "reading the message takes longer than it may";
    if (detail != NULL)
        sk_mail_leaf_tell(walk, SK_MAIL_TROUBLE_LIMIT, path, detail);
    return detail == NULL;
}

void
sk_mail_leaf_path(char *out, const char *path, unsigned n)
{
    (void)snprintf(out, SK_MAIL_PATH_MAX, "%s%s%u", path, path[0] != '\0' ? "." : "", n);
}

/* Bytes made of what was itself decoded count: 30 levels of them are no longer bounded by the
 * size of the message. */
static bool
may_decode(SkMailWalk *walk, const SkMailPlace *place, size_t n)
{
    if (!place->decoded || sk_budget_take_bytes(walk->budget, n, n, 0))
        return true;
    sk_mail_leaf_tell(walk, SK_MAIL_TROUBLE_LIMIT, place->path,
                      "encodings in encodings make more bytes than are looked at");
    return false;
}

static void
tell_decoded(SkMailWalk *walk, SkMailDecoded result, const char *path, const char *detail)
{
    if (result == SK_MAIL_DECODED_FULL)
        sk_mail_leaf_tell(walk, SK_MAIL_TROUBLE_LIMIT, path,
                          "there is no memory to decode the part");
    if (result == SK_MAIL_DECODED_DAMAGED)
        sk_mail_leaf_tell(walk, SK_MAIL_TROUBLE_BROKEN, path, detail);
}

static SkMailDecoded
decode_uuencode(SkBytes body, SkBuffer *out)
{
    SkMailUuencode file;
    SkMailDecoded result;

    if (!sk_mail_uuencode_find(body, 0, &file))
        return SK_MAIL_DECODED_DAMAGED;
    result = sk_mail_uuencode_decode(&file, out);
    return result == SK_MAIL_DECODED && sk_mail_uuencode_find(body, file.end, &file)
               ? SK_MAIL_DECODED_DAMAGED
               : result;
}

static SkMailDecoded
decode(SkBytes body, const SkMailHead *head, SkBuffer *out)
{
    SkMailDecoded result;

    if (head->encoding == SK_MAIL_ENCODING_BASE64)
        return sk_mail_decode_base64(body, out);
    if (head->encoding == SK_MAIL_ENCODING_UUENCODE)
        return decode_uuencode(body, out);
    result = sk_mail_decode_quoted(body, out);
    /* "=" without digits behind it: programs agree, and texts are full of it. */
    if (result == SK_MAIL_DECODED_DAMAGED && g_str_has_prefix(head->type, "text/"))
        result = SK_MAIL_DECODED;
    return result;
}

/* Where nothing at all could be decoded, the bytes are shown as they are. */
SkBytes
sk_mail_leaf_decode(SkMailWalk *walk,
                    SkBytes body,
                    const SkMailHead *head,
                    const SkMailPlace *place,
                    SkBuffer *out)
{
    SkMailDecoded result;

    if (head->encoding == SK_MAIL_ENCODING_NONE || head->encoding == SK_MAIL_ENCODING_UNKNOWN)
        return body;
    if (!may_decode(walk, place, body.len))
        return sk_bytes_slice(body, 0, 0);
    sk_buffer_init(out, body.len + 4);
    result = decode(body, head, out);
    tell_decoded(walk, result, place->path, "the transfer encoding is damaged");
    return result == SK_MAIL_DECODED_DAMAGED && out->len == 0 ? body : sk_buffer_bytes(out);
}

/* The files inside one leaf, numbered. */
typedef struct {
    SkMailWalk *walk;
    const SkMailPlace *place;
    unsigned n;
} Inside;

static bool
show_inside(Inside *inside, const char *name, const char *type, SkBytes content)
{
    char path[SK_MAIL_PATH_MAX];
    SkMailPlace place = {.path = path,
                         .level = inside->place->level + 1,
                         .source = inside->place->source,
                         .decoded = inside->place->decoded};
    SkMailPart part = {.path = path,
                       .source = place.source,
                       .type = type != NULL ? type : "application/octet-stream",
                       .name = name,
                       .is_attachment = true,
                       .is_inside = true,
                       .content = content};

    sk_mail_leaf_path(path, inside->place->path, ++inside->n);
    if (sk_mail_leaf_enter(inside->walk, path, place.level))
        offer(inside->walk, &part, &place);
    return !inside->walk->over;
}

static bool
on_tnef_file(const SkMailTnefFile *file, void *data)
{
    return show_inside(data, file->name, file->type, file->content);
}

static bool
is_tnef_type(const char *type)
{
    return g_str_has_suffix(type, "/ms-tnef") || g_str_has_suffix(type, "/vnd.ms-tnef");
}

/* Says whether the wrapper held nothing but what was shown of it. */
static bool
open_tnef(SkMailWalk *walk, const SkMailPart *part, const SkMailPlace *place)
{
    Inside inside = {walk, place, 0};

    sk_mail_leaf_tell(walk, SK_MAIL_TROUBLE_TNEF, part->path, NULL);
    if (sk_mail_tnef_read(part->content, on_tnef_file, &inside))
        return is_tnef_type(part->type) || strcmp(part->type, "application/octet-stream") == 0;
    sk_mail_leaf_tell(walk, SK_MAIL_TROUBLE_BROKEN, part->path, "winmail.dat is damaged");
    return false;
}

static void
show_uuencoded(Inside *inside, const SkMailUuencode *file, const char *charset)
{
    g_autofree char *name = sk_mail_name_clean(charset, file->name);
    const SkMailPlace *place = inside->place;
    g_auto(SkBuffer) out = {0};

    if (inside->n == 0)
        sk_mail_leaf_tell(inside->walk, SK_MAIL_TROUBLE_UUENCODE, place->path, NULL);
    if (!may_decode(inside->walk, place, file->lines.len))
        return;
    sk_buffer_init(&out, file->lines.len + 4);
    tell_decoded(inside->walk, sk_mail_uuencode_decode(file, &out), place->path,
                 "a uuencoded file is cut or damaged");
    if (!inside->walk->over)
        show_inside(inside, name, NULL, sk_buffer_bytes(&out));
}

static void
scan_text(SkMailWalk *walk, const SkMailPart *part, const SkMailPlace *place)
{
    Inside inside = {walk, place, 0};
    SkMailUuencode file = {0};

    while (!walk->over && sk_mail_uuencode_find(part->content, file.end, &file))
        show_uuencoded(&inside, &file, part->charset);
    if (sk_mail_uuencode_has_line(part->content, "=ybegin "))
        sk_mail_leaf_tell(walk, SK_MAIL_TROUBLE_BROKEN, part->path,
                          "a file in yEnc, which is not opened here");
    if (sk_mail_uuencode_has_line(part->content, "(This file must be converted with BinHex"))
        sk_mail_leaf_tell(walk, SK_MAIL_TROUBLE_BROKEN, part->path,
                          "a file in BinHex, which is not opened here");
}

static bool
may_hide_files(const char *type)
{
    return (g_str_has_prefix(type, "text/") && strcmp(type, "text/html") != 0) ||
           strcmp(type, "application/mac-binhex40") == 0;
}

static void
offer(SkMailWalk *walk, const SkMailPart *part, const SkMailPlace *place)
{
    bool tnef = sk_mail_tnef_is(part->content) || is_tnef_type(part->type);

    if (!(tnef && open_tnef(walk, part, place)) && !walk->over)
        walk->visitor->part(part, walk->visitor->data);
    if (!walk->over && may_hide_files(part->type))
        scan_text(walk, part, place);
}

static bool
has_nul(SkBytes bytes)
{
    return bytes.len > 0 && memchr(bytes.data, '\0', bytes.len) != NULL;
}

static void
judge_text(SkMailWalk *walk,
           SkBytes body,
           SkBytes content,
           const SkMailHead *head,
           const char *path)
{
    bool wide =
        g_str_has_prefix(head->charset, "utf-16") || g_str_has_prefix(head->charset, "utf-32");

    if (head->encoding == SK_MAIL_ENCODING_NONE && !wide && has_nul(body))
        sk_mail_leaf_tell(walk, SK_MAIL_TROUBLE_AMBIGUOUS, path, "a text has NUL bytes");
    if (!sk_mail_charset_is_known(head->charset))
        sk_mail_leaf_tell(walk, SK_MAIL_TROUBLE_CHARSET, path, "the text's charset is unknown");
    else if (strcmp(head->charset, "utf-8") == 0 && !sk_mail_charset_is_utf8(content))
        sk_mail_leaf_tell(walk, SK_MAIL_TROUBLE_CHARSET, path, "the text is not in UTF-8");
}

static bool
is_read_as_text(const SkMailHead *head)
{
    return head->name == NULL && !head->attachment &&
           (strcmp(head->type, "text/plain") == 0 || strcmp(head->type, "text/html") == 0);
}

/* What a report says about a message, in the words of RFC 3464, 8098 and 5965: for programs,
 * and no file that somebody attached. */
static bool
is_report(const char *type)
{
    return strcmp(type, "message/delivery-status") == 0 ||
           strcmp(type, "message/disposition-notification") == 0 ||
           strcmp(type, "message/feedback-report") == 0;
}

static bool
is_attachment(const SkMailHead *head)
{
    return head->name != NULL || head->attachment ||
           !(g_str_has_prefix(head->type, "text/") || is_report(head->type));
}

static void
tell_kind(SkMailWalk *walk, const SkMailHead *head, const char *path)
{
    if (strcmp(head->type, "message/partial") == 0)
        sk_mail_leaf_tell(walk, SK_MAIL_TROUBLE_PARTIAL, path, NULL);
    if (strcmp(head->type, "message/external-body") == 0)
        sk_mail_leaf_tell(walk, SK_MAIL_TROUBLE_EXTERNAL, path, NULL);
    if ((head->name_odd & SK_MAIL_NAME_CHARSET) != 0)
        sk_mail_leaf_tell(walk, SK_MAIL_TROUBLE_CHARSET, path,
                          "the file name's charset is unknown");
}

void
sk_mail_leaf_show(SkMailWalk *walk,
                  SkBytes body,
                  const SkMailHead *head,
                  const SkMailPlace *place)
{
    bool text = g_str_has_prefix(head->type, "text/");
    g_auto(SkBuffer) decoded = {0};
    SkMailPlace inner = *place;
    SkMailPart part = {
        .path = place->path,
        .source = place->source,
        .type = head->type,
        .name = head->name,
        .protocol = place->protocol,
        .smime_type = head->smime_type[0] != '\0' ? head->smime_type : NULL,
        .is_attachment = is_attachment(head),
        .is_text = is_read_as_text(head),
        .content = sk_mail_leaf_decode(walk, body, head, place, &decoded),
        .charset = head->charset[0] != '\0' ? head->charset : NULL,
    };

    inner.decoded |= head->encoding != SK_MAIL_ENCODING_NONE;
    tell_kind(walk, head, place->path);
    if (text)
        judge_text(walk, body, part.content, head, place->path);
    if (!walk->over)
        offer(walk, &part, &inner);
}
