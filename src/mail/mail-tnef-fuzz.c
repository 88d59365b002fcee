/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-tnef.h"

#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
on_file(const SkMailTnefFile *file, void *data)
{
    SkBytes *all = data;

    g_assert_true(file->content.len <= all->len);
    g_assert_true(file->name == NULL || g_utf8_validate(file->name, -1, NULL));
    return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBytes all = sk_bytes(data, size);

    (void)sk_mail_tnef_read(all, on_file, &all);
    return 0;
}
