/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/passage-json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What can be read can be written, and reads as the same again. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(SkPassage) passage = sk_passage_json_read(text, NULL);
    g_autoptr(SkPassage) again = NULL;
    g_autofree char *first = NULL, *second = NULL;

    if (passage == NULL)
        return 0;
    first = sk_passage_json_new(passage, NULL);
    g_assert_nonnull(first);
    again = sk_passage_json_read(first, NULL);
    g_assert_nonnull(again);
    second = sk_passage_json_new(again, NULL);
    g_assert_cmpstr(first, ==, second);
    return 0;
}
