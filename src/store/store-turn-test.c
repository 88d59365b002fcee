/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-turn.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/clock.h"
#include "base/error.h"
#include "store/store-sqlite.h"
#include "store/store-testing.h"

static SkDb *
open_file(const char *path)
{
    g_autoptr(GError) error = NULL;
    SkDb *db = sk_store_sqlite_open(path, SK_STORE_NORMAL, &error);

    g_assert_no_error(error);
    return db;
}

static char *
make_database(const SkTestDir *dir)
{
    char *path = sk_test_dir_file(dir, "a.db");
    g_autoptr(SkDb) db = open_file(path);

    g_assert_true(sk_db_run(db, "CREATE TABLE t (n BIGINT)", NULL));
    return path;
}

static int64_t
count_rows(const char *path)
{
    g_autoptr(SkDb) db = sk_store_sqlite_open_reader(path, NULL);
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, "SELECT count(*) FROM t", NULL);
    bool row = false;

    g_assert_true(sk_stmt_next(stmt, &row, NULL));
    g_assert_true(row);
    return sk_stmt_get_int(stmt, 0);
}

static void
write_row(SkDb *db, unsigned hold_us)
{
    g_autoptr(GError) error = NULL;
    bool ok = sk_db_begin(db, &error) && sk_db_run(db, "INSERT INTO t (n) VALUES (1)", &error);

    g_assert_no_error(error);
    g_assert_true(ok);
    g_usleep(hold_us);
    g_assert_true(sk_db_commit(db, NULL));
}

#define GREEDY 4

/* What the writers of one test share: how much each has written. */
typedef struct {
    int stop;
    int done[GREEDY];
} Board;

static Board *
make_board(void)
{
    Board *board =
        mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    g_assert_true(board != MAP_FAILED);
    return board;
}

static int
sum_of(Board *board)
{
    int sum = 0;

    for (int i = 0; i < GREEDY; i++)
        sum += g_atomic_int_get(&board->done[i]);
    return sum;
}

/* Groups of rows as the ledger writes them, one after the other without a pause. */
static void
write_greedily(const char *path, Board *board, int *done)
{
    g_autoptr(SkDb) db = open_file(path);

    while (!g_atomic_int_get(&board->stop)) {
        write_row(db, 5000);
        g_atomic_int_inc(done);
    }
}

static pid_t
start_greedy(const char *path, Board *board, int *done)
{
    pid_t child = fork();

    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        write_greedily(path, board, done);
        _exit(0);
    }
    return child;
}

/* How many transactions of others came before ours, at worst. */
static int
write_shyly(const char *path, Board *board)
{
    g_autoptr(SkDb) db = open_file(path);
    int worst = 0;

    for (int i = 0; i < 25; i++) {
        int before = sum_of(board);

        write_row(db, 0);
        worst = MAX(worst, sum_of(board) - before);
        g_usleep(20000);
    }
    return worst;
}

static void
join(pid_t child)
{
    int status;

    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

static void
test_fair(void)
{
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *path = NULL;
    Board *board = make_board();
    pid_t children[GREEDY];
    int least = INT_MAX, most = 0, worst;

    sk_test_dir_init(&dir);
    path = make_database(&dir);
    for (int i = 0; i < GREEDY; i++)
        children[i] = start_greedy(path, board, &board->done[i]);
    while (sum_of(board) < 4 * GREEDY)
        g_usleep(1000);
    worst = write_shyly(path, board);
    while (sum_of(board) < 60 * GREEDY)
        g_usleep(1000);
    g_atomic_int_set(&board->stop, 1);
    for (int i = 0; i < GREEDY; i++) {
        join(children[i]);
        least = MIN(least, board->done[i]);
        most = MAX(most, board->done[i]);
    }
    g_test_message("%d transactions came before the shy one's at worst; shares %d to %d", worst,
                   least, most);
    /* Five in a fair queue of which one is drawn each time: 60 in vain has odds of 1 to 10^6.
     */
    g_assert_cmpint(worst, <, 60);
    g_assert_cmpint(most, <, 5 * least);
    g_assert_cmpint(count_rows(path), ==, sum_of(board) + 25);
    munmap(board, sizeof *board);
}

/* A process that has the turn and does nothing with it. */
static pid_t
start_holder(const char *path)
{
    sk_autofd int out = -1, in = -1;
    int fds[2];
    char ready;
    pid_t child;

    g_assert_cmpint(pipe(fds), ==, 0);
    out = fds[0];
    in = fds[1];
    child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        int fd = -1;

        g_assert_true(sk_turn_open(path, &fd, NULL));
        g_assert_true(sk_turn_take(fd, 0, NULL));
        g_assert_cmpint(write(in, "x", 1), ==, 1);
        for (;;)
            pause();
    }
    sk_fd_clear(&in);
    g_assert_cmpint(read(out, &ready, 1), ==, 1);
    return child;
}

static void
expect_timeout(const GError *error)
{
    g_assert_error(error, SK_ERROR, SK_ERROR_TIMEOUT);
    g_assert_nonnull(strstr(error->message, "a.db"));
}

/* Frozen, it costs the others their bound and no more, and readers nothing; dead, nothing. */
static void
test_frozen_and_killed(void)
{
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *path = NULL;
    g_autoptr(SkDb) db = NULL;
    g_autoptr(GError) begin = NULL, lone = NULL;
    pid_t holder;
    int status;

    sk_test_dir_init(&dir);
    path = make_database(&dir);
    db = open_file(path);
    sk_store_sqlite_set_wait(db, 30);
    holder = start_holder(path);
    g_assert_cmpint(kill(holder, SIGSTOP), ==, 0);
    g_assert_cmpint(waitpid(holder, &status, WUNTRACED), ==, holder);
    g_assert_true(WIFSTOPPED(status));
    g_assert_false(sk_db_begin(db, &begin));
    expect_timeout(begin);
    g_assert_false(sk_db_run(db, "INSERT INTO t (n) VALUES (2)", &lone));
    expect_timeout(lone);
    g_assert_cmpint(count_rows(path), ==, 0);
    g_assert_cmpint(kill(holder, SIGKILL), ==, 0);
    g_assert_cmpint(waitpid(holder, &status, 0), ==, holder);
    write_row(db, 0);
    g_assert_true(sk_db_run(db, "INSERT INTO t (n) VALUES (2)", NULL));
    g_assert_cmpint(count_rows(path), ==, 2);
}

/* The turn is given back as soon as the lock is there, and when it is not to be had. */
static void
test_given_back(void)
{
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *path = NULL;
    g_autoptr(SkDb) one = NULL, two = NULL;
    sk_autofd int fd = -1;

    sk_test_dir_init(&dir);
    path = make_database(&dir);
    one = open_file(path);
    two = open_file(path);
    g_assert_true(sk_turn_open(path, &fd, NULL));
    g_assert_true(sk_db_begin(one, NULL));
    g_assert_true(sk_turn_take(fd, 0, NULL));
    sk_turn_leave(fd);
    sk_store_sqlite_set_wait(two, 10);
    g_assert_false(sk_db_begin(two, NULL));
    g_assert_true(sk_turn_take(fd, 0, NULL));
    sk_turn_leave(fd);
    g_assert_true(sk_db_commit(one, NULL));
    g_assert_true(sk_db_run(two, "INSERT INTO t (n) VALUES (1)", NULL));
    g_assert_true(sk_turn_take(fd, 0, NULL));
}

static void *
write_in_thread(void *path)
{
    g_autoptr(SkDb) db = open_file(path);

    for (int i = 0; i < 50; i++)
        write_row(db, 100);
    return NULL;
}

static void
test_threads(void)
{
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *path = NULL;
    GThread *threads[6];

    sk_test_dir_init(&dir);
    path = make_database(&dir);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("writer", write_in_thread, path);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    g_assert_cmpint(count_rows(path), ==, 50 * (int)G_N_ELEMENTS(threads));
}

static void
test_one_at_a_time(void)
{
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    sk_autofd int one = -1, two = -1;

    sk_test_dir_init(&dir);
    path = make_database(&dir);
    g_assert_true(sk_turn_open(path, &one, NULL));
    g_assert_true(sk_turn_open(path, &two, NULL));
    g_assert_true(sk_turn_take(one, 0, NULL));
    g_assert_false(sk_turn_take(two, sk_clock_mono_ms(sk_clock_real()) + 5, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_TIMEOUT);
    sk_fd_clear(&one);
    g_assert_true(sk_turn_take(two, 0, NULL));
}

static void
test_rights(void)
{
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *path = NULL, *turn = NULL;
    g_autoptr(GError) error = NULL;
    sk_autofd int fd = -1;
    struct stat st;

    sk_test_dir_init(&dir);
    path = sk_test_dir_file(&dir, "b.db");
    turn = sk_test_dir_file(&dir, "b.db-turn");
    g_assert_true(g_file_set_contents(path, "", 0, NULL));
    g_assert_cmpint(chmod(path, 0660), ==, 0);
    g_assert_false(sk_turn_exists(path));
    umask(0077);
    g_assert_true(sk_turn_open(path, &fd, &error));
    g_assert_no_error(error);
    g_assert_true(sk_turn_exists(path));
    g_assert_cmpint(stat(turn, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 07777, ==, 0660);
    g_assert_cmpint(unlink(turn), ==, 0);
    g_assert_cmpint(symlink(path, turn), ==, 0);
    sk_fd_clear(&fd);
    g_assert_false(sk_turn_open(path, &fd, &error));
    g_assert_nonnull(strstr(error->message, "b.db-turn"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-turn/fair", test_fair);
    g_test_add_func("/store-turn/frozen-and-killed", test_frozen_and_killed);
    g_test_add_func("/store-turn/given-back", test_given_back);
    g_test_add_func("/store-turn/threads", test_threads);
    g_test_add_func("/store-turn/one-at-a-time", test_one_at_a_time);
    g_test_add_func("/store-turn/rights", test_rights);
    return g_test_run();
}
