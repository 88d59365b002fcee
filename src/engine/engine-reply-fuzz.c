/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-reply.h"

#include "base/limit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line is a recipient, what follows a header. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBytes bytes = sk_bytes(data, size);
    size_t line = sk_bytes_find(bytes, "\n", 1, 0);
    SkBytes first = sk_bytes_slice(bytes, 0, line != SK_BYTES_NONE ? line : size);
    g_autofree char *address =
        g_strndup((const char *)first.data, MIN(first.len, SK_LIMIT_ADDRESS));
    g_autoptr(SkPassage) passage = sk_passage_new();
    g_autoptr(GPtrArray) tokens = NULL;

    passage->envelope = sk_envelope_new();
    g_assert_true(sk_envelope_set_sender(passage->envelope, address, NULL));
    g_assert_true(sk_envelope_add_recipient(passage->envelope, address, NULL));
    tokens = sk_engine_reply_take(passage, "stop@ours.example");
    g_assert_cmpuint(tokens->len + sk_envelope_count(passage->envelope), ==, 1);
    (void)sk_engine_reply_is_automatic(passage, sk_bytes_from(bytes, first.len));
    return 0;
}
