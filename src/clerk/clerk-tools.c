/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-tools.h"

#include "base/error.h"
#include "base/log.h"
#include "clerk/clerk-original.h"
#include "clerk/clerk-post.h"

static SkClerkOriginal *
open_original(const SkClerkWorld *world, const SkHeldMessage *message, GError **error)
{
    g_autoptr(SkKeeper) keeper =
        sk_keeper_new(sk_settings_peek_text(world->settings, "keeper", "socket"),
                      sk_settings_peek_text(world->settings, "keeper", "grants"));
    g_autofree char *why = g_strdup_printf("notice about mail %s", message->id);

    return sk_clerk_original_open(world->keep, world->blobs, keeper, message, why, NULL, error);
}

static bool
read_original(const SkClerkWorld *world,
              const SkHeldMessage *message,
              uint64_t max,
              GBytes **ret_bytes,
              GError **error)
{
    g_autoptr(SkClerkOriginal) original = NULL;
    g_autofree void *data = NULL;
    size_t n;

    *ret_bytes = NULL;
    if (message->blob == NULL)
        return true;
    original = open_original(world, message, error);
    if (original == NULL)
        return false;
    n = (size_t)MIN(max, sk_clerk_original_size(original));
    data = g_try_malloc(n);
    if (data == NULL && n > 0) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "no memory for the original of mail %s",
                    message->id);
        return false;
    }
    if (!sk_clerk_original_read(original, 0, data, n, &n, error))
        return false;
    *ret_bytes = g_bytes_new_take(g_steal_pointer(&data), n);
    return true;
}

const SkClerkTools sk_clerk_tools = {.post = sk_clerk_post, .read = read_original};

bool
sk_clerk_original_part(const SkClerkWorld *world,
                       const SkClerkTools *tools,
                       const SkHeldMessage *message,
                       uint64_t max,
                       GBytes **ret_bytes,
                       GError **error)
{
    g_autoptr(GError) trouble = NULL;

    *ret_bytes = NULL;
    if (tools->read(world, message, max, ret_bytes, &trouble))
        return true;
    if (g_error_matches(trouble, SK_ERROR, SK_ERROR_DENIED) ||
        g_error_matches(trouble, SK_ERROR, SK_ERROR_PROTOCOL) ||
        g_error_matches(trouble, SK_ERROR, SK_ERROR_LIMIT)) {
        sk_log(SK_LOG_WARNING, "notice goes without the original", "mail", message->id, "error",
               trouble->message, NULL);
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&trouble));
    return false;
}
