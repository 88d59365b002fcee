/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * job-testing - jobs in a database of one test, on every engine
 *
 * What a job does is a row in the table `effect`, written in the transaction that finishes it:
 * two rows of one job would be a job done twice, none a job lost.
 */

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "job/job-store.h"
#include "store/store-migrate.h"
#include "store/store-postgres-testing.h"

#define SECOND   1000000LL
#define LEASE_US (60 * SECOND)

/* The time of connections that use_test_clock() was called for. */
static int64_t test_now_us;

typedef struct {
    SkTestDir dir;
    SkTestEngine engine;
    char *place;
    SkDb *db;
} Fixture;

static inline SkDb *
open_db(const Fixture *f)
{
    g_autoptr(GError) error = NULL;
    SkDb *db = sk_test_place_open(f->place, &error);

    g_assert_no_error(error);
    return db;
}

static inline bool
ask_test_clock(SkDb *db, int64_t *ret_now_us, GError **error)
{
    (void)db;
    (void)error;
    *ret_now_us = test_now_us;
    return true;
}

/* Whatever engine DB has: its calls, but for the time. CALLS must outlive it. */
static inline SkDb *
use_test_clock(SkDb *db, SkDbEngine *calls)
{
    *calls = *db->engine;
    calls->now_us = ask_test_clock;
    db->engine = calls;
    return db;
}

static inline void
run(SkDb *db, const char *sql)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_db_run(db, sql, &error));
    g_assert_no_error(error);
}

static inline int64_t
ask(SkDb *db, const char *sql)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, NULL);
    bool row = false;

    g_assert_true(sk_stmt_next(stmt, &row, NULL) && row);
    return sk_stmt_get_int(stmt, 0);
}

static inline void
set_up(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;

    f->engine = *(const SkTestEngine *)data;
    sk_test_dir_init(&f->dir);
    f->place = sk_test_place_new(f->engine, &f->dir, "keep.db");
    f->db = open_db(f);
    g_assert_true(sk_store_migrate(f->db, sk_job_tables.name, sk_job_tables.steps, &error));
    run(f->db, "CREATE TABLE effect (job TEXT NOT NULL, worker BIGINT NOT NULL)");
    test_now_us = 1000 * SECOND;
}

static inline void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_db_close(f->db);
    sk_test_dir_clear(&f->dir);
    g_free(f->place);
}

static inline void
add(SkDb *db, const char *id, const char *kind, int64_t due_us)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_job_add(db, id, kind, "payload", due_us, &error));
    g_assert_no_error(error);
}

static inline GPtrArray *
claim(SkDb *db, const char *kind, unsigned n)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *jobs = NULL;

    g_assert_true(sk_job_claim(db, kind, "test", LEASE_US, n, &jobs, &error));
    g_assert_no_error(error);
    return jobs;
}

/* One row, in the transaction that finishes the job. */
static inline bool
have_effect(SkDb *db, void *data, GError **error)
{
    const SkJob *job = data;
    g_autoptr(SkStmt) effect = NULL;

    if (!sk_job_hold(db, job, error))
        return false;
    effect = sk_db_prepare(db, "INSERT INTO effect (job, worker) VALUES ($1, $2)", error);
    if (effect == NULL)
        return false;
    sk_stmt_bind_text(effect, 1, job->id);
    sk_stmt_bind_int(effect, 2, getpid());
    return sk_stmt_run(effect, error) && sk_job_finish(db, job, error);
}

typedef struct {
    const char *name;
    void (*test)(Fixture *f, const void *data);
} JobCase;

/* Each of the CASES, which end with one without a name, on each engine. */
static inline void
add_cases(const JobCase *cases)
{
    for (const JobCase *c = cases; c->name != NULL; c++)
        SK_TEST_ADD_BOTH(Fixture, "job", c->name, set_up, c->test, tear_down);
}
