/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-mark.h"

#include <string.h>

#include "mail/mail-edit.h"

/* Bytes that fit one encoded word of 75 (RFC 2047 2) in base64, and end with a whole group. */
#define WORD_BYTES 45

/* The marks of all recipients, each once: "[A] [B]"; NULL: none. */
static char *
join_marks(const SkPassage *passage)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < passage->recipients->len; i++) {
        const SkPassageRecipient *recipient = passage->recipients->pdata[i];
        const GPtrArray *marks = recipient->decision->marks;

        for (guint j = 0; j < marks->len; j++) {
            if (g_hash_table_add(seen, marks->pdata[j]))
                g_string_append_printf(all, "%s[%s]", all->len > 0 ? " " : "",
                                       (const char *)marks->pdata[j]);
        }
    }
    return g_string_free(all, all->len == 0);
}

/* Bytes of TEXT, of at most WORD_BYTES, that are whole characters. */
static size_t
word_length(const char *text)
{
    size_t len = strlen(text);

    if (len <= WORD_BYTES)
        return len;
    for (len = WORD_BYTES; len > 1 && ((uint8_t)text[len] & 0xc0) == 0x80;)
        len--;
    return len;
}

static bool
is_printable_ascii(const char *text)
{
    while (g_ascii_isprint(*text))
        text++;
    return *text == '\0';
}

/* As it may stand in a header; what is not ASCII becomes encoded words, a line each. */
static char *
encode(const char *text)
{
    GString *out;

    if (is_printable_ascii(text))
        return g_strdup(text);
    out = g_string_new(NULL);
    while (*text != '\0') {
        size_t n = word_length(text);
        g_autofree char *base64 = g_base64_encode((const guchar *)text, n);

        g_string_append_printf(out, "%s=?UTF-8?B?%s?=", out->len > 0 ? "\n " : "", base64);
        text += n;
    }
    return g_string_free(out, FALSE);
}

static bool
value_contains(const SkMailField *field, const char *word)
{
    g_autofree char *lower = NULL;

    if (field == NULL)
        return false;
    lower = g_ascii_strdown((const char *)field->value.data, (gssize)field->value.len);
    return strstr(lower, word) != NULL;
}

static bool
is_protected(const SkMailHeader *header)
{
    const SkMailField *type = sk_mail_header_peek(header, "Content-Type", 0);

    return value_contains(type, "multipart/signed") ||
           value_contains(type, "multipart/encrypted") || value_contains(type, "pkcs7-mime");
}

/* The value as the protocol wants it: LF in folds, without the blank behind the colon. */
static char *
dup_value(SkBytes value)
{
    GString *out = g_string_sized_new(value.len);

    if (sk_bytes_is(value, 0, " "))
        value = sk_bytes_from(value, 1);
    for (size_t i = 0; i < value.len; i++) {
        char c = (char)sk_bytes_u8(value, i);

        if (c != '\r')
            g_string_append_c(out, c);
        else if (!sk_bytes_is(value, i + 1, "\n"))
            g_string_append_c(out, ' ');
    }
    return g_string_free(out, FALSE);
}

/* Between two encoded words a blank is not shown (RFC 2047 6.2), so the mark's word has it. */
static char *
marked_subject(const char *marks, SkBytes subject)
{
    g_autofree char *old = dup_value(subject);
    bool word_follows = g_str_has_prefix(old + strspn(old, " \t\n"), "=?");
    g_autofree char *blank = g_strconcat(marks, " ", NULL);
    g_autofree char *encoded =
        encode(word_follows && !is_printable_ascii(marks) ? blank : marks);

    return g_strdup_printf(" %s %s", encoded, old);
}

/* Of several Subjects one program shows the first, another the last. */
static void
mark_subjects(GPtrArray *edits, const SkMailHeader *header, const char *marks)
{
    const SkMailField *subject;

    for (guint n = 0; (subject = sk_mail_header_peek(header, "Subject", n)) != NULL; n++) {
        g_autofree char *value = marked_subject(marks, subject->value);

        g_ptr_array_add(edits, sk_header_edit_new(SK_HEADER_CHANGE, n + 1, "Subject", value));
    }
}

static void
insert(GPtrArray *edits, unsigned index, const char *name, const char *marks)
{
    g_autofree char *encoded = encode(marks);
    g_autofree char *value = g_strconcat(" ", encoded, NULL);

    g_ptr_array_add(edits, sk_header_edit_new(SK_HEADER_INSERT, index, name, value));
}

void
sk_engine_mark(GPtrArray *edits, const SkPassage *passage, const SkMailHeader *header)
{
    g_autofree char *marks = join_marks(passage);

    if (marks == NULL)
        return;
    if (is_protected(header))
        insert(edits, 0, "X-Sekisho-Mark", marks);
    else if (sk_mail_header_count_name(header, "Subject") == 0)
        insert(edits, sk_mail_header_count(header), "Subject", marks);
    else
        mark_subjects(edits, header, marks);
}
