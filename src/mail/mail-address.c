/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-address.h"

#include "base/buffer.h"
#include "base/limit.h"
#include "mail/mail-charset.h"
#include "mail/mail-token.h"
#include "mail/mail-word.h"

/* An addr-spec as its tokens come. */
typedef struct {
    SkBuffer local;
    SkBuffer domain;
    bool at;        /* "@" was seen */
    bool quoted;    /* the local part has quotes: anything may stand in it */
    bool malformed; /* words without a dot between, two "@" … */
} Spec;

typedef struct {
    SkMailAddresses *out;
    SkMailTokens tokens;
    SkBuffer phrase; /* raw words of a display name */
    SkBytes comment;
    Spec spec;
    char *group;
    bool any;       /* this mailbox has tokens */
    bool angle;     /* between < and > */
    bool route;     /* between < and the ":" of a source route (RFC 5322 4.4) */
    bool closed;    /* behind > */
    bool malformed; /* this mailbox is */
} Parser;

static void
mailbox_free(void *data)
{
    SkMailbox *box = data;

    g_free(box->name);
    g_free(box->comment);
    g_free(box->group);
    g_free(box->local);
    g_free(box->domain);
    g_free(box->address);
    g_free(box);
}

void
sk_mail_address_free(SkMailAddresses *addresses)
{
    if (addresses == NULL)
        return;
    g_ptr_array_unref(addresses->boxes);
    g_free(addresses);
}

const SkMailbox *
sk_mail_address_peek(const SkMailAddresses *addresses, guint i)
{
    g_assert(i < addresses->boxes->len);
    return addresses->boxes->pdata[i];
}

static bool
is_control(gunichar c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* Header text as UTF-8 without controls and without blanks around it; NULL when nothing is
 * left. */
static char *
dup_text(SkBytes raw)
{
    g_auto(SkBuffer) text = {0};
    char clean[SK_LIMIT_NAME + 1], *to = clean;
    const char *from, *end;

    sk_buffer_init(&text, SK_LIMIT_NAME);
    (void)sk_mail_word_decode(raw, &text);
    from = (const char *)sk_buffer_bytes(&text).data;
    for (end = from + text.len; from < end; from = g_utf8_next_char(from))
        if (!is_control(g_utf8_get_char(from)))
            to += g_unichar_to_utf8(g_utf8_get_char(from), to);
    *to = '\0';
    g_strstrip(clean);
    return clean[0] != '\0' ? g_strdup(clean) : NULL;
}

/* Quoted text without escapes and folding. */
static bool
append_quoted(SkBuffer *out, SkBytes text, bool pairs)
{
    for (size_t i = 0; i < text.len;) {
        size_t n = MAX(sk_mail_charset_opaque(text, i, pairs), 1U);

        if (n == 1 && text.data[i] == '\\' && i + 1 < text.len)
            i++;
        if (text.data[i] != '\r' && text.data[i] != '\n' &&
            !sk_buffer_append(out, text.data + i, n))
            return false;
        i += n;
    }
    return true;
}

static void
feed_phrase(Parser *p, const SkMailToken *token)
{
    if (token->spaced && p->phrase.len > 0)
        (void)sk_buffer_append(&p->phrase, " ", 1);
    if (token->kind == SK_MAIL_TOKEN_QUOTED)
        (void)append_quoted(&p->phrase, token->text, p->tokens.pairs);
    else
        (void)sk_buffer_append(&p->phrase, token->text.data, token->text.len);
}

/* Blanks may stand around a dot (RFC 5322 4.4), not between two words. */
static bool
is_gap(const SkBuffer *part, const SkMailToken *token)
{
    return part->len > 0 && token->spaced && part->data[part->len - 1] != '.' &&
           sk_bytes_u8(token->text, 0) != '.';
}

/* A second "@": all before it belongs to the local part. */
static void
feed_at(Spec *spec)
{
    if (spec->at) {
        SkBytes domain = sk_buffer_bytes(&spec->domain);

        spec->malformed = true;
        (void)sk_buffer_append(&spec->local, "@", 1);
        (void)sk_buffer_append(&spec->local, domain.data, domain.len);
        spec->domain.len = 0;
    }
    spec->at = true;
}

static void
feed_spec(Parser *p, const SkMailToken *token)
{
    Spec *spec = &p->spec;
    SkBuffer *part = spec->at ? &spec->domain : &spec->local;
    bool quoted = token->kind == SK_MAIL_TOKEN_QUOTED;
    bool literal = token->kind == SK_MAIL_TOKEN_LITERAL;

    if (token->kind == SK_MAIL_TOKEN_SPECIAL && token->text.data[0] == '@') {
        feed_at(spec);
        return;
    }
    spec->malformed |= is_gap(part, token) || token->kind == SK_MAIL_TOKEN_SPECIAL ||
                       (quoted && spec->at) || (literal && (!spec->at || part->len > 0));
    spec->quoted |= quoted;
    if (quoted ? !append_quoted(part, token->text, p->tokens.pairs)
               : !sk_buffer_append(part, token->text.data, token->text.len))
        spec->malformed = true;
}

static bool
is_good_domain(SkBytes domain)
{
    if (domain.len > 2 && domain.data[0] == '[' && domain.data[domain.len - 1] == ']')
        return true;
    for (size_t i = 0; i < domain.len; i++) {
        uint8_t c = domain.data[i];

        if (c == '.' ? i == 0 || domain.data[i - 1] == '.' || i + 1 == domain.len
                     : c < 0x80 && !g_ascii_isalnum(c) && c != '-' && c != '_')
            return false;
    }
    return domain.len > 0;
}

/* Dots at the end or doubled are against RFC 5322 and were given out by Japanese mobile
 * carriers: they are not malformed. */
static bool
is_good_local(const Spec *spec, SkBytes local)
{
    for (size_t i = 0; i < local.len; i++)
        if (local.data[i] < 0x20 || local.data[i] == 0x7f ||
            (local.data[i] == ' ' && !spec->quoted))
            return false;
    return local.len > 0;
}

static bool
is_good(const Spec *spec)
{
    SkBytes local = sk_buffer_bytes(&spec->local), domain = sk_buffer_bytes(&spec->domain);

    return spec->at && !spec->malformed && is_good_local(spec, local) &&
           is_good_domain(domain) && sk_mail_charset_is_utf8(local) &&
           sk_mail_charset_is_utf8(domain);
}

/* A part of an address as UTF-8, whatever it was. */
static char *
dup_part(const SkBuffer *part)
{
    g_auto(SkBuffer) text = {0};
    char *out;

    sk_buffer_init(&text, 3 * SK_LIMIT_ADDRESS);
    (void)sk_mail_charset_decode("utf-8", sk_buffer_bytes(part), &text);
    out = g_strndup((const char *)sk_buffer_bytes(&text).data, text.len);
    for (char *c = out; *c != '\0'; c++)
        if ((uint8_t)*c < 0x20 || *c == 0x7f)
            *c = '?';
    return out;
}

static bool
needs_quotes(const char *local)
{
    return local[0] == '\0' || strpbrk(local, " <>@,;:()[]\\\"") != NULL;
}

static char *
join_address(const char *local, const char *domain)
{
    bool quotes = needs_quotes(local);
    GString *out = g_string_new(quotes ? "\"" : NULL);

    for (const char *c = local; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *c);
    }
    g_string_append_printf(out, "%s@%s", quotes ? "\"" : "", domain);
    return g_string_free(out, FALSE);
}

static void
reset(Parser *p)
{
    p->phrase.len = 0;
    p->phrase.full = false;
    p->comment.len = 0;
    sk_buffer_clear(&p->spec.local);
    sk_buffer_clear(&p->spec.domain);
    p->spec.at = p->spec.quoted = p->spec.malformed = false;
    p->any = p->angle = p->route = p->closed = p->malformed = false;
}

static SkMailbox *
make_mailbox(const Parser *p)
{
    SkMailbox *box = g_new0(SkMailbox, 1);

    box->malformed = p->malformed || p->angle || p->phrase.full || !is_good(&p->spec);
    box->local = p->spec.at || p->closed ? dup_part(&p->spec.local) : g_strdup("");
    box->domain = dup_part(&p->spec.domain);
    for (char *c = box->domain; *c != '\0'; c++)
        *c = g_ascii_tolower(*c);
    box->address = p->spec.at ? join_address(box->local, box->domain) : g_strdup("");
    if (p->angle || p->closed || !p->spec.at)
        box->name = dup_text(sk_buffer_bytes(&p->phrase));
    box->comment = dup_text(p->comment);
    box->group = g_strdup(p->group);
    return box;
}

static void
finish_mailbox(Parser *p)
{
    p->out->cut |= p->any && p->out->boxes->len == SK_LIMIT_ADDRESSES;
    if (p->any && !p->out->cut) {
        SkMailbox *box = make_mailbox(p);

        p->out->malformed |= box->malformed;
        g_ptr_array_add(p->out->boxes, box);
    }
    reset(p);
}

static void
open_group(Parser *p)
{
    p->out->malformed |= p->group != NULL || p->spec.at;
    g_free(p->group);
    p->group = dup_text(sk_buffer_bytes(&p->phrase));
    if (p->group == NULL)
        p->group = g_strdup("");
    p->out->groups++;
    reset(p);
}

static void
open_angle(Parser *p)
{
    if (p->closed) {
        /* "<a> <b>": two addresses where one may stand */
        p->malformed = true;
        finish_mailbox(p);
        p->malformed = true;
    }
    sk_buffer_clear(&p->spec.local);
    sk_buffer_clear(&p->spec.domain);
    p->malformed |= p->spec.at; /* "a@example.com <b@example.net>" is a name that deceives */
    p->spec.at = p->spec.quoted = p->spec.malformed = false;
    p->any = p->angle = true;
}

/* Inside < and >: where a source route begins and ends. */
static void
take_angle(Parser *p, const SkMailToken *token, char special)
{
    if (special == '>') {
        p->angle = false;
        p->closed = true;
    } else if (p->route) {
        p->route = special != ':';
    } else if (special == '@' && p->spec.local.len == 0 && !p->spec.quoted) {
        p->route = true;
    } else {
        feed_spec(p, token);
    }
}

static void
take_word(Parser *p, const SkMailToken *token)
{
    p->any = true;
    if (p->closed) {
        p->malformed = true;
        return;
    }
    feed_phrase(p, token);
    feed_spec(p, token);
}

static void
take_outside(Parser *p, const SkMailToken *token, char special)
{
    if (special == '<') {
        open_angle(p);
    } else if (special == ':' && !p->closed) {
        open_group(p);
    } else if (special == ';') {
        finish_mailbox(p);
        p->out->malformed |= p->group == NULL;
        g_clear_pointer(&p->group, g_free);
    } else {
        take_word(p, token);
    }
}

static void
take_token(Parser *p, const SkMailToken *token)
{
    char special = token->kind == SK_MAIL_TOKEN_SPECIAL ? (char)token->text.data[0] : '\0';

    if (p->tokens.comment.len > 0)
        p->comment = p->tokens.comment;
    if (special == ',' && !p->route)
        finish_mailbox(p);
    else if (p->angle)
        take_angle(p, token, special);
    else
        take_outside(p, token, special);
}

SkMailAddresses *
sk_mail_address_parse(SkBytes value)
{
    Parser p = {.out = g_new0(SkMailAddresses, 1), .comment = {value.data, 0}};
    SkMailToken token;

    p.out->boxes = g_ptr_array_new_with_free_func(mailbox_free);
    sk_buffer_init(&p.phrase, 4 * SK_LIMIT_NAME);
    sk_buffer_init(&p.spec.local, SK_LIMIT_ADDRESS);
    sk_buffer_init(&p.spec.domain, SK_LIMIT_ADDRESS);
    sk_mail_token_init(&p.tokens, value);
    for (;;) {
        p.tokens.comment.len = 0;
        token = sk_mail_token_next(&p.tokens);
        if (token.kind == SK_MAIL_TOKEN_END || p.out->cut)
            break;
        take_token(&p, &token);
    }
    if (p.tokens.comment.len > 0)
        p.comment = p.tokens.comment;
    p.malformed |= p.tokens.open;
    finish_mailbox(&p);
    p.out->malformed |= p.tokens.open || p.group != NULL;
    sk_buffer_clear(&p.phrase);
    g_free(p.group);
    return p.out;
}
