/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-route.h"

#include <string.h>

#include "web/web-style.h"
#include "web/web-token.h"

#define OFTEN_S 60
#define BUSY_S  5

static SkWebAnswer *
plain(const SkWebPlace *place,
      const SkWebRequest *request,
      unsigned status,
      SkWebText heading,
      SkWebText text)
{
    return sk_web_plain(place, sk_web_request_language(request, place, NULL), status, heading,
                        text);
}

static SkWebAnswer *
constant(unsigned status, const char *type, const char *body)
{
    SkWebAnswer *answer = g_new0(SkWebAnswer, 1);

    answer->status = status;
    answer->type = type;
    answer->language = SK_WEB_EN;
    answer->len = body != NULL ? strlen(body) : 0;
    answer->body = g_strdup(body);
    return answer;
}

static SkWebAnswer *
answer_form(const SkWebPlace *place, const SkWebRequest *request)
{
    if (!sk_web_request_is_own(request, place) || !sk_web_request_is_form(request))
        return plain(place, request, 403, SK_WEB_TEXT_REFUSED_HEAD, SK_WEB_TEXT_REFUSED);
    if (request->too_large)
        return plain(place, request, 413, SK_WEB_TEXT_MALFORMED_HEAD, SK_WEB_TEXT_TOO_LARGE);
    return NULL;
}

SkWebAnswer *
sk_web_route(const SkWebPlace *place, const SkWebRequest *request)
{
    if (request->too_long)
        return plain(place, request, 414, SK_WEB_TEXT_MALFORMED_HEAD, SK_WEB_TEXT_TOO_LARGE);
    if (request->method == SK_WEB_OTHER)
        return plain(place, request, 405, SK_WEB_TEXT_METHOD_HEAD, SK_WEB_TEXT_METHOD);
    if (request->method == SK_WEB_POST && request->route == SK_WEB_TOKEN)
        return answer_form(place, request);
    if (request->route == SK_WEB_TOKEN)
        return NULL;
    if (request->method == SK_WEB_GET && request->route == SK_WEB_STYLE)
        return constant(200, "text/css; charset=utf-8", sk_web_style);
    if (request->method == SK_WEB_GET && request->route == SK_WEB_HEALTH)
        return constant(200, "text/plain; charset=utf-8", "ok\n");
    if (request->method == SK_WEB_GET && request->route == SK_WEB_ICON)
        return constant(204, NULL, NULL);
    /* What cannot be a token is known to everybody who knows what one looks like: no question
     * has to be asked to hide it. */
    return sk_web_unknown(place, request, request->route == SK_WEB_NO_TOKEN);
}

SkWebAnswer *
sk_web_route_often(const SkWebPlace *place, const SkWebRequest *request)
{
    SkWebAnswer *answer = plain(place, request, 429, SK_WEB_TEXT_OFTEN_HEAD, SK_WEB_TEXT_OFTEN);

    answer->retry_s = OFTEN_S;
    return answer;
}

SkWebAnswer *
sk_web_route_busy(const SkWebPlace *place, const SkWebRequest *request)
{
    SkWebAnswer *answer = plain(place, request, 503, SK_WEB_TEXT_AWAY_HEAD, SK_WEB_TEXT_AWAY);

    answer->retry_s = BUSY_S;
    return answer;
}
