/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-bench - what the store costs beside the same work done by hand; for tools/bench-store
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Runs of one operation: their times, in microseconds. */
typedef struct {
    GArray *times; /* of double */
    double began;
    double seconds; /* how long to go on */
} BenchRun;

void bench_begin(BenchRun *run, double seconds);
/* Adds the time since START, a g_get_monotonic_time(), and says whether to go on. */
bool bench_more(BenchRun *run, int64_t start);
/* Prints one line of JSON, and frees. */
void bench_end(BenchRun *run);

/* ARGV[0] is the subcommand. */
int bench_commit(int argc, char **argv);
int bench_blob(int argc, char **argv);
int bench_claim(int argc, char **argv);
