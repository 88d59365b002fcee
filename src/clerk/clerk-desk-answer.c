/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-desk-answer.h"

#include <stdarg.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "clerk/clerk-desk-private.h"

#define OPERATOR "operator"

bool
sk_clerk_desk_say(SkDeskCall *call, SkDeskResult result, const char *format, ...)
{
    va_list args;

    call->answer->result = result;
    g_free(call->answer->text);
    va_start(args, format);
    call->answer->text = g_strdup_vprintf(format, args);
    va_end(args);
    return true;
}

static bool
do_look(SkDeskCall *call, GError **error)
{
    return true;
}

typedef struct {
    SkDeskVerbFunc func;
    bool by_token; /* whoever asks has to show one */
    bool about;    /* a copy or message has to be named */
} Verb;

static const Verb verbs[SK_N_DESK_VERBS] = {
    [SK_DESK_LOOK] = {do_look, true, true},
    [SK_DESK_LIST_ALL] = {sk_clerk_desk_list, false, false},
    [SK_DESK_SHOW] = {sk_clerk_desk_show, false, true},
    [SK_DESK_STOP] = {sk_clerk_desk_stop, false, true},
    [SK_DESK_RELEASE] = {sk_clerk_desk_release, false, true},
    [SK_DESK_CONFIRM] = {sk_clerk_desk_confirm, false, true},
    [SK_DESK_APPROVE] = {sk_clerk_desk_approve, false, true},
    [SK_DESK_RETURN] = {sk_clerk_desk_return, false, true},
    [SK_DESK_ASK] = {sk_clerk_desk_ask, true, true},
    [SK_DESK_PASSWORD] = {sk_clerk_desk_password, true, true},
    [SK_DESK_CONTENT] = {sk_clerk_desk_content, false, true},
    [SK_DESK_PERSON] = {sk_clerk_desk_person, false, false},
};

/* ---- by token ---- */

static unsigned
verbs_of(SkTokenPurpose purpose)
{
    static const unsigned sets[SK_N_TOKEN_PURPOSES] = {
        [SK_TOKEN_STOP] = 1U << SK_DESK_LOOK | 1U << SK_DESK_STOP,
        [SK_TOKEN_COLLEAGUE] = 1U << SK_DESK_LOOK | 1U << SK_DESK_STOP,
        [SK_TOKEN_PASSWORD] = 1U << SK_DESK_LOOK | 1U << SK_DESK_PASSWORD,
        [SK_TOKEN_ASK] = 1U << SK_DESK_LOOK | 1U << SK_DESK_ASK,
    };

    return sets[purpose];
}

static bool
describe_person(SkDeskCall *call, GError **error)
{
    g_auto(SkHoldPerson) person = {0};

    if (!sk_hold_person_load(call->world->keep, call->token->person, &person, error))
        return false;
    call->answer->person = g_strdup(call->token->person);
    call->answer->purpose = g_strdup(sk_token_purpose_name(call->token->purpose));
    if (person.language[0] != '\0')
        call->answer->language = g_strdup(person.language);
    return true;
}

/* What became of it, as it is now. */
static bool
show_again(SkDeskCall *call, GError **error)
{
    g_auto(SkClerkCase) now = {0};

    if (!sk_clerk_case_load_for(call->world->keep, call->token, &now, error))
        return false;
    if (now.message != NULL)
        sk_clerk_case_show_all(&now, call->token, call->answer->copies);
    return true;
}

static bool
answer_token(SkDeskCall *call, GError **error)
{
    const SkDeskQuestion *question = call->question;
    g_autoptr(SkHoldToken) token = NULL;
    g_auto(SkClerkCase) c = {0};

    call->answer->result = SK_DESK_UNKNOWN;
    if (!sk_hold_token_load(call->world->keep, question->token, &token, error))
        return false;
    if (token == NULL || (verbs_of(token->purpose) & 1U << question->verb) == 0)
        return true;
    if (!sk_clerk_case_load_for(call->world->keep, token, &c, error))
        return false;
    if (c.message == NULL || c.copies->len == 0)
        return true;
    call->answer->result = SK_DESK_OK;
    call->token = token;
    call->by = token->person;
    call->c = &c;
    if (!verbs[question->verb].func(call, error) || !describe_person(call, error))
        return false;
    return show_again(call, error);
}

/* ---- by an operator ---- */

static bool
show_target(SkDeskCall *call, const char *target, GError **error)
{
    g_auto(SkClerkCase) now = {0};

    if (call->question->verb == SK_DESK_CONTENT)
        return true;
    if (!sk_clerk_case_load(call->world->keep, target, &now, error))
        return false;
    if (now.message != NULL)
        sk_clerk_case_show_all(&now, NULL, call->answer->copies);
    return true;
}

/* The trail says at whose keyboard something was done in another's name. */
static bool
record_operator(SkDeskCall *call, GError **error)
{
    const SkDeskQuestion *question = call->question;
    g_autofree char *text = NULL;
    SkHoldEvent event = {.what = OPERATOR, .who = question->who};

    if (question->as == NULL || question->who == NULL || question->verb == SK_DESK_SHOW ||
        call->answer->result != SK_DESK_OK)
        return true;
    text = g_strdup_printf("%s for %s", sk_desk_verb_name(question->verb), question->as);
    event.text = text;
    return sk_hold_event_add(call->world->keep, call->c->message->id, &event, error);
}

static bool
answer_about(SkDeskCall *call, const char *target, GError **error)
{
    g_auto(SkClerkCase) c = {0};

    if (!sk_clerk_case_load(call->world->keep, target, &c, error))
        return false;
    if (c.message == NULL || c.copies->len == 0)
        return sk_clerk_desk_say(call, SK_DESK_UNKNOWN, "nothing is held as %s", target);
    call->c = &c;
    return verbs[call->question->verb].func(call, error) && record_operator(call, error) &&
           show_target(call, target, error);
}

/* What was typed names nothing, or several things: that is for who typed it. */
static bool
resolve(SkDeskCall *call, char **ret_target, GError **error)
{
    const char *typed = call->question->target;
    g_autoptr(GError) trouble = NULL;

    if (typed == NULL)
        return sk_clerk_desk_say(call, SK_DESK_REFUSED, "which mail is not said");
    if (sk_hold_resolve(call->world->keep, typed, ret_target, &trouble))
        return *ret_target != NULL ||
               sk_clerk_desk_say(call, SK_DESK_UNKNOWN, "nothing is held as %s", typed);
    if (g_error_matches(trouble, SK_ERROR, SK_ERROR_CONFLICT) ||
        g_error_matches(trouble, SK_ERROR, SK_ERROR_USAGE))
        return sk_clerk_desk_say(call, SK_DESK_REFUSED, "%s", trouble->message);
    g_propagate_error(error, g_steal_pointer(&trouble));
    return false;
}

static bool
answer_operator(SkDeskCall *call, GError **error)
{
    const SkDeskQuestion *question = call->question;
    const Verb *verb = &verbs[question->verb];
    g_autofree char *target = NULL;

    if (verb->by_token)
        return sk_clerk_desk_say(call, SK_DESK_REFUSED, "this needs the token of a notice");
    call->by = question->as != NULL ? question->as : question->who;
    if (call->by == NULL)
        call->by = OPERATOR;
    if (!verb->about)
        return verb->func(call, error);
    if (!resolve(call, &target, error))
        return false;
    return target == NULL || answer_about(call, target, error);
}

/* ---- both ---- */

/* Whole, or with fewer copies and the word that there are more. */
static void
fit(SkDeskAnswer *answer)
{
    for (;;) {
        g_autofree char *text = sk_desk_answer_write(answer);
        size_t len = strlen(text);

        explicit_bzero(text, len);
        if (len <= SK_DESK_MAX || (answer->copies->len < 2 && answer->events->len < 2))
            return;
        answer->more = true;
        g_ptr_array_set_size(answer->copies, (gint)(answer->copies->len + 1) / 2);
        if (answer->events->len > 1)
            g_ptr_array_remove_range(answer->events, 0, answer->events->len / 2);
    }
}

static SkDeskAnswer *
fail(const SkDeskQuestion *question, const GError *why)
{
    SkDeskAnswer *answer = sk_desk_answer_new(SK_DESK_FAILED);

    answer->text = g_strdup(why->message);
    sk_log(SK_LOG_WARNING, "a question about held mail could not be answered", "verb",
           sk_desk_verb_name(question->verb), "error", why->message, NULL);
    return answer;
}

SkDeskAnswer *
sk_clerk_desk_answer(const SkDeskWorld *world,
                     const SkDeskQuestion *question,
                     bool operator_asks)
{
    g_autoptr(SkDeskAnswer) answer = sk_desk_answer_new(SK_DESK_OK);
    g_autoptr(GError) why = NULL;
    SkDeskCall call = {.world = world, .question = question, .answer = answer};
    bool ok = true;

    if (question->token != NULL)
        ok = answer_token(&call, &why);
    else if (operator_asks)
        ok = answer_operator(&call, &why);
    else
        answer->result = SK_DESK_UNKNOWN;
    if (!ok)
        return fail(question, why);
    fit(answer);
    return g_steal_pointer(&answer);
}
