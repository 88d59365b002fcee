/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-desk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_question(const char *text)
{
    g_auto(SkDeskQuestion) question = {0}, again = {0};
    g_autofree char *written = NULL;

    if (!sk_desk_question_read(text, &question, NULL))
        return;
    written = sk_desk_question_write(&question);
    g_assert_true(sk_desk_question_read(written, &again, NULL));
    g_assert_cmpstr(question.text, ==, again.text);
}

/* What can be read can be written, and reads as the same again. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size), *first = NULL, *second = NULL;
    g_autoptr(SkDeskAnswer) answer = sk_desk_answer_read(text, NULL), again = NULL;

    try_question(text);
    if (answer == NULL)
        return 0;
    first = sk_desk_answer_write(answer);
    again = sk_desk_answer_read(first, NULL);
    g_assert_nonnull(again);
    second = sk_desk_answer_write(again);
    g_assert_cmpstr(first, ==, second);
    return 0;
}
