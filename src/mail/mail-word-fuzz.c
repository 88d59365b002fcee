/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-word.h"

#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_auto(SkBuffer) out = {0};

    sk_buffer_init(&out, 4096);
    (void)sk_mail_word_decode(sk_bytes(data, size), &out);
    g_assert_true(sk_mail_charset_is_utf8(sk_buffer_bytes(&out)));
    return 0;
}
