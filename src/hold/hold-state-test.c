/* SPDX-License-Identifier: Apache-2.0 */

/* What becomes of a copy: claims, leases, answers, ends, and what is told of them. */

#include "hold/hold-testing.h"

#define HER "hanako@ours.example"

static void
test_way_out(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) copy = NULL, sent = NULL;
    g_autoptr(GPtrArray) none = NULL;
    int64_t due = 0;

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US + SECOND);
    MUST(sk_hold_next_due(f->db, &due, &error));
    g_assert_cmpint(due, ==, START_US + SECOND);
    test_now_us = due - 1;
    none = claim(f->db, 10);
    g_assert_cmpuint(none->len, ==, 0);
    test_now_us = due;
    copy = claim_one(f->db);
    g_assert_cmpint(copy->state, ==, SK_COPY_RELEASING);
    g_assert_cmpuint(copy->open, ==, 0);
    g_assert_cmpuint(copy->waits, ==, SK_WAIT_TIME);
    g_assert_cmpint(copy->lease_until_us, ==, due + LEASE_US);
    MUST(sk_hold_finish(f->db, copy, SK_COPY_SENT, "time", NULL, &error));
    sent = load(f->db, 1, 1);
    g_assert_cmpint(sent->state, ==, SK_COPY_SENT);
    g_assert_cmpint(sent->ended_us, ==, due);
    g_assert_cmpstr(sent->ended_by, ==, "time");
    g_assert_cmpint(sent->lease_until_us, ==, SK_HOLD_NEVER);
    MUST(sk_hold_next_due(f->db, &due, &error));
    g_assert_cmpint(due, ==, SK_HOLD_NEVER);
}

static void
finish_as(Fixture *f, SkCopyState end)
{
    g_autoptr(SkHeldCopy) copy = claim_one(f->db);

    MUST(sk_hold_finish(f->db, copy, end, NULL, NULL, &error));
}

/* Copy N-1, which nobody has touched, waits for time and its sender's word. */
static void
bring_to(Fixture *f, unsigned n, SkCopyState state)
{
    g_autofree char *id = copy_id(n, 1);
    SkHoldOutcome outcome = SK_HOLD_DONE;

    hold(f->db, n, 1, SK_WAIT_TIME | SK_WAIT_CONFIRM, START_US);
    if (state == SK_COPY_WAITING)
        return;
    if (state == SK_COPY_STOPPED)
        outcome = stop(f->db, n, 1);
    else if (state == SK_COPY_EXPIRED)
        MUST(sk_hold_end(f->db, id, state, NULL, NULL, &outcome, &error));
    else
        outcome = answer(f->db, n, 1, SK_WAIT_CONFIRM);
    g_assert_cmpint(outcome, ==, SK_HOLD_DONE);
    if (state == SK_COPY_RELEASING)
        sk_held_copy_free(claim_one(f->db));
    if (state == SK_COPY_SENT || state == SK_COPY_RETURNED)
        finish_as(f, state);
}

typedef enum {
    STOP,
    RETURN,
    EXPIRE,
    CONFIRM,
    NOW,     /* TIME is answered */
    APPROVE, /* what it never waited for */
    N_WISHES
} Wish;

static SkHoldOutcome
wish_for(Fixture *f, const char *id, Wish wish)
{
    static const unsigned answered[N_WISHES] = {
        [CONFIRM] = SK_WAIT_CONFIRM, [NOW] = SK_WAIT_TIME, [APPROVE] = SK_WAIT_APPROVAL};
    static const SkCopyState ends[N_WISHES] = {
        [RETURN] = SK_COPY_RETURNED, [EXPIRE] = SK_COPY_EXPIRED};
    SkHoldOutcome outcome = SK_N_HOLD_OUTCOMES;

    if (wish == STOP)
        MUST(sk_hold_stop(f->db, id, HER, NULL, &outcome, &error));
    else if (answered[wish] != 0)
        MUST(sk_hold_answer(f->db, id, answered[wish], HER, NULL, &outcome, &error));
    else
        MUST(sk_hold_end(f->db, id, ends[wish], HER, NULL, &outcome, &error));
    return outcome;
}

/* What a person can do in which state, and what the state is then. */
static void
test_wishes(Fixture *f, const void *data)
{
    /* In the order of wishes; a letter an outcome: done, too late, ended, nothing. */
    static const char *const outcomes[SK_N_COPY_STATES] = {
        [SK_COPY_WAITING] = "dddddn",  [SK_COPY_RELEASING] = "llllll",
        [SK_COPY_SENT] = "llllll",     [SK_COPY_STOPPED] = "eeeeee",
        [SK_COPY_RETURNED] = "eeeeee", [SK_COPY_EXPIRED] = "eeeeee",
    };
    static const char letters[SK_N_HOLD_OUTCOMES + 1] = "dlen";
    static const SkCopyState after[N_WISHES] = {
        [STOP] = SK_COPY_STOPPED,    [RETURN] = SK_COPY_RETURNED, [EXPIRE] = SK_COPY_EXPIRED,
        [CONFIRM] = SK_COPY_WAITING, [NOW] = SK_COPY_WAITING,     [APPROVE] = SK_COPY_WAITING};
    unsigned n = 0;

    for (SkCopyState state = SK_COPY_WAITING; state < SK_N_COPY_STATES; state++) {
        for (Wish wish = STOP; wish < N_WISHES; wish++) {
            g_autofree char *id = copy_id(++n, 1);
            g_autoptr(SkHeldCopy) copy = NULL;

            bring_to(f, n, state);
            g_test_message("%s, wish %d", sk_copy_state_name(state), (int)wish);
            g_assert_cmpint(letters[wish_for(f, id, wish)], ==, outcomes[state][wish]);
            copy = load(f->db, n, 1);
            g_assert_cmpint(copy->state, ==, state == SK_COPY_WAITING ? after[wish] : state);
            run(f->db, "DELETE FROM held_message");
        }
    }
}

static void
test_no_such_copy(Fixture *f, const void *data)
{
    static const char *const ids[] = {"01kaj000000000000001-2",
                                      "01kaj000000000000002-1",
                                      "01kaj000000000000001",
                                      "01kaj000000000000001-01",
                                      "01kaj000000000000001-",
                                      "-1",
                                      "",
                                      "\xff-1"};
    g_autoptr(SkHeldCopy) copy = NULL;

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US);
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_autoptr(SkHeldCopy) none = NULL, checked = NULL;

        g_assert_cmpint(wish_for(f, ids[i], STOP), ==, SK_HOLD_NOTHING);
        g_assert_cmpint(wish_for(f, ids[i], NOW), ==, SK_HOLD_NOTHING);
        MUST(sk_hold_load_copy(f->db, ids[i], &none, &error));
        MUST(sk_hold_check(f->db, ids[i], 1, &checked, &error));
        g_assert_null(none);
        g_assert_null(checked);
    }
    copy = load(f->db, 1, 1);
    g_assert_cmpint(copy->state, ==, SK_COPY_WAITING);
}

static void
assert_conflict(bool done, GError **error)
{
    g_assert_false(done);
    g_assert_error(*error, SK_ERROR, SK_ERROR_CONFLICT);
}

/* Whatever the one who lost it tries. */
static void
assert_lease_lost(Fixture *f, SkHeldCopy *copy)
{
    g_autoptr(GError) finish = NULL, retry = NULL, again = NULL, renew = NULL, back = NULL;
    g_autoptr(SkHeldCopy) checked = NULL;

    assert_conflict(sk_hold_finish(f->db, copy, SK_COPY_SENT, NULL, NULL, &finish), &finish);
    assert_conflict(sk_hold_retry(f->db, copy, NULL, 0, "why", &retry), &retry);
    assert_conflict(
        sk_hold_again(f->db, copy, NULL, SK_WAIT_REVIEW, SK_REVIEW_ADMIN, 0, "why", &again),
        &again);
    assert_conflict(sk_hold_renew(f->db, copy, LEASE_US, &renew), &renew);
    assert_conflict(sk_hold_give_back(f->db, copy, &back), &back);
    MUST(sk_hold_check(f->db, copy->id, copy->claim, &checked, &error));
    g_assert_null(checked);
}

static void
test_lease(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) first = NULL, second = NULL, checked = NULL;
    g_autoptr(GPtrArray) none = NULL;
    int64_t due = 0;

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US);
    first = claim_one(f->db);
    MUST(sk_hold_check(f->db, first->id, first->claim, &checked, &error));
    g_assert_nonnull(checked);
    test_now_us += LEASE_US / 2;
    MUST(sk_hold_renew(f->db, first, LEASE_US, &error));
    g_assert_cmpint(first->lease_until_us, ==, test_now_us + LEASE_US);
    test_now_us += LEASE_US - 1;
    none = claim(f->db, 1);
    g_assert_cmpuint(none->len, ==, 0);
    MUST(sk_hold_next_due(f->db, &due, &error));
    g_assert_cmpint(due, ==, first->lease_until_us);

    test_now_us++;
    g_assert_cmpint(stop(f->db, 1, 1), ==, SK_HOLD_TOO_LATE);
    second = claim_one(f->db);
    g_assert_cmpuint(second->tries, ==, 1);
    g_assert_cmpint(second->claim, !=, first->claim);
    assert_lease_lost(f, first);
    g_assert_cmpint(stop(f->db, 1, 1), ==, SK_HOLD_TOO_LATE);
    MUST(sk_hold_finish(f->db, second, SK_COPY_SENT, NULL, NULL, &error));
    assert_lease_lost(f, second);
}

/* The mail is gone: who says so late is believed, as long as nobody else is at it. */
static void
test_late(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) copy = NULL, checked = NULL, sent = NULL;

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US);
    copy = claim_one(f->db);
    test_now_us += LEASE_US;
    MUST(sk_hold_check(f->db, copy->id, copy->claim, &checked, &error));
    g_assert_null(checked);
    MUST(sk_hold_finish(f->db, copy, SK_COPY_SENT, NULL, NULL, &error));
    sent = load(f->db, 1, 1);
    g_assert_cmpint(sent->state, ==, SK_COPY_SENT);
}

static void
test_retry(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) one = NULL, waiting = NULL, two = NULL, last = NULL;
    g_autoptr(GPtrArray) left = g_ptr_array_new(), none = NULL;
    SkRecipient rest = {.address = (char *)"rest@partner.example"};

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US);
    one = claim_one(f->db);
    MUST(sk_hold_retry(f->db, one, NULL, START_US + 300 * SECOND, "450 busy", &error));
    assert_lease_lost(f, one);
    waiting = load(f->db, 1, 1);
    g_assert_cmpint(waiting->state, ==, SK_COPY_WAITING);
    g_assert_cmpuint(waiting->tries, ==, 1);
    g_assert_cmpstr(waiting->trouble, ==, "450 busy");
    g_assert_cmpuint(waiting->recipients->len, ==, 1);
    g_assert_cmpint(waiting->lease_until_us, ==, START_US + 300 * SECOND);
    none = claim(f->db, 1);
    g_assert_cmpuint(none->len, ==, 0);

    test_now_us = START_US + 300 * SECOND;
    two = claim_one(f->db);
    g_assert_cmpuint(two->tries, ==, 1);
    g_ptr_array_add(left, &rest);
    MUST(sk_hold_retry(f->db, two, left, test_now_us, "450 busy", &error));
    last = load(f->db, 1, 1);
    g_assert_cmpuint(last->tries, ==, 2);
    g_assert_cmpuint(last->recipients->len, ==, 1);
    g_assert_cmpstr(((SkRecipient *)last->recipients->pdata[0])->address, ==, rest.address);
    g_assert_cmpint(stop(f->db, 1, 1), ==, SK_HOLD_DONE);
}

/* As if it had not been claimed, but for the claim that is worth nothing any more. */
static void
test_give_back(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) one = NULL, waiting = NULL, two = NULL;

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US - SECOND);
    one = claim_one(f->db);
    MUST(sk_hold_give_back(f->db, one, &error));
    assert_lease_lost(f, one);
    waiting = load(f->db, 1, 1);
    g_assert_cmpint(waiting->state, ==, SK_COPY_WAITING);
    g_assert_cmpuint(waiting->tries, ==, 0);
    g_assert_null(waiting->trouble);
    two = claim_one(f->db);
    g_assert_cmpuint(two->tries, ==, 0);
    MUST(sk_hold_give_back(f->db, two, &error));
    g_assert_cmpint(stop(f->db, 1, 1), ==, SK_HOLD_DONE);
}

static void
assert_cannot_be_stopped(Fixture *f, unsigned tries)
{
    g_autoptr(SkHeldCopy) copy = load(f->db, 1, 1);

    g_assert_cmpint(copy->state, ==, SK_COPY_RELEASING);
    g_assert_cmpuint(copy->tries, ==, tries);
    g_assert_cmpint(stop(f->db, 1, 1), ==, SK_HOLD_TOO_LATE);
}

/* The connection broke after the message was sent: it waits for another try, but may be with
 * its recipients. That this try is not taken, or not even made, says nothing of the first. */
static void
test_doubt(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) one = NULL, two = NULL, three = NULL, four = NULL;
    g_autoptr(GPtrArray) none = NULL;

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US);
    one = claim_one(f->db);
    MUST(sk_hold_doubt(f->db, one, START_US + 300 * SECOND, "connection lost", &error));
    assert_lease_lost(f, one);
    assert_cannot_be_stopped(f, 1);
    none = claim(f->db, 1);
    g_assert_cmpuint(none->len, ==, 0);
    test_now_us = START_US + 300 * SECOND;
    two = claim_one(f->db);
    MUST(sk_hold_retry(f->db, two, NULL, test_now_us, "450 busy", &error));
    assert_cannot_be_stopped(f, 2);
    three = claim_one(f->db);
    MUST(sk_hold_give_back(f->db, three, &error));
    assert_cannot_be_stopped(f, 2);
    four = claim_one(f->db);
    MUST(sk_hold_finish(f->db, four, SK_COPY_SENT, NULL, NULL, &error));
}

/* A clerk that was killed may have sent it; the next one cannot. */
static void
test_doubt_after_crash(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) killed = NULL, next = NULL;

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US);
    killed = claim_one(f->db);
    test_now_us += LEASE_US;
    next = claim_one(f->db);
    MUST(sk_hold_give_back(f->db, next, &error));
    assert_cannot_be_stopped(f, 1);
}

/* Due when, after which answers, in which order. */
static void
test_answers(Fixture *f, const void *data)
{
    enum {
        T = SK_WAIT_TIME,
        C = SK_WAIT_CONFIRM,
        A = SK_WAIT_APPROVAL,
        R = SK_WAIT_REVIEW,
        P = SK_WAIT_PASSWORD
    };
    static const int64_t now = START_US + 60 * SECOND;
    static const struct {
        unsigned waits, answers[4];
        int64_t due_us; /* at last; of those before: never */
    } cases[] = {
        {T, {0}, START_US + 600 * SECOND},
        {T, {T}, START_US + 60 * SECOND},
        {T | C, {C}, START_US + 600 * SECOND},
        {C, {C}, START_US + 600 * SECOND},
        {T | C | A, {A, C}, START_US + 600 * SECOND},
        {T | C | A, {T, A, C}, START_US + 60 * SECOND},
        {T | C | A, {C, T | A}, START_US + 60 * SECOND},
        {R | P, {P, R}, START_US + 600 * SECOND},
        {C | A | R | P, {C | A | R | P}, START_US + 600 * SECOND},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        unsigned left = cases[i].waits;
        int64_t due = 0;

        test_now_us = START_US;
        hold(f->db, i, 1, cases[i].waits, START_US + 600 * SECOND);
        test_now_us = now;
        for (const unsigned *answered = cases[i].answers; *answered != 0; answered++) {
            MUST(sk_hold_next_due(f->db, &due, &error));
            if ((left & ~(unsigned)T) != 0)
                g_assert_cmpint(due, ==, SK_HOLD_NEVER);
            g_assert_cmpint(answer(f->db, i, 1, *answered), ==, SK_HOLD_DONE);
            g_assert_cmpint(answer(f->db, i, 1, *answered), ==, SK_HOLD_NOTHING);
            left &= ~*answered;
        }
        MUST(sk_hold_next_due(f->db, &due, &error));
        g_assert_cmpint(due, ==, cases[i].due_us);
        test_now_us = due;
        sk_held_copy_free(claim_one(f->db));
        run(f->db, "DELETE FROM held_message");
    }
}

static void
test_again(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) copy = NULL, held = NULL, released = NULL, rest = NULL;
    g_autoptr(GPtrArray) left = NULL;
    SkRecipient refused = {.address = (char *)"refused@example.net"};
    int64_t due = 0;

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US);
    copy = claim_one(f->db);
    MUST(sk_hold_again(f->db, copy, NULL, SK_WAIT_REVIEW, SK_REVIEW_ADMIN,
                       START_US + 9 * SECOND, "malware.found", &error));
    assert_lease_lost(f, copy);
    held = load(f->db, 1, 1);
    g_assert_cmpint(held->state, ==, SK_COPY_WAITING);
    g_assert_cmpuint(held->waits, ==, SK_WAIT_TIME | SK_WAIT_REVIEW);
    g_assert_cmpuint(held->open, ==, SK_WAIT_REVIEW);
    g_assert_cmpint(held->review, ==, SK_REVIEW_ADMIN);
    g_assert_cmpint(held->expires_us, ==, START_US + 9 * SECOND);
    MUST(sk_hold_next_due(f->db, &due, &error));
    g_assert_cmpint(due, ==, SK_HOLD_NEVER);
    g_assert_cmpint(answer(f->db, 1, 1, SK_WAIT_REVIEW), ==, SK_HOLD_DONE);
    released = claim_one(f->db);
    left = g_ptr_array_new();
    g_ptr_array_add(left, &refused);
    MUST(sk_hold_again(f->db, released, left, SK_WAIT_TIME, SK_REVIEW_NONE, 0, NULL, &error));
    rest = claim_one(f->db);
    g_assert_cmpuint(rest->recipients->len, ==, 1);
    g_assert_cmpstr(((SkRecipient *)rest->recipients->pdata[0])->address, ==, refused.address);
}

/* The longest due first, and no more than asked for. */
static void
test_order(Fixture *f, const void *data)
{
    static const unsigned due_s[] = {5, 1, 4, 2, 3, 9};

    for (unsigned i = 0; i < G_N_ELEMENTS(due_s); i++)
        hold(f->db, i, 1, SK_WAIT_TIME, START_US + due_s[i] * SECOND);
    test_now_us = START_US + 5 * SECOND;
    for (unsigned i = 1; i <= 4; i += 2) {
        g_autoptr(GPtrArray) two = claim(f->db, 2);

        g_assert_cmpuint(two->len, ==, 2);
        for (unsigned j = 0; j < 2; j++)
            g_assert_cmpint(((SkHeldCopy *)two->pdata[j])->due_us, ==,
                            START_US + (i + j) * SECOND);
    }
    sk_held_copy_free(claim_one(f->db));
}

static bool
append_event(const SkHoldEvent *event, void *data)
{
    g_string_append_printf(data, "%d %s %s %s %s\n", (int)((event->at_us - START_US) / SECOND),
                           event->copy != NULL ? event->copy + 17 : "-", event->what,
                           event->who != NULL ? event->who : "-",
                           event->text != NULL ? event->text : "-");
    return true;
}

static void
release_with_events(Fixture *f, const SkHoldEvent *told)
{
    g_autofree char *message = message_id(1);
    g_autoptr(SkHeldCopy) first = NULL, second = NULL;

    MUST(sk_hold_event_add(f->db, message, told, &error));
    test_now_us += SECOND;
    g_assert_cmpint(answer(f->db, 1, 1, SK_WAIT_CONFIRM | SK_WAIT_TIME), ==, SK_HOLD_DONE);
    test_now_us += SECOND;
    first = claim_one(f->db);
    MUST(sk_hold_retry(f->db, first, NULL, test_now_us, "450 \x1b[31mbusy", &error));
    second = claim_one(f->db);
    test_now_us += SECOND;
    MUST(sk_hold_finish(f->db, second, SK_COPY_SENT, "time", NULL, &error));
    test_now_us += SECOND;
    g_assert_cmpint(stop(f->db, 1, 2), ==, SK_HOLD_DONE);
    /* What is not done is not told. */
    g_assert_cmpint(stop(f->db, 1, 2), ==, SK_HOLD_ENDED);
    g_assert_cmpint(stop(f->db, 1, 1), ==, SK_HOLD_TOO_LATE);
}

static void
test_events(Fixture *f, const void *data)
{
    const SkHoldEvent told = {.what = "told", .who = HER, .text = "stop link"};
    g_autofree char *message = message_id(1);
    g_autoptr(GString) text = g_string_new(NULL);

    hold(f->db, 1, 2, SK_WAIT_TIME | SK_WAIT_CONFIRM, START_US + 600 * SECOND);
    test_now_us += SECOND;
    release_with_events(f, &told);
    MUST(sk_hold_event_list(f->db, message, append_event, text, &error));
    g_assert_cmpstr(text->str, ==,
                    "0 - held - -\n"
                    "1 - told " HER " stop link\n"
                    "2 001-1 answered boss@ours.example time, confirm\n"
                    "3 001-1 tried - 450 \\x1b[31mbusy\n"
                    "4 001-1 sent time -\n"
                    "5 001-2 stopped " HER " wrong file\n");
}

/* A change and its event stay or go together, also in the caller's transaction. */
static void
test_transaction(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) copy = NULL;

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US);
    MUST(sk_db_begin(f->db, &error));
    g_assert_cmpint(stop(f->db, 1, 1), ==, SK_HOLD_DONE);
    sk_db_rollback(f->db);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_event"), ==, 1);
    MUST(sk_db_begin(f->db, &error));
    g_assert_cmpint(stop(f->db, 1, 1), ==, SK_HOLD_DONE);
    MUST(sk_db_commit(f->db, &error));
    copy = load(f->db, 1, 1);
    g_assert_cmpint(copy->state, ==, SK_COPY_STOPPED);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_event"), ==, 2);
}

static void
test_names(void)
{
    g_assert_cmpstr(sk_hold_outcome_name(SK_HOLD_DONE), ==, "done");
    g_assert_cmpstr(sk_hold_outcome_name(SK_HOLD_TOO_LATE), ==, "too-late");
    g_assert_cmpstr(sk_hold_outcome_name(SK_HOLD_ENDED), ==, "ended");
    g_assert_cmpstr(sk_hold_outcome_name(SK_HOLD_NOTHING), ==, "nothing");
}

int
main(int argc, char **argv)
{
    static const HoldCase cases[] = {
        {"way-out", test_way_out},
        {"wishes", test_wishes},
        {"no-such-copy", test_no_such_copy},
        {"lease", test_lease},
        {"late", test_late},
        {"retry", test_retry},
        {"give-back", test_give_back},
        {"doubt", test_doubt},
        {"doubt-after-crash", test_doubt_after_crash},
        {"answers", test_answers},
        {"again", test_again},
        {"order", test_order},
        {"events", test_events},
        {"transaction", test_transaction},
        {NULL, NULL},
    };

    g_test_init(&argc, &argv, NULL);
    add_cases("hold-state", cases);
    g_test_add_func("/hold-state/names", test_names);
    return sk_test_postgres_run_tests();
}
