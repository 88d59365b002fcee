/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-received.h"

#include <string.h>

/* Longest name of a client that is repeated; names of the DNS are not longer. */
#define NAME_MAX_LEN 255

/* What may stand in a domain or in an address in digits, "?" for each other byte. */
static char *
clean(const char *foreign)
{
    char *text = g_strndup(foreign, NAME_MAX_LEN);

    for (char *p = text; *p != '\0'; p++) {
        if (!g_ascii_isalnum(*p) && strchr("-._:[]", *p) == NULL)
            *p = '?';
    }
    return text;
}

static bool
has_word(const char *args, const char *word)
{
    g_auto(GStrv) words = args != NULL ? g_strsplit(args, " ", -1) : NULL;

    for (char **one = words; one != NULL && *one != NULL; one++) {
        if (g_ascii_strcasecmp(*one, word) == 0)
            return true;
    }
    return false;
}

/* Arguments and logins are ESMTP; whether the connection was encrypted nobody tells us. */
static const char *
protocol_of(const SkEnvelope *envelope)
{
    bool login = envelope->login != NULL;

    if (has_word(envelope->sender_args, "SMTPUTF8"))
        return login ? "UTF8SMTPA" : "UTF8SMTP";
    if (login)
        return "ESMTPA";
    return envelope->sender_args != NULL ? "ESMTP" : "SMTP";
}

static void
append_client(GString *out, const SkEnvelope *envelope)
{
    g_autofree char *address = clean(envelope->client_address);
    g_autofree char *name =
        clean(envelope->client_name != NULL ? envelope->client_name : "unknown");
    g_autofree char *helo =
        clean(envelope->helo != NULL && *envelope->helo != '\0' ? envelope->helo : "unknown");
    const char *v6 = strchr(address, ':') != NULL ? "IPv6:" : "";

    g_string_append_printf(out, "from %s (%s [%s%s])\r\n\t", helo, name, v6, address);
}

char *
sk_engine_received(const SkPassage *passage, const char *host)
{
    g_autoptr(GDateTime) time =
        g_date_time_new_from_unix_utc(passage->received_us / G_USEC_PER_SEC);
    /* Names of days and months are English in the locales of our programs. */
    g_autofree char *date = g_date_time_format(time, "%a, %d %b %Y %H:%M:%S +0000");
    g_autofree char *by = clean(host);
    GString *out = g_string_new("Received: ");

    if (passage->envelope->client_address != NULL) {
        append_client(out, passage->envelope);
        g_string_append_printf(out, "by %s (sekisho) with %s id %s;\r\n\t", by,
                               protocol_of(passage->envelope), passage->id);
    } else {
        g_string_append_printf(out, "by %s (sekisho) id %s;\r\n\t", by, passage->id);
    }
    g_string_append_printf(out, "%s\r\n", date);
    return g_string_free(out, FALSE);
}
