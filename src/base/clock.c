/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <time.h>

static int64_t
read_us(clockid_t id)
{
    struct timespec ts = {0};

    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t
real_now_us(const SkClock *clock)
{
    (void)clock;
    return read_us(CLOCK_REALTIME);
}

static int64_t
real_mono_ms(const SkClock *clock)
{
    (void)clock;
    return read_us(CLOCK_MONOTONIC) / 1000;
}

const SkClock *
sk_clock_real(void)
{
    static const SkClock real = {real_now_us, real_mono_ms};

    return &real;
}

int64_t
sk_clock_cpu_ms(void)
{
    return read_us(CLOCK_PROCESS_CPUTIME_ID) / 1000;
}

int64_t
sk_clock_tick_ms(void)
{
    return read_us(CLOCK_MONOTONIC_COARSE) / 1000;
}

static int64_t
fake_now_us(const SkClock *clock)
{
    return ((const SkFakeClock *)clock)->now_us;
}

static int64_t
fake_mono_ms(const SkClock *clock)
{
    return ((const SkFakeClock *)clock)->mono_ms;
}

void
sk_fake_clock_init(SkFakeClock *fake, int64_t now_us)
{
    *fake = (SkFakeClock){{fake_now_us, fake_mono_ms}, now_us, now_us / 1000};
}
