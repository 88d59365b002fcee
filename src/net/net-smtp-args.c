/* SPDX-License-Identifier: Apache-2.0 */
#include "net/net-smtp-args.h"

#include <string.h>

/* RFC 5321 4.1.2: a letter or digit, then those and hyphens. */
static bool
is_keyword(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!g_ascii_isalnum(text[i]) && (i == 0 || text[i] != '-'))
            return false;
    }
    return len > 0;
}

/* ARG: between blanks, so without any. Bytes of UTF-8 may stand in ORCPT (RFC 6533). */
static bool
is_value(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (g_ascii_iscntrl(*c))
            return false;
    }
    return *text != '\0';
}

static bool
is_argument(const char *arg)
{
    size_t len = strcspn(arg, "=");

    return is_keyword(arg, len) && (arg[len] == '\0' || is_value(arg + len + 1));
}

/* The first argument of this name; NULL: there is none. */
static const char *
find(char *const *args, const char *keyword)
{
    size_t len = strlen(keyword);

    for (; *args != NULL; args++) {
        if (g_ascii_strncasecmp(*args, keyword, len) == 0 &&
            ((*args)[len] == '=' || (*args)[len] == '\0') && is_argument(*args))
            return *args;
    }
    return NULL;
}

static void
repeat(GString *out, bool offered, char *const *args, const char *keyword)
{
    const char *arg = offered ? find(args, keyword) : NULL;

    if (arg != NULL)
        g_string_append_printf(out, " %s", arg);
}

/* BINARYMIME needs BDAT (RFC 3030), which we do not speak: such a message, if Postfix ever
 * takes one, has at least eight bits. */
static void
add_body(GString *out, const SkSmtpOffer *offer, char *const *args, bool eight_bit)
{
    const char *body = find(args, "BODY");

    if (!offer->eight_bit)
        return;
    if (body != NULL && g_ascii_strcasecmp(body, "BODY=BINARYMIME") != 0)
        g_string_append_printf(out, " %s", body);
    else if (body != NULL || eight_bit)
        g_string_append(out, " BODY=8BITMIME");
}

void
sk_smtp_args_add_mail(GString *out, const SkSmtpOffer *offer, const SkSmtpMail *mail)
{
    g_auto(GStrv) args = g_strsplit(mail->args != NULL ? mail->args : "", " ", -1);

    if (offer->size)
        g_string_append_printf(out, " SIZE=%" G_GUINT64_FORMAT, mail->size);
    add_body(out, offer, args, mail->eight_bit);
    if (offer->smtputf8 && (mail->smtputf8 || find(args, "SMTPUTF8") != NULL))
        g_string_append(out, " SMTPUTF8");
    repeat(out, offer->dsn, args, "RET");
    repeat(out, offer->dsn, args, "ENVID");
}

void
sk_smtp_args_add_rcpt(GString *out, const SkSmtpOffer *offer, const char *text)
{
    g_auto(GStrv) args = g_strsplit(text != NULL ? text : "", " ", -1);

    repeat(out, offer->dsn, args, "NOTIFY");
    repeat(out, offer->dsn, args, "ORCPT");
}
