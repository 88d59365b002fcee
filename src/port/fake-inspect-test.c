/* SPDX-License-Identifier: Apache-2.0 */
#include "port/fake-inspect.h"

typedef struct {
    char order[8]; /* one letter an answer: what it was */
    unsigned n;
} Answers;

static void
on_answer(SkInspectResult *result, const GError *error, void *data)
{
    Answers *answers = data;
    char letter = 'e';

    if (result != NULL)
        letter = sk_findings_count(result->findings) > 0 ? 'f' : '-';
    answers->order[answers->n++] = letter;
    sk_inspect_result_free(result);
}

static void
test_order(void)
{
    g_autoptr(SkLoop) loop = sk_loop_new(NULL);
    SkFakeInspect *fake = sk_fake_inspect_new(loop);
    g_autoptr(SkInspect) port = sk_fake_inspect_port(fake);
    SkInspectJob job = {.fd = -1, .bytes = {(const uint8_t *)"abc", 3}};
    Answers answers = {0}, gone = {0};

    sk_fake_inspect_find(fake, SK_FINDING_ATTACH_ANY, "a");
    sk_fake_inspect_fail(fake, SK_ERROR_IO, "none");
    sk_fake_inspect_hold(fake, true);
    sk_inspect_submit(port, &job, on_answer, &gone);
    for (int i = 0; i < 3; i++)
        sk_inspect_submit(port, &job, on_answer, &answers);
    sk_inspect_cancel(port, &gone);
    sk_loop_step(loop, 0);
    g_assert_cmpstr(answers.order, ==, "");
    sk_fake_inspect_hold(fake, false);
    g_assert_cmpstr(answers.order, ==, "");
    sk_loop_step(loop, 10);
    g_assert_cmpstr(answers.order, ==, "fe-");
    g_assert_cmpuint(gone.n, ==, 0);
    g_assert_cmpuint(sk_fake_inspect_count(fake), ==, 4);
    g_assert_true(sk_bytes_is(sk_fake_inspect_last(fake), 0, "abc"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fake-inspect/order", test_order);
    return g_test_run();
}
