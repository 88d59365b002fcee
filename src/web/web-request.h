/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-request - what a browser asks, taken out of HTTP, and whether it may ask it so
 *
 * Limits: SK_WEB_URI_MAX bytes of address, SK_WEB_BODY_MAX of a form; what is longer is not
 * kept, and said to be.
 * Errors: none; every oddity is a route, a verdict or a flag.
 * Security: everything here is foreign. A form counts only when it was made by a page of ours:
 * see sk_web_request_is_own().
 */

#include "base/buffer.h"
#include "web/web-form.h"
#include "web/web-place.h"

#define SK_WEB_URI_MAX  2048
#define SK_WEB_BODY_MAX (64 * 1024)

typedef enum {
    SK_WEB_GET, /* HEAD as well: the same, and nobody sees the page */
    SK_WEB_POST,
    SK_WEB_OTHER,
} SkWebMethod;

typedef enum {
    SK_WEB_NOWHERE,
    SK_WEB_TOKEN,    /* /t/TOKEN */
    SK_WEB_NO_TOKEN, /* /t/ and what can be none */
    SK_WEB_STYLE,
    SK_WEB_ICON,
    SK_WEB_HEALTH,
} SkWebRoute;

typedef struct {
    SkWebMethod method;
    SkWebRoute route;
    char *token;      /* of SK_WEB_TOKEN */
    SkWebForm *query; /* NULL: there is none that can be read */
    bool too_long;    /* the address */
    bool too_large;   /* the body */
    SkBuffer body;
    /* Header fields, NULL when not sent. */
    char *host, *origin, *fetch_site, *content_type, *accept_language;
} SkWebRequest;

/* URI as it stands in the request line; PREFIX: what a proxy may have left before our paths. */
void sk_web_request_init(SkWebRequest *request, const char *uri, const char *prefix);
void sk_web_request_clear(SkWebRequest *request);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkWebRequest, sk_web_request_clear)
/* Some more of the body. */
void sk_web_request_take(SkWebRequest *request, SkBytes more);

/* Whether the body claims to be a form. */
bool sk_web_request_is_form(const SkWebRequest *request);
/* Whether nothing says that the form was made by a page of somebody else. */
bool sk_web_request_is_own(const SkWebRequest *request, const SkWebPlace *place);
/* ?lang=; false: it says none of ours. */
bool sk_web_request_lang(const SkWebRequest *request, SkWebLanguage *ret_language);
/* The reader's: ?lang=, else what this PERSON (may be NULL) chose, else the browser's, else the
 * site's. */
SkWebLanguage sk_web_request_language(const SkWebRequest *request,
                                      const SkWebPlace *place,
                                      const char *person);
