/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-backup.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "store/store-migrate.h"
#include "store/store-sqlite.h"
#include "store/store-testing.h"

typedef struct {
    SkTestDir dir;
    char *from, *to, *back;
    SkDb *db;
} Fixture;

static const SkMigration steps[] = {
    {1, "pairs", "CREATE TABLE t (n BIGINT, x TEXT)"},
    {0},
};

static void
set_up(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;

    sk_test_dir_init(&f->dir);
    f->from = sk_test_dir_file(&f->dir, "keep.db");
    f->to = sk_test_dir_file(&f->dir, "copy.db");
    f->back = sk_test_dir_file(&f->dir, "back.db");
    f->db = sk_store_sqlite_open(f->from, SK_STORE_FULL, &error);
    g_assert_no_error(error);
    g_assert_true(sk_store_migrate(f->db, "pairs", steps, &error));
    g_assert_no_error(error);
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_db_close(f->db);
    sk_test_dir_clear(&f->dir);
    g_free(f->from);
    g_free(f->to);
    g_free(f->back);
}

/* A row and its opposite, so that the sum of all is always zero. */
static void
add_pair(SkDb *db, int64_t n)
{
    g_autoptr(SkStmt) add = sk_db_prepare(db, "INSERT INTO t (n, x) VALUES ($1, $2)", NULL);
    g_autofree char *text = g_strnfill(2000, 'x');

    g_assert_true(sk_db_begin(db, NULL));
    for (int sign = -1; sign <= 1; sign += 2) {
        sk_stmt_bind_int(add, 1, sign * n);
        sk_stmt_bind_text(add, 2, text);
        g_assert_true(sk_stmt_run(add, NULL));
    }
    g_assert_true(sk_db_commit(db, NULL));
}

static int64_t
ask(const char *path, const char *sql)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkDb) db = sk_store_sqlite_open_reader(path, &error);
    g_autoptr(SkStmt) stmt = NULL;
    bool row = false;

    g_assert_no_error(error);
    stmt = sk_db_prepare(db, sql, &error);
    g_assert_no_error(error);
    g_assert_true(sk_stmt_next(stmt, &row, &error));
    g_assert_true(row);
    return sk_stmt_get_int(stmt, 0);
}

static bool
exists(const char *path, const char *suffix)
{
    g_autofree char *full = g_strconcat(path, suffix, NULL);

    return access(full, F_OK) == 0;
}

typedef struct {
    const char *path;
    int stop, written;
} Traffic;

static void *
write_on(void *data)
{
    Traffic *traffic = data;
    g_autoptr(SkDb) db = sk_store_sqlite_open(traffic->path, SK_STORE_FULL, NULL);

    while (!g_atomic_int_get(&traffic->stop)) {
        add_pair(db, g_atomic_int_get(&traffic->written) + 1);
        g_atomic_int_inc(&traffic->written);
    }
    return NULL;
}

static void
count_bytes(uint64_t bytes, void *data)
{
    *(uint64_t *)data += bytes;
}

static void
backup(const char *from, const char *to, uint64_t *ret_bytes, SkFileSum *ret_sum)
{
    g_autoptr(GError) error = NULL;

    bool ok = sk_backup_sqlite(from, to, count_bytes, ret_bytes, ret_sum, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
}

/* The copy is of one moment between that of its start and that of its end, and nobody who
 * writes waits for it. */
static void
test_online(Fixture *f, const void *data)
{
    Traffic traffic = {.path = f->from};
    GThread *writer;

    for (int i = 1; i <= 3000; i++)
        add_pair(f->db, i);
    writer = g_thread_new("writer", write_on, &traffic);
    for (int round = 0; round < 3; round++) {
        int before = g_atomic_int_get(&traffic.written), after;
        uint64_t bytes = 0;
        SkFileSum sum, again;
        struct stat st;
        int64_t rows;

        backup(f->from, f->to, &bytes, &sum);
        after = g_atomic_int_get(&traffic.written);
        g_assert_true(sk_file_sum(f->to, NULL, NULL, &again, NULL));
        g_assert_true(sk_file_sum_equal(&sum, &again));
        g_assert_cmpuint(bytes, ==, sum.size);
        g_assert_cmpint(stat(f->to, &st), ==, 0);
        g_assert_cmpint(st.st_mode & 07777, ==, 0600);
        g_assert_false(exists(f->to, "-wal"));
        rows = ask(f->to, "SELECT count(*) FROM t") / 2 - 3000;
        g_test_message("%d to %d written, %d in the copy", before, after, (int)rows);
        g_assert_cmpint(rows, >=, before);
        g_assert_cmpint(rows, <=, after + 1);
        g_assert_cmpint(ask(f->to, "SELECT sum(n) FROM t"), ==, 0);
        g_assert_false(exists(f->to, "-wal"));
        g_assert_cmpint(unlink(f->to), ==, 0);
    }
    g_atomic_int_set(&traffic.stop, 1);
    g_thread_join(writer);
    g_assert_cmpint(traffic.written, >, 0);
}

static void
test_not_over_another(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    SkFileSum sum;

    g_assert_true(g_file_set_contents(f->to, "mine", -1, NULL));
    g_assert_false(sk_backup_sqlite(f->from, f->to, NULL, NULL, &sum, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    g_assert_true(g_file_get_contents(f->to, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "mine");
}

/* A damaged database gives no backup that somebody would rely on. */
static void
test_damaged(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *junk = g_strnfill(40960, '\xa5');
    sk_autofd int fd = -1;
    SkFileSum sum;

    for (int i = 1; i < 200; i++)
        add_pair(f->db, i);
    g_clear_pointer(&f->db, sk_db_close);
    fd = open(f->from, O_WRONLY | O_CLOEXEC);
    g_assert_cmpint(pwrite(fd, junk, 40960, 81920), ==, 40960);
    g_assert_false(sk_backup_sqlite(f->from, f->to, NULL, NULL, &sum, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "damaged"));
    g_assert_nonnull(strstr(error->message, f->from));
    g_assert_false(exists(f->to, ""));
}

static void
test_there_and_back(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;
    uint64_t bytes = 0;
    SkFileSum sum;
    struct stat st;
    bool done = true;
    SkDb *db;

    for (int i = 1; i <= 20; i++)
        add_pair(f->db, i);
    backup(f->from, f->to, &bytes, &sum);
    g_assert_true(sk_backup_check_free(f->back, &sum, &done, &error));
    g_assert_false(done);
    /* As it is left when a restore is interrupted here, twice. */
    g_assert_true(sk_backup_bring(f->to, f->back, &sum, NULL, NULL, &error));
    g_assert_false(exists(f->back, ""));
    g_assert_true(sk_backup_bring(f->to, f->back, &sum, NULL, NULL, &error));
    g_assert_true(sk_backup_check_free(f->back, &sum, &done, &error));
    g_assert_false(done);
    g_assert_true(sk_backup_place(f->back, &error));
    g_assert_no_error(error);
    g_assert_true(sk_backup_check_free(f->back, &sum, &done, &error));
    g_assert_true(done);
    g_assert_cmpint(stat(f->back, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 07777, ==, 0640);
    db = sk_store_sqlite_open(f->back, SK_STORE_FULL, &error);
    g_assert_no_error(error);
    add_pair(db, 21);
    sk_db_close(db);
    g_assert_cmpint(ask(f->back, "SELECT count(*) FROM t"), ==, 42);
    g_assert_cmpint(ask(f->back, "SELECT sum(n) FROM t"), ==, 0);
}

static void
expect_taken(const char *path, const SkFileSum *sum)
{
    g_autoptr(GError) error = NULL;
    bool done;

    g_assert_false(sk_backup_check_free(path, sum, &done, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    g_assert_nonnull(strstr(error->message, "move it away"));
}

static void
test_taken(Fixture *f, const void *data)
{
    g_autofree char *log = g_strconcat(f->back, "-wal", NULL);
    g_autoptr(GError) error = NULL;
    const SkFileSum other = {5, "0"};
    SkFileSum sum;

    expect_taken(f->from, &other);
    /* The log of another database would be played into the restored one. */
    g_assert_true(g_file_set_contents(log, "log", -1, NULL));
    expect_taken(f->back, &other);
    g_assert_cmpint(unlink(log), ==, 0);
    g_assert_true(sk_file_sum(f->from, NULL, NULL, &sum, NULL));
    expect_taken(f->from, &sum); /* in use: it has a log */
    g_assert_true(g_file_set_contents(f->to, "backup", -1, NULL));
    g_assert_false(sk_backup_bring(f->to, f->back, &other, NULL, NULL, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_IO);
    g_assert_false(exists(f->back, ""));
    g_assert_false(exists(f->back, "-restored"));
}

/* Somebody made a database while ours was being copied. */
static void
test_race(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    uint64_t bytes = 0;
    SkFileSum sum;

    backup(f->from, f->to, &bytes, &sum);
    g_assert_true(sk_backup_bring(f->to, f->back, &sum, NULL, NULL, NULL));
    g_assert_true(g_file_set_contents(f->back, "mine", -1, NULL));
    g_assert_false(sk_backup_place(f->back, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    g_assert_true(g_file_get_contents(f->back, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "mine");
}

static void
test_modules(Fixture *f, const void *data)
{
    static const SkMigration no_steps[] = {{0}};
    static const SkTables known = {.name = "pairs", .database = SK_KEEP, .steps = steps};
    static const SkTables older = {.name = "pairs", .database = SK_KEEP, .steps = no_steps};
    static const SkTables elsewhere = {.name = "pairs", .database = SK_KNOW, .steps = steps};
    const SkTables *const *cases[] = {(const SkTables *const[]){&known, NULL},
                                      (const SkTables *const[]){&older, NULL},
                                      (const SkTables *const[]){&elsewhere, NULL}};
    g_autoptr(SkManifest) manifest = sk_manifest_new(false, 0);
    const SkBackupModule *module;

    g_assert_true(sk_backup_note_modules(f->db, SK_KEEP, manifest, NULL));
    g_assert_cmpuint(manifest->modules->len, ==, 1);
    module = manifest->modules->pdata[0];
    g_assert_cmpstr(module->name, ==, "pairs");
    g_assert_cmpint(module->version, ==, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_cmpint(sk_backup_check_modules(manifest, cases[i], &error), ==, i == 0);
        if (i > 0)
            g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
    }
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(Fixture *f, const void *data);
    } cases[] = {
        {"/store-backup/online", test_online},
        {"/store-backup/not-over-another", test_not_over_another},
        {"/store-backup/damaged", test_damaged},
        {"/store-backup/there-and-back", test_there_and_back},
        {"/store-backup/taken", test_taken},
        {"/store-backup/race", test_race},
        {"/store-backup/modules", test_modules},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_test_add(cases[i].path, Fixture, NULL, set_up, cases[i].test, tear_down);
    return g_test_run();
}
