/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <malloc.h>
#include <string.h>

#include "hold/hold-desk-private.h"

static const char *const verb_names[SK_N_DESK_VERBS] = {
    [SK_DESK_LOOK] = "look",       [SK_DESK_LIST_ALL] = "list",
    [SK_DESK_SHOW] = "show",       [SK_DESK_STOP] = "stop",
    [SK_DESK_RELEASE] = "release", [SK_DESK_CONFIRM] = "confirm",
    [SK_DESK_APPROVE] = "approve", [SK_DESK_RETURN] = "return",
    [SK_DESK_ASK] = "ask",         [SK_DESK_PASSWORD] = "password",
    [SK_DESK_CONTENT] = "content", [SK_DESK_PERSON] = "person",
};
static const char *const result_names[SK_N_DESK_RESULTS] = {
    [SK_DESK_OK] = "ok",           [SK_DESK_TOO_LATE] = "too-late",
    [SK_DESK_ENDED] = "ended",     [SK_DESK_NOT_OPEN] = "not-open",
    [SK_DESK_WRONG] = "wrong",     [SK_DESK_LATER] = "later",
    [SK_DESK_ASKED] = "asked",     [SK_DESK_UNKNOWN] = "unknown",
    [SK_DESK_REFUSED] = "refused", [SK_DESK_FAILED] = "failed",
};

const char *
sk_desk_verb_name(SkDeskVerb verb)
{
    return verb_names[verb];
}

const char *
sk_desk_result_name(SkDeskResult result)
{
    return result_names[result];
}

static const char *
verb_at(unsigned i)
{
    return verb_names[i];
}

static const char *
result_at(unsigned i)
{
    return result_names[i];
}

static const char *
state_at(unsigned i)
{
    return sk_copy_state_name((SkCopyState)i);
}

static const char *
variant_at(unsigned i)
{
    return sk_copy_variant_name((SkCopyVariant)i);
}

static const char *
direction_at(unsigned i)
{
    return sk_direction_name((SkDirection)i);
}

static const char *
wait_at(unsigned i)
{
    return sk_wait_name((SkWait)(1U << i));
}

static const char *
review_at(unsigned i)
{
    static const char *const names[] = {NULL, "recipient", "admin"};

    return names[i];
}

static const char *
tell_at(unsigned i)
{
    return sk_tell_name((SkTell)i);
}

#define N_WAITS 5

/* clang-format off */
const SkMember sk_desk_question_members[] = {
    {"verb", SK_MEMBER_NAME, offsetof(SkDeskQuestion, verb), verb_at, SK_N_DESK_VERBS},
    {"token", SK_MEMBER_EXACT, offsetof(SkDeskQuestion, token)},
    {"target", SK_MEMBER_EXACT, offsetof(SkDeskQuestion, target)},
    {"as", SK_MEMBER_EXACT, offsetof(SkDeskQuestion, as)},
    {"who", SK_MEMBER_EXACT, offsetof(SkDeskQuestion, who)},
    {"text", SK_MEMBER_EXACT, offsetof(SkDeskQuestion, text)},
    {"ended", SK_MEMBER_FLAG, offsetof(SkDeskQuestion, ended)},
    {"after", SK_MEMBER_EXACT, offsetof(SkDeskQuestion, after)},
    {"person", SK_MEMBER_EXACT, offsetof(SkDeskQuestion, person)},
    {0},
};
const SkMember sk_desk_copy_members[] = {
    {"id", SK_MEMBER_TEXT, offsetof(SkDeskCopy, id)},
    {"message", SK_MEMBER_TEXT, offsetof(SkDeskCopy, message)},
    {"state", SK_MEMBER_NAME, offsetof(SkDeskCopy, state), state_at, SK_N_COPY_STATES},
    {"variant", SK_MEMBER_NAME, offsetof(SkDeskCopy, variant), variant_at, SK_N_COPY_VARIANTS},
    {"original", SK_MEMBER_FLAG, offsetof(SkDeskCopy, original)},
    {"direction", SK_MEMBER_NAME, offsetof(SkDeskCopy, direction), direction_at, SK_N_DIRECTIONS},
    {"waits", SK_MEMBER_BITS, offsetof(SkDeskCopy, waits), wait_at, N_WAITS},
    {"open", SK_MEMBER_BITS, offsetof(SkDeskCopy, open), wait_at, N_WAITS},
    {"review", SK_MEMBER_NAME, offsetof(SkDeskCopy, review), review_at, SK_REVIEW_ADMIN + 1},
    {"made_us", SK_MEMBER_TIME, offsetof(SkDeskCopy, made_us)},
    {"due_us", SK_MEMBER_TIME, offsetof(SkDeskCopy, due_us)},
    {"expires_us", SK_MEMBER_TIME, offsetof(SkDeskCopy, expires_us)},
    {"ended_us", SK_MEMBER_TIME, offsetof(SkDeskCopy, ended_us)},
    {"size", SK_MEMBER_TIME, offsetof(SkDeskCopy, size)},
    {"tries", SK_MEMBER_COUNT, offsetof(SkDeskCopy, tries)},
    {"owner", SK_MEMBER_TEXT, offsetof(SkDeskCopy, owner)},
    {"sender", SK_MEMBER_TEXT, offsetof(SkDeskCopy, sender)},
    {"from", SK_MEMBER_TEXT, offsetof(SkDeskCopy, from)},
    {"subject", SK_MEMBER_TEXT, offsetof(SkDeskCopy, subject)},
    {"trouble", SK_MEMBER_TEXT, offsetof(SkDeskCopy, trouble)},
    {"ended_by", SK_MEMBER_TEXT, offsetof(SkDeskCopy, ended_by)},
    {"why", SK_MEMBER_TEXT, offsetof(SkDeskCopy, why)},
    {"recipients", SK_MEMBER_TEXTS, offsetof(SkDeskCopy, recipients)},
    {"groups", SK_MEMBER_TEXTS, offsetof(SkDeskCopy, groups)},
    {"findings", SK_MEMBER_TEXTS, offsetof(SkDeskCopy, findings)},
    {"can", SK_MEMBER_BITS, offsetof(SkDeskCopy, can), verb_at, SK_N_DESK_VERBS},
    {0},
};
const SkMember sk_desk_event_members[] = {
    {"at_us", SK_MEMBER_TIME, offsetof(SkDeskEvent, at_us)},
    {"copy", SK_MEMBER_TEXT, offsetof(SkDeskEvent, copy)},
    {"what", SK_MEMBER_TEXT, offsetof(SkDeskEvent, what)},
    {"who", SK_MEMBER_TEXT, offsetof(SkDeskEvent, who)},
    {"text", SK_MEMBER_TEXT, offsetof(SkDeskEvent, text)},
    {0},
};
const SkMember sk_desk_choices_members[] = {
    {"hold_s", SK_MEMBER_TIME, offsetof(SkDeskChoices, hold_s)},
    {"tell", SK_MEMBER_NAME, offsetof(SkDeskChoices, tell), tell_at, SK_N_TELLS},
    {"language", SK_MEMBER_TEXT, offsetof(SkDeskChoices, language)},
    {"away_from_us", SK_MEMBER_TIME, offsetof(SkDeskChoices, away_from_us)},
    {"away_until_us", SK_MEMBER_TIME, offsetof(SkDeskChoices, away_until_us)},
    {"deputy", SK_MEMBER_TEXT, offsetof(SkDeskChoices, deputy)},
    {0},
};
const SkMember sk_desk_answer_members[] = {
    {"result", SK_MEMBER_NAME, offsetof(SkDeskAnswer, result), result_at, SK_N_DESK_RESULTS},
    {"text", SK_MEMBER_TEXT, offsetof(SkDeskAnswer, text)},
    {"purpose", SK_MEMBER_TEXT, offsetof(SkDeskAnswer, purpose)},
    {"person", SK_MEMBER_TEXT, offsetof(SkDeskAnswer, person)},
    {"language", SK_MEMBER_TEXT, offsetof(SkDeskAnswer, language)},
    {"content", SK_MEMBER_EXACT, offsetof(SkDeskAnswer, content)},
    {"more", SK_MEMBER_FLAG, offsetof(SkDeskAnswer, more)},
    {0},
};
/* clang-format on */

static void
wipe(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    g_free(text);
}

void
sk_desk_question_clear(SkDeskQuestion *question)
{
    wipe(question->token);
    wipe(question->text);
    g_free(question->target);
    g_free(question->as);
    g_free(question->who);
    g_free(question->after);
    g_free(question->person);
    *question = (SkDeskQuestion){0};
}

SkDeskCopy *
sk_desk_copy_new(void)
{
    SkDeskCopy *copy = g_new0(SkDeskCopy, 1);

    copy->recipients = g_ptr_array_new_with_free_func(g_free);
    copy->groups = g_ptr_array_new_with_free_func(g_free);
    copy->findings = g_ptr_array_new_with_free_func(g_free);
    return copy;
}

void
sk_desk_copy_free(SkDeskCopy *copy)
{
    if (copy == NULL)
        return;
    g_free(copy->id);
    g_free(copy->message);
    g_free(copy->owner);
    g_free(copy->sender);
    g_free(copy->from);
    g_free(copy->subject);
    g_free(copy->trouble);
    g_free(copy->ended_by);
    g_free(copy->why);
    g_ptr_array_unref(copy->recipients);
    g_ptr_array_unref(copy->groups);
    g_ptr_array_unref(copy->findings);
    g_free(copy);
}

void
sk_desk_event_free(SkDeskEvent *event)
{
    if (event == NULL)
        return;
    g_free(event->copy);
    g_free(event->what);
    g_free(event->who);
    g_free(event->text);
    g_free(event);
}

SkDeskChoices *
sk_desk_choices_new(const SkHoldPerson *person)
{
    SkDeskChoices *choices = g_new0(SkDeskChoices, 1);

    choices->hold_s = person->hold_s;
    choices->tell = person->tell;
    choices->language = person->language[0] != '\0' ? g_strdup(person->language) : NULL;
    choices->away_from_us = person->away_from_us;
    choices->away_until_us = person->away_until_us;
    choices->deputy = g_strdup(person->deputy);
    return choices;
}

void
sk_desk_choices_free(SkDeskChoices *choices)
{
    if (choices == NULL)
        return;
    g_free(choices->language);
    g_free(choices->deputy);
    g_free(choices);
}

SkDeskAnswer *
sk_desk_answer_new(SkDeskResult result)
{
    SkDeskAnswer *answer = g_new0(SkDeskAnswer, 1);

    answer->result = result;
    answer->copies = g_ptr_array_new_with_free_func((GDestroyNotify)sk_desk_copy_free);
    answer->events = g_ptr_array_new_with_free_func((GDestroyNotify)sk_desk_event_free);
    return answer;
}

void
sk_desk_answer_free(SkDeskAnswer *answer)
{
    if (answer == NULL)
        return;
    g_free(answer->text);
    g_free(answer->purpose);
    g_free(answer->person);
    g_free(answer->language);
    wipe(answer->content);
    sk_desk_choices_free(answer->choices);
    g_ptr_array_unref(answer->copies);
    g_ptr_array_unref(answer->events);
    g_free(answer);
}

void
sk_desk_answer_add_event(SkDeskAnswer *answer, const SkHoldEvent *event)
{
    SkDeskEvent *copy = g_new0(SkDeskEvent, 1);

    copy->at_us = event->at_us;
    copy->copy = g_strdup(event->copy);
    copy->what = g_strdup(event->what);
    copy->who = g_strdup(event->who);
    copy->text = g_strdup(event->text);
    g_ptr_array_add(answer->events, copy);
}

static void
free_wiped(void *memory)
{
    if (memory != NULL)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

void
sk_desk_wipe_json(void)
{
    json_set_alloc_funcs(malloc, free_wiped);
}
