/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(SkWebForm) form = sk_web_form_parse(sk_bytes(data, size));
    const char *value = sk_web_form_peek(form, "text");

    g_assert_true(value == NULL || g_utf8_validate(value, -1, NULL));
    return 0;
}
