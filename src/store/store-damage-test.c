/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* unshare */

/* What a SQLite file does when the disk is full, and when somebody wrote into the file: errors
 * that say what to do, and nothing lost that was there. */

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "store/store-sqlite.h"
#include "store/store-testing.h"

#define SKIPPED 77

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
expect_sound(const char *path, int64_t rows)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkDb) db = sk_store_sqlite_open_reader(path, &error);

    g_assert_no_error(error);
    g_assert_cmpint(ask(db, "SELECT count(*) FROM t"), ==, rows);
    g_assert_cmpint(ask(db, "SELECT count(*) FROM pragma_integrity_check"
                            " WHERE integrity_check = 'ok'"),
                    ==, 1);
    g_assert_true(sk_store_sqlite_check(path, &error));
    g_assert_no_error(error);
}

/* --- A full disk: a file system of 1 MiB, seen by one child process only. --- */

static bool
write_text(const char *path, const char *text)
{
    sk_autofd int fd = open(path, O_WRONLY | O_CLOEXEC);

    return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* Who is not root becomes root of a namespace of his own, if the system lets him. */
static bool
become_mounter(void)
{
    g_autofree char *uids = g_strdup_printf("0 %u 1", geteuid());
    g_autofree char *gids = g_strdup_printf("0 %u 1", getegid());

    if (geteuid() == 0)
        return unshare(CLONE_NEWNS) == 0;
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
           write_text("/proc/self/setgroups", "deny") &&
           write_text("/proc/self/uid_map", uids) && write_text("/proc/self/gid_map", gids);
}

static bool
mount_small(const char *folder)
{
    return become_mounter() && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("small", folder, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=0700") == 0;
}

typedef struct {
    char *path, *ballast;
    SkStoreDurability durability;
} Small;

/* Takes all the room but LEAVE bytes. */
static void
fill_up(const Small *small, size_t leave)
{
    static const char block[4096] = {1};
    sk_autofd int fd = open(small->ballast, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    off_t size = 0;

    g_assert_cmpint(fd, >=, 0);
    while (write(fd, block, sizeof block) == sizeof block)
        size += sizeof block;
    g_assert_cmpint(errno, ==, ENOSPC);
    g_assert_cmpint(ftruncate(fd, MAX(size - (off_t)leave, 0)), ==, 0);
}

static void
make_room(const Small *small)
{
    g_assert_cmpint(unlink(small->ballast), ==, 0);
}

static void
expect_full(const GError *error, const char *path)
{
    g_assert_error(error, SK_ERROR, SK_ERROR_LIMIT);
    g_assert_nonnull(strstr(error->message, "the disk is full"));
    g_assert_nonnull(strstr(error->message, path));
}

static bool
add_row(SkDb *db, GError **error)
{
    g_autofree char *text = g_strnfill(10000, 'x');
    g_autoptr(SkStmt) add = sk_db_prepare(db, "INSERT INTO t (x) VALUES ($1)", error);

    if (add == NULL)
        return false;
    sk_stmt_bind_text(add, 1, text);
    return sk_stmt_run(add, error);
}

/* Rows until there is no room; how many. */
static int
add_until_full(SkDb *db, const char *path)
{
    g_autoptr(GError) error = NULL;
    int n = 0;

    while (add_row(db, &error))
        n++;
    expect_full(error, path);
    return n;
}

static void
fill_lone(const Small *small)
{
    g_autoptr(SkDb) db = open_file(small->path, small->durability);
    int rows;

    g_assert_true(sk_db_run(db, "CREATE TABLE t (x TEXT)", NULL));
    fill_up(small, 100000);
    rows = add_until_full(db, small->path);
    g_assert_cmpint(rows, >, 2);
    expect_sound(small->path, rows);
    make_room(small);
    g_assert_true(add_row(db, NULL));
    expect_sound(small->path, rows + 1);
}

/* SPILL: the rows do not fit into the cache, so that the disk is full before the commit. */
static void
fill_transaction(const Small *small, bool spill)
{
    g_autoptr(SkDb) db = open_file(small->path, small->durability);
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_db_run(db, "CREATE TABLE t (x TEXT)", NULL));
    g_assert_true(add_row(db, NULL));
    if (spill)
        g_assert_true(sk_db_run(db, "PRAGMA cache_size = 5", NULL));
    fill_up(small, 50000);
    g_assert_true(sk_db_begin(db, NULL));
    if (spill) {
        g_assert_cmpint(add_until_full(db, small->path), >, 1);
        sk_db_rollback(db);
    } else {
        for (int i = 0; i < 10; i++)
            g_assert_true(add_row(db, NULL));
        g_assert_false(sk_db_commit(db, &error));
        expect_full(error, small->path);
    }
    expect_sound(small->path, 1);
    make_room(small);
    g_assert_true(sk_db_begin(db, NULL));
    for (int i = 0; i < 10; i++)
        g_assert_true(add_row(db, NULL));
    g_assert_true(sk_db_commit(db, NULL));
    expect_sound(small->path, 11);
}

static void
fill_spilling(const Small *small)
{
    fill_transaction(small, true);
}

static void
fill_committing(const Small *small)
{
    fill_transaction(small, false);
}

/* What is in the log does not fit into the file any more: it stays in the log, and comes out of
 * it when there is room. */
static void
fill_checkpoint(const Small *small)
{
    SkDb *db = open_file(small->path, small->durability);
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_db_run(db, "CREATE TABLE t (x TEXT)", NULL));
    for (int i = 0; i < 30; i++)
        g_assert_true(add_row(db, NULL));
    fill_up(small, 0);
    g_assert_false(sk_db_run(db, "PRAGMA wal_checkpoint(TRUNCATE)", &error));
    expect_full(error, small->path);
    expect_sound(small->path, 30);
    sk_db_close(db);
    make_room(small);
    db = open_file(small->path, small->durability);
    expect_sound(small->path, 30);
    g_assert_true(sk_db_run(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL));
    sk_db_close(db);
    expect_sound(small->path, 30);
}

/* Nothing can be opened, and nothing happens to what is there. */
static void
fill_before_opening(const Small *small)
{
    SkDb *db = open_file(small->path, small->durability);
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_db_run(db, "CREATE TABLE t (x TEXT)", NULL));
    g_assert_true(add_row(db, NULL));
    sk_db_close(db);
    fill_up(small, 0);
    db = sk_store_sqlite_open(small->path, small->durability, &error);
    if (db != NULL) {
        g_assert_false(add_row(db, &error));
        sk_db_close(db);
    }
    expect_full(error, small->path);
    make_room(small);
    expect_sound(small->path, 1);
}

static void
fill_before_making(const Small *small)
{
    g_autoptr(GError) error = NULL;
    SkDb *db;

    fill_up(small, 0);
    g_assert_null(sk_store_sqlite_open(small->path, small->durability, &error));
    expect_full(error, small->path);
    make_room(small);
    db = open_file(small->path, small->durability);
    g_assert_true(sk_db_run(db, "CREATE TABLE t (x TEXT)", NULL));
    sk_db_close(db);
    expect_sound(small->path, 0);
}

typedef void (*SmallCase)(const Small *small);

static int
run_mounted(const char *folder, SmallCase test)
{
    static const SkStoreDurability durabilities[] = {SK_STORE_FULL, SK_STORE_NORMAL};

    for (size_t i = 0; i < G_N_ELEMENTS(durabilities); i++) {
        g_autofree char *path = g_build_filename(folder, "a.db", NULL);
        g_autofree char *ballast = g_build_filename(folder, "ballast", NULL);

        if (!mount_small(folder))
            return SKIPPED;
        test(&(Small){path, ballast, durabilities[i]});
        g_assert_cmpint(umount2(folder, MNT_DETACH), ==, 0);
    }
    return 0;
}

static void
test_small(const void *data)
{
    SmallCase test = *(const SmallCase *)data;
    g_auto(SkTestDir) dir = {NULL};
    pid_t child;
    int status;

    sk_test_dir_init(&dir);
    child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0)
        _exit(run_mounted(dir.path, test));
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == SKIPPED)
        g_test_skip("no small file system can be mounted here: a full disk was not tried");
    else
        g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

/* --- Damage --- */

#define ROWS 200

/* Closed in order, so that all of it is in one file. */
static char *
make_database(const SkTestDir *dir)
{
    char *path = sk_test_dir_file(dir, "a.db");
    g_autoptr(SkDb) db = open_file(path, SK_STORE_FULL);

    g_assert_true(sk_db_run(db, "CREATE TABLE t (x TEXT)", NULL));
    for (int i = 0; i < ROWS; i++)
        g_assert_true(add_row(db, NULL));
    return path;
}

static GBytes *
read_file(const char *path)
{
    char *data;
    gsize len;

    g_assert_true(g_file_get_contents(path, &data, &len, NULL));
    return g_bytes_new_take(data, len);
}

static void
overwrite(const char *path, off_t at, size_t n)
{
    g_autofree char *junk = g_strnfill(n, '\xa5');
    sk_autofd int fd = open(path, O_WRONLY | O_CLOEXEC);

    g_assert_cmpint(pwrite(fd, junk, n, at), ==, (ssize_t)n);
}

static void
damage_head(const char *path)
{
    overwrite(path, 0, 100);
}

/* The pages of the first rows, and with them those that say where the others are. */
static void
damage_middle(const char *path)
{
    overwrite(path, 4096, 20 * 4096);
}

static void
damage_end(const char *path)
{
    g_assert_cmpint(truncate(path, 40 * 4096), ==, 0);
}

static void
damage_half_page(const char *path)
{
    g_assert_cmpint(truncate(path, 1000), ==, 0);
}

static void
damage_all(const char *path)
{
    g_assert_cmpint(truncate(path, 0), ==, 0);
}

/* Opens the file and reads all of it, as whoever uses it does sooner or later. */
static bool
use(const char *path, bool reader, GError **error)
{
    g_autoptr(SkDb) db = reader ? sk_store_sqlite_open_reader(path, error)
                                : sk_store_sqlite_open(path, SK_STORE_FULL, error);
    g_autoptr(SkStmt) stmt = NULL;

    if (db != NULL)
        stmt = sk_db_prepare(db, "SELECT sum(length(x)) FROM t", error);
    return stmt != NULL && sk_stmt_run(stmt, error);
}

static void
expect_damaged(const GError *error, const char *path)
{
    g_test_message("%s", error->message);
    g_assert_error(error, SK_ERROR, SK_ERROR_IO);
    g_assert_nonnull(strstr(error->message, path));
    g_assert_nonnull(strstr(error->message, "it is damaged"));
    g_assert_nonnull(strstr(error->message, "`sekisho store restore`"));
}

static void
test_damage(void)
{
    void (*const damages[])(const char *path) = {damage_head, damage_middle, damage_end,
                                                 damage_half_page, damage_all};

    for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
        g_auto(SkTestDir) dir = {NULL};
        g_autofree char *path = NULL;
        g_autoptr(GBytes) before = NULL, after = NULL;
        g_autoptr(GError) writer = NULL, reader = NULL, check = NULL;

        sk_test_dir_init(&dir);
        path = make_database(&dir);
        expect_sound(path, ROWS);
        damages[i](path);
        before = read_file(path);
        g_assert_false(use(path, false, &writer));
        expect_damaged(writer, path);
        g_assert_false(use(path, true, &reader));
        expect_damaged(reader, path);
        g_assert_false(sk_store_sqlite_check(path, &check));
        expect_damaged(check, path);
        after = read_file(path);
        g_assert_true(g_bytes_equal(before, after));
    }
}

/* --- Rights; root has them all, so a child gives them up. --- */

static int
open_as_nobody(const char *path)
{
    g_autoptr(GError) written = NULL, read = NULL;

    if (geteuid() == 0 && setuid(65534) != 0)
        return SKIPPED;
    g_assert_null(sk_store_sqlite_open(path, SK_STORE_FULL, &written));
    g_assert_error(written, SK_ERROR, SK_ERROR_DENIED);
    g_assert_nonnull(strstr(written->message, path));
    g_assert_nonnull(strstr(written->message, "who runs this"));
    g_assert_null(sk_store_sqlite_open_reader(path, &read));
    g_assert_error(read, SK_ERROR, SK_ERROR_DENIED);
    return 0;
}

static void
test_rights(void)
{
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *path = NULL;
    pid_t child;
    int status;

    sk_test_dir_init(&dir);
    path = make_database(&dir);
    g_assert_cmpint(chmod(dir.path, 0755), ==, 0);
    g_assert_cmpint(chmod(path, 0), ==, 0);
    child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0)
        _exit(open_as_nobody(path));
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == SKIPPED)
        g_test_skip("no other user can be had here: wrong rights were not tried");
    else
        g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        SmallCase test;
    } cases[] = {
        {"lone", fill_lone},
        {"spilling", fill_spilling},
        {"committing", fill_committing},
        {"checkpoint", fill_checkpoint},
        {"before-opening", fill_before_opening},
        {"before-making", fill_before_making},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/store-damage/full/%s", cases[i].name);

        g_test_add_data_func(path, &cases[i].test, test_small);
    }
    g_test_add_func("/store-damage/damage", test_damage);
    g_test_add_func("/store-damage/rights", test_rights);
    return g_test_run();
}
