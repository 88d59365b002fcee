/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-frame.h"

#include <glib.h>
#include <string.h>

static void
write_sample(SkBuffer *out)
{
    SkFrameWriter w;

    sk_frame_begin(&w, out, 7);
    sk_frame_put_u8(&w, 0xab);
    sk_frame_put_u32(&w, 0x01020304);
    sk_frame_put_u64(&w, UINT64_MAX - 1);
    sk_frame_put_text(&w, NULL);
    sk_frame_put_text(&w, "");
    sk_frame_put_text(&w, "山");
    sk_frame_put_bytes(&w, sk_bytes("a\0b", 3));
    g_assert_true(sk_frame_finish(&w, 0));
}

static void
read_sample(SkBytes body)
{
    g_autofree char *none = NULL, *empty = NULL, *text = NULL;
    SkFrameReader r;

    sk_frame_open(&r, body);
    g_assert_cmpuint(sk_frame_get_u8(&r), ==, 0xab);
    g_assert_cmpuint(sk_frame_get_u32(&r), ==, 0x01020304);
    g_assert_cmpuint(sk_frame_get_u64(&r), ==, UINT64_MAX - 1);
    none = sk_frame_get_text(&r, 10);
    empty = sk_frame_get_text(&r, 10);
    text = sk_frame_get_text(&r, 3);
    g_assert_null(none);
    g_assert_cmpstr(empty, ==, "");
    g_assert_cmpstr(text, ==, "山");
    g_assert_true(sk_bytes_is(sk_frame_get_bytes(&r), 0, "a\0b"));
    g_assert_true(sk_frame_end(&r));
}

static void
test_round_trip(void)
{
    g_auto(SkBuffer) out;
    SkFrame frame;

    sk_buffer_init(&out, 1000);
    write_sample(&out);
    write_sample(&out);
    g_assert_cmpint(sk_frame_next(sk_buffer_bytes(&out), 100, &frame), ==, SK_FRAME_READY);
    g_assert_cmpuint(frame.type, ==, 7);
    read_sample(frame.body);
    sk_buffer_consume(&out, SK_FRAME_HEADER + frame.body.len);
    g_assert_cmpint(sk_frame_next(sk_buffer_bytes(&out), 100, &frame), ==, SK_FRAME_READY);
    read_sample(frame.body);
}

/* Every cut of a frame is a part of one, in memory of its exact size. */
static void
test_cut(void)
{
    g_auto(SkBuffer) out;
    SkFrame frame;

    sk_buffer_init(&out, 1000);
    write_sample(&out);
    for (size_t n = 0; n < out.len; n++) {
        g_autofree uint8_t *exact = g_memdup2(out.data, n);

        g_assert_cmpint(sk_frame_next(sk_bytes(exact, n), 100, &frame), ==, SK_FRAME_SHORT);
        g_assert_cmpuint(frame.len, ==, n < SK_FRAME_HEADER ? 0 : out.len - SK_FRAME_HEADER);
    }
}

static void
test_bad_header(void)
{
    static const struct {
        const char *what;
        uint8_t at, value;
    } cases[] = {{"magic", 3, '2'}, {"reserved", 6, 1}, {"beyond the limit", 9, 1}};

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(SkBuffer) out;
        SkFrame frame;

        g_test_message("%s", cases[i].what);
        sk_buffer_init(&out, 1000);
        write_sample(&out);
        out.data[cases[i].at] = cases[i].value;
        g_assert_cmpint(sk_frame_next(sk_buffer_bytes(&out), 100, &frame), ==, SK_FRAME_BAD);
    }
}

/* A reader that failed once gives nothing more, and says so at the end. */
static void
test_sticky(void)
{
    static const uint8_t body[] = {1, 2, 3};
    SkFrameReader r;

    sk_frame_open(&r, sk_bytes(body, sizeof body));
    g_assert_cmpuint(sk_frame_get_u32(&r), ==, 0);
    g_assert_cmpuint(sk_frame_get_u8(&r), ==, 0);
    g_assert_cmpuint(sk_frame_get_rest(&r).len, ==, 0);
    g_assert_false(sk_frame_end(&r));
    sk_frame_open(&r, sk_bytes(body, sizeof body));
    g_assert_cmpuint(sk_frame_get_u8(&r), ==, 1);
    g_assert_false(sk_frame_end(&r));
    g_assert_cmpuint(sk_frame_get_rest(&r).len, ==, 2);
    g_assert_true(sk_frame_end(&r));
}

static void
test_bad_text(void)
{
    static const struct {
        const char *what;
        SkBytes body;
    } cases[] = {
        {"longer than allowed", {(const uint8_t *)"\5\0\0\0abcde", 9}},
        {"longer than the body", {(const uint8_t *)"\3\0\0\0ab", 6}},
        {"far longer",
         {(const uint8_t *)"\xfe\xff\xff\xff"
                           "ab",
          6}},
        {"NUL inside", {(const uint8_t *)"\3\0\0\0a\0b", 7}},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        SkFrameReader r;

        g_test_message("%s", cases[i].what);
        sk_frame_open(&r, cases[i].body);
        g_assert_null(sk_frame_get_text(&r, 4));
        g_assert_false(sk_frame_end(&r));
    }
}

/* What does not fit leaves the buffer as it was. */
static void
test_full(void)
{
    g_auto(SkBuffer) out;
    SkFrameWriter w;

    sk_buffer_init(&out, 20);
    g_assert_true(sk_buffer_append_text(&out, "before"));
    sk_frame_begin(&w, &out, 1);
    sk_frame_put_u64(&w, 1);
    sk_frame_put_u8(&w, 1);
    g_assert_false(sk_frame_finish(&w, 0));
    g_assert_cmpuint(out.len, ==, 6);
}

static void
test_following(void)
{
    g_auto(SkBuffer) out;
    SkFrameWriter w;
    SkFrame frame;

    sk_buffer_init(&out, 100);
    sk_frame_begin(&w, &out, 1);
    sk_frame_put_u8(&w, 9);
    g_assert_true(sk_frame_finish(&w, 3));
    g_assert_cmpint(sk_frame_next(sk_buffer_bytes(&out), 10, &frame), ==, SK_FRAME_SHORT);
    g_assert_true(sk_buffer_append_text(&out, "abc"));
    g_assert_cmpint(sk_frame_next(sk_buffer_bytes(&out), 10, &frame), ==, SK_FRAME_READY);
    g_assert_true(sk_bytes_is(frame.body, 0, "\tabc"));
    sk_frame_begin(&w, &out, 1);
    g_assert_false(sk_frame_finish(&w, UINT32_MAX));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/frame/round-trip", test_round_trip);
    g_test_add_func("/frame/cut", test_cut);
    g_test_add_func("/frame/bad-header", test_bad_header);
    g_test_add_func("/frame/sticky", test_sticky);
    g_test_add_func("/frame/bad-text", test_bad_text);
    g_test_add_func("/frame/full", test_full);
    g_test_add_func("/frame/following", test_following);
    return g_test_run();
}
