/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "web/web-token.h"

#include <string.h>

#include "base/log.h"
#include "process/process-desk.h"
#include "web/web-forms.h"
#include "web/web-view.h"

/* Seconds after which somebody whom we could not answer may try again. */
#define RETRY_S 30

static void
wipe(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    g_free(text);
}

SkWebAnswer *
sk_web_unknown(const SkWebPlace *place, const SkWebRequest *request, bool stranger)
{
    SkWebLanguage language = sk_web_request_language(request, place, NULL);
    SkWebAnswer *answer =
        sk_web_plain(place, language, 404, SK_WEB_TEXT_UNKNOWN_HEAD, SK_WEB_TEXT_UNKNOWN);

    answer->stranger = stranger;
    return answer;
}

static SkWebAnswer *
away(const SkWebPlace *place, const SkWebRequest *request)
{
    SkWebLanguage language = sk_web_request_language(request, place, NULL);
    SkWebAnswer *answer =
        sk_web_plain(place, language, 503, SK_WEB_TEXT_AWAY_HEAD, SK_WEB_TEXT_AWAY);

    answer->retry_s = RETRY_S;
    return answer;
}

/* The texts are borrowed for the question. NULL: the clerk did not answer, and that is logged.
 */
static SkDeskAnswer *
ask(const SkWebPlace *place, SkDeskVerb verb, const char *token, const char *text)
{
    const SkDeskQuestion question = {
        .verb = verb, .token = (char *)token, .text = (char *)text};
    char *asked = sk_desk_question_write(&question);
    g_autoptr(GError) error = NULL;
    g_autofree char *answered = sk_process_desk_ask(place->desk, asked, SK_DESK_MAX, &error);
    SkDeskAnswer *answer = answered != NULL ? sk_desk_answer_read(answered, &error) : NULL;

    wipe(asked);
    if (answer == NULL)
        sk_log_error(SK_LOG_WARNING, "the clerk does not answer", error);
    else if (answer->result == SK_DESK_FAILED)
        sk_log(SK_LOG_WARNING, "the clerk could not do it", "verb", sk_desk_verb_name(verb),
               "text", answer->text, NULL);
    return answer;
}

/* What is no page of a mail; NULL: ANSWER is. */
static SkWebAnswer *
refuse(const SkWebPlace *place, const SkWebRequest *request, const SkDeskAnswer *answer)
{
    SkWebLanguage language =
        sk_web_request_language(request, place, answer != NULL ? answer->language : NULL);

    if (answer == NULL || answer->result == SK_DESK_FAILED)
        return away(place, request);
    if (answer->result == SK_DESK_UNKNOWN)
        return sk_web_unknown(place, request, true);
    if (answer->result == SK_DESK_REFUSED)
        return sk_web_plain(place, language, 403, SK_WEB_TEXT_REFUSED_HEAD,
                            SK_WEB_TEXT_NOT_YOURS);
    return NULL;
}

static SkWebAnswer *
look(const SkWebPlace *place, const SkWebRequest *request)
{
    g_autoptr(SkDeskAnswer) looked = ask(place, SK_DESK_LOOK, request->token, NULL);
    SkWebAnswer *refused = refuse(place, request, looked);
    SkWebSum sum;
    SkWebBanner banner;
    bool said;

    if (refused != NULL)
        return refused;
    if (looked->copies->len == 0)
        return sk_web_unknown(place, request, true);
    sum = sk_web_state_sum(looked);
    said = sk_web_banner_find(sk_web_form_peek(request->query, "r"), &sum, &banner);
    return sk_web_view(place, sk_web_request_language(request, place, looked->language), looked,
                       said ? &banner : NULL);
}

/* Back to the page, which says what came of it. */
static SkWebAnswer *
go_back(const SkWebPlace *place,
        const SkWebRequest *request,
        SkDeskVerb verb,
        const SkDeskAnswer *did)
{
    SkWebAnswer *answer = g_new0(SkWebAnswer, 1);
    const char *name = sk_web_banner_name(verb, did->result);
    SkWebLanguage language;
    GString *location = g_string_new(place->prefix);

    g_string_append_printf(location, "/t/%s", request->token);
    if (name != NULL)
        g_string_append_printf(location, "?r=%s", name);
    if (sk_web_request_lang(request, &language))
        g_string_append_printf(location, "%slang=%s", name != NULL ? "&" : "?",
                               sk_web_language_name(language));
    answer->status = 303;
    answer->language = sk_web_request_language(request, place, did->language);
    answer->location = g_string_free(location, FALSE);
    return answer;
}

/* Shown at once: nobody sends a password a second time by accident, and the token of one that
 * was right may be at its end. */
static SkWebAnswer *
show_password(const SkWebPlace *place, const SkWebRequest *request, const SkDeskAnswer *did)
{
    g_autoptr(SkDeskAnswer) looked = ask(place, SK_DESK_LOOK, request->token, NULL);
    SkWebLanguage language = sk_web_request_language(
        request, place, looked != NULL ? looked->language : did->language);
    SkWebBanner banner = sk_web_banner_password(did->result, looked != NULL ? looked : did);

    if (looked != NULL && looked->result == SK_DESK_OK && looked->copies->len > 0)
        return sk_web_view(place, language, looked, &banner);
    return sk_web_plain(place, language, 200, SK_WEB_TEXT_PASSWORD_LABEL, banner.text);
}

static SkWebAnswer *
act(const SkWebPlace *place, const SkWebRequest *request, SkDeskVerb verb, const char *text)
{
    g_autoptr(SkDeskAnswer) did = ask(place, verb, request->token, text);
    bool password = verb == SK_DESK_PASSWORD;
    SkWebAnswer *refused = NULL;

    /* That passwords of such a file cannot be tried is a word to the reader, no refusal. */
    if (!password || did == NULL || did->result != SK_DESK_REFUSED)
        refused = refuse(place, request, did);
    if (refused != NULL)
        return refused;
    sk_log(SK_LOG_INFO, "asked the clerk", "verb", sk_desk_verb_name(verb), "result",
           sk_desk_result_name(did->result), NULL);
    return password ? show_password(place, request, did) : go_back(place, request, verb, did);
}

static bool
find_verb(const char *action, SkDeskVerb *ret_verb)
{
    static const SkDeskVerb verbs[] = {SK_DESK_STOP, SK_DESK_ASK, SK_DESK_PASSWORD};

    for (size_t i = 0; action != NULL && i < G_N_ELEMENTS(verbs); i++) {
        if (strcmp(action, sk_desk_verb_name(verbs[i])) == 0) {
            *ret_verb = verbs[i];
            return true;
        }
    }
    return false;
}

/* A reason is one line where it is shown; a password is what was typed. NULL: none was given.
 */
static char *
read_text(const SkWebForm *form, SkDeskVerb verb)
{
    const char *text = sk_web_form_peek(form, "text");
    char *own = text != NULL ? g_strdup(text) : NULL;

    if (own != NULL && verb != SK_DESK_PASSWORD)
        g_strstrip(g_strdelimit(own, "\r\n\t", ' '));
    if (own != NULL && *own == '\0')
        g_clear_pointer(&own, g_free);
    return own;
}

static SkWebAnswer *
post(const SkWebPlace *place, const SkWebRequest *request)
{
    g_autoptr(SkWebForm) form = sk_web_form_parse(sk_buffer_bytes(&request->body));
    SkWebLanguage language = sk_web_request_language(request, place, NULL);
    SkDeskVerb verb = SK_DESK_LOOK;
    SkWebAnswer *answer;
    char *text;

    if (!find_verb(sk_web_form_peek(form, "action"), &verb))
        return sk_web_plain(place, language, 400, SK_WEB_TEXT_MALFORMED_HEAD,
                            SK_WEB_TEXT_MALFORMED);
    text = read_text(form, verb);
    if (text != NULL &&
        strlen(text) > (verb == SK_DESK_PASSWORD ? SK_WEB_PASSWORD_MAX : SK_WEB_REASON_MAX))
        answer = sk_web_plain(place, language, 413, SK_WEB_TEXT_MALFORMED_HEAD,
                              SK_WEB_TEXT_TOO_LARGE);
    else if (text == NULL && verb == SK_DESK_PASSWORD)
        answer = sk_web_plain(place, language, 400, SK_WEB_TEXT_MALFORMED_HEAD,
                              SK_WEB_TEXT_PASSWORD_EMPTY);
    else
        answer = act(place, request, verb, text);
    wipe(text);
    return answer;
}

SkWebAnswer *
sk_web_token(const SkWebPlace *place, const SkWebRequest *request)
{
    return request->method == SK_WEB_POST ? post(place, request) : look(place, request);
}
