/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-sqlite.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "store/store-testing.h"

static SkDb *
open_file(const char *path, SkStoreDurability durability)
{
    g_autoptr(GError) error = NULL;
    SkDb *db = sk_store_sqlite_open(path, durability, &error);

    g_assert_no_error(error);
    return db;
}

static int64_t
ask(SkDb *db, const char *sql)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, &error);
    bool row = false;

    g_assert_no_error(error);
    g_assert_true(sk_stmt_next(stmt, &row, &error));
    g_assert_true(row);
    return sk_stmt_get_int(stmt, 0);
}

static void
test_settings(void)
{
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *path = NULL;
    g_autoptr(SkDb) full = NULL, normal = NULL;
    struct stat st;

    sk_test_dir_init(&dir);
    path = sk_test_dir_file(&dir, "a.db");
    umask(0077);
    full = open_file(path, SK_STORE_FULL);
    normal = open_file(path, SK_STORE_NORMAL);
    g_assert_cmpint(ask(full, "PRAGMA synchronous"), ==, 2);
    g_assert_cmpint(ask(normal, "PRAGMA synchronous"), ==, 1);
    g_assert_cmpint(ask(full, "PRAGMA foreign_keys"), ==, 1);
    g_assert_cmpint(ask(full, "PRAGMA trusted_schema"), ==, 0);
    g_assert_cmpint(ask(full, "PRAGMA journal_mode = WAL"), ==, 0); /* the text "wal" */
    g_assert_true(sk_db_run(full, "CREATE TABLE t (n BIGINT)", NULL));
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 07777, ==, 0640);
}

static void
test_lock(void)
{
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *path = NULL;
    g_autoptr(SkDb) one = NULL, two = NULL;
    g_autoptr(GError) error = NULL;

    sk_test_dir_init(&dir);
    path = sk_test_dir_file(&dir, "a.db");
    one = open_file(path, SK_STORE_FULL);
    two = open_file(path, SK_STORE_FULL);
    sk_store_sqlite_set_wait(two, 20);
    g_assert_true(sk_db_begin(one, NULL));
    g_assert_false(sk_db_begin(two, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_TIMEOUT);
    g_assert_true(sk_db_commit(one, NULL));
    g_assert_true(sk_db_begin(two, NULL));
    g_assert_true(sk_db_commit(two, NULL));
}

static void
test_full(void)
{
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *path = NULL;
    g_autofree char *large = g_strnfill(100000, 'x');
    g_autoptr(SkDb) db = NULL;
    g_autoptr(SkStmt) add = NULL;
    g_autoptr(GError) error = NULL;

    sk_test_dir_init(&dir);
    path = sk_test_dir_file(&dir, "a.db");
    db = open_file(path, SK_STORE_FULL);
    g_assert_true(sk_db_run(db, "CREATE TABLE t (x TEXT)", NULL));
    g_assert_true(sk_db_run(db, "PRAGMA max_page_count = 10", NULL));
    add = sk_db_prepare(db, "INSERT INTO t (x) VALUES ($1)", NULL);
    sk_stmt_bind_text(add, 1, large);
    g_assert_false(sk_stmt_run(add, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_LIMIT);
    g_assert_cmpint(ask(db, "SELECT count(*) FROM t"), ==, 0);
    g_assert_true(sk_db_run(db, "PRAGMA max_page_count = 1000", NULL));
    sk_stmt_bind_text(add, 1, large);
    g_assert_true(sk_stmt_run(add, NULL));
}

static void
test_refusals(void)
{
    static const struct {
        const char *name;
        int code;
    } cases[] = {
        {"missing/deeper/a.db", SK_ERROR_NOT_FOUND},
        {"link.db", SK_ERROR_DENIED},
        {"directory.db", SK_ERROR_DENIED},
        {"text.db", SK_ERROR_IO},
    };
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *link = NULL, *directory = NULL, *text = NULL;

    sk_test_dir_init(&dir);
    link = sk_test_dir_file(&dir, "link.db");
    directory = sk_test_dir_file(&dir, "directory.db");
    text = sk_test_dir_file(&dir, "text.db");
    g_assert_cmpint(symlink("text.db", link), ==, 0);
    g_assert_cmpint(mkdir(directory, 0700), ==, 0);
    g_assert_true(g_file_set_contents(text, "This is a text and no database.\n", -1, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = sk_test_dir_file(&dir, cases[i].name);
        g_autoptr(GError) error = NULL;

        g_assert_null(sk_store_sqlite_open(path, SK_STORE_FULL, &error));
        g_test_message("%s", error->message);
        g_assert_error(error, SK_ERROR, cases[i].code);
        g_assert_nonnull(strstr(error->message, cases[i].name));
    }
    g_assert_cmpint(rmdir(directory), ==, 0);
}

/* The last folder is made, for nobody else to look into. */
static void
test_folder(void)
{
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *folder = NULL, *path = NULL, *turn = NULL;
    g_autoptr(GError) error = NULL;
    SkDb *db;
    struct stat st;

    sk_test_dir_init(&dir);
    folder = sk_test_dir_file(&dir, "missing");
    path = g_build_filename(folder, "a.db", NULL);
    turn = g_build_filename(folder, "a.db-turn", NULL);
    db = sk_store_sqlite_open(path, SK_STORE_FULL, &error);
    g_assert_no_error(error);
    sk_db_close(db);
    g_assert_cmpint(stat(folder, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 07, ==, 0);
    g_assert_cmpint(unlink(path), ==, 0);
    g_assert_cmpint(unlink(turn), ==, 0);
    g_assert_cmpint(rmdir(folder), ==, 0);
}

/* A file that was used does not begin anew because somebody has removed it. */
static void
test_gone(void)
{
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *path = NULL, *turn = NULL;
    g_autoptr(GError) error = NULL, reading = NULL;

    sk_test_dir_init(&dir);
    path = sk_test_dir_file(&dir, "a.db");
    turn = g_strconcat(path, "-turn", NULL);
    sk_db_close(open_file(path, SK_STORE_FULL));
    g_assert_cmpint(unlink(path), ==, 0);
    g_assert_null(sk_store_sqlite_open(path, SK_STORE_FULL, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, SK_ERROR, SK_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "is gone"));
    g_assert_null(sk_store_sqlite_open_reader(path, &reading));
    g_assert_error(reading, SK_ERROR, SK_ERROR_IO);
    g_assert_cmpint(access(path, F_OK), !=, 0);
    g_assert_cmpint(unlink(turn), ==, 0);
    sk_db_close(open_file(path, SK_STORE_FULL));
}

static void
test_reader(void)
{
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *path = NULL, *none = NULL;
    g_autoptr(SkDb) db = NULL, reader = NULL;
    g_autoptr(GError) missing = NULL, refused = NULL;

    sk_test_dir_init(&dir);
    path = sk_test_dir_file(&dir, "a.db");
    none = sk_test_dir_file(&dir, "none.db");
    db = open_file(path, SK_STORE_NORMAL);
    g_assert_true(sk_db_run(db, "CREATE TABLE t (n BIGINT)", NULL));
    g_assert_true(sk_db_run(db, "INSERT INTO t (n) VALUES (5)", NULL));
    reader = sk_store_sqlite_open_reader(path, NULL);
    g_assert_cmpint(ask(reader, "SELECT n FROM t"), ==, 5);
    g_assert_false(sk_db_run(reader, "DELETE FROM t", &refused));
    g_assert_error(refused, SK_ERROR, SK_ERROR_DENIED);
    g_assert_null(sk_store_sqlite_open_reader(none, &missing));
    g_assert_error(missing, SK_ERROR, SK_ERROR_NOT_FOUND);
    g_assert_false(g_file_test(none, G_FILE_TEST_EXISTS));
}

/* Programs of one host start together; the switch to the write-ahead log wants the file alone
 * for a moment. */
static void *
open_in_thread(void *path)
{
    g_autoptr(SkDb) db = open_file(path, SK_STORE_FULL);

    return GINT_TO_POINTER(sk_db_run(db, "CREATE TABLE IF NOT EXISTS t (n BIGINT)", NULL));
}

static void
test_start_together(void)
{
    for (int round = 0; round < 10; round++) {
        g_auto(SkTestDir) dir = {NULL};
        g_autofree char *path = NULL;
        GThread *threads[8];

        sk_test_dir_init(&dir);
        path = sk_test_dir_file(&dir, "a.db");
        for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
            threads[i] = g_thread_new("opener", open_in_thread, path);
        for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
            g_assert_true(GPOINTER_TO_INT(g_thread_join(threads[i])));
    }
}

/* Says each number it has committed, until it is killed. */
static void
write_for_ever(const char *path, int fd)
{
    g_autoptr(SkDb) db = open_file(path, SK_STORE_FULL);
    g_autoptr(SkStmt) add = sk_db_prepare(db, "INSERT INTO t (n) VALUES ($1)", NULL);

    for (int32_t n = 1;; n++) {
        g_assert_true(sk_db_begin(db, NULL));
        sk_stmt_bind_int(add, 1, n);
        g_assert_true(sk_stmt_run(add, NULL));
        sk_stmt_bind_int(add, 1, -n);
        g_assert_true(sk_stmt_run(add, NULL));
        g_assert_true(sk_db_commit(db, NULL));
        g_assert_cmpint(write(fd, &n, sizeof n), ==, sizeof n);
    }
}

static int32_t
kill_and_count(pid_t child, int fd, int after_ms)
{
    int32_t n, last = 0;
    int status;

    g_usleep((gulong)after_ms * 1000);
    g_assert_cmpint(kill(child, SIGKILL), ==, 0);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status));
    while (read(fd, &n, sizeof n) == sizeof n)
        last = n;
    return last;
}

/* SIGKILL shows what a crash of the program does. That the disk has it when the power fails
 * rests on synchronous=FULL, which test_settings() asks for. */
static void
crash_once(const char *path, int after_ms)
{
    sk_autofd int out = -1, in = -1;
    int fds[2];
    pid_t child;
    int32_t acknowledged;
    g_autoptr(SkDb) db = open_file(path, SK_STORE_FULL);
    int64_t rows;

    g_assert_true(sk_db_run(db, "CREATE TABLE IF NOT EXISTS t (n BIGINT)", NULL));
    g_assert_true(sk_db_run(db, "DELETE FROM t", NULL));
    g_clear_pointer(&db, sk_db_close);
    g_assert_cmpint(pipe(fds), ==, 0);
    out = fds[0];
    in = fds[1];
    child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0)
        write_for_ever(path, in);
    sk_fd_clear(&in);
    acknowledged = kill_and_count(child, out, after_ms);
    db = open_file(path, SK_STORE_FULL);
    rows = ask(db, "SELECT count(*) FROM t");
    g_test_message("%d acknowledged, %d rows after %d ms", acknowledged, (int)rows, after_ms);
    g_assert_cmpint(rows, >=, 2 * acknowledged);
    g_assert_cmpint(rows, <=, 2 * (acknowledged + 1));
    g_assert_cmpint(rows % 2, ==, 0);
    g_assert_cmpint(ask(db, "SELECT count(*) FROM t WHERE n = 1"), ==, rows > 0);
    g_assert_cmpint(ask(db, "SELECT sum(n) IS NULL OR sum(n) = 0 FROM t"), ==, 1);
}

static void
test_crash(void)
{
    int rounds = g_getenv("SEKISHO_LONG") != NULL ? 1000 : 20;
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *path = NULL;

    sk_test_dir_init(&dir);
    path = sk_test_dir_file(&dir, "a.db");
    for (int i = 0; i < rounds; i++)
        crash_once(path, g_test_rand_int_range(20, 120));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-sqlite/crash", test_crash);
    g_test_add_func("/store-sqlite/settings", test_settings);
    g_test_add_func("/store-sqlite/lock", test_lock);
    g_test_add_func("/store-sqlite/full", test_full);
    g_test_add_func("/store-sqlite/refusals", test_refusals);
    g_test_add_func("/store-sqlite/folder", test_folder);
    g_test_add_func("/store-sqlite/gone", test_gone);
    g_test_add_func("/store-sqlite/reader", test_reader);
    g_test_add_func("/store-sqlite/start-together", test_start_together);
    return g_test_run();
}
