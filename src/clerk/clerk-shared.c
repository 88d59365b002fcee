/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-shared.h"

#include <unistd.h>

#include "base/log.h"
#include "engine/engine-tables.h"

SkClerkShared *
sk_clerk_shared_new(const SkSettings *settings, const SkDuty *duties, GError **error)
{
    g_autoptr(SkClerkShared) shared = g_new0(SkClerkShared, 1);

    g_mutex_init(&shared->scouting);
    g_mutex_init(&shared->lock);
    g_cond_init(&shared->wake);
    shared->settings = settings;
    shared->duties = duties;
    shared->lease_us = 1000000 * sk_settings_get_int(settings, "clerk", "lease");
    shared->holder = g_strdup_printf("sekisho-clerk %s %d", g_get_host_name(), (int)getpid());
    shared->store = sk_store_new(settings, "sekisho-clerk", sk_engine_tables, error);
    if (shared->store == NULL)
        return NULL;
    return g_steal_pointer(&shared);
}

void
sk_clerk_shared_free(SkClerkShared *shared)
{
    if (shared == NULL)
        return;
    sk_store_free(shared->store);
    g_free(shared->holder);
    g_mutex_clear(&shared->scouting);
    g_mutex_clear(&shared->lock);
    g_cond_clear(&shared->wake);
    g_free(shared);
}

void
sk_clerk_shared_stop(SkClerkShared *shared)
{
    g_mutex_lock(&shared->lock);
    shared->stopping = true;
    g_cond_broadcast(&shared->wake);
    g_mutex_unlock(&shared->lock);
}

bool
sk_clerk_shared_is_stopping(SkClerkShared *shared)
{
    bool stopping;

    g_mutex_lock(&shared->lock);
    stopping = shared->stopping;
    g_mutex_unlock(&shared->lock);
    return stopping;
}

bool
sk_clerk_shared_sleep(SkClerkShared *shared, int64_t us)
{
    /* Condition variables know GLib's monotonic time only, so SkClock is of no use here. */
    int64_t until = g_get_monotonic_time() + us;
    bool again = true, stopping;

    g_mutex_lock(&shared->lock);
    while (again && !shared->stopping)
        again = g_cond_wait_until(&shared->wake, &shared->lock, until);
    stopping = shared->stopping;
    g_mutex_unlock(&shared->lock);
    return !stopping;
}

void
sk_clerk_shared_note(SkClerkShared *shared, const GError *trouble)
{
    bool changed;

    g_mutex_lock(&shared->lock);
    changed = shared->away != (trouble != NULL);
    shared->away = trouble != NULL;
    g_mutex_unlock(&shared->lock);
    if (!changed)
        return;
    if (trouble != NULL)
        sk_log(SK_LOG_CRITICAL, "database cannot be used, jobs wait until it can", "where",
               sk_store_describe(shared->store, SK_KEEP), "error", trouble->message, NULL);
    else
        sk_log(SK_LOG_INFO, "database works again", "where",
               sk_store_describe(shared->store, SK_KEEP), NULL);
}
