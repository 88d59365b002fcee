/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-name.h"

#include <glib.h>

#include "attach/attach-decode.h"
#include "attach/attach-extension.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *name = sk_attach_decode_name(sk_bytes(data, size));
    const char *base = sk_attach_decode_base_peek(name);

    g_assert_true(g_utf8_validate(name, -1, NULL));
    (void)sk_attach_name_extension_trick(base);
    (void)sk_attach_name_is_bidi(base);
    (void)sk_extension_of(base);
    (void)sk_extension_is_volume(base);
    return 0;
}
