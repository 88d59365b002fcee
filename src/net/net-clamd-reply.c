/* SPDX-License-Identifier: Apache-2.0 */
#include "net/net-clamd-reply.h"

#include <glib.h>

#include "base/text.h"

#define STREAM "stream: "
#define FOUND  " FOUND"

static bool
is_exactly(SkBytes reply, const char *text)
{
    return reply.len == strlen(text) && sk_bytes_at(reply, 0, text, reply.len);
}

/* What stands between STREAM and FOUND; empty: the reply is none of that kind. */
static SkBytes
find_name(SkBytes reply)
{
    size_t around = strlen(STREAM) + strlen(FOUND);

    if (reply.len <= around || !sk_bytes_is(reply, 0, STREAM) ||
        !sk_bytes_is(reply, reply.len - strlen(FOUND), FOUND))
        return (SkBytes){0};
    return sk_bytes_slice(reply, strlen(STREAM), reply.len - around);
}

SkScanVerdict
sk_clamd_reply_read(SkBytes reply, char **ret_name)
{
    SkBytes found = find_name(reply);
    g_autofree char *safe = NULL;

    *ret_name = NULL;
    if (is_exactly(reply, STREAM "OK"))
        return SK_SCAN_CLEAN;
    if (found.len > 0) {
        *ret_name = sk_text_safe(found, SK_CLAMD_REPLY_MAX);
        return SK_SCAN_FOUND;
    }
    if (is_exactly(reply, "INSTREAM size limit exceeded. ERROR")) {
        *ret_name = g_strdup("larger than clamd takes (its StreamMaxLength)");
        return SK_SCAN_LIMIT;
    }
    safe = sk_text_safe(reply, SK_CLAMD_REPLY_MAX);
    *ret_name = g_strdup_printf("clamd answered \"%s\"", safe);
    return SK_SCAN_TEMPERROR;
}
