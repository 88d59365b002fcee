/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-walk.h"

#include <stdio.h>

#include "base/buffer.h"
#include "base/limit.h"
#include "mail/mail-decode.h"
#include "mail/mail-head.h"
#include "mail/mail-split.h"

/* SK_LIMIT_MIME_DEPTH numbers of up to four digits, and a caller's prefix. */
#define PATH_MAX_BYTES 512

typedef struct {
    SkBudget *budget;
    const SkMailVisitor *visitor;
    bool over; /* a limit ended the walk, and was told */
} Walk;

/* Where an entity stands in the message. */
typedef struct {
    const char *path;     /* its own; of a message: that of the part it lies in, or "" */
    const char *fallback; /* the type of an entity that names none */
    const char *protocol; /* of the multipart around it, or NULL */
    uint32_t level;
    bool is_message; /* a leaf in it is ".1" */
    bool decoded;    /* its bytes came of decoding a part: they count */
} Place;

static void walk_entity(Walk *walk, SkBytes entity, const Place *place);

static void
tell(Walk *walk, SkMailTrouble what, const char *path, const char *detail)
{
    walk->visitor->trouble(what, path[0] != '\0' ? path : NULL, detail, walk->visitor->data);
}

static void
tell_limit(Walk *walk, const char *path, const char *detail)
{
    if (!walk->over)
        tell(walk, SK_MAIL_TROUBLE_LIMIT, path, detail);
    walk->over = true;
}

/* The path of the N-th part under PATH. */
static void
child_path(char *out, const char *path, unsigned n)
{
    (void)snprintf(out, PATH_MAX_BYTES, "%s%s%u", path, path[0] != '\0' ? "." : "", n);
}

static void
leaf_path(char *out, const Place *place)
{
    if (place->is_message)
        child_path(out, place->path, 1);
    else
        g_strlcpy(out, place->path, PATH_MAX_BYTES);
}

/* BODY without its transfer encoding: itself, or what was decoded into OUT. */
static SkBytes
decode_body(Walk *walk,
            SkBytes body,
            const SkMailHead *head,
            bool nested,
            const char *path,
            SkBuffer *out)
{
    SkMailDecoded result;

    if (head->encoding != SK_MAIL_ENCODING_BASE64 && head->encoding != SK_MAIL_ENCODING_QUOTED)
        return body;
    sk_buffer_init(out, body.len + 4);
    if (nested && !sk_budget_take_bytes(walk->budget, body.len, body.len, 0)) {
        tell_limit(walk, path, "encodings in encodings make more bytes than are looked at");
        return sk_bytes_slice(body, 0, 0);
    }
    result = head->encoding == SK_MAIL_ENCODING_BASE64 ? sk_mail_decode_base64(body, out)
                                                       : sk_mail_decode_quoted(body, out);
    if (result == SK_MAIL_DECODED_FULL)
        tell_limit(walk, path, "there is no memory to decode the part");
    if (result == SK_MAIL_DECODED_DAMAGED)
        tell(walk, SK_MAIL_TROUBLE_BROKEN, path, "the transfer encoding is damaged");
    return sk_buffer_bytes(out);
}

static bool
is_text(const SkMailHead *head)
{
    return head->name == NULL && !head->attachment &&
           (strcmp(head->type, "text/plain") == 0 || strcmp(head->type, "text/html") == 0);
}

static void
show_leaf(Walk *walk, SkBytes body, const SkMailHead *head, const Place *place)
{
    char path[PATH_MAX_BYTES];
    g_auto(SkBuffer) decoded = {0};
    SkMailPart part;

    leaf_path(path, place);
    part = (SkMailPart){
        .path = path,
        .type = head->type,
        .name = head->name,
        .protocol = place->protocol,
        .smime_type = head->smime_type[0] != '\0' ? head->smime_type : NULL,
        .is_attachment =
            head->name != NULL || head->attachment || !g_str_has_prefix(head->type, "text/"),
        .is_text = is_text(head),
        .content = decode_body(walk, body, head, place->decoded, path, &decoded),
        .charset = head->charset[0] != '\0' ? head->charset : NULL,
    };
    if (!walk->over)
        walk->visitor->part(&part, walk->visitor->data);
}

static void
walk_message(Walk *walk, SkBytes body, const SkMailHead *head, const Place *place)
{
    char path[PATH_MAX_BYTES];
    g_auto(SkBuffer) decoded = {0};
    Place inner = {.fallback = "text/plain", .level = place->level + 1, .is_message = true};

    leaf_path(path, place);
    inner.path = path;
    inner.decoded = place->decoded || head->encoding != SK_MAIL_ENCODING_NONE;
    body = decode_body(walk, body, head, place->decoded, path, &decoded);
    if (!walk->over)
        walk_entity(walk, body, &inner);
}

static void
walk_parts(Walk *walk, SkMailSplit *split, const SkMailHead *head, const Place *place)
{
    char path[PATH_MAX_BYTES];
    bool digest = strcmp(head->type, "multipart/digest") == 0;
    bool named = strcmp(head->type, "multipart/encrypted") == 0 ||
                 strcmp(head->type, "multipart/signed") == 0;
    Place inner = {.path = path,
                   .fallback = digest ? "message/rfc822" : "text/plain",
                   .protocol = named && head->protocol[0] != '\0' ? head->protocol : NULL,
                   .level = place->level + 1,
                   .decoded = place->decoded};
    SkBytes part;

    for (unsigned n = 1; !walk->over && sk_mail_split_next(split, &part); n++) {
        child_path(path, place->path, n);
        walk_entity(walk, part, &inner);
    }
}

static void
walk_multipart(Walk *walk, SkBytes body, const SkMailHead *head, const Place *place)
{
    SkBytes boundary = sk_bytes(head->boundary, strlen(head->boundary));
    SkMailSplit split;

    if (boundary.len == 0)
        boundary = sk_mail_split_guess(body);
    if (boundary.len == 0) {
        show_leaf(walk, body, head, place);
        return;
    }
    sk_mail_split_init(&split, body, boundary);
    walk_parts(walk, &split, head, place);
}

static bool
is_message_type(const char *type)
{
    return strcmp(type, "message/rfc822") == 0 || strcmp(type, "message/global") == 0 ||
           strcmp(type, "message/news") == 0;
}

static void
walk_body(Walk *walk, SkBytes body, const SkMailHead *head, const Place *place)
{
    if (g_str_has_prefix(head->type, "multipart/"))
        walk_multipart(walk, body, head, place);
    else if (is_message_type(head->type))
        walk_message(walk, body, head, place);
    else
        show_leaf(walk, body, head, place);
}

static bool
may_enter(Walk *walk, const Place *place)
{
    if (place->level > SK_LIMIT_MIME_DEPTH)
        tell_limit(walk, place->path, "more levels of parts than are looked at");
    else if (!sk_budget_take_part(walk->budget))
        tell_limit(walk, place->path, "more parts than are looked at");
    else if (!sk_budget_check_time(walk->budget))
        tell_limit(walk, place->path, "reading the message takes longer than it may");
    return !walk->over;
}

/* Several fields of one name are read as each program might read them. */
static void
walk_entity(Walk *walk, SkBytes entity, const Place *place)
{
    g_auto(SkMailHeader) header = {0};
    unsigned choices;

    if (!may_enter(walk, place))
        return;
    sk_mail_header_init(&header);
    sk_mail_header_read(&header, entity);
    choices = sk_mail_head_choices(&header);
    for (unsigned choice = 0; choice < 4 && !walk->over; choice++) {
        g_auto(SkMailHead) head = {0};

        if ((choice & ~choices) != 0)
            continue;
        sk_mail_head_read(&head, &header, choice, place->fallback);
        walk_body(walk, sk_bytes_from(entity, header.end), &head, place);
    }
}

void
sk_mail_walk(SkBytes bytes,
             const char *path_prefix,
             uint32_t depth,
             SkBudget *budget,
             const SkMailVisitor *visitor)
{
    Walk walk = {budget, visitor, false};
    Place place = {.path = path_prefix != NULL ? path_prefix : "",
                   .fallback = "text/plain",
                   .level = depth,
                   .is_message = true};

    walk_entity(&walk, bytes, &place);
}
