/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-type.h"

#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[300];
    SkMailType type;

    sk_mail_disposition_parse(&type, sk_bytes(data, size));
    sk_mail_type_parse(&type, sk_bytes(data, size));
    (void)sk_mail_type_get(&type, "boundary", text, sizeof text);
    for (unsigned i = 0; i < type.n_params; i++) {
        g_auto(SkBuffer) out = {0};

        sk_buffer_init(&out, size);
        g_assert_true(sk_mail_param_unquote(&type.params[i], &out));
    }
    return 0;
}
