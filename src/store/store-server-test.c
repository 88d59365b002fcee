/* SPDX-License-Identifier: Apache-2.0 */

/* store-open on a server: who makes what, who may do what, and what each is told. */

#include <string.h>

#include "base/error.h"
#include "store/store-postgres-testing.h"

static const SkMigration first_steps[] = {
    {1, "things", "CREATE TABLE thing (id TEXT NOT NULL PRIMARY KEY)"},
    {0},
};
static const SkMigration more_steps[] = {
    {1, "things", "CREATE TABLE thing (id TEXT NOT NULL PRIMARY KEY)"},
    {2, "colours", "ALTER TABLE thing ADD COLUMN colour TEXT"},
    {0},
};
static const SkMigration broken_steps[] = {
    {1, "things", "CREATE TABLE thing (id TEXT NOT NULL PRIMARY KEY)"},
    {2, "nonsense", "DELETE FROM thing; ALTER TABLE nowhere ADD COLUMN x TEXT"},
    {0},
};
static const SkMigration known_steps[] = {
    {1, "logins", "CREATE TABLE login (id TEXT NOT NULL PRIMARY KEY)"},
    {0},
};
static const char *const grants[] = {
    "GRANT SELECT, INSERT ON thing TO sekisho_gate",
    "GRANT SELECT, DELETE ON thing TO sekisho_clerk",
    "GRANT SELECT ON thing TO sekisho_read",
    NULL,
};
static const char *const wrong_grants[] = {"GRANT SELECT ON thing TO sekisho_nobody", NULL};

static const SkTables known = {.name = "logins", .database = SK_KNOW, .steps = known_steps};
static const SkTables first = {"things", SK_KEEP, first_steps, grants, NULL, NULL};
static const SkTables more = {"things", SK_KEEP, more_steps, grants, NULL, NULL};
static const SkTables broken = {"things", SK_KEEP, broken_steps, grants, NULL, NULL};
static const SkTables wrong = {"things", SK_KEEP, first_steps, wrong_grants, NULL, NULL};
static const SkTables *const first_tables[] = {&first, &known, NULL};
static const SkTables *const more_tables[] = {&more, &known, NULL};
static const SkTables *const broken_tables[] = {&broken, &known, NULL};
static const SkTables *const wrong_tables[] = {&wrong, NULL};

typedef struct {
    char *admin; /* URL of one who may do everything */
    char *url;   /* the same without a user: each program is its own */
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    f->admin = sk_test_postgres_database();
    f->url = sk_test_postgres_url_of(f->admin, "");
}

static void
tear_down(Fixture *f, const void *data)
{
    g_free(f->admin);
    g_free(f->url);
}

typedef struct {
    const char *program;
    const SkTables *const *tables;
    SkDatabase which;
    SkStoreAccess access;
} Asked;

static SkDb *
try_open(const char *url, Asked asked, GError **error)
{
    g_autoptr(SkStore) store = sk_test_store_new(url, NULL, asked.program, asked.tables, error);

    return store != NULL ? sk_store_open(store, asked.which, asked.access, error) : NULL;
}

static SkDb *
open_as(const char *url, Asked asked)
{
    g_autoptr(GError) error = NULL;
    SkDb *db = try_open(url, asked, &error);

    g_assert_no_error(error);
    return db;
}

/* TEXT is in what whoever asks is told. */
static void
assert_refused(const char *url, Asked asked, int code, const char *text)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(try_open(url, asked, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, SK_ERROR, code);
    g_assert_nonnull(strstr(error->message, text));
}

static void
migrate(const char *url, const SkTables *const *tables)
{
    sk_db_close(open_as(url, (Asked){"sekisho-read", tables, SK_KEEP, SK_STORE_OWNER}));
    sk_db_close(open_as(url, (Asked){"sekisho-read", tables, SK_KNOW, SK_STORE_OWNER}));
}

static bool
may(SkDb *db, const char *sql)
{
    g_autoptr(GError) error = NULL;

    if (sk_db_run(db, sql, &error))
        return true;
    g_test_message("%s", error->message);
    g_assert_error(error, SK_ERROR, SK_ERROR_DENIED);
    g_assert_nonnull(strstr(error->message, "role sekisho_"));
    return false;
}

/* The first case, as long as nobody has made the roles: the owner of the database, who may make
 * none, is told what to hand to the administrator. */
static void
test_roles_missing(Fixture *f, const void *data)
{
    g_autofree char *owner = sk_test_postgres_url_of(f->admin, "owner");
    g_autofree char *sql = NULL;
    g_auto(GStrv) quoted = NULL;
    g_autoptr(GError) error = NULL;
    Asked asked = {"sekisho-read", first_tables, SK_KEEP, SK_STORE_OWNER};

    sk_test_postgres_run(f->admin, "DROP ROLE IF EXISTS sekisho_gate, sekisho_clerk, "
                                   "sekisho_read");
    sk_test_postgres_run(f->admin, "CREATE ROLE owner LOGIN");
    quoted = g_strsplit_set(f->admin, "/?", -1);
    sql = g_strdup_printf("ALTER DATABASE %s OWNER TO owner", quoted[3]);
    sk_test_postgres_run(f->admin, sql);
    g_strfreev(g_steal_pointer(&quoted));
    g_assert_null(try_open(owner, asked, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, SK_ERROR, SK_ERROR_DENIED);
    quoted = g_strsplit(error->message, "\"", -1);
    g_assert_cmpuint(g_strv_length(quoted), >=, 3);
    g_assert_nonnull(
        strstr(quoted[g_strv_length(quoted) - 2], "CREATE ROLE sekisho_clerk LOGIN;"));
    sk_test_postgres_run(f->admin, quoted[g_strv_length(quoted) - 2]);
    migrate(owner, first_tables);
    sk_db_close(
        open_as(f->url, (Asked){"sekisho-gate", first_tables, SK_KEEP, SK_STORE_WRITE}));
}

/* Each program may do what the tables say, and is told what it may not. */
static void
test_rights(Fixture *f, const void *data)
{
    g_autoptr(SkDb) gate = NULL, clerk = NULL, reader = NULL;

    migrate(f->admin, first_tables);
    gate = open_as(f->url, (Asked){"sekisho-gate", first_tables, SK_KEEP, SK_STORE_WRITE});
    clerk = open_as(f->url, (Asked){"sekisho-clerk", first_tables, SK_KEEP, SK_STORE_WRITE});
    reader = open_as(f->url, (Asked){"sekisho-read", first_tables, SK_KEEP, SK_STORE_READ});
    g_assert_true(may(gate, "INSERT INTO thing (id) VALUES ('a')"));
    g_assert_true(may(reader, "SELECT id FROM thing"));
    g_assert_false(may(gate, "DELETE FROM thing"));
    g_assert_false(may(gate, "CREATE TABLE other (id TEXT)"));
    g_assert_false(may(gate, "UPDATE schema_version SET version = 9"));
    g_assert_false(may(clerk, "INSERT INTO thing (id) VALUES ('b')"));
    g_assert_false(may(reader, "INSERT INTO thing (id) VALUES ('c')"));
    g_assert_true(may(clerk, "DELETE FROM thing"));
}

/* A right that is no longer listed is gone with the next migration. */
static void
test_rights_taken_back(Fixture *f, const void *data)
{
    g_autoptr(SkDb) gate = NULL;

    migrate(f->admin, first_tables);
    sk_test_postgres_run(f->admin, "GRANT DELETE ON keep.thing TO sekisho_gate");
    gate = open_as(f->url, (Asked){"sekisho-gate", first_tables, SK_KEEP, SK_STORE_WRITE});
    g_assert_true(may(gate, "DELETE FROM thing"));
    migrate(f->admin, first_tables);
    g_assert_false(may(gate, "DELETE FROM thing"));
    g_assert_true(may(gate, "INSERT INTO thing (id) VALUES ('a')"));
}

static void
test_versions(Fixture *f, const void *data)
{
    Asked gate = {"sekisho-gate", first_tables, SK_KEEP, SK_STORE_WRITE};
    Asked newer = {"sekisho-gate", more_tables, SK_KEEP, SK_STORE_WRITE};
    Asked owner = {"sekisho-read", first_tables, SK_KEEP, SK_STORE_OWNER};

    assert_refused(f->url, gate, SK_ERROR_CONFIG, "run `sekisho store migrate`");
    migrate(f->admin, first_tables);
    sk_db_close(open_as(f->url, gate));
    assert_refused(f->url, newer, SK_ERROR_CONFIG, "version 1, this program needs 2");
    migrate(f->admin, more_tables);
    sk_db_close(open_as(f->url, newer));
    assert_refused(f->url, gate, SK_ERROR_CONFIG, "version 2, this program knows 1");
    assert_refused(f->admin, owner, SK_ERROR_CONFIG, "version 2, this program knows 1");
    /* To look at the versions, any will do. */
    gate.access = SK_STORE_BARE;
    sk_db_close(open_as(f->url, gate));
}

static void
test_failed_step(Fixture *f, const void *data)
{
    Asked owner = {"sekisho-read", broken_tables, SK_KEEP, SK_STORE_OWNER};
    g_autoptr(SkDb) gate = NULL;
    g_autoptr(SkStmt) count = NULL;
    bool row = false;

    migrate(f->admin, first_tables);
    sk_test_postgres_run(f->admin, "INSERT INTO keep.thing (id) VALUES ('stays')");
    assert_refused(f->admin, owner, SK_ERROR_IO, "step 2 of \"things\" (nonsense) failed");
    gate = open_as(f->url, (Asked){"sekisho-gate", first_tables, SK_KEEP, SK_STORE_WRITE});
    count = sk_db_prepare(gate, "SELECT count(*) FROM thing", NULL);
    g_assert_true(sk_stmt_next(count, &row, NULL));
    g_assert_cmpint(sk_stmt_get_int(count, 0), ==, 1);
}

static void
test_refusals(Fixture *f, const void *data)
{
    Asked owner = {"sekisho-read", wrong_tables, SK_KEEP, SK_STORE_OWNER};
    Asked gate = {"sekisho-gate", first_tables, SK_KEEP, SK_STORE_OWNER};
    Asked as_program = {"sekisho-gate", first_tables, SK_KEEP, SK_STORE_WRITE};
    g_autofree char *as_gate = sk_test_postgres_url_of(f->admin, "sekisho_gate");
    g_autofree char *nowhere = g_strconcat("postgresql:///nowhere", strchr(f->url, '?'), NULL);

    assert_refused(f->admin, owner, SK_ERROR_IO,
                   "\"GRANT SELECT ON thing TO sekisho_nobody\" cannot be given");
    sk_test_postgres_run(f->admin, "DROP SCHEMA keep CASCADE");
    assert_refused(as_gate, gate, SK_ERROR_DENIED, "schema keep cannot be made");
    assert_refused(nowhere, as_program, SK_ERROR_NOT_FOUND, "make it on the server (createdb)");
    /* Who runs a command of the owner need not be called as he is. */
    g_setenv("PGUSER", "hanako", TRUE);
    assert_refused(f->url, owner, SK_ERROR_DENIED, "set PGUSER to his role");
    g_unsetenv("PGUSER");
}

/* Database "secret" is the one that asks for passwords. */
static void
test_not_let_in(Fixture *f, const void *data)
{
    g_autofree char *url =
        g_strdup_printf("postgresql:///secret?host=%s", sk_test_postgres_folder());
    g_autofree char *none =
        g_strdup_printf("postgresql:///none?host=%s", sk_test_postgres_folder());
    g_autofree char *file = NULL;
    g_auto(SkTestDir) dir = {NULL};
    g_autoptr(SkStore) store = NULL;
    g_autoptr(GError) error = NULL;
    Asked gate = {"sekisho-gate", first_tables, SK_KEEP, SK_STORE_WRITE};

    migrate(f->admin, first_tables);
    sk_test_postgres_run(f->admin, "ALTER ROLE sekisho_gate PASSWORD 'right'");
    sk_test_dir_init(&dir);
    file = sk_test_dir_file(&dir, "sekisho_gate");
    g_assert_true(g_file_set_contents(file, "mistaken\n", -1, NULL));
    store = sk_test_store_new(url, dir.path, "sekisho-gate", first_tables, NULL);
    g_assert_null(sk_store_open(store, SK_KEEP, SK_STORE_WRITE, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_DENIED);
    g_assert_nonnull(strstr(error->message, "does not let role sekisho_gate in"));
    g_assert_nonnull(strstr(error->message, file));
    g_assert_null(strstr(error->message, "mistaken"));
    assert_refused(url, gate, SK_ERROR_DENIED, "file in [store] password_dir");
    assert_refused(none, gate, SK_ERROR_NOT_FOUND, "make it on the server (createdb)");
}

static void *
migrate_in_thread(void *url)
{
    migrate(url, more_tables);
    return NULL;
}

/* Administrators of several hosts, or a script on each of them. */
static void
test_together(Fixture *f, const void *data)
{
    GThread *threads[6];

    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("owner", migrate_in_thread, f->admin);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    sk_db_close(open_as(f->url, (Asked){"sekisho-gate", more_tables, SK_KEEP, SK_STORE_WRITE}));
    sk_db_close(open_as(f->url, (Asked){"sekisho-gate", more_tables, SK_KNOW, SK_STORE_WRITE}));
}

static void
test_describe(Fixture *f, const void *data)
{
    g_autoptr(SkStore) store =
        sk_test_store_new(f->url, NULL, "sekisho-gate", first_tables, NULL);
    g_autoptr(SkStore) file =
        sk_test_store_new("sqlite:/var/lib/sekisho", NULL, "sekisho-gate", first_tables, NULL);

    g_assert_true(sk_store_is_shared(store));
    g_assert_false(sk_store_is_shared(file));
    g_assert_cmpstr(sk_store_describe(store, SK_KNOW), ==, f->url);
    g_assert_cmpstr(sk_store_describe(file, SK_KNOW), ==, "/var/lib/sekisho/know.db");
}

static void
skip(void)
{
    (void)sk_test_postgres_or_skip();
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(Fixture *f, const void *data);
    } cases[] = {
        {"roles-missing", test_roles_missing},
        {"rights", test_rights},
        {"rights-taken-back", test_rights_taken_back},
        {"versions", test_versions},
        {"failed-step", test_failed_step},
        {"refusals", test_refusals},
        {"not-let-in", test_not_let_in},
        {"together", test_together},
        {"describe", test_describe},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/store-server/%s", cases[i].name);

        if (sk_test_postgres_is_installed())
            g_test_add(path, Fixture, NULL, set_up, cases[i].test, tear_down);
        else
            g_test_add_func(path, skip);
    }
    return sk_test_postgres_run_tests();
}
