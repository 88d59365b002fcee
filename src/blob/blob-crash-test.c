/* SPDX-License-Identifier: Apache-2.0 */

/* A program that stores files is killed: what it has acknowledged is there, what it has not is
 * nothing but an orphan. SIGKILL shows what a crash of the program does; that the disk has it
 * all when the power fails rests on the syncs of the place and of the database. */

#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/limit.h"
#include "blob/blob-testing.h"
#include "blob/blob-verify.h"

#define DAY_US (SK_LIMIT_BLOB_ORPHAN_S * INT64_C(1000000))

static const uint64_t sizes[] = {0, 5000, 70000, 262000, 263000, 400000, 900000};

/* The child and the test know each other's files by their numbers. */
typedef struct {
    char id[SK_BLOB_ID_LEN + 1];
    uint32_t seed;
} Word;

static bool
add_row(SkDb *keep, void *row, GError **error)
{
    return sk_blob_store_add(keep, row, error);
}

/* Says each file it has stored, until it is killed. */
static void
store_for_ever(const SkBlobTest *t, SkDirectoryParts parts, int fd)
{
    SkBlobPlace *place = sk_store_blob_directory_open(t->blobs, parts, NULL);
    SkDb *keep = sk_blob_test_open_keep(t);

    for (uint32_t seed = 0;; seed++) {
        g_autoptr(SkBlobRow) row = sk_blob_test_put(
            place, &t->site, sizes[seed % G_N_ELEMENTS(sizes)], seed, 30000, NULL);
        Word word = {.seed = seed};

        g_assert_nonnull(row);
        g_assert_true(sk_db_transact(keep, add_row, row, NULL));
        memcpy(word.id, row->id, sizeof word.id);
        g_assert_cmpint(write(fd, &word, sizeof word), ==, sizeof word);
    }
}

/* What it had said when it died. Caller owns. */
static GArray *
kill_and_read(pid_t child, int fd, int after_ms)
{
    GArray *words = g_array_new(FALSE, FALSE, sizeof(Word));
    int status;
    Word word;

    g_usleep((gulong)after_ms * 1000);
    g_assert_cmpint(kill(child, SIGKILL), ==, 0);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status));
    while (read(fd, &word, sizeof word) == sizeof word)
        g_array_append_val(words, word);
    return words;
}

static GArray *
run_child(const SkBlobTest *t, SkDirectoryParts parts, int after_ms)
{
    sk_autofd int out = -1, in = -1;
    int fds[2];
    pid_t child;

    g_assert_cmpint(pipe(fds), ==, 0);
    out = fds[0];
    in = fds[1];
    child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0)
        store_for_ever(t, parts, in);
    sk_fd_clear(&in);
    return kill_and_read(child, out, after_ms);
}

static void
check_acknowledged(const SkBlobTest *t, const GArray *words)
{
    for (guint i = 0; i < words->len; i++) {
        const Word *word = &g_array_index(words, Word, i);
        g_autoptr(SkBlobRow) row = NULL;
        g_autoptr(GError) error = NULL;

        g_assert_true(sk_blob_store_load(t->keep, word->id, &row, &error));
        g_assert_nonnull(row);
        g_assert_true(sk_blob_test_is_right(t, row, word->seed, &error));
        g_assert_no_error(error);
    }
}

typedef struct {
    unsigned orphans, other;
} Found;

static void
on_trouble(SkBlobState state, const char *name, void *data)
{
    Found *found = data;

    if (state == SK_BLOB_ORPHAN)
        found->orphans++;
    else
        found->other++;
    g_test_message("%s %s", sk_blob_state_name(state), name);
}

/* A day later: what is amiss. */
static Found
look(const SkBlobTest *t, uint64_t *ret_rows)
{
    Found found = {0, 0};
    SkBlobWatcher watcher = {on_trouble, NULL, &found};
    SkBlobTally tally = {0};
    int64_t later_us = g_get_real_time() + DAY_US + 10000000;

    g_assert_true(sk_blob_verify(t->keep, t->place, later_us, &watcher, &tally, NULL));
    *ret_rows = tally.rows;
    return found;
}

static void
sweep(const SkBlobTest *t, unsigned expected)
{
    int64_t later_us = g_get_real_time() + DAY_US + 10000000;
    char cursor[SK_BLOB_ID_LEN + 1] = "";
    unsigned removed = 0;

    do {
        unsigned some = 0;

        g_assert_true(
            sk_blob_remove_orphans(t->keep, t->place, later_us, 50, cursor, &some, NULL));
        removed += some;
    } while (*cursor != '\0');
    g_assert_cmpuint(removed, ==, expected);
}

static bool
collect(const char *id, uint64_t size, int64_t made_us, void *data)
{
    g_ptr_array_add(data, g_strdup(id));
    return true;
}

/* Back to the beginning, for the next round. */
static void
forget_all(const SkBlobTest *t)
{
    g_autoptr(GPtrArray) rows = NULL, ids = g_ptr_array_new_with_free_func(g_free);

    g_assert_true(sk_db_begin(t->keep, NULL));
    g_assert_true(sk_blob_store_list(t->keep, "", 10000, &rows, NULL));
    for (guint i = 0; i < rows->len; i++)
        g_assert_true(sk_blob_store_remove(t->keep, ((SkBlobRow *)rows->pdata[i])->id, NULL));
    g_assert_true(sk_db_commit(t->keep, NULL));
    g_assert_true(sk_blob_place_list(t->place, "", INT64_MAX, collect, ids, NULL));
    for (guint i = 0; i < ids->len; i++)
        g_assert_true(sk_blob_place_remove(t->place, ids->pdata[i], NULL));
}

static void
check_round(const SkBlobTest *t, const GArray *words)
{
    uint64_t rows;
    Found found = look(t, &rows);

    g_test_message("%u acknowledged, %u rows, %u orphans", words->len, (unsigned)rows,
                   found.orphans);
    g_assert_cmpuint(found.other, ==, 0);
    g_assert_cmpuint(found.orphans, <=, 1); /* it did one thing at a time */
    g_assert_cmpuint(rows, >=, words->len);
    g_assert_cmpuint(rows, <=, words->len + 1);
    sweep(t, found.orphans);
    found = look(t, &rows);
    g_assert_cmpuint(found.orphans + found.other, ==, 0);
    check_acknowledged(t, words);
}

static void
crash_once(SkBlobTest *t, SkDirectoryParts parts, int after_ms)
{
    g_autoptr(GArray) words = NULL;

    g_clear_pointer(&t->keep, sk_db_close); /* no connection survives a fork */
    words = run_child(t, parts, after_ms);
    t->keep = sk_blob_test_open_keep(t);
    check_acknowledged(t, words);
    check_round(t, words);
    forget_all(t);
}

static void
set_up(SkBlobTest *t, const void *data)
{
    sk_blob_test_init(t, data);
}

static void
tear_down(SkBlobTest *t, const void *data)
{
    sk_blob_test_clear(t);
}

/* Half the rounds with names while files are written, whose remains are no foreign files. */
static void
test_crash(SkBlobTest *t, const void *data)
{
    int rounds = g_getenv("SEKISHO_LONG") != NULL ? 1000 : 20;
    int64_t since_us;

    g_assert_true(sk_blob_store_since(t->keep, 0, &since_us, NULL));
    for (int i = 0; i < rounds; i++)
        crash_once(t, i % 2 == 0 ? SK_DIRECTORY_UNNAMED : SK_DIRECTORY_NAMED,
                   g_test_rand_int_range(10, 150));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    SK_TEST_ADD_BOTH(SkBlobTest, "blob", "crash", set_up, test_crash, tear_down);
    return sk_test_postgres_run_tests();
}
