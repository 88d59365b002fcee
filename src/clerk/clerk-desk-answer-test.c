/* SPDX-License-Identifier: Apache-2.0 */

/* Who may do what, in which state; one table for all. What each verb does in detail is
 * clerk-desk-verbs-test's. */

#include "clerk/clerk-desk-testing.h"

typedef enum {
    BY_STOP,
    BY_COLLEAGUE,
    BY_PASSWORD,
    BY_ASK,
    BY_NOTHING,  /* on the pages' socket, without a token */
    BY_OPERATOR, /* on the operator's */
    N_ASKERS
} Asker;

static const char *const asker_names[N_ASKERS] = {
    "stop-token", "colleague-token", "password-token", "ask-token", "nobody", "operator"};

#define OK      SK_DESK_OK
#define LATE    SK_DESK_TOO_LATE
#define ENDED   SK_DESK_ENDED
#define WRONG   SK_DESK_WRONG
#define UNKNOWN SK_DESK_UNKNOWN
#define REFUSED SK_DESK_REFUSED
#define NEVER                                                                                  \
    {                                                                                          \
        UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN                                   \
    }
#define NO                                                                                     \
    {                                                                                          \
        REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED                                   \
    }
#define ALWAYS                                                                                 \
    {                                                                                          \
        OK, OK, OK, OK, OK, OK                                                                 \
    }
#define ACTS                                                                                   \
    {                                                                                          \
        OK, LATE, LATE, ENDED, ENDED, ENDED                                                    \
    }
#define TRIES                                                                                  \
    {                                                                                          \
        WRONG, LATE, LATE, ENDED, ENDED, ENDED                                                 \
    }

/* By state: waiting, releasing, sent, stopped, returned, expired. */
static const SkDeskResult expected[N_ASKERS][SK_N_DESK_VERBS][SK_N_COPY_STATES] = {
    [BY_STOP] = {ALWAYS, NEVER, NEVER, ACTS, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER,
                 NEVER},
    [BY_COLLEAGUE] = {ALWAYS, NEVER, NEVER, ACTS, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER,
                      NEVER, NEVER},
    [BY_PASSWORD] = {ALWAYS, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, TRIES,
                     NEVER, NEVER},
    [BY_ASK] = {ALWAYS, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, ACTS, NEVER, NEVER,
                NEVER},
    [BY_NOTHING] = {NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER,
                    NEVER},
    [BY_OPERATOR] = {NO, ALWAYS, ALWAYS, ACTS, ACTS, ACTS, ACTS, ACTS, NO, NO, ALWAYS, ALWAYS},
};

static const SkTokenPurpose purposes[] = {SK_TOKEN_STOP, SK_TOKEN_COLLEAGUE, SK_TOKEN_PASSWORD,
                                          SK_TOKEN_ASK};

static void
set_state(Desk *d, const char *message, SkCopyState state)
{
    g_autofree char *sql = g_strdup_printf("UPDATE held_copy SET state = '%s', open = 0 "
                                           "WHERE message = '%s'",
                                           sk_copy_state_name(state), message);

    if (state != SK_COPY_WAITING)
        run(d->base.db, sql);
}

static void
check(Desk *d, unsigned n, Asker asker, SkDeskVerb verb, SkCopyState state)
{
    static const Mail mail = {.groups = {"sales"}};
    g_autofree char *message = add_mail(d, n, &mail), *token = NULL;
    SkDeskQuestion question = {
        .verb = verb, .target = message, .text = (char *)"because", .person = (char *)BEN};

    if (asker < BY_NOTHING)
        token = add_token(d, purposes[asker], message, asker == BY_STOP ? OWNER : BEN);
    question.token = token;
    if (verb == SK_DESK_APPROVE)
        question.as = (char *)"anna@ours.example";
    if (verb == SK_DESK_PERSON)
        question.text = NULL;
    set_state(d, message, state);
    g_test_message("%s %s %s", asker_names[asker], sk_desk_verb_name(verb),
                   sk_copy_state_name(state));
    assert_result(d, &question, asker == BY_OPERATOR, expected[asker][verb][state]);
}

static void
test_all(Desk *d, const void *data)
{
    unsigned n = 0;

    for (unsigned asker = 0; asker < N_ASKERS; asker++)
        for (unsigned verb = 0; verb < SK_N_DESK_VERBS; verb++)
            for (unsigned state = 0; state < SK_N_COPY_STATES; state++)
                check(d, ++n, (Asker)asker, (SkDeskVerb)verb, (SkCopyState)state);
}

/* What is answered in a wrong state has changed nothing. */
static void
test_too_late_changes_nothing(Desk *d, const void *data)
{
    static const Mail mail = {.groups = {"sales"}};
    g_autofree char *message = add_mail(d, 1, &mail);
    g_autofree char *stop_token = add_token(d, SK_TOKEN_STOP, message, OWNER);
    const SkDeskQuestion by_token = {.verb = SK_DESK_STOP, .token = stop_token};
    const SkDeskQuestion release = {.verb = SK_DESK_RELEASE, .target = message};
    int64_t events;

    set_state(d, message, SK_COPY_RELEASING);
    events = ask(d->base.db, "SELECT count(*) FROM held_event");
    assert_result(d, &by_token, false, SK_DESK_TOO_LATE);
    assert_result(d, &release, true, SK_DESK_TOO_LATE);
    g_assert_cmpint(ask(d->base.db, "SELECT count(*) FROM held_event"), ==, events);
    g_assert_cmpint(ask(d->base.db, "SELECT count(*) FROM job"), ==, 0);
}

/* Scanners and previews follow links. */
static void
test_looking_changes_nothing(Desk *d, const void *data)
{
    static const char facts[] = "SELECT (SELECT count(*) FROM held_event) * 1000000"
                                " + (SELECT sum(claim + open) FROM held_copy) * 1000"
                                " + (SELECT count(*) FROM held_token) * 100"
                                " + (SELECT count(*) FROM job)";
    g_autofree char *message = add_mail(d, 1, &(Mail){0});
    g_autofree char *tokens[G_N_ELEMENTS(purposes)] = {0};
    int64_t before;

    for (size_t i = 0; i < G_N_ELEMENTS(purposes); i++)
        tokens[i] = add_token(d, purposes[i], message, BEN);
    before = ask(d->base.db, facts);
    for (size_t i = 0; i < G_N_ELEMENTS(purposes); i++) {
        SkDeskQuestion look = {.verb = SK_DESK_LOOK, .token = tokens[i]};

        assert_result(d, &look, false, SK_DESK_OK);
        assert_result(d, &look, true, SK_DESK_OK);
        g_free(g_steal_pointer(&tokens[i]));
    }
    g_assert_cmpint(ask(d->base.db, facts), ==, before);
}

static void
test_bad_tokens(Desk *d, const void *data)
{
    g_autofree char *message = add_mail(d, 1, &(Mail){0});
    g_autofree char *token = add_token(d, SK_TOKEN_STOP, message, OWNER);
    g_autofree char *cut = g_strndup(token, strlen(token) - 1);
    const char *bad[] = {"", "x", "'; DROP TABLE job", cut};

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        SkDeskQuestion stop_it = {.verb = SK_DESK_STOP, .token = (char *)bad[i]};
        g_autoptr(SkDeskAnswer) answer = ask_desk(d, &stop_it, false);

        g_assert_cmpint(answer->result, ==, SK_DESK_UNKNOWN);
        g_assert_null(answer->text);
        g_assert_null(answer->person);
        g_assert_cmpuint(answer->copies->len, ==, 0);
    }
    test_now_us += 20000 * LEASE_US;
    assert_result(d, &((SkDeskQuestion){.verb = SK_DESK_STOP, .token = token}), false,
                  SK_DESK_UNKNOWN);
}

/* What was typed by an administrator. */
static void
test_targets(Desk *d, const void *data)
{
    g_autofree char *message = add_mail(d, 1, &(Mail){0});
    g_autofree char *other = add_mail(d, 2, &(Mail){0});
    g_autofree char *copy = copy_id(1, 1);
    const struct {
        const char *typed;
        SkDeskResult result;
        guint copies;
    } cases[] = {
        {message, SK_DESK_OK, 2},
        {copy, SK_DESK_OK, 1},
        {"01kaj", SK_DESK_REFUSED, 0},
        {"01kaj00000000000000", SK_DESK_REFUSED, 0},
        {"zzzzzzzz", SK_DESK_UNKNOWN, 0},
        {NULL, SK_DESK_REFUSED, 0},
        {"01kaj0'; --", SK_DESK_REFUSED, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        SkDeskQuestion show = {.verb = SK_DESK_SHOW, .target = (char *)cases[i].typed};
        g_autoptr(SkDeskAnswer) answer = ask_desk(d, &show, true);

        g_test_message("%s", cases[i].typed != NULL ? cases[i].typed : "nothing");
        g_assert_cmpstr(sk_desk_result_name(answer->result), ==,
                        sk_desk_result_name(cases[i].result));
        g_assert_cmpuint(answer->copies->len, ==, cases[i].copies);
    }
}

typedef struct {
    const char *name;
    void (*test)(Desk *d, const void *data);
} Case;

int
main(int argc, char **argv)
{
    static const Case cases[] = {
        {"each-verb-state-and-asker", test_all},
        {"too-late-changes-nothing", test_too_late_changes_nothing},
        {"looking-changes-nothing", test_looking_changes_nothing},
        {"bad-tokens", test_bad_tokens},
        {"targets", test_targets},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        SK_TEST_ADD_BOTH(Desk, "clerk-desk", cases[i].name, desk_set_up, cases[i].test,
                         desk_tear_down);
    return sk_test_postgres_run_tests();
}
