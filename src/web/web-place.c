/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-place.h"

#include <string.h>

#include "base/error.h"

static bool
fail(GError **error)
{
    g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                "[web] url: expected the address people reach the pages by, without \"?\" and "
                "\"#\", as in https://mail.example.com/sekisho");
    return false;
}

/* It stands in header fields and in pages. */
static bool
is_plain(const char *url)
{
    for (; *url != '\0'; url++) {
        if (!g_ascii_isgraph(*url) || strchr("\"'<>\\?#", *url) != NULL)
            return false;
    }
    return true;
}

/* What browsers write into Origin: no port where it is the usual one. */
static char *
origin_of(const char *scheme, const char *host, int port)
{
    bool usual = port < 0 || port == (strcmp(scheme, "https") == 0 ? 443 : 80);
    bool v6 = strchr(host, ':') != NULL;
    g_autofree char *shown = usual ? g_strdup("") : g_strdup_printf(":%d", port);
    g_autofree char *lower = g_ascii_strdown(host, -1);

    return g_strconcat(scheme, "://", v6 ? "[" : "", lower, v6 ? "]" : "", shown, NULL);
}

static bool
read_url(SkWebPlace *place, const char *url, GError **error)
{
    g_autofree char *scheme = NULL, *host = NULL, *path = NULL, *user = NULL;
    int port = -1;
    size_t len;

    if (*url == '\0') {
        place->prefix = g_strdup("");
        return true;
    }
    if (!is_plain(url) ||
        !g_uri_split(url, G_URI_FLAGS_ENCODED, &scheme, &user, &host, &port, &path, NULL, NULL,
                     NULL) ||
        scheme == NULL || host == NULL || *host == '\0' || user != NULL ||
        (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0))
        return fail(error);
    len = strlen(path);
    while (len > 0 && path[len - 1] == '/')
        path[--len] = '\0';
    place->origin = origin_of(scheme, host, port);
    place->prefix = g_steal_pointer(&path);
    return true;
}

SkWebPlace *
sk_web_place_new(const SkSettings *settings, GError **error)
{
    g_autoptr(SkWebPlace) place = g_new0(SkWebPlace, 1);

    place->clock = sk_clock_real();
    place->site = sk_site_new(settings, error);
    if (place->site == NULL ||
        !read_url(place, sk_settings_peek_text(settings, "web", "url"), error))
        return NULL;
    place->zone = sk_site_peek_zone(place->site);
    place->desk = g_strdup(sk_settings_peek_text(settings, "clerk", "desk"));
    place->tls = *sk_settings_peek_text(settings, "web", "certificate") != '\0';
    /* "both", in notices one below the other, begins with Japanese. */
    if (!sk_web_language_parse(sk_settings_peek_text(settings, "notice", "language"),
                               &place->language))
        place->language = SK_WEB_JA;
    return g_steal_pointer(&place);
}

void
sk_web_place_free(SkWebPlace *place)
{
    if (place == NULL)
        return;
    g_free(place->desk);
    g_free(place->prefix);
    g_free(place->origin);
    sk_site_free(place->site);
    g_free(place);
}
