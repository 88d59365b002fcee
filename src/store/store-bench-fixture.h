/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-bench-fixture - times of one operation, done again and again; for tools/bench-store
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"

typedef struct {
    GArray *times; /* of double, microseconds */
    double began;
    double seconds; /* how long to go on */
} BenchRun;

static inline void
bench_begin(BenchRun *run, double seconds)
{
    run->times = g_array_new(FALSE, FALSE, sizeof(double));
    run->began = (double)g_get_monotonic_time();
    run->seconds = seconds;
}

/* Adds the time since START, a g_get_monotonic_time(), and says whether to go on. */
static inline bool
bench_more(BenchRun *run, int64_t start)
{
    double now = (double)g_get_monotonic_time(), took = now - (double)start;

    g_array_append_val(run->times, took);
    return now - run->began < run->seconds * G_USEC_PER_SEC;
}

static inline int
bench_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static inline double
bench_at(const BenchRun *run, double share)
{
    return g_array_index(run->times, double, (guint)((run->times->len - 1) * share));
}

/* Prints one line of JSON, and frees. */
static inline void
bench_end(BenchRun *run)
{
    double seconds = ((double)g_get_monotonic_time() - run->began) / G_USEC_PER_SEC;

    g_array_sort(run->times, bench_compare);
    printf("{\"n\": %u, \"per_s\": %.1f, \"cpu_us\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, "
           "\"max_us\": %.1f}\n",
           run->times->len, run->times->len / seconds,
           1000.0 * (double)sk_clock_cpu_ms() / run->times->len, bench_at(run, 0.5),
           bench_at(run, 0.99), bench_at(run, 1.0));
    g_array_unref(run->times);
}
