/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-strangers.h"

#define TRY_MS 1000

/* For a client: when all his tries are back, if he shows none any more. Each try moves that a
 * second away, so it lies at most SK_WEB_STRANGER_TRIES seconds ahead. */
struct SkWebStrangers {
    GMutex lock;
    GHashTable *until; /* text of a client: int64_t, milliseconds */
    int64_t rest_until;
};

SkWebStrangers *
sk_web_strangers_new(void)
{
    SkWebStrangers *strangers = g_new0(SkWebStrangers, 1);

    g_mutex_init(&strangers->lock);
    strangers->until = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return strangers;
}

void
sk_web_strangers_free(SkWebStrangers *strangers)
{
    if (strangers == NULL)
        return;
    g_hash_table_unref(strangers->until);
    g_mutex_clear(&strangers->lock);
    g_free(strangers);
}

static gboolean
is_over(void *key, void *value, void *now_ms)
{
    (void)key;
    return *(int64_t *)value <= *(int64_t *)now_ms;
}

/* NULL: not remembered. */
static int64_t *
find(SkWebStrangers *strangers, const SkWebClient *client)
{
    int64_t *until = g_hash_table_lookup(strangers->until, client->text);

    if (until == NULL && g_hash_table_size(strangers->until) >= SK_WEB_STRANGERS)
        return &strangers->rest_until;
    return until;
}

bool
sk_web_strangers_may(SkWebStrangers *strangers, const SkWebClient *client, int64_t now_ms)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&strangers->lock);
    const int64_t *until = find(strangers, client);

    return until == NULL || *until - now_ms <= (SK_WEB_STRANGER_TRIES - 1) * TRY_MS;
}

void
sk_web_strangers_count(SkWebStrangers *strangers, const SkWebClient *client, int64_t now_ms)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&strangers->lock);
    int64_t *until;

    if (g_hash_table_size(strangers->until) >= SK_WEB_STRANGERS)
        g_hash_table_foreach_remove(strangers->until, is_over, &now_ms);
    until = find(strangers, client);
    if (until == NULL) {
        until = g_new0(int64_t, 1);
        g_hash_table_insert(strangers->until, g_strdup(client->text), until);
    }
    *until = MAX(*until, now_ms) + TRY_MS;
}
