/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store-bench-claim FILE JOBS SECONDS: claims while so many other jobs wait
 */

#include <stdlib.h>

#include "job/job-store.h"
#include "store/store-bench-fixture.h"
#include "store/store-migrate.h"
#include "store/store-sqlite.h"

#define KIND "bench"

static void
check(bool ok, const GError *error)
{
    if (!ok)
        g_error("%s", error->message);
}

/* Half of them due, half of them later, as after a night without a clerk. */
static void
add_jobs(SkDb *keep, int n)
{
    g_autoptr(GError) error = NULL;
    int64_t now = 0;

    check(sk_db_now_us(keep, &now, &error), error);
    check(sk_db_begin(keep, &error), error);
    for (int i = 0; i < n; i++) {
        g_autofree char *id = g_strdup_printf("bench-%d-%d", i * 7919 % n, i);

        check(sk_job_add(keep, id, KIND, NULL, now + (i % 2 == 0 ? -i : i) * 1000LL, &error),
              error);
    }
    check(sk_db_commit(keep, &error), error);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkDb) keep = NULL;
    BenchRun run;
    int64_t start;

    g_assert(argc == 4);
    keep = sk_store_sqlite_open(argv[1], SK_STORE_FULL, &error);
    check(keep != NULL, error);
    check(sk_store_migrate(keep, sk_job_tables.name, sk_job_tables.steps, &error), error);
    add_jobs(keep, atoi(argv[2]));
    bench_begin(&run, strtod(argv[3], NULL));
    do {
        g_autoptr(GPtrArray) jobs = NULL;

        start = g_get_monotonic_time();
        check(sk_job_claim(keep, KIND, "bench", 60 * G_USEC_PER_SEC, 1, &jobs, &error), error);
        g_assert(jobs->len == 1);
    } while (bench_more(&run, start));
    bench_end(&run);
    return 0;
}
