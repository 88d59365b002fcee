/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-pace.h"

#include <glib.h>

#define SECOND        1000000LL
#define LONGEST_PAUSE (30 * SECOND)
#define MOST          1000u

void
sk_clerk_pace_init(SkClerkPace *pace, int64_t rate, unsigned threads, int64_t now_us)
{
    *pace = (SkClerkPace){.rate = rate,
                          .credit = SECOND,
                          .at_us = now_us,
                          .since_us = now_us,
                          .fewest = 2 * threads};
}

/* Half a second's worth at most is saved up, and at least one copy's. */
static void
earn(SkClerkPace *pace, int64_t now_us)
{
    int64_t passed = CLAMP(now_us - pace->at_us, 0, SECOND);

    pace->credit =
        MIN(pace->credit + passed * pace->rate, MAX(pace->rate * SECOND / 2, SECOND));
    pace->at_us = now_us;
}

/* A second that nobody counted in began anew. */
static void
count(SkClerkPace *pace, int64_t now_us)
{
    if (now_us - pace->since_us < SECOND)
        return;
    pace->speed = now_us - pace->since_us < 2 * SECOND ? pace->counted : 0;
    pace->counted = 0;
    pace->since_us = now_us;
}

unsigned
sk_clerk_pace_allow(SkClerkPace *pace, unsigned in_hand, int64_t now_us)
{
    unsigned room;

    earn(pace, now_us);
    count(pace, now_us);
    if (now_us < pace->until_us)
        return 0;
    if (pace->pause_us > 0)
        return in_hand == 0 && pace->credit >= SECOND ? 1 : 0;
    room = CLAMP(MAX(pace->speed, pace->counted), pace->fewest, MOST);
    return in_hand < room ? MIN(room - in_hand, (unsigned)(pace->credit / SECOND)) : 0;
}

void
sk_clerk_pace_take(SkClerkPace *pace, unsigned n)
{
    pace->credit -= n * SECOND;
}

void
sk_clerk_pace_note_sent(SkClerkPace *pace, unsigned n, int64_t now_us)
{
    count(pace, now_us);
    pace->counted += n;
    pace->pause_us = 0;
}

void
sk_clerk_pace_note_trouble(SkClerkPace *pace, int64_t now_us)
{
    /* Of several copies that met the same trouble the first one counts. */
    if (now_us < pace->until_us)
        return;
    pace->pause_us = CLAMP(2 * pace->pause_us, SECOND, LONGEST_PAUSE);
    pace->until_us = now_us + pace->pause_us;
}
