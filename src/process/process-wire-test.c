/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-wire.h"

#include <string.h>

static SkBytes
body_of(const SkBuffer *out)
{
    SkFrame frame;

    g_assert_cmpint(sk_frame_next(sk_buffer_bytes(out), SK_WIRE_JOB_LIMIT, &frame), ==,
                    SK_FRAME_READY);
    g_assert_cmpuint(out->len, ==, SK_FRAME_HEADER + frame.body.len);
    return frame.body;
}

static void
test_job(void)
{
    SkInspectJob job = {
        .kind = SK_INSPECT_FILE, .fd = -1, .name = "a.zip", .scan_members = true};
    g_auto(SkWireJob) got = {0};
    g_auto(SkBuffer) out;

    sk_buffer_init(&out, 1000);
    g_assert_true(sk_wire_put_job(&out, 5, &job, 3));
    g_assert_true(sk_buffer_append_text(&out, "abc"));
    g_assert_true(sk_wire_get_job(body_of(&out), &got));
    g_assert_cmpuint(got.number, ==, 5);
    g_assert_cmpint(got.kind, ==, SK_INSPECT_FILE);
    g_assert_false(got.by_fd);
    g_assert_true(got.scan_members);
    g_assert_cmpstr(got.name, ==, "a.zip");
    g_assert_cmpuint(got.bytes.len, ==, 3);
    g_assert_true(sk_bytes_is(got.bytes, 0, "abc"));
}

static void
test_job_by_fd(void)
{
    SkInspectJob job = {.kind = SK_INSPECT_MAIL, .fd = 0};
    g_auto(SkWireJob) got = {0};
    g_auto(SkBuffer) out;

    sk_buffer_init(&out, 1000);
    g_assert_true(sk_wire_put_job(&out, 1, &job, 6000000000));
    g_assert_true(sk_wire_get_job(body_of(&out), &got));
    g_assert_true(got.by_fd);
    g_assert_false(got.scan_members);
    g_assert_cmpuint(got.size, ==, 6000000000);
    g_assert_null(got.name);
}

/* Offsets into the body: number 0, kind 4, flags 5, size 6, name 14. */
static void
test_job_refused(void)
{
    static const struct {
        const char *what;
        uint8_t at, value;
    } cases[] = {
        {"number 0", 0, 0}, {"unknown kind", 4, 2},         {"unknown flag", 5, 4},
        {"size", 6, 4},     {"bytes behind a memfd", 5, 1},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        SkInspectJob job = {.kind = SK_INSPECT_MAIL, .fd = -1};
        g_auto(SkWireJob) got = {0};
        g_auto(SkBuffer) out;

        g_test_message("%s", cases[i].what);
        sk_buffer_init(&out, 1000);
        g_assert_true(sk_wire_put_job(&out, 1, &job, 3));
        g_assert_true(sk_buffer_append_text(&out, "abc"));
        out.data[SK_FRAME_HEADER + cases[i].at] = cases[i].value;
        g_assert_false(sk_wire_get_job(body_of(&out), &got));
    }
}

static SkInspectResult *
sample_result(void)
{
    SkInspectResult *result = sk_inspect_result_new();

    result->type = g_strdup("zip");
    result->encrypted = SK_ENCRYPTED_SOME;
    result->inspected = true;
    sk_findings_add(result->findings, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "1.2", "a.zip > 山",
                    NULL);
    sk_findings_add(result->findings, SK_FINDING_MIME_AMBIGUOUS, NULL, NULL, "two");
    return result;
}

static void
test_result(void)
{
    g_autoptr(SkInspectResult) result = sample_result();
    g_autoptr(SkInspectResult) result_got = NULL;
    const SkFinding *first, *second;
    SkWireResult got;
    g_auto(SkBuffer) out;

    sk_buffer_init(&out, 1000);
    g_assert_true(sk_wire_put_result(&out, 9, true, result));
    g_assert_true(sk_wire_get_result(body_of(&out), &got));
    result_got = got.result;
    g_assert_cmpuint(got.number, ==, 9);
    g_assert_true(got.last);
    g_assert_cmpstr(result_got->type, ==, "zip");
    g_assert_cmpint(result_got->encrypted, ==, SK_ENCRYPTED_SOME);
    g_assert_true(result_got->inspected);
    g_assert_cmpuint(sk_findings_count(result_got->findings), ==, 2);
    first = sk_findings_peek(result_got->findings, 0);
    g_assert_cmpint(first->id, ==, SK_FINDING_ATTACH_ENCRYPTED_ZIP);
    g_assert_cmpstr(first->part, ==, "1.2");
    g_assert_cmpstr(first->subject, ==, "a.zip > 山");
    g_assert_null(first->detail);
    second = sk_findings_peek(result_got->findings, 1);
    g_assert_null(second->part);
    g_assert_cmpstr(second->detail, ==, "two");
}

/* The largest result there can be, of names that are all escapes, fits and comes back. */
static void
test_largest_result(void)
{
    g_autoptr(SkInspectResult) result = sk_inspect_result_new();
    g_autoptr(SkInspectResult) result_got = NULL;
    g_autofree char *text = g_strnfill(2000, '\1');
    SkWireResult got;
    g_auto(SkBuffer) out;

    for (int i = 0; i < SK_LIMIT_FINDINGS; i++) {
        g_autofree char *part = g_strdup_printf("%d%s", i, text);

        sk_findings_add(result->findings, SK_FINDING_ATTACH_BROKEN, part, text, text);
    }
    sk_buffer_init(&out, SK_WIRE_RESULT_LIMIT);
    g_assert_true(sk_wire_put_result(&out, 1, false, result));
    g_assert_true(sk_wire_get_result(body_of(&out), &got));
    result_got = got.result;
    g_assert_cmpuint(sk_findings_count(result_got->findings), ==, SK_LIMIT_FINDINGS);
    for (size_t i = 0; i < SK_LIMIT_FINDINGS; i++)
        g_assert_cmpstr(sk_findings_peek(result_got->findings, i)->subject, ==,
                        sk_findings_peek(result->findings, i)->subject);
}

/* A finding of a newer inspector must not get lost, nor may its name forge anything. */
static void
test_unknown_finding(void)
{
    g_autoptr(SkInspectResult) result = sample_result();
    g_autoptr(SkInspectResult) result_got = NULL;
    const SkFinding *finding;
    SkWireResult got;
    g_auto(SkBuffer) out;
    size_t at;

    sk_buffer_init(&out, 1000);
    g_assert_true(sk_wire_put_result(&out, 1, false, result));
    at = sk_bytes_find(sk_buffer_bytes(&out), "encrypted.zip", 13, 0);
    memcpy(out.data + at, "\nncrypted.zap", 13);
    g_assert_true(sk_wire_get_result(body_of(&out), &got));
    result_got = got.result;
    finding = sk_findings_find(result_got->findings, "inspect.limit", NULL);
    g_assert_nonnull(finding);
    g_assert_cmpstr(finding->part, ==, "1.2");
    g_assert_nonnull(strstr(finding->detail, "attach.\\x0ancrypted.zap"));
}

/* Every cut of a result, and every change of its end, is refused. */
static void
test_result_refused(void)
{
    g_autoptr(SkInspectResult) result = sample_result();
    SkWireResult got;
    g_auto(SkBuffer) out;
    SkBytes body;

    sk_buffer_init(&out, 1000);
    g_assert_true(sk_wire_put_result(&out, 1, false, result));
    body = body_of(&out);
    for (size_t n = 0; n < body.len; n++) {
        g_autofree uint8_t *exact = g_memdup2(body.data, n);

        g_assert_false(sk_wire_get_result(sk_bytes(exact, n), &got));
    }
    out.data[out.len - 1] ^= 1;
    g_assert_false(sk_wire_get_result(body, &got));
}

/* Offsets into the body: number 0, flags 4, encrypted 5, type 6 and 4 + 3, count 13. */
static void
test_result_fields_refused(void)
{
    static const struct {
        const char *what;
        uint8_t at, value;
    } cases[] = {
        {"number 0", 0, 0},         {"unknown flag", 4, 4},      {"unknown encryption", 5, 4},
        {"type too long", 6, 0x80}, {"one finding less", 13, 1}, {"one more", 13, 3},
        {"far more", 16, 0x7f},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SkInspectResult) result = sample_result();
        SkWireResult got;
        g_auto(SkBuffer) out;

        g_test_message("%s", cases[i].what);
        sk_buffer_init(&out, 1000);
        g_assert_true(sk_wire_put_result(&out, 1, false, result));
        out.data[SK_FRAME_HEADER + cases[i].at] = cases[i].value;
        g_assert_false(sk_wire_get_result(body_of(&out), &got));
    }
}

static void
test_obituary(void)
{
    const SkObituary obituary = {77, SK_DEATH_LIMIT, 9};
    uint8_t stream[10 + SK_WIRE_OBITUARY_SIZE] = "half answ";
    SkObituary got = {0};

    sk_wire_write_obituary(stream + 10, &obituary);
    g_assert_true(sk_wire_find_obituary(sk_bytes(stream, sizeof stream), &got));
    g_assert_cmpuint(got.number, ==, 77);
    g_assert_cmpint(got.death, ==, SK_DEATH_LIMIT);
    g_assert_cmpuint(got.signal, ==, 9);
    g_assert_true(sk_wire_find_obituary(sk_bytes(stream + 10, SK_WIRE_OBITUARY_SIZE), &got));
    g_assert_false(sk_wire_find_obituary(sk_bytes(stream, sizeof stream - 1), &got));
    g_assert_false(
        sk_wire_find_obituary(sk_bytes(stream + 11, SK_WIRE_OBITUARY_SIZE - 1), &got));
    stream[10 + SK_FRAME_HEADER + 4] = SK_N_DEATHS;
    g_assert_false(sk_wire_find_obituary(sk_bytes(stream, sizeof stream), &got));
}

/* However much of a result was written before its worker died: followed by the obituary it is
 * never taken for a result. */
static void
test_half_result(void)
{
    const SkObituary obituary = {1, SK_DEATH_CRASHED, 11};
    g_autoptr(SkInspectResult) result = sample_result();
    g_auto(SkBuffer) whole;

    sk_buffer_init(&whole, 1000);
    g_assert_true(sk_wire_put_result(&whole, 1, false, result));
    for (size_t n = 0; n < whole.len; n++) {
        uint8_t stream[2000];
        SkWireResult got;
        SkObituary found;
        SkFrame frame;
        SkBytes bytes = {stream, n + SK_WIRE_OBITUARY_SIZE};

        memcpy(stream, whole.data, n);
        sk_wire_write_obituary(stream + n, &obituary);
        g_assert_true(sk_wire_find_obituary(bytes, &found));
        if (sk_frame_next(bytes, SK_WIRE_RESULT_LIMIT, &frame) == SK_FRAME_READY &&
            frame.type == SK_WIRE_RESULT)
            g_assert_false(sk_wire_get_result(frame.body, &got));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/wire/job", test_job);
    g_test_add_func("/wire/job-by-fd", test_job_by_fd);
    g_test_add_func("/wire/job-refused", test_job_refused);
    g_test_add_func("/wire/result", test_result);
    g_test_add_func("/wire/largest-result", test_largest_result);
    g_test_add_func("/wire/unknown-finding", test_unknown_finding);
    g_test_add_func("/wire/result-refused", test_result_refused);
    g_test_add_func("/wire/result-fields-refused", test_result_fields_refused);
    g_test_add_func("/wire/obituary", test_obituary);
    g_test_add_func("/wire/half-result", test_half_result);
    return g_test_run();
}
