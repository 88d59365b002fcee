/* SPDX-License-Identifier: Apache-2.0 */

/* What becomes of a copy: claims, leases, what people do, and who comes first. */

#include "hold/hold-testing.h"

static void
test_way_out(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) copy = NULL, sent = NULL;
    g_autoptr(GPtrArray) none = NULL;
    int64_t due = 0;

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US + SECOND);
    MUST(sk_hold_next_due(f->db, &due, &error));
    g_assert_cmpint(due, ==, START_US + SECOND);
    none = claim(f->db, 10);
    g_assert_cmpuint(none->len, ==, 0);
    test_now_us = due;
    copy = claim_one(f->db);
    g_assert_cmpint(copy->state, ==, SK_COPY_RELEASING);
    g_assert_cmpint(copy->lease_until_us, ==, due + LEASE_US);
    g_assert_cmpint(stop(f->db, 1, 1), ==, SK_HOLD_TOO_LATE);
    MUST(sk_hold_finish(f->db, copy, SK_COPY_SENT, "time", NULL, &error));
    sent = load(f->db, 1, 1);
    g_assert_cmpint(sent->state, ==, SK_COPY_SENT);
    g_assert_cmpint(sent->ended_us, ==, due);
    g_assert_cmpstr(sent->ended_by, ==, "time");
    g_assert_cmpint(stop(f->db, 1, 1), ==, SK_HOLD_TOO_LATE);
    MUST(sk_hold_next_due(f->db, &due, &error));
    g_assert_cmpint(due, ==, SK_HOLD_NEVER);
}

int
main(int argc, char **argv)
{
    static const HoldCase cases[] = {
        {"way-out", test_way_out},
        {NULL, NULL},
    };

    g_test_init(&argc, &argv, NULL);
    add_cases("hold-state", cases);
    return sk_test_postgres_run_tests();
}
