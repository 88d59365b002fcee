/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-state.h"

#include <string.h>

#include "hold/hold-token.h"
#include "verdict/decision.h"
#include "web/web-time.h"

typedef struct {
    GString *page;
    const SkWebPlace *place;
    SkWebLanguage language;
    int64_t now_us;
    bool first; /* no sentence was put yet */
} State;

static bool
is_inbound(const SkDeskCopy *copy)
{
    return copy->direction == SK_DIRECTION_INBOUND || copy->direction == SK_DIRECTION_INTERNAL;
}

/* Bits of 1 << SkTokenPurpose; 0: none that we know. */
static unsigned
find_purpose(const char *purpose)
{
    SkTokenPurpose known;

    return purpose != NULL && sk_token_purpose_parse(purpose, &known) ? 1u << known : 0;
}

/* His own word is enough; with malware it never is, and the review is an administrator's. */
static bool
is_own_review(const SkDeskCopy *copy)
{
    return (copy->open & SK_WAIT_REVIEW) != 0 && copy->review == SK_REVIEW_RECIPIENT;
}

SkWebSum
sk_web_state_sum(const SkDeskAnswer *looked)
{
    const unsigned purpose = find_purpose(looked->purpose);
    SkWebSum sum = {
        .inbound = looked->copies->len > 0,
        .colleague = (purpose & 1u << SK_TOKEN_COLLEAGUE) != 0,
        .recipient = (purpose & (1u << SK_TOKEN_PASSWORD | 1u << SK_TOKEN_ASK)) != 0,
    };

    for (guint i = 0; i < looked->copies->len; i++) {
        const SkDeskCopy *copy = looked->copies->pdata[i];

        sum.waiting += copy->state == SK_COPY_WAITING;
        sum.gone += copy->state == SK_COPY_RELEASING || copy->state == SK_COPY_SENT;
        sum.stopped += copy->state == SK_COPY_STOPPED;
        sum.returned += copy->state == SK_COPY_RETURNED;
        sum.expired += copy->state == SK_COPY_EXPIRED;
        sum.inbound = sum.inbound && is_inbound(copy);
        sum.own_review |= copy->state == SK_COPY_WAITING && is_own_review(copy);
        sum.can |= copy->can;
        sum.original |= copy->original;
        if (copy->state == SK_COPY_WAITING)
            sum.open |= copy->open & ~(unsigned)SK_WAIT_TIME;
    }
    return sum;
}

static void
put_sentence(State *state, const char *text)
{
    if (!state->first)
        g_string_append(state->page, "<br>");
    state->first = false;
    sk_web_put(state->page, text);
}

static void
put_text(State *state, SkWebText text)
{
    put_sentence(state, sk_web_text(state->language, text));
}

/* TEXT has a time, and how long it is until then. */
static void
put_until(State *state, SkWebText text, int64_t at_us)
{
    g_autofree char *at =
        sk_web_time(state->language, state->place->zone, at_us, state->now_us);
    g_autofree char *left = sk_web_time_left(state->language, at_us - state->now_us);
    g_autofree char *sentence = sk_web_text_fill(state->language, text, at, left);

    put_sentence(state, sentence);
}

static void
put_waits(State *state, const SkDeskCopy *copy)
{
    bool admin = copy->review == SK_REVIEW_ADMIN;

    if ((copy->open & SK_WAIT_CONFIRM) != 0)
        put_text(state, SK_WEB_TEXT_WAIT_CONFIRM);
    if ((copy->open & SK_WAIT_APPROVAL) != 0)
        put_text(state, SK_WEB_TEXT_WAIT_APPROVAL);
    if ((copy->open & SK_WAIT_REVIEW) != 0)
        put_text(state, admin ? SK_WEB_TEXT_WAIT_REVIEW_ADMIN : SK_WEB_TEXT_WAIT_REVIEW);
    if ((copy->open & SK_WAIT_PASSWORD) != 0)
        put_text(state, SK_WEB_TEXT_WAIT_PASSWORD);
    if (copy->expires_us > state->now_us)
        put_until(state, SK_WEB_TEXT_UNTIL, copy->expires_us);
}

static void
put_waiting(State *state, const SkDeskCopy *copy)
{
    bool in = is_inbound(copy);

    if ((copy->open & ~(unsigned)SK_WAIT_TIME) != 0)
        put_waits(state, copy);
    else if (copy->due_us > state->now_us)
        put_until(state, in ? SK_WEB_TEXT_WAIT_TIME_IN : SK_WEB_TEXT_WAIT_TIME, copy->due_us);
    else
        put_text(state, in ? SK_WEB_TEXT_WAIT_DUE_IN : SK_WEB_TEXT_WAIT_DUE);
    if (copy->tries > 0)
        put_text(state, SK_WEB_TEXT_WAIT_TRIED);
}

/* Who ended it, for people; NULL: nobody did, or it need not be said. Whoever has no address is
 * an administrator, whose login is nobody's business. */
static const char *
name_of(const State *state, const char *by)
{
    if (by == NULL || strcmp(by, "time") == 0)
        return NULL;
    return strchr(by, '@') == NULL ? sk_web_text(state->language, SK_WEB_TEXT_OPERATOR) : by;
}

static void
put_end(State *state, const SkDeskCopy *copy, SkWebText text, SkWebText by_text)
{
    const char *by = name_of(state, copy->ended_by);
    g_autofree char *at =
        sk_web_time(state->language, state->place->zone, copy->ended_us, state->now_us);
    g_autofree char *sentence =
        sk_web_text_fill(state->language, by != NULL ? by_text : text, at, by);

    put_sentence(state, sentence);
}

void
sk_web_state_put(GString *page,
                 const SkWebPlace *place,
                 SkWebLanguage language,
                 const SkDeskCopy *copy)
{
    State state = {page, place, language, sk_clock_now_us(place->clock), true};
    SkWebText sent = is_inbound(copy) ? SK_WEB_TEXT_SENT_IN : SK_WEB_TEXT_SENT;

    switch (copy->state) {
    case SK_COPY_WAITING:
        put_waiting(&state, copy);
        break;
    case SK_COPY_RELEASING:
        put_text(&state, is_inbound(copy) ? SK_WEB_TEXT_RELEASING_IN : SK_WEB_TEXT_RELEASING);
        break;
    case SK_COPY_SENT:
        put_end(&state, copy, sent, sent);
        break;
    case SK_COPY_STOPPED:
        put_end(&state, copy, SK_WEB_TEXT_STOPPED, SK_WEB_TEXT_STOPPED_BY);
        break;
    case SK_COPY_RETURNED:
        put_end(&state, copy, SK_WEB_TEXT_RETURNED, SK_WEB_TEXT_RETURNED_BY);
        break;
    case SK_COPY_EXPIRED:
    case SK_N_COPY_STATES:
        put_end(&state, copy, SK_WEB_TEXT_EXPIRED, SK_WEB_TEXT_EXPIRED);
        break;
    }
}
