/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/login-store.h"

#include "ledger/passage-store.h"
#include "ledger/passage-testing.h"
#include "store/store-migrate.h"
#include "store/store-postgres-testing.h"

typedef struct {
    SkTestDir dir;
    char *place;
    SkDb *db;
} Fixture;

static void
set_up(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(GError) error = NULL;

    sk_test_dir_init(&f->dir);
    f->place = sk_test_place_new(*(const SkTestEngine *)data, &f->dir, "know.db");
    f->db = sk_test_place_open(f->place, &error);
    g_assert_no_error(error);
    g_assert_true(
        sk_store_migrate(f->db, sk_passage_tables.name, sk_passage_tables.steps, NULL));
}

static void
tear_down(void *fixture, const void *data)
{
    Fixture *f = fixture;

    (void)data;
    sk_db_close(f->db);
    sk_test_dir_clear(&f->dir);
    g_free(f->place);
}

/* From 192.0.2.77, LOGIN being NULL for mail from outside. */
static void
add(SkDb *db, int i, const char *login)
{
    g_autofree char *id = g_strdup_printf("passage%d", i);
    g_autoptr(SkPassage) passage = sk_test_passage_plain(id, 1000 * i);

    g_free(passage->envelope->client_address);
    passage->envelope->client_address = g_strdup("192.0.2.77");
    g_free(passage->envelope->helo);
    passage->envelope->helo = g_strdup("[10.9.8.7]");
    g_free(passage->envelope->login);
    passage->envelope->login = g_strdup(login);
    g_assert_true(sk_passage_store_add(db, passage, NULL));
}

static int64_t
forget(SkDb *db, int64_t before_us, unsigned max)
{
    g_autoptr(GError) error = NULL;
    int64_t rows = -1;

    g_assert_true(sk_db_begin(db, &error));
    g_assert_true(sk_login_store_forget(db, before_us, max, &rows, &error));
    g_assert_no_error(error);
    g_assert_true(sk_db_commit(db, &error));
    return rows;
}

static void
check(SkDb *db, int i, const char *address, const char *login)
{
    g_autofree char *id = g_strdup_printf("passage%d", i);
    g_autoptr(SkPassage) passage = NULL;

    g_assert_true(sk_passage_store_load(db, id, &passage, NULL));
    g_assert_nonnull(passage);
    g_assert_cmpstr(passage->envelope->client_address, ==, address);
    g_assert_cmpstr(passage->envelope->helo, ==, address != NULL ? "[10.9.8.7]" : NULL);
    g_assert_cmpstr(passage->envelope->login, ==, login);
    g_assert_cmpuint(passage->recipients->len, >, 0);
}

/* The oldest first, a bounded number at a time; not what is young, not what came from outside.
 */
static void
test_forget(void *fixture, const void *data)
{
    Fixture *f = fixture;

    (void)data;
    for (int i = 0; i < 8; i++)
        add(f->db, i, i % 2 == 0 ? "hanako" : NULL);
    g_assert_cmpint(forget(f->db, 5000, 2), ==, 2);
    check(f->db, 0, NULL, "hanako");
    check(f->db, 2, NULL, "hanako");
    check(f->db, 4, "192.0.2.77", "hanako");
    g_assert_cmpint(forget(f->db, 5000, 2), ==, 1);
    g_assert_cmpint(forget(f->db, 5000, 2), ==, 0);
    check(f->db, 1, "192.0.2.77", NULL);
    check(f->db, 4, NULL, "hanako");
    check(f->db, 6, "192.0.2.77", "hanako");
}

/* What cannot be read does not stop what can, nor come back for ever. */
static void
test_damaged(void *fixture, const void *data)
{
    Fixture *f = fixture;

    (void)data;
    add(f->db, 0, "hanako");
    add(f->db, 1, "hanako");
    g_assert_true(
        sk_db_run(f->db, "UPDATE passage SET document = '{' WHERE id = 'passage0'", NULL));
    g_assert_cmpint(forget(f->db, 5000, 10), ==, 2);
    check(f->db, 1, NULL, "hanako");
    g_assert_cmpint(forget(f->db, 5000, 10), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sk_test_add_both("login-store", "forget", sizeof(Fixture), set_up, test_forget, tear_down);
    sk_test_add_both("login-store", "damaged", sizeof(Fixture), set_up, test_damaged,
                     tear_down);
    return sk_test_postgres_run_tests();
}
