/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-walk.h"

#include "base/limit.h"
#include "mail/mail-ambiguity.h"
#include "mail/mail-leaf.h"

/* An entity: a message, or a part of a multipart. */
typedef struct {
    const char *path;     /* its own; of a message: that of the part it lies in, or "" */
    const char *fallback; /* the type of an entity that names none */
    const char *protocol; /* of the multipart around it, or NULL */
    const SkMailOpen *open;
    const SkMailSource *source; /* of what its bytes were decoded from */
    uint32_t level;
    bool is_message;     /* a leaf in it is ".1" */
    bool is_alternative; /* directly in a multipart/alternative */
    bool is_sealed;      /* in something signed or encrypted */
    bool decoded;        /* its bytes came of decoding a part */
    bool ended;          /* an outer multipart goes on behind it */
} Place;

/* For the ambiguities of one entity. */
typedef struct {
    SkMailWalk *walk;
    const char *path;
} Teller;

static void walk_entity(SkMailWalk *walk, SkBytes entity, const Place *place);

static void
tell_ambiguous(const char *detail, void *data)
{
    Teller *teller = data;

    sk_mail_leaf_tell(teller->walk, SK_MAIL_TROUBLE_AMBIGUOUS, teller->path, detail);
}

/* The place of the leaf that the entity is. */
static SkMailPlace
leaf_place(const Place *place, char *path)
{
    if (place->is_message)
        sk_mail_leaf_path(path, place->path, 1);
    else
        g_strlcpy(path, place->path, SK_MAIL_PATH_MAX);
    return (SkMailPlace){path, place->protocol, place->level, place->source, place->decoded};
}

static void
show_leaf(SkMailWalk *walk, SkBytes body, const SkMailHead *head, const Place *place)
{
    char path[SK_MAIL_PATH_MAX];
    SkMailPlace leaf = leaf_place(place, path);

    sk_mail_leaf_show(walk, body, head, &leaf);
}

static void
walk_message(SkMailWalk *walk, SkBytes body, const SkMailHead *head, const Place *place)
{
    char path[SK_MAIL_PATH_MAX];
    g_auto(SkBuffer) decoded = {0};
    SkMailPlace leaf = leaf_place(place, path);
    Place inner = {.path = path,
                   .fallback = "text/plain",
                   .open = place->open,
                   .source = place->source,
                   .level = place->level + 1,
                   .is_message = true,
                   .is_sealed = place->is_sealed,
                   .decoded = place->decoded || head->encoding != SK_MAIL_ENCODING_NONE};

    body = sk_mail_leaf_decode(walk, body, head, &leaf, &decoded);
    if (!walk->over)
        walk_entity(walk, body, &inner);
}

static bool
has_protocol(const SkMailHead *head)
{
    return head->protocol[0] != '\0' && (strcmp(head->type, "multipart/encrypted") == 0 ||
                                         strcmp(head->type, "multipart/signed") == 0);
}

/* S/MIME and PGP: every byte inside counts. */
static bool
is_seal(const char *type)
{
    return strcmp(type, "multipart/signed") == 0 || strcmp(type, "multipart/encrypted") == 0 ||
           strcmp(type, "application/pkcs7-mime") == 0 ||
           strcmp(type, "application/x-pkcs7-mime") == 0;
}

static void
walk_parts(SkMailWalk *walk, SkMailSplit *split, const SkMailHead *head, const Place *place)
{
    char path[SK_MAIL_PATH_MAX];
    bool digest = strcmp(head->type, "multipart/digest") == 0;
    SkMailOpen open = {split->boundary, place->open};
    Place inner = {.path = path,
                   .fallback = digest ? "message/rfc822" : "text/plain",
                   .protocol = has_protocol(head) ? head->protocol : NULL,
                   .open = &open,
                   .source = place->source,
                   .level = place->level + 1,
                   .is_alternative = strcmp(head->type, "multipart/alternative") == 0,
                   .is_sealed = place->is_sealed || is_seal(head->type),
                   .decoded = place->decoded};
    SkBytes part;

    for (unsigned n = 1; !walk->over && sk_mail_split_next(split, &part); n++) {
        sk_mail_leaf_path(path, place->path, n);
        inner.ended = split->at != SK_BYTES_NONE;
        walk_entity(walk, part, &inner);
    }
}

/* A multipart in which nothing can be told apart is shown as the text that some programs will
 * take it for. */
static void
show_unsplit(SkMailWalk *walk, SkBytes body, const SkMailHead *head, const Place *place)
{
    SkMailHead text = *head;

    g_strlcpy(text.type, "text/plain", sizeof text.type);
    show_leaf(walk, body, &text, place);
}

static void
split_body(SkMailWalk *walk, SkBytes body, const SkMailHead *head, const Place *place)
{
    SkBytes boundary = sk_bytes(head->boundary, strlen(head->boundary));
    Teller teller = {walk, place->path};
    SkMailSplit split = {.body = body};

    if (boundary.len == 0)
        boundary = sk_mail_split_guess(body);
    if (boundary.len > 0) {
        sk_mail_ambiguity_boundary(boundary, place->open, tell_ambiguous, &teller);
        sk_mail_split_init(&split, body, boundary);
        walk_parts(walk, &split, head, place);
    }
    if (walk->over)
        return;
    sk_mail_ambiguity_split(&split, place->ended && !place->is_message, tell_ambiguous,
                            &teller);
    if (!split.found && body.len > 0)
        show_unsplit(walk, body, head, place);
}

/* A multipart must not be encoded. Some programs then decode it and others do not: it is
 * decoded when its boundary cannot be seen otherwise. */
static void
walk_multipart(SkMailWalk *walk, SkBytes body, const SkMailHead *head, const Place *place)
{
    g_auto(SkBuffer) decoded = {0};
    Place inner = *place;
    SkMailPlace leaf = {place->path, NULL, place->level, place->source, place->decoded};

    if (sk_mail_ambiguity_is_encoded(head) &&
        sk_bytes_find(body, head->boundary, strlen(head->boundary), 0) == SK_BYTES_NONE) {
        body = sk_mail_leaf_decode(walk, body, head, &leaf, &decoded);
        inner.decoded = true;
    }
    if (!walk->over)
        split_body(walk, body, head, &inner);
}

static bool
is_message_type(const char *type)
{
    return strcmp(type, "message/rfc822") == 0 || strcmp(type, "message/global") == 0 ||
           strcmp(type, "message/news") == 0;
}

static void
walk_body(SkMailWalk *walk, SkBytes body, const SkMailHead *head, const Place *place)
{
    if (g_str_has_prefix(head->type, "multipart/"))
        walk_multipart(walk, body, head, place);
    else if (is_message_type(head->type))
        walk_message(walk, body, head, place);
    else
        show_leaf(walk, body, head, place);
}

/* Of an entity that lies in the walked bytes themselves it is said where. */
static void
walk_at(SkMailWalk *walk,
        SkBytes entity,
        size_t body,
        const SkMailHead *head,
        const Place *place)
{
    char path[SK_MAIL_PATH_MAX];
    SkMailSource source = {.entity = entity,
                           .path = leaf_place(place, path).path,
                           .is_message = place->is_message,
                           .is_alternative = place->is_alternative,
                           .is_sealed = place->is_sealed || is_seal(head->type)};
    Place here = *place;

    if (!place->decoded)
        here.source = &source;
    walk_body(walk, sk_bytes_from(entity, body), head, &here);
}

/* Several fields of one name are read as each program might read them. */
static void
walk_choices(SkMailWalk *walk, SkBytes entity, const SkMailHeader *header, const Place *place)
{
    unsigned choices = sk_mail_head_choices(header);
    Teller teller = {walk, place->path};

    for (unsigned choice = 0; choice < SK_MAIL_HEAD_CHOICES && !walk->over; choice++) {
        g_auto(SkMailHead) head = {0};

        if ((choice & ~choices) != 0)
            continue;
        sk_mail_head_read(&head, header, choice, place->fallback);
        if (choice == 0)
            sk_mail_ambiguity_head(&head, tell_ambiguous, &teller);
        walk_at(walk, entity, header->end, &head, place);
    }
}

static void
walk_entity(SkMailWalk *walk, SkBytes entity, const Place *place)
{
    g_auto(SkMailHeader) header = {0};
    Teller teller = {walk, place->path};

    if (!sk_mail_leaf_enter(walk, place->path, place->level))
        return;
    sk_mail_header_init(&header);
    sk_mail_header_read(&header, entity);
    sk_mail_ambiguity_header(&header, tell_ambiguous, &teller);
    walk_choices(walk, entity, &header, place);
    if (header.cut)
        sk_mail_leaf_tell(walk, SK_MAIL_TROUBLE_LIMIT, place->path,
                          "a header has more fields than are read");
}

void
sk_mail_walk(SkBytes bytes,
             const char *path_prefix,
             uint32_t depth,
             SkBudget *budget,
             const SkMailVisitor *visitor)
{
    SkMailWalk walk = {.budget = budget, .visitor = visitor};
    Place place = {.path = path_prefix != NULL ? path_prefix : "",
                   .fallback = "text/plain",
                   .level = depth,
                   .is_message = true};

    walk_entity(&walk, bytes, &place);
}
