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
sk_mail_head_encoding(SkBytes value)
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
    if ((type.odd & SK_MAIL_TYPE_MANY) != 0)
        return SK_MAIL_ENCODING_UNKNOWN;
    for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++)
        if (strcmp(type.word, WORDS[i].word) == 0)
            return WORDS[i].encoding;
    return SK_MAIL_ENCODING_UNKNOWN;
}

static void
read_type(SkMailHead *head, const SkMailType *type)
{
    if (type->word[0] != '\0')
        g_strlcpy(head->type, type->word, sizeof head->type);
    (void)sk_mail_type_get(type, "boundary", head->boundary, sizeof head->boundary);
    (void)sk_mail_type_get_lower(type, "charset", head->charset, sizeof head->charset);
    (void)sk_mail_type_get_lower(type, "protocol", head->protocol, sizeof head->protocol);
    (void)sk_mail_type_get_lower(type, "smime-type", head->smime_type, sizeof head->smime_type);
}

static void
read_fields(SkMailHead *head, const SkMailField *type, const SkMailField *disposition)
{
    SkMailType parsed[2];

    if (type != NULL) {
        sk_mail_type_parse(&parsed[0], type->value);
        read_type(head, &parsed[0]);
        head->odd |= parsed[0].odd;
    }
    if (disposition != NULL) {
        sk_mail_disposition_parse(&parsed[1], disposition->value);
        head->attachment = strcmp(parsed[1].word, "attachment") == 0;
        head->odd |= parsed[1].odd;
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
        head->encoding = sk_mail_head_encoding(encoding->value);
    if (type != NULL || disposition != NULL)
        read_fields(head, type, disposition);
}

void
sk_mail_head_clear(SkMailHead *head)
{
    g_clear_pointer(&head->name, g_free);
}

unsigned
sk_mail_head_choices(const SkMailHeader *header)
{
    unsigned choices = 0;

    if (sk_mail_header_count_name(header, "Content-Type") > 1)
        choices |= SK_MAIL_HEAD_LAST_TYPE;
    if (sk_mail_header_count_name(header, "Content-Transfer-Encoding") > 1)
        choices |= SK_MAIL_HEAD_LAST_ENCODING;
    return choices;
}
