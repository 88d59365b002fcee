/* SPDX-License-Identifier: Apache-2.0 */

/* The clock of the database jumps: what is due, and whose lease holds, follows it; no copy is
 * lost, and none has two holders. */

#include "hold/hold-testing.h"

#define HOUR (3600 * SECOND)

static void
assert_nothing_due(Fixture *f)
{
    g_autoptr(GPtrArray) none = claim(f->db, 10);

    g_assert_cmpuint(none->len, ==, 0);
}

/* Claims N, which are messages FIRST, FIRST - 1 …, and sends them. */
static void
send_down_from(Fixture *f, unsigned first, unsigned n)
{
    g_autoptr(GPtrArray) copies = claim(f->db, n);

    g_assert_cmpuint(copies->len, ==, n);
    for (unsigned i = 0; i < n; i++) {
        const SkHeldCopy *copy = copies->pdata[i];
        g_autofree char *id = copy_id(first - i, 1);

        g_assert_cmpstr(copy->id, ==, id);
        MUST(sk_hold_finish(f->db, copy, SK_COPY_SENT, NULL, NULL, &error));
    }
}

/* All that is due then leaves, the longest due first, however few are claimed at a time; the
 * rest waits on. */
static void
test_forward(Fixture *f, const void *data)
{
    for (unsigned n = 1; n <= 20; n++)
        hold(f->db, n, 1, SK_WAIT_TIME, START_US + HOUR - n * SECOND);
    hold(f->db, 21, 1, SK_WAIT_TIME, START_US + HOUR + SECOND);
    assert_nothing_due(f);
    test_now_us += HOUR;
    for (unsigned n = 20; n > 0; n -= 4)
        send_down_from(f, n, 4);
    assert_nothing_due(f);
    test_now_us += SECOND;
    send_down_from(f, 21, 1);
}

/* The clock jumps over the end of a lease while its holder sends. The gate, asked then, does
 * not know the claim; nobody else has it before the next one claims, who gets all of it. */
static void
test_forward_over_leases(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) renewed = NULL, lost = NULL, known = NULL, unknown = NULL,
                          next = NULL;
    g_autoptr(GError) trouble = NULL;

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US);
    renewed = claim_one(f->db);
    hold(f->db, 2, 1, SK_WAIT_TIME, START_US);
    lost = claim_one(f->db);
    test_now_us += HOUR;
    MUST(sk_hold_renew(f->db, renewed, LEASE_US, &error));
    MUST(sk_hold_check(f->db, renewed->id, renewed->claim, &known, &error));
    g_assert_nonnull(known);
    MUST(sk_hold_check(f->db, lost->id, lost->claim, &unknown, &error));
    g_assert_null(unknown);
    next = claim_one(f->db);
    g_assert_cmpstr(next->id, ==, lost->id);
    g_assert_false(sk_hold_finish(f->db, lost, SK_COPY_SENT, NULL, NULL, &trouble));
    g_assert_error(trouble, SK_ERROR, SK_ERROR_CONFLICT);
    MUST(sk_hold_finish(f->db, next, SK_COPY_SENT, NULL, NULL, &error));
    MUST(sk_hold_finish(f->db, renewed, SK_COPY_SENT, NULL, NULL, &error));
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_event WHERE what = 'sent'"), ==, 2);
}

/* What was due is not, until the clock has come there again. Whoever holds a copy holds it,
 * and nobody else gets it. */
static void
test_back(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) held = NULL, known = NULL;

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US);
    held = claim_one(f->db);
    hold(f->db, 2, 1, SK_WAIT_TIME, START_US);
    test_now_us -= HOUR;
    assert_nothing_due(f);
    MUST(sk_hold_check(f->db, held->id, held->claim, &known, &error));
    g_assert_nonnull(known);
    MUST(sk_hold_finish(f->db, held, SK_COPY_SENT, NULL, NULL, &error));
    test_now_us = START_US - 1;
    assert_nothing_due(f);
    test_now_us = START_US;
    send_down_from(f, 2, 1);
    assert_nothing_due(f);
}

/* Renewed after the jump, a lease ends by the clock as it is now; of a holder that was killed
 * it ends when it would have. */
static void
test_back_over_leases(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) renewed = NULL, killed = NULL, first = NULL, second = NULL;

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US);
    renewed = claim_one(f->db);
    hold(f->db, 2, 1, SK_WAIT_TIME, START_US);
    killed = claim_one(f->db);
    test_now_us -= HOUR;
    MUST(sk_hold_renew(f->db, renewed, LEASE_US, &error));
    test_now_us += LEASE_US - 1;
    assert_nothing_due(f);
    test_now_us++;
    first = claim_one(f->db);
    g_assert_cmpstr(first->id, ==, renewed->id);
    MUST(sk_hold_finish(f->db, first, SK_COPY_SENT, NULL, NULL, &error));
    test_now_us = START_US + LEASE_US - 1;
    assert_nothing_due(f);
    test_now_us++;
    second = claim_one(f->db);
    g_assert_cmpstr(second->id, ==, killed->id);
}

int
main(int argc, char **argv)
{
    static const HoldCase cases[] = {
        {"forward", test_forward},
        {"forward-over-leases", test_forward_over_leases},
        {"back", test_back},
        {"back-over-leases", test_back_over_leases},
        {NULL, NULL},
    };

    g_test_init(&argc, &argv, NULL);
    add_cases("hold-clock", cases);
    return sk_test_postgres_run_tests();
}
