/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-pace.h"

#include <glib.h>

#define SECOND 1000000LL
#define MS     1000LL

/* How many are claimed in ten seconds by a scout that comes every STEP_US, when all of them are
 * sent at once. */
static unsigned
claimed_in_ten(int64_t rate, int64_t step_us)
{
    SkClerkPace pace;
    unsigned sum = 0;

    sk_clerk_pace_init(&pace, rate, 4, 0);
    for (int64_t now = 0; now < 10 * SECOND; now += step_us) {
        unsigned n = sk_clerk_pace_allow(&pace, 0, now);

        sk_clerk_pace_take(&pace, n);
        sk_clerk_pace_note_sent(&pace, n, now);
        sum += n;
    }
    return sum;
}

static void
test_rate(void)
{
    static const int64_t rates[] = {1, 3, 10, 100, 500};

    for (size_t i = 0; i < G_N_ELEMENTS(rates); i++) {
        unsigned n = claimed_in_ten(rates[i], 10 * MS);

        g_test_message("%" G_GINT64_FORMAT "/s: %u in ten seconds", rates[i], n);
        g_assert_cmpuint(n, <=, 10 * rates[i] + 1);
        g_assert_cmpuint(n, >=, 9 * rates[i]);
    }
    /* Who comes four times a second claims no more either. */
    g_assert_cmpuint(claimed_in_ten(2, 250 * MS), <=, 21);
}

/* What nobody wanted for an hour is not owed. */
static void
test_burst(void)
{
    SkClerkPace pace;

    sk_clerk_pace_init(&pace, 10, 20, 0);
    g_assert_cmpuint(sk_clerk_pace_allow(&pace, 0, 3600 * SECOND), ==, 5);
    sk_clerk_pace_take(&pace, 5);
    g_assert_cmpuint(sk_clerk_pace_allow(&pace, 0, 3600 * SECOND), ==, 0);
    g_assert_cmpuint(sk_clerk_pace_allow(&pace, 0, 3600 * SECOND + 100 * MS), ==, 1);
    /* A clock that stands still or goes back gives nothing. */
    sk_clerk_pace_take(&pace, 1);
    g_assert_cmpuint(sk_clerk_pace_allow(&pace, 0, 3600 * SECOND), ==, 0);
}

/* In hand lies what leaves in a second, or two for each thread. */
static void
test_room(void)
{
    SkClerkPace pace;

    sk_clerk_pace_init(&pace, 10000, 4, 0);
    g_assert_cmpuint(sk_clerk_pace_allow(&pace, 0, SECOND), ==, 8);
    g_assert_cmpuint(sk_clerk_pace_allow(&pace, 6, SECOND), ==, 2);
    g_assert_cmpuint(sk_clerk_pace_allow(&pace, 8, SECOND), ==, 0);
    sk_clerk_pace_note_sent(&pace, 300, SECOND + 10 * MS);
    g_assert_cmpuint(sk_clerk_pace_allow(&pace, 100, 2 * SECOND), ==, 200);
    g_assert_cmpuint(sk_clerk_pace_allow(&pace, 400, 2 * SECOND), ==, 0);
    g_assert_cmpuint(sk_clerk_pace_allow(&pace, 0, 10 * SECOND), ==, 8);
}

static void
test_pause(void)
{
    SkClerkPace pace;
    int64_t now = 0, pause = SECOND;

    sk_clerk_pace_init(&pace, 1000, 4, 0);
    for (int i = 0; i < 8; i++) {
        sk_clerk_pace_note_trouble(&pace, now);
        sk_clerk_pace_note_trouble(&pace, now + MS); /* of another thread */
        g_assert_cmpuint(sk_clerk_pace_allow(&pace, 0, now + pause - 1), ==, 0);
        now += pause;
        g_assert_cmpuint(sk_clerk_pace_allow(&pace, 1, now), ==, 0);
        g_assert_cmpuint(sk_clerk_pace_allow(&pace, 0, now), ==, 1);
        pause = MIN(2 * pause, 30 * SECOND);
    }
    sk_clerk_pace_note_sent(&pace, 1, now);
    g_assert_cmpuint(sk_clerk_pace_allow(&pace, 0, now), >, 1);
    sk_clerk_pace_note_trouble(&pace, now);
    g_assert_cmpuint(sk_clerk_pace_allow(&pace, 0, now + SECOND), ==, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clerk-pace/rate", test_rate);
    g_test_add_func("/clerk-pace/burst", test_burst);
    g_test_add_func("/clerk-pace/room", test_room);
    g_test_add_func("/clerk-pace/pause", test_pause);
    return g_test_run();
}
