/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-head.h"

#include <string.h>

/* The first or the last field of a name, or NULL. */
static const SkMailField *
choose(const SkMailHeader *header, const char *name, bool last)
{
    guint n = sk_mail_header_count_name(header, name);

    return n > 0 ? sk_mail_header_peek(header, name, last ? n - 1 : 0) : NULL;
}

SkMailEncoding
sk_mail_head_encoding(SkBytes value, unsigned *odd)
{
    static const struct {
        const char *word;
        SkMailEncoding encoding;
    } WORDS[] = {
        {"7bit", SK_MAIL_ENCODING_NONE},
        {"8bit", SK_MAIL_ENCODING_NONE},
        {"binary", SK_MAIL_ENCODING_NONE},
        {"7-bit", SK_MAIL_ENCODING_NONE},
        {"8-bit", SK_MAIL_ENCODING_NONE},
        {"", SK_MAIL_ENCODING_NONE},
        {"base64", SK_MAIL_ENCODING_BASE64},
        {"quoted-printable", SK_MAIL_ENCODING_QUOTED},
        {"x-uuencode", SK_MAIL_ENCODING_UUENCODE},
        {"uuencode", SK_MAIL_ENCODING_UUENCODE},
        {"x-uue", SK_MAIL_ENCODING_UUENCODE},
        {"x-uu", SK_MAIL_ENCODING_UUENCODE},
    };
    SkMailType type;

    sk_mail_disposition_parse(&type, value);
    *odd |= type.odd & ~(unsigned)SK_MAIL_TYPE_INVALID;
    if ((type.odd & SK_MAIL_TYPE_MANY) != 0)
        return SK_MAIL_ENCODING_UNKNOWN;
    for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++)
        if (strcmp(type.word, WORDS[i].word) == 0)
            return WORDS[i].encoding;
    return SK_MAIL_ENCODING_UNKNOWN;
}

static bool
has_blank(SkBytes value)
{
    for (size_t i = 0; i < value.len; i++)
        if (g_ascii_isspace(value.data[i]))
            return true;
    return false;
}

static bool
is_boundary(const SkMailParam *param)
{
    return sk_bytes_equal_nocase(param->name, "boundary");
}

/* The first or the last boundary in one piece. */
static const SkMailParam *
choose_boundary(const SkMailType *type, bool last)
{
    const SkMailParam *found = NULL;

    for (unsigned i = 0; i < type->n_params; i++) {
        const SkMailParam *param = &type->params[i];

        if (is_boundary(param) && param->section < 0 && !param->extended &&
            (found == NULL || last))
            found = param;
    }
    return found;
}

/* Few programs read a boundary in the forms of RFC 2231, which never is needed. */
static void
read_boundary(SkMailHead *head, const SkMailType *type, bool last)
{
    const SkMailParam *plain = choose_boundary(type, last);
    g_auto(SkBuffer) text = {0};
    unsigned odd = 0;

    head->boundary_odd = plain != NULL && !plain->quoted && has_blank(plain->value);
    for (unsigned i = 0; i < type->n_params; i++)
        head->boundary_odd |= is_boundary(&type->params[i]) &&
                              (type->params[i].section >= 0 || type->params[i].extended);
    sk_buffer_init(&text, sizeof head->boundary - 1);
    if ((plain != NULL ? sk_mail_param_unquote(plain, &text)
                       : sk_mail_name_join(type, "boundary", &text, &odd)) &&
        text.len > 0)
        memcpy(head->boundary, text.data, text.len);
}

static bool
has_two_boundaries(const SkMailHeader *header)
{
    const SkMailField *field = sk_mail_header_peek(header, "Content-Type", 0);
    const SkMailParam *first, *last;
    SkMailType type;

    if (field == NULL)
        return false;
    sk_mail_type_parse(&type, field->value);
    first = choose_boundary(&type, false);
    last = choose_boundary(&type, true);
    return first != last && (type.odd & SK_MAIL_TYPE_DUPLICATE) != 0;
}

static void
read_type(SkMailHead *head, const SkMailType *type, unsigned choice)
{
    if (type->word[0] != '\0')
        g_strlcpy(head->type, type->word, sizeof head->type);
    read_boundary(head, type, choice & SK_MAIL_HEAD_LAST_BOUNDARY);
    (void)sk_mail_type_get_lower(type, "charset", head->charset, sizeof head->charset);
    (void)sk_mail_type_get_lower(type, "protocol", head->protocol, sizeof head->protocol);
    (void)sk_mail_type_get_lower(type, "smime-type", head->smime_type, sizeof head->smime_type);
}

static void
read_fields(SkMailHead *head,
            const SkMailField *type,
            const SkMailField *disposition,
            unsigned choice)
{
    SkMailType parsed[2];

    if (type != NULL) {
        sk_mail_type_parse(&parsed[0], type->value);
        read_type(head, &parsed[0], choice);
        head->odd |= parsed[0].odd;
    }
    if (disposition != NULL) {
        sk_mail_disposition_parse(&parsed[1], disposition->value);
        head->attachment = strcmp(parsed[1].word, "attachment") == 0;
        head->odd |= parsed[1].odd & ~(unsigned)SK_MAIL_TYPE_INVALID;
    }
    head->name = sk_mail_name_read(disposition != NULL ? &parsed[1] : NULL,
                                   type != NULL ? &parsed[0] : NULL, &head->name_odd);
}

void
sk_mail_head_read(SkMailHead *head,
                  const SkMailHeader *header,
                  unsigned choice,
                  const char *fallback)
{
    const SkMailField *type = choose(header, "Content-Type", choice & SK_MAIL_HEAD_LAST_TYPE);
    const SkMailField *encoding =
        choose(header, "Content-Transfer-Encoding", choice & SK_MAIL_HEAD_LAST_ENCODING);
    const SkMailField *disposition = sk_mail_header_peek(header, "Content-Disposition", 0);

    *head = (SkMailHead){.encoding = SK_MAIL_ENCODING_NONE};
    g_strlcpy(head->type, fallback, sizeof head->type);
    if (encoding != NULL)
        head->encoding = sk_mail_head_encoding(encoding->value, &head->odd);
    if (type != NULL || disposition != NULL)
        read_fields(head, type, disposition, choice);
}

void
sk_mail_head_clear(SkMailHead *head)
{
    g_clear_pointer(&head->name, g_free);
}

bool
sk_mail_head_differs(const SkMailHeader *header, const char *name)
{
    const SkMailField *first = sk_mail_header_peek(header, name, 0);

    for (guint i = 0; first != NULL && i < sk_mail_header_count(header); i++) {
        const SkMailField *other = sk_mail_header_get(header, i);

        if (sk_bytes_equal_nocase(other->name, name) &&
            (other->value.len != first->value.len ||
             !sk_bytes_at(other->value, 0, first->value.data, first->value.len)))
            return true;
    }
    return false;
}

unsigned
sk_mail_head_choices(const SkMailHeader *header)
{
    unsigned choices = 0;

    if (sk_mail_head_differs(header, "Content-Type"))
        choices |= SK_MAIL_HEAD_LAST_TYPE;
    if (sk_mail_head_differs(header, "Content-Transfer-Encoding"))
        choices |= SK_MAIL_HEAD_LAST_ENCODING;
    if (has_two_boundaries(header))
        choices |= SK_MAIL_HEAD_LAST_BOUNDARY;
    return choices;
}
