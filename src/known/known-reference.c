/* SPDX-License-Identifier: Apache-2.0 */
#include "known/known-reference.h"

static bool
is_of_id(uint8_t c)
{
    return c > ' ' && c < 0x7f && c != '<' && c != '>';
}

/* The id that begins at AT with "<", or nothing. */
static SkBytes
id_at(SkBytes value, size_t at)
{
    size_t n = 1;

    while (at + n < value.len && n < SK_KNOWN_ID_MAX && is_of_id(value.data[at + n]))
        n++;
    if (n < 2 || at + n >= value.len || value.data[at + n] != '>')
        return sk_bytes(NULL, 0);
    return sk_bytes_slice(value, at, n + 1);
}

static void
add(GPtrArray *out, SkBytes id)
{
    if (id.len > 0)
        g_ptr_array_add(out, g_strndup((const char *)id.data, id.len));
}

void
sk_known_references(SkBytes value, bool last_first, guint max, GPtrArray *out)
{
    for (size_t i = 0; i < value.len && out->len < max; i++) {
        size_t at = last_first ? value.len - 1 - i : i;

        if (value.data[at] == '<')
            add(out, id_at(value, at));
    }
}
