/* SPDX-License-Identifier: Apache-2.0 */

/* Programs that hold, release and stop mail are killed at random: what they said they did is so
 * for ever, and nothing that was stopped has begun to leave. */

#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/random.h"
#include "hold/hold-testing.h"

/* Copies of a message; messages of one round at most. */
#define COPIES    2
#define PER_ROUND 1000

/* What a program says before it is killed, in a file that outlives it. */
typedef struct {
    char what; /* 'a'dded, 'l'eaving, 's'ent, 'x' stopped */
    unsigned n, nr;
} Word;

static void
say(int fd, char what, unsigned n, unsigned nr)
{
    const Word word = {what, n, nr};

    g_assert_cmpint(write(fd, &word, sizeof word), ==, sizeof word);
}

static unsigned
number_of(const char *id, unsigned *ret_nr)
{
    *ret_nr = (unsigned)g_ascii_strtoull(strchr(id, '-') + 1, NULL, 10);
    return (unsigned)g_ascii_strtoull(id + strlen("01kaj"), NULL, 10);
}

/* The mail leaves between two commits, as to Postfix. */
static void
release_some(SkDb *db, int fd)
{
    g_autoptr(GPtrArray) copies = NULL;

    if (!sk_hold_claim(db, "test", SECOND / 50, 2, &copies, NULL))
        return;
    for (guint i = 0; i < copies->len; i++) {
        const SkHeldCopy *copy = copies->pdata[i];
        unsigned nr, n = number_of(copy->id, &nr);

        say(fd, 'l', n, nr);
        if (sk_hold_finish(db, copy, SK_COPY_SENT, NULL, NULL, NULL))
            say(fd, 's', n, nr);
    }
}

static void
stop_one(SkDb *db, int fd, unsigned n, unsigned nr)
{
    g_autofree char *id = copy_id(n, nr);
    SkHoldOutcome outcome;

    if (sk_hold_stop(db, id, "hanako@ours.example", NULL, &outcome, NULL) &&
        outcome == SK_HOLD_DONE)
        say(fd, 'x', n, nr);
}

/* For ever: holds messages from FIRST on, releases what is due, stops every third, in turn
 * before and after others could release it. */
static void
work(SkDb *db, int fd, unsigned first)
{
    for (unsigned n = first; n < first + PER_ROUND; n++) {
        uint8_t some = 0;

        if (try_hold(db, n, COPIES, SK_WAIT_TIME, START_US))
            say(fd, 'a', n, 0);
        sk_random_fill(&some, sizeof some);
        if (some % 3 == 0)
            stop_one(db, fd, n, 1);
        release_some(db, fd);
        if (some % 3 == 1)
            stop_one(db, fd, n - first > 2 ? n - 2 : n, 2);
    }
    pause();
}

static int
open_words(const Fixture *f)
{
    g_autofree char *path = g_build_filename(f->dir.path, "words", NULL);
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

    g_assert_cmpint(fd, >=, 0);
    return fd;
}

/* Without a connection of the parent's, which a child must not have. */
static pid_t
start_worker(const Fixture *f, unsigned first)
{
    pid_t pid = fork();

    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        work(open_db(f), open_words(f), first);
        _exit(0);
    }
    return pid;
}

static void
kill_after(pid_t pid, unsigned longest_us)
{
    uint32_t some = 0;

    sk_random_fill(&some, sizeof some);
    g_usleep(some % longest_us);
    g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
}

/* What was said of each copy: letters. */
static GHashTable *
read_words(const Fixture *f, unsigned *ret_added)
{
    g_autofree char *path = g_build_filename(f->dir.path, "words", NULL);
    GHashTable *said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autofree char *text = NULL;
    gsize len = 0;

    g_assert_true(g_file_get_contents(path, &text, &len, NULL));
    g_assert_cmpuint(len % sizeof(Word), ==, 0);
    for (gsize at = 0; at < len; at += sizeof(Word)) {
        Word word;
        char *id, *before;

        memcpy(&word, text + at, sizeof word);
        *ret_added += word.what == 'a' ? 1 : 0;
        id = copy_id(word.n, word.nr);
        before = g_hash_table_lookup(said, id);
        g_hash_table_insert(said, id,
                            g_strdup_printf("%s%c", before != NULL ? before : "", word.what));
    }
    return said;
}

static void
check_copy(const char *id, const char *said, const SkHeldCopy *copy)
{
    bool leaving = strchr(said, 'l') != NULL, stopped = strchr(said, 'x') != NULL;

    g_test_message("%s: %s", id, said);
    g_assert_nonnull(copy);
    g_assert_false(leaving && stopped);
    if (strchr(said, 's') != NULL)
        g_assert_cmpint(copy->state, ==, SK_COPY_SENT);
    if (stopped)
        g_assert_cmpint(copy->state, ==, SK_COPY_STOPPED);
    if (copy->state == SK_COPY_SENT)
        g_assert_true(leaving);
}

static void
check_all(Fixture *f, GHashTable *said)
{
    GHashTableIter all;
    void *id, *words;

    g_hash_table_iter_init(&all, said);
    while (g_hash_table_iter_next(&all, &id, &words)) {
        g_autoptr(SkHeldCopy) copy = NULL;
        unsigned nr, n = number_of(id, &nr);

        if (nr == 0) {
            g_autofree char *message = message_id(n);
            g_autoptr(GPtrArray) copies = NULL;

            MUST(sk_hold_load_copies(f->db, message, &copies, &error));
            g_assert_cmpuint(copies->len, ==, COPIES);
            continue;
        }
        copy = load(f->db, n, nr);
        check_copy(id, words, copy);
    }
}

/* A message is there with its copies and its event, or not at all. */
static void
check_whole(SkDb *db)
{
    int64_t messages = ask(db, "SELECT count(*) FROM held_message");

    g_assert_cmpint(ask(db, "SELECT count(*) FROM held_copy"), ==, COPIES * messages);
    g_assert_cmpint(ask(db, "SELECT count(*) FROM held_recipient"), ==, COPIES * messages);
    g_assert_cmpint(ask(db, "SELECT count(*) FROM held_event WHERE what = 'held'"), ==,
                    messages);
    g_assert_cmpint(ask(db, "SELECT count(*) FROM held_event WHERE what <> 'held'"), ==,
                    ask(db, "SELECT count(*) FROM held_copy WHERE ended_us IS NOT NULL"));
}

/* Nobody is left who holds one: after the leases all are claimed and sent. */
static void
release_rest(Fixture *f)
{
    sk_autofd int fd = open_words(f);

    while (ask(f->db, "SELECT count(*) FROM held_copy WHERE ended_us IS NULL") > 0)
        release_some(f->db, fd);
}

/* Two at a time, so that one claims what the other is killed over. */
static void
test_kill(Fixture *f, const void *data)
{
    unsigned rounds = g_getenv("SEKISHO_LONG") != NULL ? 1000 : 20, added = 0;
    g_autoptr(GHashTable) said = NULL;

    g_clear_pointer(&f->db, sk_db_close);
    close(open_words(f));
    for (unsigned i = 0; i < rounds; i++) {
        pid_t first = start_worker(f, 2 * i * PER_ROUND + 1);
        pid_t second = start_worker(f, (2 * i + 1) * PER_ROUND + 1);

        kill_after(first, 80000);
        kill_after(second, 40000);
    }
    f->db = open_db(f);
    release_rest(f);
    check_whole(f->db);
    said = read_words(f, &added);
    g_test_message("%u messages, %d copies stopped", added,
                   (int)ask(f->db, "SELECT count(*) FROM held_copy WHERE state = 'stopped'"));
    g_assert_cmpuint(added, >, 0);
    check_all(f, said);
}

int
main(int argc, char **argv)
{
    static const HoldCase cases[] = {
        {"kill", test_kill},
        {NULL, NULL},
    };

    g_test_init(&argc, &argv, NULL);
    add_cases("hold-crash", cases);
    return sk_test_postgres_run_tests();
}
