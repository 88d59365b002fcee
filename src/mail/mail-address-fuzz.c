/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-address.h"

#include <glib.h>

#include "base/limit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(SkMailAddresses) list = sk_mail_address_parse(sk_bytes(data, size));

    g_assert_cmpuint(list->boxes->len, <=, SK_LIMIT_ADDRESSES);
    for (guint i = 0; i < list->boxes->len; i++) {
        const SkMailbox *box = sk_mail_address_peek(list, i);

        g_assert_true(box->name == NULL || g_utf8_validate(box->name, -1, NULL));
        g_assert_true(g_utf8_validate(box->address, -1, NULL));
        g_assert_true(box->malformed || (box->local[0] != '\0' && box->domain[0] != '\0'));
    }
    return 0;
}
