/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-scan-wire.h"

#include <string.h>

/* The body of the one frame in OUT. */
static SkBytes
body_of(const SkBuffer *out, uint16_t type)
{
    SkFrame frame;

    g_assert_cmpint(sk_frame_next(sk_buffer_bytes(out), (uint32_t)out->len, &frame), ==,
                    SK_FRAME_READY);
    g_assert_cmpuint(frame.type, ==, type);
    g_assert_cmpuint(out->len, ==, SK_FRAME_HEADER + frame.body.len);
    return frame.body;
}

static void
test_piece(void)
{
    static const SkWirePiece cases[] = {
        {1, true, true, {(const uint8_t *)"abc", 3}},
        {0xffffffff, true, false, {(const uint8_t *)"a", 1}},
        {7, false, true, {(const uint8_t *)"", 0}},
        {7, false, false, {(const uint8_t *)"\0\xff", 2}},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(SkBuffer) out;
        SkWirePiece piece;

        sk_buffer_init(&out, 2 * SK_WIRE_PIECE_MAX);
        g_assert_true(sk_wire_put_piece(&out, &cases[i]));
        g_assert_true(sk_wire_get_piece(body_of(&out, SK_WIRE_PIECE), &piece));
        g_assert_cmpuint(piece.number, ==, cases[i].number);
        g_assert_true(piece.first == cases[i].first && piece.last == cases[i].last);
        g_assert_cmpmem(piece.bytes.data, piece.bytes.len, cases[i].bytes.data,
                        cases[i].bytes.len);
    }
}

/* Cut anywhere, or with any byte of its frame changed: never a piece with other content. */
static void
test_piece_damaged(void)
{
    SkWirePiece whole = {9, true, true, {(const uint8_t *)"content", 7}}, piece;
    g_auto(SkBuffer) out;
    SkBytes body;

    sk_buffer_init(&out, 1000);
    g_assert_true(sk_wire_put_piece(&out, &whole));
    body = body_of(&out, SK_WIRE_PIECE);
    for (size_t len = 0; len < body.len; len++) {
        g_autofree uint8_t *exact = g_memdup2(body.data, len);

        g_assert_false(sk_wire_get_piece(sk_bytes(exact, len), &piece));
    }
    for (size_t at = body.len - 4; at < body.len; at++) {
        g_autofree uint8_t *changed = g_memdup2(body.data, body.len);

        changed[at] ^= 1;
        g_assert_false(sk_wire_get_piece(sk_bytes(changed, body.len), &piece));
    }
}

static void
test_verdict(void)
{
    static const struct {
        SkScanVerdict verdict;
        const char *name, *read;
    } cases[] = {
        {SK_SCAN_CLEAN, NULL, NULL},
        {SK_SCAN_FOUND, "Eicar", "Eicar"},
        {SK_SCAN_FOUND, "a\nb", "a\\x0ab"},
        {SK_SCAN_TEMPERROR, "", ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(SkBuffer) out;
        SkWireVerdict verdict = {0};

        sk_buffer_init(&out, SK_WIRE_VERDICT_LIMIT);
        sk_wire_put_verdict(&out, 3, cases[i].verdict, cases[i].name);
        g_assert_true(sk_wire_get_verdict(body_of(&out, SK_WIRE_VERDICT), &verdict));
        g_assert_cmpuint(verdict.number, ==, 3);
        g_assert_cmpint(verdict.verdict, ==, cases[i].verdict);
        g_assert_cmpstr(verdict.name, ==, cases[i].read);
        g_free(verdict.name);
    }
}

static void
test_verdict_wrong(void)
{
    g_autofree char *long_name = g_strnfill(100000, 'x');
    SkWireVerdict verdict = {0};
    g_auto(SkBuffer) out;
    SkBytes body;

    sk_buffer_init(&out, SK_WIRE_VERDICT_LIMIT);
    sk_wire_put_verdict(&out, 3, SK_SCAN_FOUND, long_name);
    body = body_of(&out, SK_WIRE_VERDICT);
    g_assert_true(sk_wire_get_verdict(body, &verdict));
    g_assert_cmpuint(strlen(verdict.name), <, 1000);
    g_free(verdict.name);
    ((uint8_t *)body.data)[4] = SK_N_SCAN_VERDICTS;
    g_assert_false(sk_wire_get_verdict(body, &verdict));
    g_assert_false(sk_wire_get_verdict(sk_bytes_slice(body, 0, 5), &verdict));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/scan-wire/piece", test_piece);
    g_test_add_func("/scan-wire/piece-damaged", test_piece_damaged);
    g_test_add_func("/scan-wire/verdict", test_verdict);
    g_test_add_func("/scan-wire/verdict-wrong", test_verdict_wrong);
    return g_test_run();
}
