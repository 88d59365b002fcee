/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-pool.h"

#include "base/error.h"

#define IDLE_MS 60000

typedef struct {
    SkDb *db;
    int64_t since_us; /* when it was given back, by the monotonic clock */
} Idle;

struct SkStorePool {
    const SkStore *store;
    SkDatabase which;
    SkStoreAccess access;
    unsigned max;
    GMutex lock;
    GCond given;  /* one was, or there is room for another */
    GArray *idle; /* of Idle, the one used last at the end */
    unsigned open;
};

SkStorePool *
sk_store_pool_new(const SkStore *store, SkDatabase which, SkStoreAccess access, unsigned max)
{
    SkStorePool *pool = g_new0(SkStorePool, 1);

    g_assert(max > 0);
    pool->store = store;
    pool->which = which;
    pool->access = access;
    pool->max = max;
    pool->idle = g_array_new(FALSE, FALSE, sizeof(Idle));
    g_mutex_init(&pool->lock);
    g_cond_init(&pool->given);
    return pool;
}

/* The one that has been idle for longest, if that is for IDLE_MS. */
static SkDb *
take_old(SkStorePool *pool, int64_t idle_ms)
{
    int64_t before = g_get_monotonic_time() - 1000 * idle_ms;
    SkDb *db = NULL;

    g_mutex_lock(&pool->lock);
    if (pool->idle->len > 0 && g_array_index(pool->idle, Idle, 0).since_us <= before) {
        db = g_array_index(pool->idle, Idle, 0).db;
        g_array_remove_index(pool->idle, 0);
        pool->open--;
        g_cond_signal(&pool->given);
    }
    g_mutex_unlock(&pool->lock);
    return db;
}

/* Closing may wait for a server, and does so outside the lock. */
void
sk_store_pool_tidy(SkStorePool *pool, int64_t idle_ms)
{
    SkDb *db;

    while ((db = take_old(pool, idle_ms)) != NULL)
        sk_db_close(db);
}

void
sk_store_pool_free(SkStorePool *pool)
{
    if (pool == NULL)
        return;
    sk_store_pool_tidy(pool, 0);
    g_assert(pool->open == 0);
    g_array_unref(pool->idle);
    g_mutex_clear(&pool->lock);
    g_cond_clear(&pool->given);
    g_free(pool);
}

static bool
wait_for_room(SkStorePool *pool, int64_t wait_ms, GError **error)
{
    int64_t until = g_get_monotonic_time() + 1000 * wait_ms;

    while (pool->idle->len == 0 && pool->open >= pool->max) {
        if (!g_cond_wait_until(&pool->given, &pool->lock, until)) {
            g_set_error(error, SK_ERROR, SK_ERROR_TIMEOUT,
                        "all %u connections to database %s are in use", pool->max,
                        sk_store_describe(pool->store, pool->which));
            return false;
        }
    }
    return true;
}

/* RET_DB stays NULL where the caller has to open one, for which it is counted. */
static bool
reserve(SkStorePool *pool, int64_t wait_ms, SkDb **ret_db, GError **error)
{
    bool ok;

    g_mutex_lock(&pool->lock);
    ok = wait_for_room(pool, wait_ms, error);
    if (ok && pool->idle->len > 0) {
        *ret_db = g_array_index(pool->idle, Idle, pool->idle->len - 1).db;
        g_array_set_size(pool->idle, pool->idle->len - 1);
    } else if (ok) {
        pool->open++;
    }
    g_mutex_unlock(&pool->lock);
    return ok;
}

SkDb *
sk_store_pool_take(SkStorePool *pool, int64_t wait_ms, GError **error)
{
    SkDb *db = NULL;

    if (!reserve(pool, wait_ms, &db, error))
        return NULL;
    sk_store_pool_tidy(pool, IDLE_MS);
    if (db != NULL)
        return db;
    db = sk_store_open(pool->store, pool->which, pool->access, error);
    if (db == NULL) {
        g_mutex_lock(&pool->lock);
        pool->open--;
        g_cond_signal(&pool->given);
        g_mutex_unlock(&pool->lock);
    }
    return db;
}

void
sk_store_pool_give(SkStorePool *pool, SkDb *db)
{
    Idle idle = {db, g_get_monotonic_time()};

    sk_db_rollback(db);
    g_mutex_lock(&pool->lock);
    g_array_append_val(pool->idle, idle);
    g_cond_signal(&pool->given);
    g_mutex_unlock(&pool->lock);
    sk_store_pool_tidy(pool, IDLE_MS);
}

unsigned
sk_store_pool_count(SkStorePool *pool)
{
    unsigned n;

    g_mutex_lock(&pool->lock);
    n = pool->open;
    g_mutex_unlock(&pool->lock);
    return n;
}
