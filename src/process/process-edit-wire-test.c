/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-edit-wire.h"

/* The body of the frame in BUFFER, in memory of its exact size. */
static uint8_t *
body_of(const SkBuffer *buffer, uint16_t type, SkBytes *ret_body)
{
    uint8_t *exact;
    SkFrame frame;

    g_assert_cmpint(sk_frame_next(sk_buffer_bytes(buffer), SK_EDIT_WIRE_ANSWER_LIMIT, &frame),
                    ==, SK_FRAME_READY);
    g_assert_cmpuint(frame.type, ==, type);
    exact = g_memdup2(frame.body.data, frame.body.len);
    *ret_body = sk_bytes(exact, frame.body.len);
    return exact;
}

static void
test_strip_order(void)
{
    const char *parts[] = {"2", "1.2.1", NULL};
    SkStripOrder order = {parts, "%NAME% は", NULL};
    g_auto(SkBuffer) buffer = {0};
    g_auto(SkWireEdit) edit = {0};
    g_autofree uint8_t *exact = NULL;
    SkBytes body;

    sk_buffer_init(&buffer, SK_EDIT_WIRE_ORDER_LIMIT);
    g_assert_true(sk_wire_put_edit(&buffer, 12345678901, &order, NULL));
    exact = body_of(&buffer, SK_WIRE_EDIT, &body);
    g_assert_true(sk_wire_get_edit(body, &edit));
    g_assert_cmpuint(edit.size, ==, 12345678901);
    g_assert_null(edit.password);
    g_assert_cmpstr(edit.parts[0], ==, "2");
    g_assert_cmpstr(edit.parts[1], ==, "1.2.1");
    g_assert_null(edit.parts[2]);
    g_assert_cmpstr(edit.notice, ==, "%NAME% は");
    g_assert_null(edit.notice_name);
}

static void
test_password_order(void)
{
    g_auto(SkBuffer) buffer = {0};
    g_auto(SkWireEdit) edit = {0};
    g_autofree uint8_t *exact = NULL;
    SkBytes body;

    sk_buffer_init(&buffer, SK_EDIT_WIRE_ORDER_LIMIT);
    g_assert_true(sk_wire_put_edit(&buffer, 5, NULL, "秘密 1"));
    exact = body_of(&buffer, SK_WIRE_EDIT, &body);
    g_assert_true(sk_wire_get_edit(body, &edit));
    g_assert_cmpstr(edit.password, ==, "秘密 1");
    g_assert_null(edit.parts[0]);
}

static void
test_too_large(void)
{
    g_autofree char *long_text = g_strnfill(SK_EDIT_WIRE_NOTICE + 1, 'x');
    const char *none[] = {NULL};
    SkStripOrder order = {none, long_text, NULL};
    g_auto(SkBuffer) buffer = {0};

    sk_buffer_init(&buffer, SK_EDIT_WIRE_ORDER_LIMIT);
    g_assert_false(sk_wire_put_edit(&buffer, 5, &order, NULL));
    long_text[SK_EDIT_WIRE_PASSWORD + 1] = '\0';
    g_assert_false(sk_wire_put_edit(&buffer, 5, NULL, long_text));
    long_text[SK_EDIT_WIRE_PASSWORD] = '\0';
    g_assert_true(sk_wire_put_edit(&buffer, 5, NULL, long_text));
}

static bool
append(SkBytes piece, void *data)
{
    g_string_append_len(data, (const char *)piece.data, (gssize)piece.len);
    return true;
}

static void
add(SkMailCuts *cuts, uint64_t at, uint64_t len, const char *text)
{
    size_t text_at = cuts->text.len;

    g_assert_true(sk_buffer_append_text(&cuts->text, text));
    g_assert_true(sk_mail_cuts_add(cuts, at, len, text_at));
}

static void
test_answer(void)
{
    g_auto(SkMailCuts) cuts = {0}, back = {0};
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree uint8_t *exact = NULL;
    g_auto(SkBuffer) buffer = {0};
    SkEditOutcome outcome;
    SkBytes body;

    sk_mail_cuts_init(&cuts);
    sk_buffer_init(&buffer, SK_EDIT_WIRE_ANSWER_LIMIT);
    add(&cuts, 0, 2, "AB");
    add(&cuts, 2, 1, "");
    add(&cuts, 6, 4, "the end");
    g_assert_true(sk_wire_put_edited(&buffer, SK_EDIT_DONE, &cuts));
    exact = body_of(&buffer, SK_WIRE_EDITED, &body);
    g_assert_true(sk_wire_get_edited(body, 10, &outcome, &back));
    g_assert_cmpint(outcome, ==, SK_EDIT_DONE);
    g_assert_true(sk_mail_cuts_apply(&back, sk_bytes("0123456789", 10), append, out));
    g_assert_cmpstr(out->str, ==, "AB345the end");
    g_assert_false(sk_mail_cuts_apply(&back, sk_bytes("012345678", 9), append, out));
    sk_mail_cuts_clear(&back);
    g_assert_false(sk_wire_get_edited(body, 9, &outcome, &back));
}

/* An answer of a worker that a message took over. */
static void
test_lies(void)
{
    static const struct {
        uint8_t outcome;
        uint32_t count;
        struct {
            uint64_t at, len;
        } cuts[2];
        bool good;
    } cases[] = {
        {SK_EDIT_DONE, 2, {{0, 5}, {5, 5}}, true},
        {SK_EDIT_UNSUPPORTED + 1, 2, {{0, 5}, {5, 5}}, false},
        {SK_EDIT_DONE, 1, {{0, 5}, {5, 5}}, false},
        {SK_EDIT_DONE, 3, {{0, 5}, {5, 5}}, false},
        {SK_EDIT_DONE, UINT32_MAX, {{0, 0}, {0, 0}}, false},
        {SK_EDIT_DONE, 2, {{5, 5}, {0, 5}}, false},
        {SK_EDIT_DONE, 2, {{0, 6}, {5, 5}}, false},
        {SK_EDIT_DONE, 2, {{0, 5}, {5, 6}}, false},
        {SK_EDIT_DONE, 2, {{0, 5}, {11, 0}}, false},
        {SK_EDIT_DONE, 2, {{0, UINT64_MAX}, {5, 5}}, false},
        {SK_EDIT_DONE, 2, {{UINT64_MAX, 2}, {5, 5}}, false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(SkBuffer) buffer = {0};
        g_auto(SkMailCuts) cuts = {0};
        g_autofree uint8_t *exact = NULL;
        SkEditOutcome outcome;
        SkFrameWriter w;
        SkBytes body;

        g_test_message("case %zu", i);
        sk_buffer_init(&buffer, SK_KIB);
        sk_frame_begin(&w, &buffer, SK_WIRE_EDITED);
        sk_frame_put_u8(&w, cases[i].outcome);
        sk_frame_put_u32(&w, cases[i].count);
        for (size_t j = 0; j < 2; j++) {
            sk_frame_put_u64(&w, cases[i].cuts[j].at);
            sk_frame_put_u64(&w, cases[i].cuts[j].len);
            sk_frame_put_bytes(&w, sk_bytes("x", 1));
        }
        g_assert_true(sk_frame_finish(&w, 0));
        exact = body_of(&buffer, SK_WIRE_EDITED, &body);
        g_assert_cmpint(sk_wire_get_edited(body, 10, &outcome, &cuts), ==, cases[i].good);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/process-edit-wire/strip-order", test_strip_order);
    g_test_add_func("/process-edit-wire/password-order", test_password_order);
    g_test_add_func("/process-edit-wire/too-large", test_too_large);
    g_test_add_func("/process-edit-wire/answer", test_answer);
    g_test_add_func("/process-edit-wire/lies", test_lies);
    return g_test_run();
}
