/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memfd_create */
#include "process/process-scan.h"

#include <sys/mman.h>

#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "port/fake-inspect.h"
#include "port/fake-scan.h"

#define SIGNATURE "SIGNATURE-OF-THE-TEST"
#define BAD       "Subject: x\r\n\r\nbehold: " SIGNATURE "\r\n"

typedef struct {
    SkLoop *loop;
    SkFakeInspect *inspector;
    SkFakeScan *scanner;
    SkInspect *both;
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
    (void)data;
    f->loop = sk_loop_new(NULL);
    f->inspector = sk_fake_inspect_new(f->loop);
    f->scanner = sk_fake_scan_new(f->loop, SIGNATURE);
    f->both =
        sk_process_scan_new(sk_fake_inspect_port(f->inspector), sk_fake_scan_port(f->scanner));
}

static void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_inspect_free(f->both);
    sk_scan_free(sk_fake_scan_port(f->scanner));
    sk_loop_free(f->loop);
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
submit(Fixture *f, Answer *answer, const char *text)
{
    SkInspectJob job = {.fd = -1, .bytes = sk_bytes(text, strlen(text))};

    sk_inspect_submit(f->both, &job, on_answer, answer);
    g_assert_cmpuint(answer->calls, ==, 0);
}

static void
rounds(Fixture *f)
{
    for (unsigned i = 0; i < 5; i++)
        sk_loop_step(f->loop, 5);
}

static void
await(Fixture *f, const Answer *answer)
{
    while (answer->calls == 0)
        sk_loop_step(f->loop, 1000);
    g_assert_cmpuint(answer->calls, ==, 1);
}

/* "malware.found Fake.Signature", of all that was found. */
static char *
show(const Answer *answer)
{
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < sk_findings_count(answer->result->findings); i++) {
        const SkFinding *one = sk_findings_peek(answer->result->findings, i);

        g_string_append_printf(out, "%s%s", i > 0 ? ", " : "", sk_finding_id_name(one->id));
        if (one->subject != NULL)
            g_string_append_printf(out, " (%s)", one->subject);
        if (one->detail != NULL)
            g_string_append_printf(out, " %s", one->detail);
    }
    return g_string_free(out, FALSE);
}

static void
test_verdicts(Fixture *f, const void *data)
{
    static const struct {
        const char *text;
        SkScanVerdict verdict;
        const char *name, *expected;
    } cases[] = {
        {"Subject: x\r\n\r\nharmless\r\n", SK_SCAN_CLEAN, NULL, "attach.any"},
        {BAD, SK_SCAN_CLEAN, NULL, "attach.any, malware.found Fake.Signature"},
        {"", SK_SCAN_CLEAN, NULL, "attach.any"},
        {"x", SK_SCAN_TEMPERROR, "nobody there", "attach.any, malware.temperror nobody there"},
        {"x", SK_SCAN_LIMIT, "larger than 3", "attach.any, malware.temperror larger than 3"},
        {"x", SK_SCAN_FOUND, "A\nB", "attach.any, malware.found A\\x0aB"},
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Answer) answer = {0};
        g_autofree char *shown = NULL;

        sk_fake_inspect_find(f->inspector, SK_FINDING_ATTACH_ANY, NULL);
        sk_fake_scan_answer(f->scanner, cases[i].verdict, cases[i].name);
        submit(f, &answer, cases[i].text);
        await(f, &answer);
        shown = show(&answer);
        g_assert_cmpstr(shown, ==, cases[i].expected);
    }
}

static void
test_file_has_name(Fixture *f, const void *data)
{
    SkInspectJob job = {.kind = SK_INSPECT_FILE,
                        .fd = -1,
                        .name = "a.exe",
                        .bytes = sk_bytes(BAD, strlen(BAD))};
    g_auto(Answer) answer = {0};
    g_autofree char *shown = NULL;

    (void)data;
    sk_inspect_submit(f->both, &job, on_answer, &answer);
    await(f, &answer);
    shown = show(&answer);
    g_assert_cmpstr(shown, ==, "malware.found (a.exe) Fake.Signature");
}

/* Whichever is back first waits for the other. */
static void
test_both(Fixture *f, const void *data)
{
    g_auto(Answer) one = {0}, other = {0};

    (void)data;
    sk_fake_scan_hold(f->scanner, true);
    submit(f, &one, BAD);
    rounds(f);
    g_assert_cmpuint(one.calls, ==, 0);
    sk_fake_scan_hold(f->scanner, false);
    await(f, &one);
    g_assert_cmpuint(sk_findings_count(one.result->findings), ==, 1);
    sk_fake_inspect_hold(f->inspector, true);
    submit(f, &other, BAD);
    rounds(f);
    g_assert_cmpuint(other.calls, ==, 0);
    sk_fake_inspect_hold(f->inspector, false);
    await(f, &other);
    g_assert_cmpuint(sk_findings_count(other.result->findings), ==, 1);
}

/* The message waits anyway: nobody waits for the scanner. */
static void
test_no_inspector(Fixture *f, const void *data)
{
    g_auto(Answer) answer = {0};

    (void)data;
    sk_fake_scan_hold(f->scanner, true);
    sk_fake_inspect_fail(f->inspector, SK_ERROR_IO, "no inspector");
    submit(f, &answer, BAD);
    await(f, &answer);
    g_assert_error(answer.error, SK_ERROR, SK_ERROR_IO);
    g_assert_null(answer.result);
    g_assert_cmpuint(sk_fake_scan_count_cancelled(f->scanner), ==, 1);
}

static int
make_memfd(size_t size)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    g_autofree char *bytes = g_malloc0(size);

    memcpy(bytes + size - strlen(SIGNATURE), SIGNATURE, strlen(SIGNATURE));
    g_assert_cmpint(write(fd, bytes, size), ==, size);
    return fd;
}

/* All of a large message is scanned, and never all of it in memory. */
static void
test_large(Fixture *f, const void *data)
{
    size_t size = 20 * 1024 * 1024 + 13;
    sk_autofd int fd = make_memfd(size);
    SkInspectJob job = {.fd = fd};
    g_auto(Answer) answer = {0};
    g_autofree char *shown = NULL;

    (void)data;
    sk_fake_scan_block(f->scanner, true);
    sk_inspect_submit(f->both, &job, on_answer, &answer);
    rounds(f);
    g_assert_cmpuint(answer.calls, ==, 0);
    g_assert_cmpuint(sk_fake_scan_peak(f->scanner), >=, SK_SCAN_ROOM);
    sk_fake_scan_block(f->scanner, false);
    await(f, &answer);
    shown = show(&answer);
    g_assert_cmpstr(shown, ==, "malware.found Fake.Signature");
    g_assert_cmpuint(sk_fake_scan_last(f->scanner).len, ==, size);
    g_assert_cmpuint(sk_fake_scan_peak(f->scanner), <, 2 * SK_SCAN_ROOM);
}

/* An inspector that looks at nothing, and answers when it is asked to. */
typedef struct {
    SkInspect port;
    SkInspectFunc func;
    void *data;
} Blind;

static void
blind_submit(SkInspect *inspect, const SkInspectJob *job, SkInspectFunc func, void *data)
{
    Blind *blind = (Blind *)inspect;

    (void)job;
    blind->func = func;
    blind->data = data;
}

static void
blind_free(SkInspect *inspect)
{
    (void)inspect;
}

static void
test_unreadable(Fixture *f, const void *data)
{
    Blind blind = {.port = {.submit = blind_submit, .free = blind_free}};
    g_autoptr(SkInspect) both = sk_process_scan_new(&blind.port, sk_fake_scan_port(f->scanner));
    SkInspectJob job = {0};
    g_auto(Answer) answer = {0};
    g_autofree char *shown = NULL;
    int ends[2];

    (void)data;
    g_assert_cmpint(pipe(ends), ==, 0);
    job.fd = ends[0];
    sk_inspect_submit(both, &job, on_answer, &answer);
    g_assert_cmpuint(answer.calls, ==, 0);
    blind.func(sk_inspect_result_new(), NULL, blind.data);
    g_assert_cmpuint(answer.calls, ==, 1);
    shown = show(&answer);
    g_assert_true(
        g_str_has_prefix(shown, "malware.temperror a large message cannot be read: "));
    close(ends[0]);
    close(ends[1]);
}

static void
test_cancel(Fixture *f, const void *data)
{
    g_auto(Answer) gone = {0}, half = {0}, stays = {0};

    (void)data;
    sk_fake_scan_hold(f->scanner, true);
    submit(f, &half, BAD);
    rounds(f);
    sk_fake_inspect_hold(f->inspector, true);
    submit(f, &gone, BAD);
    submit(f, &stays, BAD);
    sk_inspect_cancel(f->both, &half);
    sk_inspect_cancel(f->both, &gone);
    sk_fake_scan_hold(f->scanner, false);
    sk_fake_inspect_hold(f->inspector, false);
    await(f, &stays);
    rounds(f);
    g_assert_cmpuint(half.calls + gone.calls, ==, 0);
    g_assert_cmpuint(sk_fake_scan_count_cancelled(f->scanner), ==, 2);
}

static void
test_freed_under_way(Fixture *f, const void *data)
{
    g_auto(Answer) answer = {0};

    (void)data;
    submit(f, &answer, BAD);
    g_clear_pointer(&f->both, sk_inspect_free);
    rounds(f);
    g_assert_cmpuint(answer.calls, ==, 0);
    g_assert_cmpuint(sk_fake_scan_count_cancelled(f->scanner), ==, 1);
}

#define ADD(path, test) g_test_add("/process-scan" path, Fixture, NULL, set_up, test, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/verdicts", test_verdicts);
    ADD("/file-has-name", test_file_has_name);
    ADD("/both", test_both);
    ADD("/no-inspector", test_no_inspector);
    ADD("/large", test_large);
    ADD("/unreadable", test_unreadable);
    ADD("/cancel", test_cancel);
    ADD("/freed-under-way", test_freed_under_way);
    return g_test_run();
}
