/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-told-testing - mail for the clerk of clerk-notice-testing, and what was told of it
 */

#include "clerk/clerk-notice-testing.h"

/* ---- mail ---- */

/* From one of us, or from outside; without recipients. */
static inline SkPassage *
mail_new(SkOrigin origin)
{
    SkPassage *passage = sk_test_passage_plain("01kaj00000000000test", START_US);

    g_ptr_array_set_size(passage->recipients, 0);
    g_ptr_array_set_size(passage->envelope->recipients, 0);
    passage->origin = origin;
    if (origin == SK_ORIGIN_OUTBOUND) {
        g_free(passage->from);
        passage->from = g_strdup(OWNER);
        passage->envelope->login = g_strdup(OWNER);
        g_assert_true(sk_envelope_set_sender(passage->envelope, OWNER, NULL));
    }
    return passage;
}

/* DECISION is taken; NULL: delivered at once. */
static inline SkPassageRecipient *
mail_to(SkPassage *passage, const char *address, bool visible, SkDecision *decision)
{
    bool ours = g_str_has_suffix(address, "@ours.example");
    SkPassageRecipient *one;

    sk_test_passage_add_recipient(passage, address, sk_direction_of(passage->origin, ours));
    one = passage->recipients->pdata[passage->recipients->len - 1];
    one->visible = visible;
    one->to_internal = ours;
    if (decision != NULL) {
        sk_decision_free(one->decision);
        one->decision = decision;
    }
    return one;
}

/* WAITS, for SECONDS with TIME. */
static inline SkDecision *
hold_for(unsigned waits, int64_t seconds)
{
    SkDecision *decision = sk_decision_new();

    decision->waits = waits;
    decision->hold_s = seconds;
    if ((waits & SK_WAIT_REVIEW) != 0)
        decision->review = SK_REVIEW_RECIPIENT;
    return decision;
}

typedef struct {
    const SkHeldMessage *message;
    const GPtrArray *copies;
} Addition;

static inline bool
add_held(SkDb *keep, void *data, GError **error)
{
    const Addition *addition = data;
    const SkNoticeOrder order = {.kind = SK_NOTICE_HELD, .message = addition->message->id};

    return sk_hold_add(keep, addition->message, addition->copies, error) &&
           sk_engine_notice_add(keep, &order, test_now_us, error);
}

/* As the gate does. PASSAGE is taken. */
static inline void
hold(Fixture *f, SkPassage *passage)
{
    g_autoptr(SkHeldMessage) message = NULL;
    g_autoptr(GPtrArray) copies = NULL;
    Addition addition;

    MUST(sk_engine_hold(f->settings, f->site, passage, 0, test_now_us, &message, &copies,
                        &error));
    sk_passage_free(passage);
    addition = (Addition){message, copies};
    MUST(sk_db_transact(f->world.keep, add_held, &addition, &error));
}

static inline void
order(Fixture *f, SkNoticeKind kind, const char *copy, const char *who, const char *text)
{
    const SkNoticeOrder notice = {kind, (char *)"01kaj00000000000test", (char *)copy,
                                  (char *)who, (char *)text};

    MUST(sk_engine_notice_add(f->world.keep, &notice, test_now_us, &error));
}

/* ---- what was sent ---- */

static inline int
compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Addresses, in order of the alphabet: "a@ours.example b@ours.example". Caller owns. */
static inline char *
who_was_told(void)
{
    g_autoptr(GPtrArray) people = g_ptr_array_new();

    for (guint i = 0; i < postfix.sent->len; i++)
        g_ptr_array_add(people, ((Sent *)postfix.sent->pdata[i])->to);
    g_ptr_array_sort(people, compare_texts);
    g_ptr_array_add(people, NULL);
    return g_strjoinv(" ", (char **)people->pdata);
}

/* The only notice to ADDRESS. */
static inline const Sent *
sent_to(const char *address)
{
    const Sent *found = NULL;

    for (guint i = 0; i < postfix.sent->len; i++) {
        const Sent *sent = postfix.sent->pdata[i];

        if (strcmp(sent->to, address) != 0)
            continue;
        g_assert_null(found);
        found = sent;
    }
    g_assert_nonnull(found);
    return found;
}

static inline void
assert_told(const char *people)
{
    g_autofree char *told = who_was_told();

    g_assert_cmpstr(told, ==, people);
}

static inline void
assert_says(const Sent *sent, const char *what)
{
    if (strstr(sent->text, what) == NULL)
        g_error("no \"%s\" in:\n%s", what, sent->text);
}

static inline void
assert_silent(const Sent *sent, const char *what)
{
    if (strstr(sent->text, what) != NULL)
        g_error("\"%s\" in:\n%s", what, sent->text);
}

/* What follows WHAT, up to the next END. Caller owns. */
static inline char *
find_after(const Sent *sent, const char *what, const char *end)
{
    const char *at = strstr(sent->text, what);

    g_assert_nonnull(at);
    at += strlen(what);
    return g_strndup(at, strcspn(at, end));
}

static inline void
forget_sent(void)
{
    g_ptr_array_set_size(postfix.sent, 0);
}
