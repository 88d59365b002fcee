/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clock - the only place that asks what time it is
 *
 * Everything that needs the time is given an SkClock; tests give one that they set.
 */

#include <stdint.h>

typedef struct SkClock SkClock;
struct SkClock {
    int64_t (*now_us)(const SkClock *clock);  /* UTC, microseconds since 1970 */
    int64_t (*mono_ms)(const SkClock *clock); /* milliseconds from somewhere, never back */
};

/* The machine's clock. Borrowed, lives for ever. */
const SkClock *sk_clock_real(void);

static inline int64_t
sk_clock_now_us(const SkClock *clock)
{
    return clock->now_us(clock);
}

static inline int64_t
sk_clock_now(const SkClock *clock)
{
    return clock->now_us(clock) / 1000000;
}

static inline int64_t
sk_clock_mono_ms(const SkClock *clock)
{
    return clock->mono_ms(clock);
}

/* CPU time this process (all threads) has used, milliseconds: what budgets are counted in. */
int64_t sk_clock_cpu_ms(void);

/* Milliseconds from somewhere, as of the last tick of the system (4 ms): cheap enough to ask
 * for each header of an archive. */
int64_t sk_clock_tick_ms(void);

/* A clock for tests: both times are what the fields say. */
typedef struct {
    SkClock clock;
    int64_t now_us;
    int64_t mono_ms;
} SkFakeClock;

void sk_fake_clock_init(SkFakeClock *fake, int64_t now_us);
