/* SPDX-License-Identifier: Apache-2.0 */
#include "port/db.h"

#include "base/error.h"
#include "base/limit.h"
#include "port/faulty-db.h"

/* A database of one number: what was added since the begin counts when it is committed. */
typedef struct {
    SkDb db;
    int begun, committed, rolled_back;
    int pending, kept;
    bool open;
} FakeDb;

static bool
begin(SkDb *base, GError **error)
{
    FakeDb *db = (FakeDb *)base;

    (void)error;
    g_assert_false(db->open);
    db->open = true;
    db->begun++;
    db->pending = 0;
    return true;
}

static bool
commit(SkDb *base, GError **error)
{
    FakeDb *db = (FakeDb *)base;

    (void)error;
    g_assert_true(db->open);
    db->open = false;
    db->committed++;
    db->kept += db->pending;
    return true;
}

static void
rollback(SkDb *base)
{
    FakeDb *db = (FakeDb *)base;

    db->rolled_back += db->open ? 1 : 0;
    db->open = false;
}

/* The fake is on the stack of its test. */
static void
close_db(SkDb *base)
{
    g_assert_false(((FakeDb *)base)->open);
}

static const SkDbEngine engine = {.close = close_db,
                                  .begin = begin,
                                  .commit = commit,
                                  .rollback = rollback};

typedef struct {
    FakeDb *db;
    int calls;
    int failures; /* the first so many calls fail with CODE, after half of the work */
    int code;
} Work;

/* Two steps; each time it has to find that nothing of the time before is left. */
static bool
add_two(SkDb *db, void *data, GError **error)
{
    Work *work = data;

    (void)db;
    g_assert_true(work->db->open);
    g_assert_cmpint(work->db->pending, ==, 0);
    work->db->pending++;
    if (work->calls++ < work->failures) {
        g_set_error(error, SK_ERROR, work->code, "on purpose");
        return false;
    }
    work->db->pending++;
    return true;
}

static void
test_again(void)
{
    FakeDb db = {.db = {&engine, NULL}};
    Work work = {.db = &db, .failures = 3, .code = SK_ERROR_AGAIN};
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_db_transact(&db.db, add_two, &work, &error));
    g_assert_no_error(error);
    g_assert_cmpint(work.calls, ==, 4);
    g_assert_cmpint(db.begun, ==, 4);
    g_assert_cmpint(db.rolled_back, ==, 3);
    g_assert_cmpint(db.committed, ==, 1);
    g_assert_cmpint(db.kept, ==, 2);
}

static void
test_bounded(void)
{
    FakeDb db = {.db = {&engine, NULL}};
    Work work = {.db = &db, .failures = INT_MAX, .code = SK_ERROR_AGAIN};
    g_autoptr(GError) error = NULL;

    g_assert_false(sk_db_transact(&db.db, add_two, &work, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_AGAIN);
    g_assert_cmpint(work.calls, ==, SK_LIMIT_DB_TRIES);
    g_assert_cmpint(db.rolled_back, ==, SK_LIMIT_DB_TRIES);
    g_assert_cmpint(db.kept, ==, 0);
}

static void
test_others_at_once(void)
{
    for (int code = SK_ERROR_LIMIT; code <= SK_ERROR_USAGE; code++) {
        FakeDb db = {.db = {&engine, NULL}};
        Work work = {.db = &db, .failures = 1, .code = code};
        g_autoptr(GError) error = NULL;

        if (code == SK_ERROR_AGAIN)
            continue;
        g_assert_false(sk_db_transact(&db.db, add_two, &work, &error));
        g_assert_error(error, SK_ERROR, code);
        g_assert_cmpint(work.calls, ==, 1);
        g_assert_cmpint(db.rolled_back, ==, 1);
        g_assert_cmpint(db.kept, ==, 0);
    }
}

/* One begin or commit fails, in each of the ways there are. */
static void
test_faulty(void)
{
    static const struct {
        unsigned at, kind; /* the call that fails, and how */
        int code;          /* -1: it succeeds in the end */
        int calls, kept;
    } cases[] = {
        {1, 0, SK_ERROR_TIMEOUT, 0, 0},
        {1, 1, SK_ERROR_TIMEOUT, 0, 0},
        {1, 2, -1, 1, 2},
        {2, 0, SK_ERROR_TIMEOUT, 1, 0},
        {2, 2, -1, 2, 2},
        {2, 1, SK_ERROR_UNCERTAIN, 1, 2},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        FakeDb fake = {.db = {&engine, NULL}};
        /* The next multiple of a hundred is the call that fails. */
        SkFaults faults = {.every = 100, .calls = 100 - cases[i].at, .failed = cases[i].kind};
        g_autoptr(SkDb) db = sk_faulty_db_new(&fake.db, &faults);
        Work work = {.db = &fake};
        g_autoptr(GError) error = NULL;
        bool ok = sk_db_transact(db, add_two, &work, &error);

        g_assert_cmpint(ok, ==, cases[i].code < 0);
        if (!ok)
            g_assert_error(error, SK_ERROR, cases[i].code);
        g_assert_cmpuint(faults.failed, ==, cases[i].kind + 1);
        g_assert_cmpint(work.calls, ==, cases[i].calls);
        g_assert_cmpint(fake.kept, ==, cases[i].kept);
        g_assert_false(fake.open);
    }
}

/* Alone, as a transaction of its own, done again after AGAIN; in one that is open, as a part of
 * it, and AGAIN is for who began it. */
static void
test_join(void)
{
    FakeDb db = {.db = {&engine, NULL}};
    Work alone = {.db = &db, .failures = 1, .code = SK_ERROR_AGAIN}, within = alone;
    Work last = {.db = &db};
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_db_join(&db.db, add_two, &alone, NULL));
    g_assert_cmpint(db.begun, ==, 2);
    g_assert_cmpint(db.committed, ==, 1);
    g_assert_cmpint(db.kept, ==, 2);

    g_assert_true(sk_db_begin(&db.db, NULL));
    g_assert_false(sk_db_join(&db.db, add_two, &within, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_AGAIN);
    g_assert_cmpint(within.calls, ==, 1);
    sk_db_rollback(&db.db);

    g_assert_true(sk_db_begin(&db.db, NULL));
    g_assert_true(sk_db_join(&db.db, add_two, &last, NULL));
    g_assert_cmpint(db.kept, ==, 2);
    g_assert_true(sk_db_commit(&db.db, NULL));
    g_assert_cmpint(db.begun, ==, 4);
    g_assert_cmpint(db.kept, ==, 4);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/db/again", test_again);
    g_test_add_func("/db/bounded", test_bounded);
    g_test_add_func("/db/others-at-once", test_others_at_once);
    g_test_add_func("/db/faulty", test_faulty);
    g_test_add_func("/db/join", test_join);
    return g_test_run();
}
