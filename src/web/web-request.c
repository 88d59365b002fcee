/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "web/web-request.h"

#include <string.h>

#include "base/random.h"

#define FORM "application/x-www-form-urlencoded"

static bool
is_token(const char *text)
{
    uint8_t bits[SK_LONG_ID_BYTES];

    return sk_random_long_id_read(text, bits);
}

static SkWebRoute
find_route(const char *path)
{
    if (g_str_has_prefix(path, "/t/"))
        return is_token(path + strlen("/t/")) ? SK_WEB_TOKEN : SK_WEB_NO_TOKEN;
    if (strcmp(path, "/style.css") == 0)
        return SK_WEB_STYLE;
    if (strcmp(path, "/favicon.ico") == 0)
        return SK_WEB_ICON;
    return strcmp(path, "/healthz") == 0 ? SK_WEB_HEALTH : SK_WEB_NOWHERE;
}

/* A proxy may take its own path away or leave it. */
static const char *
skip_prefix(const char *path, const char *prefix)
{
    size_t len = strlen(prefix);

    return len > 0 && strncmp(path, prefix, len) == 0 && path[len] == '/' ? path + len : path;
}

void
sk_web_request_init(SkWebRequest *request, const char *uri, const char *prefix)
{
    g_autofree char *path = NULL;
    const char *mark, *own;
    size_t len = strnlen(uri, SK_WEB_URI_MAX + 1);

    *request = (SkWebRequest){.too_long = len > SK_WEB_URI_MAX};
    sk_buffer_init(&request->body, SK_WEB_BODY_MAX);
    if (request->too_long)
        return;
    mark = strchr(uri, '?');
    path = g_strndup(uri, mark != NULL ? (size_t)(mark - uri) : len);
    if (mark != NULL)
        request->query = sk_web_form_parse(sk_bytes(mark + 1, strlen(mark + 1)));
    own = skip_prefix(path, prefix);
    request->route = find_route(own);
    if (request->route == SK_WEB_TOKEN)
        request->token = g_strdup(own + strlen("/t/"));
}

void
sk_web_request_clear(SkWebRequest *request)
{
    if (request->body.data != NULL)
        explicit_bzero(request->body.data, request->body.cap);
    sk_buffer_clear(&request->body);
    if (request->token != NULL)
        explicit_bzero(request->token, strlen(request->token));
    g_free(request->token);
    sk_web_form_free(request->query);
    g_free(request->host);
    g_free(request->origin);
    g_free(request->fetch_site);
    g_free(request->content_type);
    g_free(request->accept_language);
    *request = (SkWebRequest){0};
}

void
sk_web_request_take(SkWebRequest *request, SkBytes more)
{
    if (!sk_buffer_append(&request->body, more.data, more.len))
        request->too_large = true;
}

bool
sk_web_request_is_form(const SkWebRequest *request)
{
    const char *type = request->content_type;
    size_t len = strlen(FORM);

    return type != NULL && g_ascii_strncasecmp(type, FORM, len) == 0 &&
           (type[len] == '\0' || type[len] == ';' || type[len] == ' ');
}

/* "https://mail.example.com:8443" with the "mail.example.com:8443" of Host, which a proxy that
 * does TLS hands on. */
static bool
is_of_host(const char *origin, const char *host)
{
    const char *authority = strstr(origin, "://");

    return host != NULL && authority != NULL &&
           g_ascii_strcasecmp(authority + strlen("://"), host) == 0;
}

/*
 * Somebody else's page can make a browser send a form here, but not without the token, and who
 * has that needs no other's browser. So this is the second line: what the browser itself says.
 * Sec-Fetch-Site is said only on secure connections; Origin is "null" when the page, like ours,
 * wants no address given away: that says nothing.
 */
bool
sk_web_request_is_own(const SkWebRequest *request, const SkWebPlace *place)
{
    const char *site = request->fetch_site, *origin = request->origin;

    if (site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
        return false;
    if (origin == NULL || strcmp(origin, "null") == 0)
        return true;
    return (place->origin != NULL && g_ascii_strcasecmp(origin, place->origin) == 0) ||
           is_of_host(origin, request->host);
}

bool
sk_web_request_lang(const SkWebRequest *request, SkWebLanguage *ret_language)
{
    return sk_web_language_parse(sk_web_form_peek(request->query, "lang"), ret_language);
}

SkWebLanguage
sk_web_request_language(const SkWebRequest *request,
                        const SkWebPlace *place,
                        const char *person)
{
    const char *field = request->accept_language;
    SkWebLanguage language = place->language;

    if (!sk_web_request_lang(request, &language) && !sk_web_language_parse(person, &language) &&
        field != NULL)
        (void)sk_web_language_accept(sk_bytes(field, strlen(field)), &language);
    return language;
}
