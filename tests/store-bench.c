/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store-bench SUBCOMMAND …: one measurement, one line of JSON
 */

#include "store-bench.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

void
bench_begin(BenchRun *run, double seconds)
{
    run->times = g_array_new(FALSE, FALSE, sizeof(double));
    run->began = (double)g_get_monotonic_time();
    run->seconds = seconds;
}

bool
bench_more(BenchRun *run, int64_t start)
{
    double now = (double)g_get_monotonic_time(), took = now - (double)start;

    g_array_append_val(run->times, took);
    return now - run->began < run->seconds * G_USEC_PER_SEC;
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double
at(const BenchRun *run, double share)
{
    return g_array_index(run->times, double, (guint)((run->times->len - 1) * share));
}

void
bench_end(BenchRun *run)
{
    double seconds = ((double)g_get_monotonic_time() - run->began) / G_USEC_PER_SEC;

    g_array_sort(run->times, compare);
    printf("{\"n\": %u, \"per_s\": %.1f, \"cpu_us\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, "
           "\"max_us\": %.1f}\n",
           run->times->len, run->times->len / seconds,
           1000.0 * (double)sk_clock_cpu_ms() / run->times->len, at(run, 0.5), at(run, 0.99),
           at(run, 1.0));
    g_array_unref(run->times);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } commands[] = {{"commit", bench_commit}};

    for (size_t i = 0; argc > 1 && i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(commands[i].name, argv[1]) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    fputs("usage: store-bench commit|blob|claim …\n", stderr);
    return 2;
}
