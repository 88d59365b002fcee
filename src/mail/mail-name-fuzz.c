/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-name.h"

#include <glib.h>

#include "base/limit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *name = NULL;
    unsigned odd = 0;
    SkMailType type;

    sk_mail_type_parse(&type, sk_bytes(data, size));
    name = sk_mail_name_read(NULL, &type, &odd);
    g_assert_true(name == NULL ||
                  (strlen(name) <= SK_LIMIT_NAME && g_utf8_validate(name, -1, NULL)));
    return 0;
}
