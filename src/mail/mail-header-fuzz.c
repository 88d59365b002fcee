/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-header.h"

#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBytes bytes = sk_bytes(data, size);
    g_auto(SkMailHeader) header = {0};
    size_t at = 0;

    sk_mail_header_init(&header);
    sk_mail_header_read(&header, bytes);
    for (guint i = 0; i < sk_mail_header_count(&header); i++) {
        const SkMailField *field = sk_mail_header_get(&header, i);
        g_auto(SkBuffer) value = {0};

        sk_buffer_init(&value, size);
        g_assert_true(sk_mail_header_unfold(field->value, &value));
        g_assert_true(field->raw.data == data + at);
        at += field->raw.len;
    }
    g_assert_true(header.end <= size && header.end == sk_mail_header_end(bytes));
    return 0;
}
