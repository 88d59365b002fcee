/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-text.h"

#include <string.h>

#include "mail/mail-envelope.h"

/* How many bytes at P stay as they are: one character, or none. */
static size_t
plain_length(const char *p)
{
    gunichar c = g_utf8_get_char_validated(p, -1);

    if (c == (gunichar)-1 || c == (gunichar)-2 || c < 0x20 || c == 0x7f || c == '\\')
        return 0;
    return (size_t)g_unichar_to_utf8(c, NULL);
}

char *
sk_hold_escape(const char *foreign)
{
    GString *text = NULL;

    if (foreign == NULL)
        return NULL;
    text = g_string_new(NULL);
    for (const char *p = foreign; *p != '\0';) {
        size_t n = plain_length(p);

        if (n > 0)
            g_string_append_len(text, p, (gssize)n);
        else
            g_string_append_printf(text, "\\x%02x", (unsigned char)*p);
        p += MAX(n, 1);
    }
    return g_string_free(text, FALSE);
}

/* The byte that \xNN at P stands for; 0: there is no such thing. */
static char
escaped_byte(const char *p)
{
    if (p[0] != '\\' || p[1] != 'x' || !g_ascii_isxdigit(p[2]) || !g_ascii_isxdigit(p[3]))
        return '\0';
    return (char)(g_ascii_xdigit_value(p[2]) << 4 | g_ascii_xdigit_value(p[3]));
}

char *
sk_hold_unescape(const char *text)
{
    GString *foreign = NULL;

    if (text == NULL)
        return NULL;
    foreign = g_string_new(NULL);
    for (const char *p = text; *p != '\0';) {
        char byte = escaped_byte(p);

        g_string_append_c(foreign, byte != '\0' ? byte : *p);
        p += byte != '\0' ? 4 : 1;
    }
    return g_string_free(foreign, FALSE);
}

/* Cuts TEXT, which is UTF-8, between characters. */
static void
cut(char *text, size_t max)
{
    if (strlen(text) > max)
        *g_utf8_find_prev_char(text, text + max + 1) = '\0';
}

char *
sk_hold_key(const char *address)
{
    g_autofree char *escaped = sk_hold_escape(address != NULL ? address : "");
    char *key = g_ascii_strdown(escaped, -1);

    cut(key, SK_HOLD_KEY_MAX);
    return key;
}

/* Escaped text has neither tabs nor line ends. */
char *
sk_hold_recipients_write(const GPtrArray *recipients)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < recipients->len; i++) {
        const SkRecipient *recipient = recipients->pdata[i];
        g_autofree char *address = sk_hold_escape(recipient->address);
        g_autofree char *args = sk_hold_escape(recipient->args);

        g_string_append(text, address);
        if (args != NULL)
            g_string_append_printf(text, "\t%s", args);
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}

static void
read_recipient(char *line, GPtrArray *to)
{
    char *tab = strchr(line, '\t');
    SkRecipient *recipient = g_new0(SkRecipient, 1);

    if (tab != NULL) {
        *tab = '\0';
        recipient->args = sk_hold_unescape(tab + 1);
    }
    recipient->address = sk_hold_unescape(line);
    g_ptr_array_add(to, recipient);
}

void
sk_hold_recipients_read(const char *text, GPtrArray *to)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    g_ptr_array_set_size(to, 0);
    /* After the last line end there is nothing, and before it always a line. */
    for (size_t i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++)
        read_recipient(lines[i], to);
}
