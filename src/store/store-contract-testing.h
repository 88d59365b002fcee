/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-contract-testing - every engine behind port/db.h, for the tests of what all of them owe
 *
 * An engine joins by a line in `sk_test_engines`; nothing in a case knows which one it is.
 */

#include "base/error.h"
#include "port/faulty-db.h"
#include "store/store-postgres-testing.h"

static SkFaults sk_test_no_faults;

static const struct {
    const char *name;
    SkTestEngine engine;
    bool wrapped; /* behind a faulty-db, which lets everything through */
} sk_test_engines[] = {{"sqlite", SK_TEST_SQLITE, false},
                       {"wrapped", SK_TEST_SQLITE, true},
                       {"postgresql", SK_TEST_POSTGRES, false},
                       {"wrapped-postgresql", SK_TEST_POSTGRES, true}};

typedef struct {
    SkTestDir dir;
    char *place;
    bool wrapped;
    SkDb *db; /* has the table t (id, n, b) */
} Fixture;

typedef struct {
    const char *name;
    void (*test)(Fixture *f, const void *data);
} SkTestCase;

/* One more connection. */
static inline SkDb *
open_more(const Fixture *f)
{
    g_autoptr(GError) error = NULL;
    SkDb *db = sk_test_place_open(f->place, &error);

    g_assert_no_error(error);
    return f->wrapped ? sk_faulty_db_new(db, &sk_test_no_faults) : db;
}

static inline void
run(SkDb *db, const char *sql)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_db_run(db, sql, &error) || error != NULL);
    g_assert_no_error(error);
}

static inline SkStmt *
prepare(SkDb *db, const char *sql)
{
    g_autoptr(GError) error = NULL;
    SkStmt *stmt = sk_db_prepare(db, sql, &error);

    g_assert_no_error(error);
    return stmt;
}

static inline bool
next(SkStmt *stmt)
{
    g_autoptr(GError) error = NULL;
    bool row = false;

    g_assert_true(sk_stmt_next(stmt, &row, &error) || error != NULL);
    g_assert_no_error(error);
    return row;
}

static inline int64_t
ask(SkDb *db, const char *sql)
{
    g_autoptr(SkStmt) stmt = prepare(db, sql);

    g_assert_true(next(stmt));
    return sk_stmt_get_int(stmt, 0);
}

static inline void
set_up(Fixture *f, const void *data)
{
    const size_t *at = data;

    sk_test_dir_init(&f->dir);
    f->place = sk_test_place_new(sk_test_engines[*at].engine, &f->dir, "test.db");
    f->wrapped = sk_test_engines[*at].wrapped;
    f->db = open_more(f);
    run(f->db, "CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, n BIGINT, b BYTEA)");
}

static inline void
tear_down(Fixture *f, const void *data)
{
    sk_db_close(f->db);
    sk_test_dir_clear(&f->dir);
    g_free(f->place);
}

static inline void
sk_test_skip_engine(void)
{
    (void)sk_test_postgres_or_skip();
}

/* CASES for each engine, then runs them. */
static inline int
run_cases(const char *name, const SkTestCase *cases, size_t n_cases)
{
    static const size_t numbers[G_N_ELEMENTS(sk_test_engines)] = {0, 1, 2, 3};

    for (size_t e = 0; e < G_N_ELEMENTS(sk_test_engines); e++) {
        bool there =
            sk_test_engines[e].engine == SK_TEST_SQLITE || sk_test_postgres_is_installed();

        for (size_t i = 0; there && i < n_cases; i++) {
            g_autofree char *path =
                g_strdup_printf("/%s/%s/%s", name, sk_test_engines[e].name, cases[i].name);

            g_test_add(path, Fixture, &numbers[e], set_up, cases[i].test, tear_down);
        }
        if (!there) {
            g_autofree char *path = g_strdup_printf("/%s/%s", name, sk_test_engines[e].name);

            g_test_add_func(path, sk_test_skip_engine);
        }
    }
    return sk_test_postgres_run_tests();
}
