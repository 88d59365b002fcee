/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/seal-store.h"

#include <string.h>

#include "base/error.h"
#include "port/faulty-db.h"
#include "store/store-migrate.h"
#include "store/store-postgres-testing.h"

typedef struct {
    SkTestDir dir;
    char *place;
    SkDb *db;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    const SkTestEngine *engine = data;

    sk_test_dir_init(&f->dir);
    f->place = sk_test_place_new(*engine, &f->dir, "keep.db");
    f->db = sk_test_place_open(f->place, NULL);
    g_assert_nonnull(f->db);
    g_assert_true(sk_store_migrate(f->db, sk_seal_tables.name, sk_seal_tables.steps, NULL));
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_db_close(f->db);
    sk_test_dir_clear(&f->dir);
    g_free(f->place);
}

static SkSiteKey *
key_new(int64_t made_us)
{
    g_autoptr(SkSealPair) pair = sk_seal_pair_new();
    SkSiteKey *key = g_new0(SkSiteKey, 1);
    g_autofree char *id = NULL;

    key->public = sk_seal_pair_get_public(pair);
    id = sk_seal_id(&key->public);
    g_strlcpy(key->id, id, sizeof key->id);
    key->wrapped = g_bytes_new("wrapped", 7);
    key->made_us = made_us;
    return key;
}

/* In a transaction, which is rolled back when it failed; 0 or the code. */
static int
activate(SkDb *db, const SkSiteKey *key, const char *expected)
{
    g_autoptr(GError) error = NULL;

    if (sk_db_begin(db, &error) && sk_seal_store_activate(db, key, expected, &error) &&
        sk_db_commit(db, &error))
        return -1;
    sk_db_rollback(db);
    return error->code;
}

static void
assert_active(SkDb *db, const char *id)
{
    g_autoptr(SkSiteKey) key = NULL;

    g_assert_true(sk_seal_store_load_active(db, &key, NULL));
    g_assert_cmpstr(key != NULL ? key->id : NULL, ==, id);
}

static void
test_empty(Fixture *f, const void *data)
{
    g_autoptr(GPtrArray) keys = NULL;
    SkSiteKey *key = (SkSiteKey *)1;

    g_assert_true(sk_seal_store_load(f->db, "0123456789abcdef", &key, NULL));
    g_assert_null(key);
    assert_active(f->db, NULL);
    g_assert_true(sk_seal_store_list(f->db, &keys, NULL));
    g_assert_cmpuint(keys->len, ==, 0);
}

static void
test_activate(Fixture *f, const void *data)
{
    g_autoptr(SkSiteKey) first = key_new(1000);
    g_autoptr(SkSiteKey) loaded = NULL;
    g_autoptr(SkSiteKey) second = key_new(2000);
    g_autoptr(GPtrArray) keys = NULL;

    g_assert_cmpint(activate(f->db, first, NULL), ==, -1);
    g_assert_cmpint(activate(f->db, second, first->id), ==, -1);
    assert_active(f->db, second->id);
    g_assert_true(sk_seal_store_load(f->db, first->id, &loaded, NULL));
    g_assert_cmpmem(loaded->public.bytes, 32, first->public.bytes, 32);
    g_assert_true(g_bytes_equal(loaded->wrapped, first->wrapped));
    g_assert_cmpint(loaded->made_us, ==, 1000);
    g_assert_false(loaded->active);
    g_assert_true(sk_seal_store_list(f->db, &keys, NULL));
    g_assert_cmpuint(keys->len, ==, 2);
    g_assert_cmpstr(((SkSiteKey *)keys->pdata[0])->id, ==, second->id);
    g_assert_true(((SkSiteKey *)keys->pdata[0])->active);
}

/* Two hosts make the first key, or rotate, at once: one of them. */
static void
test_activate_race(Fixture *f, const void *data)
{
    g_autoptr(SkSiteKey) first = key_new(1);
    g_autoptr(SkSiteKey) second = key_new(2);
    g_autoptr(SkSiteKey) third = key_new(3);

    g_assert_cmpint(activate(f->db, first, NULL), ==, -1);
    g_assert_cmpint(activate(f->db, second, NULL), ==, SK_ERROR_CONFLICT);
    g_assert_cmpint(activate(f->db, second, first->id), ==, -1);
    g_assert_cmpint(activate(f->db, third, first->id), ==, SK_ERROR_CONFLICT);
    g_assert_cmpint(activate(f->db, first, second->id), ==, SK_ERROR_CONFLICT);
    assert_active(f->db, second->id);
}

/* Not only our code: the database refuses a second active one. */
static void
test_one_active(Fixture *f, const void *data)
{
    g_autoptr(SkSiteKey) first = key_new(1);
    g_autoptr(SkSiteKey) second = key_new(2);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(activate(f->db, first, NULL), ==, -1);
    g_assert_cmpint(activate(f->db, second, first->id), ==, -1);
    g_assert_false(sk_db_run(f->db, "UPDATE site_key SET active = 1", &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    g_clear_error(&error);
    g_assert_false(
        sk_db_run(f->db, "UPDATE site_key SET active = 2 WHERE active IS NULL", &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
}

static void
test_rewrap(Fixture *f, const void *data)
{
    g_autoptr(SkSiteKey) key = key_new(1);
    g_autoptr(SkSiteKey) loaded = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(activate(f->db, key, NULL), ==, -1);
    g_assert_true(sk_seal_store_rewrap(f->db, key->id, sk_bytes("anew", 4), NULL));
    g_assert_true(sk_seal_store_load(f->db, key->id, &loaded, NULL));
    g_assert_cmpmem(g_bytes_get_data(loaded->wrapped, NULL), g_bytes_get_size(loaded->wrapped),
                    "anew", 4);
    g_assert_true(loaded->active);
    g_assert_false(
        sk_seal_store_rewrap(f->db, "0123456789abcdef", sk_bytes("anew", 4), &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_NOT_FOUND);
}

static void
test_remove(Fixture *f, const void *data)
{
    g_autoptr(SkSiteKey) first = key_new(1);
    g_autoptr(SkSiteKey) second = key_new(2);
    g_autoptr(SkSiteKey) gone = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(activate(f->db, first, NULL), ==, -1);
    g_assert_false(sk_seal_store_remove(f->db, first->id, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    g_assert_cmpint(activate(f->db, second, first->id), ==, -1);
    g_assert_true(sk_seal_store_remove(f->db, first->id, NULL));
    g_assert_true(sk_seal_store_remove(f->db, first->id, NULL));
    g_assert_true(sk_seal_store_load(f->db, first->id, &gone, NULL));
    g_assert_null(gone);
    assert_active(f->db, second->id);
}

static void
run_with_blob(SkDb *db, const char *sql, SkBytes blob)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, NULL);

    if (blob.len > 0)
        sk_stmt_bind_blob(stmt, 1, blob);
    g_assert_true(sk_stmt_run(stmt, NULL));
}

/* A public key that somebody put into the row of another one is not sealed to. */
static void
test_damaged(Fixture *f, const void *data)
{
    static const uint8_t zeros[32] = {0};
    static const struct {
        const char *sql;
        size_t zeros; /* bytes of $1; 0: none */
    } damages[] = {
        {"UPDATE site_key SET public = $1", 1},
        {"UPDATE site_key SET public = $1", 32},
        {"UPDATE site_key SET public = (SELECT public FROM site_key WHERE active IS NULL)", 0},
        {"UPDATE site_key SET id = 'another' WHERE active = 1", 0},
    };
    g_autoptr(SkSiteKey) first = key_new(1);
    g_autoptr(SkSiteKey) second = key_new(2);

    g_assert_cmpint(activate(f->db, first, NULL), ==, -1);
    g_assert_cmpint(activate(f->db, second, first->id), ==, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
        g_autoptr(GError) error = NULL;
        SkSiteKey *key = NULL;

        g_assert_true(sk_db_begin(f->db, NULL));
        run_with_blob(f->db, damages[i].sql, sk_bytes(zeros, damages[i].zeros));
        g_assert_false(sk_seal_store_load_active(f->db, &key, &error));
        g_assert_error(error, SK_ERROR, SK_ERROR_IO);
        sk_db_rollback(f->db);
    }
    assert_active(f->db, second->id);
}

/* Whichever call fails: the old key or the new one is active, never none, never both. */
static void
test_faults(Fixture *f, const void *data)
{
    g_autoptr(SkSiteKey) first = key_new(1);
    char active[SK_SEAL_ID_LEN + 1];

    g_assert_cmpint(activate(f->db, first, NULL), ==, -1);
    g_strlcpy(active, first->id, sizeof active);
    for (unsigned every = 1; every < 12; every++) {
        SkFaults faults = {every, 0, 0};
        g_autoptr(SkSiteKey) next = key_new(every);
        g_autoptr(SkSiteKey) found = NULL;
        SkDb *faulty = sk_faulty_db_new(sk_test_place_open(f->place, NULL), &faults);
        int code = activate(faulty, next, active);

        sk_db_close(faulty);
        g_assert_true(sk_seal_store_load_active(f->db, &found, NULL));
        if (code == -1)
            g_assert_cmpstr(found->id, ==, next->id);
        else if (code != SK_ERROR_UNCERTAIN)
            g_assert_cmpstr(found->id, ==, active);
        g_strlcpy(active, found->id, sizeof active);
    }
    g_assert_cmpstr(active, !=, first->id);
}

#define ADD(name, func) SK_TEST_ADD_BOTH(Fixture, "seal-store", name, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("empty", test_empty);
    ADD("activate", test_activate);
    ADD("activate-race", test_activate_race);
    ADD("one-active", test_one_active);
    ADD("rewrap", test_rewrap);
    ADD("remove", test_remove);
    ADD("damaged", test_damaged);
    ADD("faults", test_faults);
    return sk_test_postgres_run_tests();
}
