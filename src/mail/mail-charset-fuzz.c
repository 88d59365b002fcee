/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-charset.h"

#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The label is what stands before the first NUL. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *label = g_strndup((const char *)data, size);
    g_auto(SkBuffer) out = {0};

    sk_buffer_init(&out, 4096);
    (void)sk_mail_charset_decode(label, sk_bytes_from(sk_bytes(data, size), strlen(label) + 1),
                                 &out);
    g_assert_true(sk_mail_charset_is_utf8(sk_buffer_bytes(&out)));
    return 0;
}
