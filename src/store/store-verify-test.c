/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-verify.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "store/store-testing.h"

static const SkSettingSpec specs[] = {
    {"store", "store", SK_SETTING_TEXT, "", 0, 0, ""},
    {"store", "password_dir", SK_SETTING_TEXT, "", 0, 0, ""},
    {"store", "blobs", SK_SETTING_TEXT, "file:/nowhere", 0, 0, ""},
    {"store", "password_dir", SK_SETTING_TEXT, "", 0, 0, ""},
    {0},
};
static const SkSettingSpec *const spec_tables[] = {specs, NULL};

static const SkMigration good[] = {
    {1, "things",
     "CREATE TABLE thing (id TEXT NOT NULL PRIMARY KEY, name TEXT);"
     "CREATE TABLE part (id TEXT NOT NULL REFERENCES thing (id))"},
    {2, "colours", "ALTER TABLE thing ADD COLUMN colour TEXT"},
    {0},
};
static const SkMigration broken[] = {
    {1, "things",
     "CREATE TABLE thing (id TEXT NOT NULL PRIMARY KEY, name TEXT);"
     "CREATE TABLE part (id TEXT NOT NULL REFERENCES thing (id))"},
    {2, "colours", "ALTER TABLE thing ADD COLUMN colour TEXT"},
    {3, "nonsense", "DELETE FROM thing; INSERT INTO nowhere (x) VALUES (1)"},
    {0},
};
static const SkTables know_good = {.name = "things", .database = SK_KNOW, .steps = good};
static const SkTables know_broken = {.name = "things", .database = SK_KNOW, .steps = broken};
static const SkTables keep_good = {.name = "other", .database = SK_KEEP, .steps = good};
static const SkTables *const good_tables[] = {&know_good, &keep_good, NULL};
static const SkTables *const broken_tables[] = {&know_broken, &keep_good, NULL};

typedef struct {
    SkTestDir dir;
    SkSettings *settings;
    SkStore *store;
} Fixture;

static SkStore *
store_new(const Fixture *f, const SkTables *const *tables)
{
    g_autoptr(GError) error = NULL;
    SkStore *store = sk_store_new(f->settings, "sekisho-test", tables, &error);

    g_assert_no_error(error);
    return store;
}

static void
set_up(Fixture *f, const void *data)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    sk_test_dir_init(&f->dir);
    text = g_strdup_printf("[store]\nstore = sqlite:%s\n", f->dir.path);
    f->settings = sk_settings_parse("conf", text, strlen(text), spec_tables, &error);
    g_assert_no_error(error);
    f->store = store_new(f, good_tables);
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_store_free(f->store);
    sk_settings_free(f->settings);
    sk_test_dir_clear(&f->dir);
}

static void
note_step(const char *module, const SkMigration *step, void *data)
{
    g_string_append_printf(data, "%s %d %s; ", module, step->version, step->what);
}

static SkDb *
migrate(const SkStore *store, SkDatabase which, GString *told, GError **error)
{
    return sk_store_open_owner(store, which, note_step, told, error);
}

static int
version_of(const Fixture *f, SkDb *db, const char *module)
{
    g_autoptr(GError) error = NULL;
    int version = -1;

    g_assert_true(sk_store_read_version(f->store, db, module, &version, &error));
    g_assert_no_error(error);
    return version;
}

static void
test_steps_are_told(Fixture *f, const void *data)
{
    g_autoptr(GString) told = g_string_new(NULL);
    g_autoptr(SkDb) know = migrate(f->store, SK_KNOW, told, NULL);
    g_autoptr(SkDb) keep = NULL, again = NULL;

    g_assert_cmpstr(told->str, ==, "things 1 things; things 2 colours; ");
    g_string_truncate(told, 0);
    keep = migrate(f->store, SK_KEEP, told, NULL);
    g_assert_cmpstr(told->str, ==, "other 1 things; other 2 colours; ");
    g_string_truncate(told, 0);
    again = migrate(f->store, SK_KNOW, told, NULL);
    g_assert_cmpstr(told->str, ==, "");
    g_assert_cmpint(version_of(f, know, "things"), ==, 2);
    g_assert_cmpint(version_of(f, know, "other"), ==, 0);
}

/* Through the door that `store migrate` and the programs use. */
static void
test_failing_step(Fixture *f, const void *data)
{
    g_autoptr(GString) told = g_string_new(NULL);
    g_autoptr(SkStore) store = store_new(f, broken_tables);
    g_autoptr(GError) error = NULL, same = NULL;
    g_autoptr(SkDb) know = NULL, writer = NULL, after = NULL;

    know = migrate(f->store, SK_KNOW, told, NULL);
    g_assert_true(sk_db_run(know, "INSERT INTO thing (id) VALUES ('a')", NULL));
    g_string_truncate(told, 0);
    g_assert_null(migrate(store, SK_KNOW, told, &error));
    g_assert_nonnull(error);
    g_assert_nonnull(strstr(error->message, "step 3 of \"things\" (nonsense) failed"));
    g_assert_cmpstr(told->str, ==, "");
    writer = sk_store_open(store, SK_KNOW, SK_STORE_WRITE, &same);
    g_assert_null(writer);
    g_assert_nonnull(strstr(same->message, "step 3"));
    g_assert_cmpint(version_of(f, know, "things"), ==, 2);
    /* The program that knows two steps still finds its rows. */
    after = sk_store_open(f->store, SK_KNOW, SK_STORE_WRITE, NULL);
    g_assert_true(
        sk_db_run(after, "INSERT INTO part (id) SELECT id FROM thing WHERE id = 'a'", NULL));
}

static void
test_newer(Fixture *f, const void *data)
{
    g_autoptr(GString) told = g_string_new(NULL);
    g_autoptr(SkDb) know = migrate(f->store, SK_KNOW, told, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_db_run(know, "UPDATE schema_version SET version = 9", NULL));
    g_assert_null(migrate(f->store, SK_KNOW, told, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
    g_assert_cmpint(version_of(f, know, "things"), ==, 9);
}

static void
test_version_of_an_empty_file(Fixture *f, const void *data)
{
    g_autofree char *path = sk_test_dir_file(&f->dir, "know.db");
    g_autoptr(SkDb) know = NULL;

    g_assert_true(g_file_set_contents(path, "", 0, NULL));
    know = sk_store_open(f->store, SK_KNOW, SK_STORE_BARE, NULL);
    g_assert_cmpint(version_of(f, know, "things"), ==, 0);
}

static void
note_trouble(const char *trouble, void *data)
{
    g_string_append_printf(data, "%s\n", trouble);
}

static void
test_verify(Fixture *f, const void *data)
{
    g_autoptr(GString) told = g_string_new(NULL);
    g_autoptr(SkDb) know = migrate(f->store, SK_KNOW, told, NULL);
    g_autoptr(GString) troubles = g_string_new(NULL);

    g_assert_true(sk_store_verify(f->store, know, note_trouble, troubles, NULL));
    g_assert_cmpstr(troubles->str, ==, "");
    g_assert_true(sk_db_run(know, "PRAGMA foreign_keys = OFF", NULL));
    g_assert_true(sk_db_run(know, "INSERT INTO part (id) VALUES ('nobody')", NULL));
    g_assert_true(sk_store_verify(f->store, know, note_trouble, troubles, NULL));
    g_assert_cmpstr(troubles->str, ==,
                    "a row of part refers to one of thing that is not there\n");
}

/* 1,000 rows, then a page in the middle that is none. */
static void
make_damaged(Fixture *f)
{
    g_autoptr(GString) told = g_string_new(NULL);
    g_autoptr(SkDb) know = migrate(f->store, SK_KNOW, told, NULL);
    g_autofree char *path = sk_test_dir_file(&f->dir, "know.db");
    g_autofree char *junk = g_strnfill(4096, 'x');
    sk_autofd int fd = -1;

    g_assert_true(sk_db_run(
        know,
        "INSERT INTO thing (id, name) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1"
        " FROM n WHERE i < 1000) SELECT CAST(i AS TEXT), 'a name of some length' FROM n",
        NULL));
    g_clear_pointer(&know, sk_db_close);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    g_assert_cmpint(pwrite(fd, junk, 4096, 8L * 4096), ==, 4096);
}

static void
test_verify_damage(Fixture *f, const void *data)
{
    g_autoptr(GString) troubles = g_string_new(NULL);
    g_autoptr(SkDb) know = NULL;
    g_autoptr(GError) error = NULL;

    make_damaged(f);
    know = sk_store_open(f->store, SK_KNOW, SK_STORE_BARE, &error);
    g_assert_no_error(error);
    g_assert_true(sk_store_verify(f->store, know, note_trouble, troubles, NULL));
    g_assert_nonnull(strstr(troubles->str, "Page 9"));
    g_assert_null(strstr(troubles->str, "***"));
}

static void
test_settle(Fixture *f, const void *data)
{
    g_autoptr(GString) told = g_string_new(NULL);
    g_autoptr(SkDb) know = migrate(f->store, SK_KNOW, told, NULL);
    g_autofree char *log = sk_test_dir_file(&f->dir, "know.db-wal");
    g_autofree char *content = NULL;
    bool done = false;
    gsize len = 1;

    g_assert_true(sk_db_run(know, "INSERT INTO thing (id) VALUES ('a')", NULL));
    g_assert_true(sk_store_settle(f->store, know, &done, NULL));
    g_assert_true(done);
    g_assert_true(g_file_get_contents(log, &content, &len, NULL));
    g_assert_cmpuint(len, ==, 0);
}

static void
test_size(Fixture *f, const void *data)
{
    g_autoptr(GString) told = g_string_new(NULL);
    g_autoptr(SkDb) know = NULL;
    int64_t before;

    g_assert_cmpint(sk_store_get_size(f->store, SK_KNOW), ==, -1);
    know = migrate(f->store, SK_KNOW, told, NULL);
    before = sk_store_get_size(f->store, SK_KNOW);
    g_assert_cmpint(before, >, 4096);
    g_assert_true(sk_db_run(know, "CREATE TABLE more (n BIGINT)", NULL));
    g_assert_cmpint(sk_store_get_size(f->store, SK_KNOW), >, before);
}

/* Looking makes nothing. */
static void
test_missing(Fixture *f, const void *data)
{
    g_autofree char *path = sk_test_dir_file(&f->dir, "keep.db");
    g_autoptr(GError) error = NULL;

    g_assert_null(sk_store_open(f->store, SK_KEEP, SK_STORE_BARE, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_NOT_FOUND);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(Fixture *f, const void *data);
    } cases[] = {
        {"steps-are-told", test_steps_are_told},
        {"failing-step", test_failing_step},
        {"newer", test_newer},
        {"version-of-an-empty-file", test_version_of_an_empty_file},
        {"verify", test_verify},
        {"verify-damage", test_verify_damage},
        {"settle", test_settle},
        {"size", test_size},
        {"missing", test_missing},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/store-verify/%s", cases[i].name);

        g_test_add(path, Fixture, NULL, set_up, cases[i].test, tear_down);
    }
    return g_test_run();
}
