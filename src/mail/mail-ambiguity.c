/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-ambiguity.h"

#include <string.h>

/* RFC 2046 5.1.1. */
#define BOUNDARY_MAX 70

typedef struct {
    unsigned bit;
    const char *detail;
} Sentence;

static void
tell_bits(unsigned bits,
          const Sentence *sentences,
          size_t n,
          SkMailAmbiguityFunc tell,
          void *data)
{
    for (size_t i = 0; i < n; i++)
        if ((bits & sentences[i].bit) != 0)
            tell(sentences[i].detail, data);
}

static bool
is_content_field(const SkMailField *field)
{
    return (field->name.len > 8 &&
            g_ascii_strncasecmp((const char *)field->name.data, "Content-", 8) == 0) ||
           sk_bytes_equal_nocase(field->name, "MIME-Version");
}

/* What is odd about fields, where it matters: oddities of a line matter anywhere, those of a
 * name or of blanks only where a content field may be hidden by them. */
static unsigned
gather_odd(const SkMailHeader *header)
{
    unsigned odd = header->odd & (SK_MAIL_ODD_NUL | SK_MAIL_ODD_BARE_CR);
    bool blank_fold = false;

    for (guint i = 0; i < sk_mail_header_count(header); i++) {
        const SkMailField *field = sk_mail_header_get(header, i);
        bool content = is_content_field(field);

        /* The last line of a section without an end may be cut: a notice quotes only so much.
         */
        if (i + 1 < sk_mail_header_count(header) || header->complete)
            odd |= field->odd & SK_MAIL_ODD_NO_COLON;
        blank_fold |= (field->odd & SK_MAIL_ODD_BLANK_FOLD) != 0;
        if (content && blank_fold)
            odd |= SK_MAIL_ODD_BLANK_FOLD;
        if (content)
            odd |= field->odd & (SK_MAIL_ODD_BLANK_COLON | SK_MAIL_ODD_NAME);
    }
    return odd;
}

void
sk_mail_ambiguity_header(const SkMailHeader *header, SkMailAmbiguityFunc tell, void *data)
{
    static const Sentence SENTENCES[] = {
        {SK_MAIL_ODD_NUL, "the header has a NUL byte"},
        {SK_MAIL_ODD_BARE_CR, "the header has a carriage return that ends no line"},
        {SK_MAIL_ODD_NO_COLON, "the header has a line that is no field"},
        {SK_MAIL_ODD_BLANK_COLON, "a content field has blanks before its colon"},
        {SK_MAIL_ODD_NAME, "the name of a content field has foreign bytes in it"},
        {SK_MAIL_ODD_BLANK_FOLD, "a line of blanks stands before or in a content field"},
    };
    unsigned choices = sk_mail_head_choices(header);

    tell_bits(gather_odd(header), SENTENCES, G_N_ELEMENTS(SENTENCES), tell, data);
    if (header->mixed_ends)
        tell("lines of the header end in CRLF and in LF", data);
    if ((choices & SK_MAIL_HEAD_LAST_TYPE) != 0)
        tell("there are several Content-Type fields", data);
    if ((choices & SK_MAIL_HEAD_LAST_ENCODING) != 0)
        tell("there are several Content-Transfer-Encoding fields", data);
    if (sk_mail_head_differs(header, "Content-Disposition"))
        tell("there are several Content-Disposition fields", data);
}

bool
sk_mail_ambiguity_is_encoded(const SkMailHead *head)
{
    if (head->encoding == SK_MAIL_ENCODING_NONE)
        return false;
    return g_str_has_prefix(head->type, "multipart/") ||
           strcmp(head->type, "message/rfc822") == 0;
}

static void
tell_boundary_form(const SkMailHead *head, SkMailAmbiguityFunc tell, void *data)
{
    size_t len = strlen(head->boundary);

    if (!g_str_has_prefix(head->type, "multipart/"))
        return;
    if (len == 0)
        tell("a multipart names no boundary", data);
    else if (len > BOUNDARY_MAX || g_ascii_isspace(head->boundary[len - 1]))
        tell("a boundary is longer than it may be, or ends in a blank", data);
    if (head->boundary_odd)
        tell("a boundary is written in pieces, or has blanks and no quotes", data);
}

void
sk_mail_ambiguity_head(const SkMailHead *head, SkMailAmbiguityFunc tell, void *data)
{
    static const Sentence TYPES[] = {
        {SK_MAIL_TYPE_INVALID, "the Content-Type is no type"},
        {SK_MAIL_TYPE_DUPLICATE, "a parameter stands twice, with two values"},
        {SK_MAIL_TYPE_COMMENT, "a comment in a content field has comments or quotes in it"},
        {SK_MAIL_TYPE_OPEN, "a quote or comment in a content field does not end"},
        {SK_MAIL_TYPE_JUNK, "a content field has text between its parameters"},
        {SK_MAIL_TYPE_MANY, "a content field has more parameters than are read"},
    };
    static const Sentence NAMES[] = {
        {SK_MAIL_NAME_DIFFERS, "the file has two names with different extensions"},
        {SK_MAIL_NAME_PIECES, "a piece of the file name is missing or there twice"},
    };

    tell_bits(head->odd, TYPES, G_N_ELEMENTS(TYPES), tell, data);
    tell_bits(head->name_odd, NAMES, G_N_ELEMENTS(NAMES), tell, data);
    if (head->encoding == SK_MAIL_ENCODING_UNKNOWN)
        tell("the transfer encoding is unknown", data);
    if (sk_mail_ambiguity_is_encoded(head))
        tell("a transfer encoding stands where the standard allows none", data);
    tell_boundary_form(head, tell, data);
}

static bool
is_prefix(SkBytes a, SkBytes b)
{
    return a.len <= b.len && sk_bytes_at(b, 0, a.data, a.len);
}

void
sk_mail_ambiguity_boundary(SkBytes boundary,
                           const SkMailOpen *outer,
                           SkMailAmbiguityFunc tell,
                           void *data)
{
    for (const SkMailOpen *open = outer; open != NULL; open = open->outer) {
        if (!is_prefix(boundary, open->boundary) && !is_prefix(open->boundary, boundary))
            continue;
        tell("a boundary is the beginning of another one around it", data);
        return;
    }
}

static bool
is_blank(SkBytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!g_ascii_isspace(text.data[i]))
            return false;
    return true;
}

void
sk_mail_ambiguity_split(const SkMailSplit *split,
                        bool ended,
                        SkMailAmbiguityFunc tell,
                        void *data)
{
    if (split->reopened)
        tell("a boundary is used again behind the last part", data);
    if (split->loose)
        tell("a line begins with the boundary and goes on with other text", data);
    if (split->bare_cr)
        tell("a boundary stands behind a carriage return that ends no line", data);
    if (!split->found && !is_blank(split->body))
        tell("a multipart has none of its boundaries in it", data);
    else if (split->found && !split->closed && ended)
        tell("a multipart does not end where the one around it goes on", data);
}
