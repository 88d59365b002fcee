/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "net/net-clamd.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/autofree.h"

#define SIZE_LIMIT (8 << 20)

/* What a fake clamd does with one connection. */
typedef enum {
    ANSWER,  /* reads everything, then writes `reply` */
    DRIP,    /* the same, byte by byte */
    HASTE,   /* writes `reply` after the first bytes */
    SILENCE, /* reads everything, says nothing */
    REFUSE,  /* reads a little, writes `reply`, closes with bytes unread */
} Manner;

typedef struct {
    Manner manner;
    const char *reply;
    size_t len; /* 0: the text with its NUL */
} Script;

/* A thread that accepts, and one for each connection. */
typedef struct {
    char *dir, *path, *endpoint;
    int listen_fd;
    GThread *thread;
    GMutex lock;
    GCond cond;
    Script script; /* for all connections */
    bool held;     /* they read nothing */
    GArray *fds;
    GPtrArray *threads;
    GByteArray *got; /* bytes of all scans, in order */
    unsigned open, most, n;
    SkLoop *loop;
    SkScan *scan;
} Fixture;

typedef struct {
    Fixture *f;
    int fd;
} Visit;

typedef struct {
    unsigned calls, rooms;
    SkScanVerdict verdict;
    char *name;
} Answer;

static void
answer_clear(Answer *answer)
{
    g_free(answer->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answer, answer_clear)

static bool
read_all(int fd, void *to, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t got = read(fd, (char *)to + at, n - at);

        if (got <= 0)
            return false;
        at += (size_t)got;
    }
    return true;
}

/* False: the client has gone. */
static bool
read_stream(Visit *visit)
{
    char command[sizeof "zINSTREAM"];
    uint32_t len = 0;

    if (!read_all(visit->fd, command, sizeof command))
        return false;
    g_assert_cmpstr(command, ==, "zINSTREAM");
    while (read_all(visit->fd, &len, 4)) {
        g_autofree uint8_t *chunk = NULL;

        len = GUINT32_FROM_BE(len);
        if (len == 0)
            return true;
        chunk = g_malloc(len);
        if (!read_all(visit->fd, chunk, len))
            return false;
        g_mutex_lock(&visit->f->lock);
        g_byte_array_append(visit->f->got, chunk, len);
        g_mutex_unlock(&visit->f->lock);
    }
    return false;
}

static void
say(Visit *visit, const Script *script)
{
    size_t len = script->len > 0 ? script->len : strlen(script->reply) + 1;
    size_t step = script->manner == DRIP ? 1 : len;

    for (size_t at = 0; at < len; at += step) {
        if (send(visit->fd, script->reply + at, step, MSG_NOSIGNAL) < 0)
            return;
    }
}

static void *
serve(void *data)
{
    g_autofree Visit *visit = data;
    Fixture *f = visit->f;
    Script script;
    char some[16];

    g_mutex_lock(&f->lock);
    f->open++;
    f->most = MAX(f->most, f->open);
    while (f->held)
        g_cond_wait(&f->cond, &f->lock);
    script = f->script;
    g_mutex_unlock(&f->lock);
    if (script.manner == HASTE || script.manner == REFUSE)
        (void)read_all(visit->fd, some, sizeof some);
    else if (!read_stream(visit))
        script.manner = SILENCE;
    /* Before the answer, after which the next may come. */
    g_mutex_lock(&f->lock);
    f->open--;
    g_mutex_unlock(&f->lock);
    if (script.manner != SILENCE)
        say(visit, &script);
    if (script.manner == HASTE || script.manner == SILENCE)
        (void)!read(visit->fd, some, 1);
    /* Closed by the fixture when it goes, so that no number is used again. */
    (void)shutdown(visit->fd, script.manner == REFUSE ? SHUT_RD : SHUT_RDWR);
    return NULL;
}

static void *
accept_all(void *data)
{
    Fixture *f = data;
    int fd;

    while ((fd = accept4(f->listen_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        Visit *visit = g_new0(Visit, 1);

        *visit = (Visit){f, fd};
        g_mutex_lock(&f->lock);
        f->n++;
        g_array_append_val(f->fds, fd);
        g_ptr_array_add(f->threads, g_thread_new("visit", serve, visit));
        g_mutex_unlock(&f->lock);
    }
    return NULL;
}

static int
listen_unix(Fixture *f)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    f->dir = g_dir_make_tmp("sekisho-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "clamd", NULL);
    f->endpoint = g_strdup_printf("unix:%s", f->path);
    g_strlcpy(address.sun_path, f->path, sizeof address.sun_path);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    return fd;
}

static int
listen_inet(Fixture *f)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, size), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &size), ==, 0);
    f->endpoint = g_strdup_printf("inet:127.0.0.1:%u", ntohs(address.sin_port));
    return fd;
}

static void
make_client(Fixture *f, unsigned connections, int64_t wait_ms)
{
    SkClamdOptions options = {f->endpoint, connections, wait_ms, SIZE_LIMIT};

    sk_scan_free(f->scan);
    f->scan = sk_clamd_new(f->loop, &options, NULL);
    g_assert_nonnull(f->scan);
}

/* DATA: "inet" or NULL. */
static void
set_up(Fixture *f, const void *data)
{
    f->listen_fd = data == NULL ? listen_unix(f) : listen_inet(f);
    g_assert_cmpint(listen(f->listen_fd, 64), ==, 0);
    f->script = (Script){ANSWER, "stream: OK", 0};
    f->fds = g_array_new(FALSE, FALSE, sizeof(int));
    f->threads = g_ptr_array_new();
    f->got = g_byte_array_new();
    g_mutex_init(&f->lock);
    g_cond_init(&f->cond);
    f->thread = g_thread_new("clamd", accept_all, f);
    f->loop = sk_loop_new(NULL);
    make_client(f, 2, 60000);
}

static void
stop_clamd(Fixture *f)
{
    (void)shutdown(f->listen_fd, SHUT_RDWR);
    g_clear_pointer(&f->thread, g_thread_join);
    sk_fd_clear(&f->listen_fd);
}

static void
hold(Fixture *f, bool held)
{
    g_mutex_lock(&f->lock);
    f->held = held;
    g_cond_broadcast(&f->cond);
    g_mutex_unlock(&f->lock);
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_scan_free(f->scan);
    sk_loop_free(f->loop);
    hold(f, false);
    if (f->thread != NULL)
        stop_clamd(f);
    for (guint i = 0; i < f->fds->len; i++)
        (void)shutdown(g_array_index(f->fds, int, i), SHUT_RDWR);
    for (guint i = 0; i < f->threads->len; i++)
        g_thread_join(f->threads->pdata[i]);
    for (guint i = 0; i < f->fds->len; i++)
        close(g_array_index(f->fds, int, i));
    g_array_unref(f->fds);
    g_ptr_array_unref(f->threads);
    g_byte_array_unref(f->got);
    g_mutex_clear(&f->lock);
    g_cond_clear(&f->cond);
    if (f->path != NULL) {
        g_unlink(f->path);
        g_rmdir(f->dir);
    }
    g_free(f->path);
    g_free(f->dir);
    g_free(f->endpoint);
}

static void
on_answer(SkScanVerdict verdict, const char *name, void *data)
{
    Answer *answer = data;

    answer->calls++;
    answer->verdict = verdict;
    answer->name = g_strdup(name);
}

static void
on_room(void *data)
{
    ((Answer *)data)->rooms++;
}

static SkScanJob *
begin(Fixture *f, Answer *answer)
{
    return f->scan->begin(f->scan, on_answer, on_room, answer);
}

static void
add_text(Fixture *f, SkScanJob *job, const char *text)
{
    f->scan->add(job, sk_bytes(text, strlen(text)));
}

static void
submit(Fixture *f, Answer *answer, const char *text)
{
    SkScanJob *job = begin(f, answer);

    add_text(f, job, text);
    f->scan->end(job);
    g_assert_cmpuint(answer->calls, ==, 0);
}

static void
await(Fixture *f, const Answer *answer)
{
    while (answer->calls == 0)
        sk_loop_step(f->loop, 1000);
    g_assert_cmpuint(answer->calls, ==, 1);
}

/* Adds what there is room for, as who streams does. */
static void
add_bytes(Fixture *f, SkScanJob *job, Answer *answer, SkBytes bytes)
{
    while (bytes.len > 0 && answer->calls == 0) {
        SkBytes piece = sk_bytes_slice(bytes, 0, 65536);
        unsigned rooms = answer->rooms;

        g_assert_cmpuint(f->scan->pending(job), <, SK_SCAN_ROOM);
        f->scan->add(job, piece);
        bytes = sk_bytes_from(bytes, piece.len);
        while (answer->calls == 0 && answer->rooms == rooms &&
               f->scan->pending(job) >= SK_SCAN_ROOM)
            sk_loop_step(f->loop, 1000);
    }
}

static void
test_answers(Fixture *f, const void *data)
{
    static const struct {
        Manner manner;
        const char *reply;
        size_t len;
        SkScanVerdict verdict;
        const char *name;
    } cases[] = {
        {ANSWER, "stream: OK", 0, SK_SCAN_CLEAN, NULL},
        {DRIP, "stream: OK", 0, SK_SCAN_CLEAN, NULL},
        {ANSWER, "stream: Eicar-Test FOUND", 0, SK_SCAN_FOUND, "Eicar-Test"},
        {DRIP, "stream: A(b:68) C FOUND", 0, SK_SCAN_FOUND, "A(b:68) C"},
        {ANSWER, "INSTREAM size limit exceeded. ERROR", 0, SK_SCAN_LIMIT,
         "larger than clamd takes (its StreamMaxLength)"},
        {ANSWER, "stream: Time limit ERROR", 0, SK_SCAN_TEMPERROR,
         "clamd answered \"stream: Time limit ERROR\""},
        {ANSWER, "stream:  FOUND", 0, SK_SCAN_TEMPERROR, "clamd answered \"stream:  FOUND\""},
        {ANSWER, "1: stream: OK", 0, SK_SCAN_TEMPERROR, "clamd answered \"1: stream: OK\""},
        {ANSWER, "stream: OK\n", 0, SK_SCAN_TEMPERROR, "clamd answered \"stream: OK\\x0a\""},
        {ANSWER, "", 1, SK_SCAN_TEMPERROR, "clamd answered \"\""},
        {ANSWER, "stream: OK\0junk", 15, SK_SCAN_TEMPERROR, "said more than an answer"},
        {ANSWER, "stream: OK", 10, SK_SCAN_TEMPERROR, "ended the connection without an answer"},
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Answer) answer = {0};

        f->script = (Script){cases[i].manner, cases[i].reply, cases[i].len};
        submit(f, &answer, "some bytes of a message");
        await(f, &answer);
        g_assert_cmpint(answer.verdict, ==, cases[i].verdict);
        if (cases[i].name == NULL)
            continue;
        g_assert_true(g_str_has_suffix(answer.name, cases[i].name));
    }
}

static void
test_garbage(Fixture *f, const void *data)
{
    static char junk[5000];
    g_auto(Answer) answer = {0};

    (void)data;
    memset(junk, 'x', sizeof junk);
    f->script = (Script){ANSWER, junk, sizeof junk};
    submit(f, &answer, "x");
    await(f, &answer);
    g_assert_cmpint(answer.verdict, ==, SK_SCAN_TEMPERROR);
    g_assert_true(g_str_has_suffix(answer.name, "gave an answer without end"));
}

/* Nothing passes as clean that clamd has not seen to its end. */
static void
test_early_ok(Fixture *f, const void *data)
{
    g_auto(Answer) answer = {0};
    SkScanJob *job = begin(f, &answer);
    g_autofree char *much = g_strnfill(100000, 'x');

    (void)data;
    f->script = (Script){HASTE, "stream: OK", 0};
    add_text(f, job, much);
    await(f, &answer);
    g_assert_cmpint(answer.verdict, ==, SK_SCAN_TEMPERROR);
    g_assert_true(g_str_has_suffix(answer.name, "answered before it was given everything"));
}

static void
test_early_found(Fixture *f, const void *data)
{
    g_auto(Answer) answer = {0};
    SkScanJob *job = begin(f, &answer);
    g_autofree char *much = g_strnfill(100000, 'x');

    (void)data;
    f->script = (Script){HASTE, "stream: Bad FOUND", 0};
    add_text(f, job, much);
    await(f, &answer);
    g_assert_cmpint(answer.verdict, ==, SK_SCAN_FOUND);
}

/* clamd says why before it closes on who sends too much. */
static void
test_refused_while_sending(Fixture *f, const void *data)
{
    g_auto(Answer) answer = {0};
    SkScanJob *job = begin(f, &answer);
    g_autofree uint8_t *much = g_malloc0(SIZE_LIMIT);

    (void)data;
    f->script = (Script){REFUSE, "INSTREAM size limit exceeded. ERROR", 0};
    add_bytes(f, job, &answer, sk_bytes(much, SIZE_LIMIT));
    if (answer.calls == 0)
        f->scan->end(job);
    await(f, &answer);
    g_assert_cmpint(answer.verdict, ==, SK_SCAN_LIMIT);
}

static void
test_large(Fixture *f, const void *data)
{
    g_auto(Answer) answer = {0};
    SkScanJob *job = begin(f, &answer);
    g_autofree uint8_t *much = g_malloc(SIZE_LIMIT);

    (void)data;
    for (size_t i = 0; i < SIZE_LIMIT; i++)
        much[i] = (uint8_t)(i ^ i >> 8 ^ i >> 16);
    add_bytes(f, job, &answer, sk_bytes(much, SIZE_LIMIT));
    f->scan->end(job);
    await(f, &answer);
    g_assert_cmpint(answer.verdict, ==, SK_SCAN_CLEAN);
    g_assert_cmpmem(f->got->data, f->got->len, much, SIZE_LIMIT);
}

/* Who adds is told to wait, and when to go on. */
static void
test_room(Fixture *f, const void *data)
{
    g_auto(Answer) answer = {0};
    SkScanJob *job = begin(f, &answer);
    g_autofree uint8_t *piece = g_malloc0(65536);

    (void)data;
    hold(f, true);
    while (f->scan->pending(job) < SK_SCAN_ROOM)
        f->scan->add(job, sk_bytes(piece, 65536));
    sk_loop_step(f->loop, 0);
    g_assert_cmpuint(answer.rooms, ==, 0);
    hold(f, false);
    while (answer.rooms == 0)
        sk_loop_step(f->loop, 1000);
    g_assert_cmpuint(f->scan->pending(job), <, SK_SCAN_ROOM);
    f->scan->end(job);
    await(f, &answer);
    g_assert_cmpint(answer.verdict, ==, SK_SCAN_CLEAN);
}

static void
test_too_large(Fixture *f, const void *data)
{
    g_auto(Answer) answer = {0};
    SkScanJob *job = begin(f, &answer);
    g_autofree uint8_t *much = g_malloc0(SIZE_LIMIT);

    (void)data;
    add_bytes(f, job, &answer, sk_bytes(much, SIZE_LIMIT));
    f->scan->add(job, sk_bytes("x", 1));
    g_assert_cmpuint(answer.calls, ==, 0);
    g_assert_cmpuint(f->scan->pending(job), ==, SIZE_MAX);
    f->scan->add(job, sk_bytes("more", 4));
    f->scan->end(job);
    await(f, &answer);
    g_assert_cmpint(answer.verdict, ==, SK_SCAN_LIMIT);
    g_assert_cmpstr(answer.name, ==, "larger than the 8388608 bytes given to a scan");
}

static void
test_silence(Fixture *f, const void *data)
{
    g_auto(Answer) answer = {0};

    (void)data;
    make_client(f, 1, 300);
    f->script.manner = SILENCE;
    submit(f, &answer, "x");
    await(f, &answer);
    g_assert_cmpint(answer.verdict, ==, SK_SCAN_TEMPERROR);
    g_assert_true(g_str_has_suffix(answer.name, "did not answer in time"));
}

/* The wait for a connection counts. */
static void
test_queue_time(Fixture *f, const void *data)
{
    g_auto(Answer) first = {0}, second = {0};
    SkScanJob *job;
    g_autofree char *much = g_strnfill(100000, 'x');

    (void)data;
    make_client(f, 1, 600);
    job = begin(f, &first);
    add_text(f, job, much);
    submit(f, &second, "x");
    await(f, &second);
    g_assert_true(g_str_has_suffix(second.name, "had no connection free in time") ||
                  first.calls == 1);
    await(f, &first);
    g_assert_cmpint(first.verdict, ==, SK_SCAN_TEMPERROR);
}

static void
test_side_by_side(Fixture *f, const void *data)
{
    Answer answers[30] = {0};

    (void)data;
    hold(f, true);
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++)
        submit(f, &answers[i], "x");
    hold(f, false);
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        await(f, &answers[i]);
        g_assert_cmpint(answers[i].verdict, ==, SK_SCAN_CLEAN);
    }
    g_mutex_lock(&f->lock);
    g_assert_cmpuint(f->most, <=, 2);
    g_assert_cmpuint(f->n, ==, G_N_ELEMENTS(answers));
    g_assert_cmpuint(f->got->len, ==, G_N_ELEMENTS(answers));
    g_mutex_unlock(&f->lock);
}

/* One that gathers takes no connection from those that are ready. */
static void
test_gathering(Fixture *f, const void *data)
{
    g_auto(Answer) slow = {0}, ready = {0};
    SkScanJob *job;

    (void)data;
    make_client(f, 1, 60000);
    job = begin(f, &slow);
    add_text(f, job, "little");
    submit(f, &ready, "x");
    await(f, &ready);
    g_assert_cmpuint(slow.calls, ==, 0);
    f->scan->end(job);
    await(f, &slow);
    g_assert_cmpint(slow.verdict, ==, SK_SCAN_CLEAN);
}

static void
test_cancel(Fixture *f, const void *data)
{
    g_auto(Answer) running = {0}, waiting = {0}, done = {0}, last = {0};
    SkScanJob *jobs[3] = {0};
    g_autofree uint8_t *much = g_malloc0(SIZE_LIMIT + 1);

    (void)data;
    make_client(f, 1, 60000);
    hold(f, true);
    jobs[0] = begin(f, &running);
    jobs[1] = begin(f, &waiting);
    jobs[2] = begin(f, &done);
    add_text(f, jobs[0], "x");
    f->scan->end(jobs[0]);
    add_text(f, jobs[1], "x");
    f->scan->end(jobs[1]);
    f->scan->add(jobs[2], sk_bytes(much, SIZE_LIMIT + 1));
    for (size_t i = 0; i < G_N_ELEMENTS(jobs); i++)
        f->scan->cancel(jobs[i]);
    hold(f, false);
    submit(f, &last, "y");
    await(f, &last);
    g_assert_cmpint(last.verdict, ==, SK_SCAN_CLEAN);
    g_assert_cmpuint(running.calls + waiting.calls + done.calls, ==, 0);
}

/* At once, and again when it is back. */
static void
test_away(Fixture *f, const void *data)
{
    g_auto(Answer) gone = {0};

    (void)data;
    make_client(f, 2, G_MAXINT32);
    stop_clamd(f);
    submit(f, &gone, "x");
    await(f, &gone);
    g_assert_cmpint(gone.verdict, ==, SK_SCAN_TEMPERROR);
    g_assert_nonnull(strstr(gone.name, g_strerror(ECONNREFUSED)));
}

static void
test_endpoint(Fixture *f, const void *data)
{
    SkClamdOptions options = {"/run/clamd", 1, 1, 1};
    g_autoptr(GError) error = NULL;

    (void)data;
    g_assert_null(sk_clamd_new(f->loop, &options, &error));
    g_assert_nonnull(error);
}

static void
test_freed_under_way(Fixture *f, const void *data)
{
    g_auto(Answer) running = {0}, waiting = {0}, gathering = {0};

    (void)data;
    make_client(f, 1, 60000);
    submit(f, &running, "x");
    submit(f, &waiting, "x");
    add_text(f, begin(f, &gathering), "x");
    g_clear_pointer(&f->scan, sk_scan_free);
    sk_loop_step(f->loop, 0);
    g_assert_cmpuint(running.calls + waiting.calls + gathering.calls, ==, 0);
}

#define ADD(path, test) g_test_add("/clamd" path, Fixture, NULL, set_up, test, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/answers", test_answers);
    ADD("/garbage", test_garbage);
    ADD("/early-ok", test_early_ok);
    ADD("/early-found", test_early_found);
    ADD("/refused-while-sending", test_refused_while_sending);
    ADD("/large", test_large);
    ADD("/room", test_room);
    ADD("/too-large", test_too_large);
    ADD("/silence", test_silence);
    ADD("/queue-time", test_queue_time);
    ADD("/side-by-side", test_side_by_side);
    ADD("/gathering", test_gathering);
    ADD("/cancel", test_cancel);
    ADD("/away", test_away);
    ADD("/endpoint", test_endpoint);
    ADD("/freed-under-way", test_freed_under_way);
    g_test_add("/clamd/inet", Fixture, "inet", set_up, test_answers, tear_down);
    g_test_add("/clamd/inet-large", Fixture, "inet", set_up, test_large, tear_down);
    g_test_add("/clamd/inet-away", Fixture, "inet", set_up, test_away, tear_down);
    return g_test_run();
}
