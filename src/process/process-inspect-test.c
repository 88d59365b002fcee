/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-inspect.h"

#include <sys/socket.h>

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/autofree.h"
#include "base/error.h"
#include "process/process-socket.h"
#include "process/process-wire.h"

/* The test itself plays master and worker: it accepts, reads the job, writes what it likes. */
typedef struct {
    char *dir, *path;
    int listen_fd;
    SkLoop *loop;
    SkInspect *inspect;
} Fixture;

typedef struct {
    SkInspectResult *result;
    GError *error;
    unsigned calls;
} Answer;

static void
answer_clear(Answer *answer)
{
    sk_inspect_result_free(answer->result);
    g_clear_error(&answer->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answer, answer_clear)

static void
set_up(Fixture *f, const void *data)
{
    f->dir = g_dir_make_tmp("sekisho-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "socket", NULL);
    f->listen_fd = sk_socket_listen(f->path, 0600, NULL);
    g_assert_cmpint(f->listen_fd, >=, 0);
    f->loop = sk_loop_new(NULL);
    f->inspect = sk_process_inspect_new(f->loop, f->path, 2, 1000);
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_inspect_free(f->inspect);
    sk_loop_free(f->loop);
    sk_fd_clear(&f->listen_fd);
    g_unlink(f->path);
    g_rmdir(f->dir);
    g_free(f->path);
    g_free(f->dir);
}

static void
on_answer(SkInspectResult *result, const GError *error, void *data)
{
    Answer *answer = data;

    answer->result = result;
    answer->error = error != NULL ? g_error_copy(error) : NULL;
    answer->calls++;
}

static void
submit(Fixture *f, Answer *answer)
{
    SkInspectJob job = {.kind = SK_INSPECT_MAIL, .fd = -1, .bytes = {(const uint8_t *)"x", 1}};

    sk_inspect_submit(f->inspect, &job, on_answer, answer);
    g_assert_cmpuint(answer->calls, ==, 0);
}

/* The connection of the next worker; -1 when the client opens none. */
static int
accept_next(Fixture *f)
{
    struct pollfd one = {f->listen_fd, POLLIN, 0};

    return poll(&one, 1, 200) == 1 ? accept(f->listen_fd, NULL, NULL) : -1;
}

static void
read_job(int fd)
{
    uint8_t bytes[1000];

    g_assert_cmpint(read(fd, bytes, sizeof bytes), >, SK_FRAME_HEADER);
}

static void
write_result(int fd, uint32_t number, bool last)
{
    g_autoptr(SkInspectResult) result = sk_inspect_result_new();
    g_auto(SkBuffer) out;

    sk_buffer_init(&out, 1000);
    result->inspected = true;
    g_assert_true(sk_wire_put_result(&out, number, last, result));
    g_assert_cmpint(write(fd, out.data, out.len), ==, (gssize)out.len);
}

static void
write_obituary(int fd, uint32_t number, SkDeath death)
{
    uint8_t bytes[SK_WIRE_OBITUARY_SIZE];

    sk_wire_write_obituary(bytes, &(SkObituary){number, death, 11});
    g_assert_cmpint(write(fd, bytes, sizeof bytes), ==, sizeof bytes);
}

static void
run(Fixture *f, const Answer *answer)
{
    for (int i = 0; i < 50 && answer->calls == 0; i++)
        sk_loop_step(f->loop, 50);
    g_assert_cmpuint(answer->calls, ==, 1);
}

static void
assert_found(const Answer *answer, const char *id)
{
    g_assert_no_error(answer->error);
    g_assert_nonnull(sk_findings_find(answer->result->findings, id, NULL));
    g_assert_false(answer->result->inspected);
}

/* Two jobs one after the other go over one connection, with numbers 1 and 2. */
static void
test_reuse(Fixture *f, const void *data)
{
    g_auto(Answer) first = {0};
    g_auto(Answer) second = {0};
    sk_autofd int fd = -1;

    submit(f, &first);
    fd = accept_next(f);
    read_job(fd);
    write_result(fd, 1, false);
    run(f, &first);
    g_assert_true(first.result->inspected);
    submit(f, &second);
    g_assert_cmpint(accept_next(f), ==, -1);
    read_job(fd);
    write_result(fd, 2, false);
    run(f, &second);
    g_assert_true(second.result->inspected);
}

static void
test_last(Fixture *f, const void *data)
{
    g_auto(Answer) first = {0};
    g_auto(Answer) second = {0};
    sk_autofd int fd = -1, next = -1;

    submit(f, &first);
    fd = accept_next(f);
    write_result(fd, 1, true);
    run(f, &first);
    submit(f, &second);
    next = accept_next(f);
    g_assert_cmpint(next, >=, 0);
    write_result(next, 1, false);
    run(f, &second);
    g_assert_no_error(second.error);
}

static void
test_obituary(Fixture *f, const void *data)
{
    g_auto(Answer) answer = {0};
    sk_autofd int fd = -1;

    submit(f, &answer);
    fd = accept_next(f);
    g_assert_cmpint(write(fd, "SKF1\2\0\0\0\377\0\0\0half", 16), ==, 16);
    write_obituary(fd, 1, SK_DEATH_TIMEOUT);
    sk_fd_clear(&fd);
    run(f, &answer);
    assert_found(&answer, "inspect.timeout");
}

/* The worker died before it began: another gets the job, three times. */
static void
test_unbegun(Fixture *f, const void *data)
{
    g_auto(Answer) answer = {0};

    submit(f, &answer);
    for (int i = 0; i < 3; i++) {
        int fd = accept_next(f);

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpuint(answer.calls, ==, 0);
        write_obituary(fd, 0, SK_DEATH_CRASHED);
        close(fd);
        sk_loop_step(f->loop, 50);
    }
    g_assert_cmpint(accept_next(f), ==, -1);
    run(f, &answer);
    g_assert_error(answer.error, SK_ERROR, SK_ERROR_IO);
}

static void
test_lost(Fixture *f, const void *data)
{
    g_auto(Answer) answer = {0};

    submit(f, &answer);
    close(accept_next(f));
    run(f, &answer);
    g_assert_error(answer.error, SK_ERROR, SK_ERROR_IO);
}

static void
test_foreign(Fixture *f, const void *data)
{
    g_auto(Answer) answer = {0};
    sk_autofd int fd = -1;

    submit(f, &answer);
    fd = accept_next(f);
    g_assert_cmpint(write(fd, "SKF2\2\0\0\0\4\0\0\0abcd", 16), ==, 16);
    run(f, &answer);
    g_assert_error(answer.error, SK_ERROR, SK_ERROR_PROTOCOL);
}

static void
test_nonsense(Fixture *f, const void *data)
{
    static const struct {
        const char *what, *bytes;
    } cases[] = {
        {"no result inside", "SKF1\2\0\0\0\4\0\0\0abcd"},
        {"another type", "SKF1\1\0\0\0\4\0\0\0abcd"},
        {"too long", "SKF1\2\0\0\0\0\0\0\377abcd"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Answer) answer = {0};
        sk_autofd int fd = -1;

        g_test_message("%s", cases[i].what);
        submit(f, &answer);
        fd = accept_next(f);
        g_assert_cmpint(write(fd, cases[i].bytes, 16), ==, 16);
        run(f, &answer);
        assert_found(&answer, "inspect.crashed");
    }
}

/* The answer to a job that was not asked. */
static void
test_wrong_number(Fixture *f, const void *data)
{
    g_auto(Answer) answer = {0};
    sk_autofd int fd = -1;

    submit(f, &answer);
    fd = accept_next(f);
    write_result(fd, 2, false);
    run(f, &answer);
    assert_found(&answer, "inspect.crashed");
}

/* An answer given in advance is never taken for that of the next job. */
static void
test_unasked(Fixture *f, const void *data)
{
    g_auto(Answer) first = {0};
    g_auto(Answer) second = {0};
    sk_autofd int fd = -1, next = -1;

    submit(f, &first);
    fd = accept_next(f);
    write_result(fd, 1, false);
    write_result(fd, 2, false);
    run(f, &first);
    g_assert_true(first.result->inspected);
    submit(f, &second);
    next = accept_next(f);
    g_assert_cmpint(next, >=, 0);
    write_result(next, 1, false);
    run(f, &second);
}

/* The worker answered, and died then: the answer counts. */
static void
test_answer_then_death(Fixture *f, const void *data)
{
    g_auto(Answer) answer = {0};
    sk_autofd int fd = -1;

    submit(f, &answer);
    fd = accept_next(f);
    write_result(fd, 1, false);
    write_obituary(fd, 0, SK_DEATH_CRASHED);
    run(f, &answer);
    g_assert_true(answer.result->inspected);
}

static void
test_waits(Fixture *f, const void *data)
{
    Answer answers[3] = {0};
    sk_autofd int one = -1, two = -1;

    for (int i = 0; i < 3; i++)
        submit(f, &answers[i]);
    one = accept_next(f);
    two = accept_next(f);
    g_assert_cmpint(accept_next(f), ==, -1);
    write_result(two, 1, false);
    run(f, &answers[1]);
    write_result(two, 2, false);
    run(f, &answers[2]);
    g_assert_cmpuint(answers[0].calls, ==, 0);
    write_result(one, 1, false);
    run(f, &answers[0]);
    for (int i = 0; i < 3; i++)
        answer_clear(&answers[i]);
}

static void
test_cancel_waiting(Fixture *f, const void *data)
{
    Answer answers[3] = {0};
    sk_autofd int one = -1, two = -1;

    for (int i = 0; i < 3; i++)
        submit(f, &answers[i]);
    sk_inspect_cancel(f->inspect, &answers[2]);
    sk_inspect_cancel(f->inspect, &answers[0]);
    one = accept_next(f);
    two = accept_next(f);
    write_result(one, 1, false);
    write_result(two, 1, false);
    run(f, &answers[1]);
    sk_loop_step(f->loop, 50);
    g_assert_cmpuint(answers[0].calls + answers[2].calls, ==, 0);
    answer_clear(&answers[1]);
}

static void
test_path_too_long(Fixture *f, const void *data)
{
    g_autofree char *path = g_strnfill(200, 'a');
    g_auto(Answer) answer = {0};

    sk_inspect_free(f->inspect);
    f->inspect = sk_process_inspect_new(f->loop, path, 2, 1000);
    submit(f, &answer);
    run(f, &answer);
    g_assert_error(answer.error, SK_ERROR, SK_ERROR_IO);
}

/* A socket file that somebody else still uses is left alone; a dead one is replaced. */
static void
test_listen_twice(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(sk_socket_listen(f->path, 0600, &error), ==, -1);
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    sk_fd_clear(&f->listen_fd);
    f->listen_fd = sk_socket_listen(f->path, 0600, NULL);
    g_assert_cmpint(f->listen_fd, >=, 0);
}

#define ADD(name, func) g_test_add(name, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/inspect/reuse", test_reuse);
    ADD("/inspect/last", test_last);
    ADD("/inspect/obituary", test_obituary);
    ADD("/inspect/unbegun", test_unbegun);
    ADD("/inspect/lost", test_lost);
    ADD("/inspect/foreign", test_foreign);
    ADD("/inspect/nonsense", test_nonsense);
    ADD("/inspect/wrong-number", test_wrong_number);
    ADD("/inspect/unasked", test_unasked);
    ADD("/inspect/answer-then-death", test_answer_then_death);
    ADD("/inspect/waits", test_waits);
    ADD("/inspect/cancel-waiting", test_cancel_waiting);
    ADD("/inspect/path-too-long", test_path_too_long);
    ADD("/inspect/listen-twice", test_listen_twice);
    return g_test_run();
}
