/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-need.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/autofree.h"
#include "port/fake-scan.h"
#include "process/process-inspect.h"
#include "process/process-socket.h"
#include "process/process-wire.h"

#define SIGNATURE "SIGNATURE-OF-THE-TEST"

/* The test plays the worker; client, link and need are the real ones, the scanner is a fake. */
typedef struct {
    char *dir, *path;
    int listen_fd;
    SkLoop *loop;
    SkFakeScan *scanner;
    SkInspect *inspect;
    int fd; /* the worker's end */
    SkInspectResult *result;
    GError *error;
    unsigned calls;
} Fixture;

static void
start_client(Fixture *f, int64_t need_ms)
{
    sk_inspect_free(f->inspect);
    f->inspect = sk_process_inspect_new(f->loop, f->path, 1, 60000);
    if (need_ms > 0)
        sk_process_inspect_set_scan(f->inspect, sk_fake_scan_port(f->scanner), need_ms);
}

static void
set_up(Fixture *f, const void *data)
{
    (void)data;
    f->dir = g_dir_make_tmp("sekisho-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "socket", NULL);
    f->listen_fd = sk_socket_listen(f->path, 0600, NULL);
    f->loop = sk_loop_new(NULL);
    f->scanner = sk_fake_scan_new(f->loop, SIGNATURE);
    f->fd = -1;
    start_client(f, 60000);
}

static void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_inspect_free(f->inspect);
    sk_scan_free(sk_fake_scan_port(f->scanner));
    sk_loop_free(f->loop);
    sk_fd_clear(&f->fd);
    sk_fd_clear(&f->listen_fd);
    sk_inspect_result_free(f->result);
    g_clear_error(&f->error);
    g_unlink(f->path);
    g_rmdir(f->dir);
    g_free(f->path);
    g_free(f->dir);
}

static void
on_answer(SkInspectResult *result, const GError *error, void *data)
{
    Fixture *f = data;

    sk_inspect_result_free(f->result);
    f->result = result;
    f->error = error != NULL ? g_error_copy(error) : NULL;
    f->calls++;
}

/* Submits a job, and reads it as the worker. */
static void
begin_job(Fixture *f, bool scans)
{
    SkInspectJob order = {.fd = -1, .bytes = sk_bytes("x", 1)};
    g_auto(SkWireJob) job = {0};
    uint8_t bytes[1000];
    SkFrame frame;
    ssize_t n;

    sk_inspect_submit(f->inspect, &order, on_answer, f);
    if (f->fd < 0)
        f->fd = accept(f->listen_fd, NULL, NULL);
    n = read(f->fd, bytes, sizeof bytes);
    g_assert_cmpint(n, >, 0);
    g_assert_cmpint(sk_frame_next(sk_bytes(bytes, (size_t)n), sizeof bytes, &frame), ==,
                    SK_FRAME_READY);
    g_assert_true(sk_wire_get_job(frame.body, &job));
    g_assert_true(job.scan_members == scans);
}

static void
send_piece(Fixture *f, uint32_t number, bool first, bool last, SkBytes bytes)
{
    SkWirePiece piece = {number, first, last, bytes};
    g_auto(SkBuffer) out;

    sk_buffer_init(&out, 2 * SK_WIRE_PIECE_MAX);
    g_assert_true(sk_wire_put_piece(&out, &piece));
    g_assert_cmpint(write(f->fd, out.data, out.len), ==, (ssize_t)out.len);
}

static void
send_text(Fixture *f, uint32_t number, const char *text)
{
    send_piece(f, number, true, true, sk_bytes(text, strlen(text)));
}

static void
send_result(Fixture *f, uint32_t number)
{
    g_autoptr(SkInspectResult) result = sk_inspect_result_new();
    g_auto(SkBuffer) out;

    sk_buffer_init(&out, 1000);
    result->inspected = true;
    g_assert_true(sk_wire_put_result(&out, number, false, result));
    g_assert_cmpint(write(f->fd, out.data, out.len), ==, (ssize_t)out.len);
}

static bool
is_readable(int fd)
{
    struct pollfd one = {fd, POLLIN, 0};

    return poll(&one, 1, 0) == 1;
}

/* Lets the client work until the verdict is there; checks it. */
static void
expect_verdict(Fixture *f, uint32_t number, SkScanVerdict want, const char *name)
{
    SkWireVerdict verdict = {0};
    uint8_t bytes[SK_WIRE_VERDICT_LIMIT];
    SkFrame frame;
    ssize_t n;

    while (!is_readable(f->fd))
        sk_loop_step(f->loop, 100);
    n = read(f->fd, bytes, sizeof bytes);
    g_assert_cmpint(n, >, 0);
    g_assert_cmpint(sk_frame_next(sk_bytes(bytes, (size_t)n), sizeof bytes, &frame), ==,
                    SK_FRAME_READY);
    g_assert_cmpuint(frame.type, ==, SK_WIRE_VERDICT);
    g_assert_true(sk_wire_get_verdict(frame.body, &verdict));
    g_assert_cmpuint(verdict.number, ==, number);
    g_assert_cmpint(verdict.verdict, ==, want);
    g_assert_cmpstr(verdict.name, ==, name);
    g_free(verdict.name);
}

static void
await_result(Fixture *f, unsigned calls)
{
    while (f->calls < calls)
        sk_loop_step(f->loop, 100);
    g_assert_cmpuint(f->calls, ==, calls);
    g_assert_no_error(f->error);
}

/* The worker is no worker of ours any more: the message has crashed it. */
static void
expect_crash(Fixture *f)
{
    await_result(f, 1);
    g_assert_nonnull(sk_findings_find(f->result->findings, "inspect.crashed", NULL));
    g_assert_false(f->result->inspected);
}

static void
test_files(Fixture *f, const void *data)
{
    (void)data;
    begin_job(f, true);
    send_text(f, 1, "harmless");
    expect_verdict(f, 1, SK_SCAN_CLEAN, NULL);
    send_text(f, 1, "behold " SIGNATURE);
    expect_verdict(f, 1, SK_SCAN_FOUND, "Fake.Signature");
    send_text(f, 1, "");
    expect_verdict(f, 1, SK_SCAN_CLEAN, NULL);
    sk_fake_scan_answer(f->scanner, SK_SCAN_LIMIT, "larger than 3");
    send_text(f, 1, "abcd");
    expect_verdict(f, 1, SK_SCAN_LIMIT, "larger than 3");
    send_result(f, 1);
    await_result(f, 1);
    g_assert_true(f->result->inspected);
}

/* On one connection, with its own number. */
static void
test_next_job(Fixture *f, const void *data)
{
    (void)data;
    begin_job(f, true);
    send_text(f, 1, SIGNATURE);
    expect_verdict(f, 1, SK_SCAN_FOUND, "Fake.Signature");
    send_result(f, 1);
    await_result(f, 1);
    begin_job(f, true);
    send_text(f, 2, SIGNATURE);
    expect_verdict(f, 2, SK_SCAN_FOUND, "Fake.Signature");
    send_result(f, 2);
    await_result(f, 2);
}

static void
test_pieces(Fixture *f, const void *data)
{
    static const char *const pieces[] = {"SIGNATURE", "-OF-", "", "THE-TEST"};

    (void)data;
    begin_job(f, true);
    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        send_piece(f, 1, i == 0, i == 3, sk_bytes(pieces[i], strlen(pieces[i])));
        sk_loop_step(f->loop, 0);
    }
    expect_verdict(f, 1, SK_SCAN_FOUND, "Fake.Signature");
    g_assert_cmpuint(sk_fake_scan_count(f->scanner), ==, 1);
}

/* As much as the client takes now. */
static size_t
send_while_taken(Fixture *f, const SkBuffer *frames, size_t from)
{
    size_t at = from;
    ssize_t n = 1;

    while (at < frames->len && n > 0) {
        n = send(f->fd, frames->data + at, frames->len - at, MSG_DONTWAIT);
        at += n > 0 ? (size_t)n : 0;
        for (unsigned i = 0; i < 20 && n > 0; i++)
            sk_loop_step(f->loop, 0);
    }
    return at;
}

/* A scanner that reads nothing keeps the worker from filling the client's memory. */
static void
test_crowded(Fixture *f, const void *data)
{
    g_autofree uint8_t *zeros = g_malloc0(SK_WIRE_PIECE_MAX);
    const unsigned n = 256;
    g_auto(SkBuffer) frames;
    size_t at;

    (void)data;
    sk_buffer_init(&frames, 64 * SK_MIB);
    for (unsigned i = 0; i < n; i++) {
        SkWirePiece piece = {1, i == 0, i == n - 1, sk_bytes(zeros, SK_WIRE_PIECE_MAX)};

        g_assert_true(sk_wire_put_piece(&frames, &piece));
    }
    sk_fake_scan_block(f->scanner, true);
    begin_job(f, true);
    at = send_while_taken(f, &frames, 0);
    g_assert_cmpuint(at, <, frames.len);
    g_assert_cmpuint(sk_fake_scan_peak(f->scanner), >, SK_MIB);
    g_assert_cmpuint(sk_fake_scan_peak(f->scanner), <, 5 * SK_MIB);
    sk_fake_scan_block(f->scanner, false);
    while (at < frames.len) {
        sk_loop_step(f->loop, 10);
        at = send_while_taken(f, &frames, at);
    }
    expect_verdict(f, 1, SK_SCAN_CLEAN, NULL);
    g_assert_cmpuint(sk_fake_scan_last(f->scanner).len, ==, n * SK_WIRE_PIECE_MAX);
}

/* The time is for all files of a job together; the next job has its own. */
static void
test_overtime(Fixture *f, const void *data)
{
    static const char why[] = "what is in one message took longer than 1 seconds";

    (void)data;
    start_client(f, 1000);
    begin_job(f, true);
    sk_fake_scan_hold(f->scanner, true);
    send_text(f, 1, "one");
    expect_verdict(f, 1, SK_SCAN_TEMPERROR, why);
    g_assert_cmpuint(sk_fake_scan_count_cancelled(f->scanner), ==, 1);
    sk_fake_scan_hold(f->scanner, false);
    send_text(f, 1, "two");
    expect_verdict(f, 1, SK_SCAN_TEMPERROR, why);
    g_assert_cmpuint(sk_fake_scan_count(f->scanner), ==, 1);
    send_result(f, 1);
    await_result(f, 1);
    begin_job(f, true);
    send_text(f, 2, "three");
    expect_verdict(f, 2, SK_SCAN_CLEAN, NULL);
}

/* Also when the worker is still sending: it is heard to the end, then told. */
static void
test_overtime_while_sending(Fixture *f, const void *data)
{
    (void)data;
    start_client(f, 1000);
    begin_job(f, true);
    send_piece(f, 1, true, false, sk_bytes("a", 1));
    while (sk_fake_scan_count_cancelled(f->scanner) == 0)
        sk_loop_step(f->loop, 100);
    send_piece(f, 1, false, false, sk_bytes("b", 1));
    sk_loop_step(f->loop, 100);
    g_assert_false(is_readable(f->fd));
    send_piece(f, 1, false, true, sk_bytes("c", 1));
    expect_verdict(f, 1, SK_SCAN_TEMPERROR,
                   "what is in one message took longer than 1 seconds");
}

static void
test_not_allowed(Fixture *f, const void *data)
{
    (void)data;
    start_client(f, 0);
    begin_job(f, false);
    send_text(f, 1, "x");
    expect_crash(f);
}

static void
test_out_of_turn(Fixture *f, const void *data)
{
    static const struct {
        bool first, last;
    } cases[][2] = {
        {{true, false}, {true, false}},
        {{true, true}, {true, true}},
        {{true, true}, {false, true}},
        {{false, true}, {true, true}},
    };
    size_t i = GPOINTER_TO_SIZE(data);

    sk_fake_scan_hold(f->scanner, true);
    begin_job(f, true);
    for (size_t k = 0; k < 2; k++)
        send_piece(f, 1, cases[i][k].first, cases[i][k].last, sk_bytes("x", 1));
    expect_crash(f);
}

static void
test_wrong_number(Fixture *f, const void *data)
{
    (void)data;
    begin_job(f, true);
    send_text(f, 2, "x");
    expect_crash(f);
}

/* What it asked for does not matter any more. */
static void
test_result_instead(Fixture *f, const void *data)
{
    (void)data;
    sk_fake_scan_hold(f->scanner, true);
    begin_job(f, true);
    send_text(f, 1, "x");
    send_result(f, 1);
    await_result(f, 1);
    g_assert_true(f->result->inspected);
    g_assert_cmpuint(sk_fake_scan_count_cancelled(f->scanner), ==, 1);
}

/* A piece cut short by its worker's death, and filled up by the obituary. */
static void
test_death_in_piece(Fixture *f, const void *data)
{
    uint8_t obituary[SK_WIRE_OBITUARY_SIZE];
    size_t missing = GPOINTER_TO_SIZE(data);
    SkWirePiece piece = {1, true, true, sk_bytes("0123456789012345678901234567890", 31)};
    g_auto(SkBuffer) out;

    sk_buffer_init(&out, 1000);
    g_assert_true(sk_wire_put_piece(&out, &piece));
    sk_wire_write_obituary(obituary, &(SkObituary){1, SK_DEATH_TIMEOUT, 0});
    out.len -= missing;
    g_assert_true(sk_buffer_append(&out, obituary, sizeof obituary));
    begin_job(f, true);
    g_assert_cmpint(write(f->fd, out.data, out.len), ==, (ssize_t)out.len);
    sk_fd_clear(&f->fd);
    await_result(f, 1);
    g_assert_nonnull(sk_findings_find(f->result->findings, "inspect.timeout", NULL));
}

static void
test_freed_under_way(Fixture *f, const void *data)
{
    (void)data;
    sk_fake_scan_hold(f->scanner, true);
    begin_job(f, true);
    send_text(f, 1, "x");
    while (sk_fake_scan_count(f->scanner) == 0)
        sk_loop_step(f->loop, 100);
    g_clear_pointer(&f->inspect, sk_inspect_free);
    g_assert_cmpuint(sk_fake_scan_count_cancelled(f->scanner), ==, 1);
    g_assert_cmpuint(f->calls, ==, 0);
}

#define ADD_WITH(path, data, test)                                                             \
    g_test_add("/need" path, Fixture, data, set_up, test, tear_down)
#define ADD(path, test) ADD_WITH(path, NULL, test)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/files", test_files);
    ADD("/next-job", test_next_job);
    ADD("/pieces", test_pieces);
    ADD("/crowded", test_crowded);
    ADD("/overtime", test_overtime);
    ADD("/overtime-while-sending", test_overtime_while_sending);
    ADD("/not-allowed", test_not_allowed);
    ADD_WITH("/begun-twice", GSIZE_TO_POINTER(0), test_out_of_turn);
    ADD_WITH("/not-waited-for", GSIZE_TO_POINTER(1), test_out_of_turn);
    ADD_WITH("/more-after-the-last", GSIZE_TO_POINTER(2), test_out_of_turn);
    ADD_WITH("/never-begun", GSIZE_TO_POINTER(3), test_out_of_turn);
    ADD("/wrong-number", test_wrong_number);
    ADD("/result-instead", test_result_instead);
    ADD_WITH("/death-in-piece-22", GSIZE_TO_POINTER(22), test_death_in_piece);
    ADD_WITH("/death-in-piece-4", GSIZE_TO_POINTER(4), test_death_in_piece);
    ADD_WITH("/death-in-piece-40", GSIZE_TO_POINTER(40), test_death_in_piece);
    ADD("/freed-under-way", test_freed_under_way);
    return g_test_run();
}
