/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>

#include "attach/attach-format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line is the name. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBytes all = sk_bytes(data, size);
    size_t line = sk_bytes_find(all, "\n", 1, 0);
    g_autofree char *name = NULL;

    if (line == SK_BYTES_NONE || line > 100)
        line = 0;
    name = g_strndup((const char *)data, line);
    (void)sk_attach_format(sk_attach_type_of(sk_bytes_from(all, line + 1), name));
    (void)sk_attach_format(sk_attach_type_of_head(sk_bytes_from(all, line + 1), NULL));
    return 0;
}
