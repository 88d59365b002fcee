/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-desk.h"

#include <string.h>

#include "base/log.h"
#include "clerk/clerk-desk-answer.h"
#include "clerk/clerk-original.h"
#include "engine/engine-groups.h"
#include "process/process-desk.h"
#include "store/store-pool.h"

/* Questions answered side by side; each has a connection of database keep while it lasts. */
#define THREADS 4
/* Longer than a question waits for another one, shorter than a client's patience. */
#define POOL_WAIT_MS 10000

struct SkClerkDesk {
    const SkClerkShared *shared;
    SkSite *site;
    SkStorePool *pool;
    SkDeskServer *server;
    GMutex counting;
    GMutex lock; /* guards groups, which a reload replaces */
    SkHoldGroups *groups;
};

/* What the server hands back with a question. */
static char by_token, by_operator;

/* ---- hands ---- */

static SkClerkOriginal *
open_original(const SkDeskWorld *world,
              const SkHeldMessage *message,
              const char *why,
              SkBlobPlace **ret_place,
              GError **error)
{
    g_autoptr(SkKeeper) keeper =
        sk_keeper_new(sk_settings_peek_text(world->settings, "keeper", "socket"),
                      sk_settings_peek_text(world->settings, "keeper", "grants"));
    g_autofree char *named = g_strdup_printf("%s, %s", why, message->id);

    *ret_place = sk_store_open_blobs(world->store, error);
    if (*ret_place == NULL)
        return NULL;
    return sk_clerk_original_open(world->keep, *ret_place, keeper, message, named, NULL, error);
}

static int
copy_original(const SkDeskWorld *world,
              const SkHeldMessage *message,
              const char *why,
              GError **error)
{
    g_autoptr(SkBlobPlace) place = NULL;
    g_autoptr(SkClerkOriginal) original = open_original(world, message, why, &place, error);

    return original != NULL ? sk_clerk_original_copy(original, error) : -1;
}

static bool
read_original(const SkDeskWorld *world,
              const SkHeldMessage *message,
              const char *why,
              uint64_t at,
              void *data,
              size_t n,
              size_t *ret_n,
              GError **error)
{
    g_autoptr(SkBlobPlace) place = NULL;
    g_autoptr(SkClerkOriginal) original = open_original(world, message, why, &place, error);

    return original != NULL && sk_clerk_original_read(original, at, data, n, ret_n, error);
}

const SkDeskHands sk_clerk_desk_hands = {
    copy_original,
    read_original,
    sk_process_try_password,
};

/* ---- answering ---- */

static SkDeskAnswer *
answer_question(SkClerkDesk *desk, const SkDeskQuestion *question, bool operator_asks)
{
    SkDeskWorld world = {.store = desk->shared->store,
                         .settings = desk->shared->settings,
                         .site = desk->site,
                         .counting = &desk->counting,
                         .hands = &sk_clerk_desk_hands};
    g_autoptr(SkHoldGroups) groups = NULL;
    g_autoptr(GError) error = NULL;
    SkDeskAnswer *answer;

    world.keep = sk_store_pool_take(desk->pool, POOL_WAIT_MS, &error);
    if (world.keep == NULL) {
        sk_log_error(SK_LOG_WARNING, "a question about held mail could not be answered", error);
        answer = sk_desk_answer_new(SK_DESK_FAILED);
        answer->text = g_strdup(error->message);
        return answer;
    }
    g_mutex_lock(&desk->lock);
    groups = sk_hold_groups_ref(desk->groups);
    g_mutex_unlock(&desk->lock);
    world.groups = groups;
    answer = sk_clerk_desk_answer(&world, question, operator_asks);
    sk_store_pool_give(desk->pool, world.keep);
    return answer;
}

static char *
on_question(const char *text, void *socket_data, void *data)
{
    g_auto(SkDeskQuestion) question = {0};
    g_autoptr(SkDeskAnswer) answer = NULL;
    g_autoptr(GError) error = NULL;

    if (sk_desk_question_read(text, &question, &error)) {
        answer = answer_question(data, &question, socket_data == &by_operator);
    } else {
        answer = sk_desk_answer_new(SK_DESK_REFUSED);
        answer->text = g_strdup(error->message);
    }
    return sk_desk_answer_write(answer);
}

/* ---- the desk ---- */

static bool
open_doors(SkClerkDesk *desk, GError **error)
{
    const SkSettings *settings = desk->shared->settings;
    const char *group = sk_settings_peek_text(settings, "clerk", "desk_group");

    desk->server = sk_process_desk_server_new(THREADS, SK_DESK_MAX, on_question, desk, error);
    return desk->server != NULL &&
           sk_process_desk_server_listen(desk->server,
                                         sk_settings_peek_text(settings, "clerk", "desk"),
                                         *group != '\0' ? group : NULL, &by_token, error) &&
           sk_process_desk_server_listen(desk->server,
                                         sk_settings_peek_text(settings, "clerk", "operator"),
                                         NULL, &by_operator, error);
}

SkClerkDesk *
sk_clerk_desk_new(const SkClerkShared *shared, GError **error)
{
    g_autoptr(SkClerkDesk) desk = g_new0(SkClerkDesk, 1);

    desk->shared = shared;
    g_mutex_init(&desk->counting);
    g_mutex_init(&desk->lock);
    desk->site = sk_site_new(shared->settings, error);
    if (desk->site != NULL)
        desk->groups = sk_engine_groups_load(shared->settings, error);
    if (desk->groups == NULL)
        return NULL;
    desk->pool = sk_store_pool_new(shared->store, SK_KEEP, SK_STORE_WRITE, THREADS);
    return open_doors(desk, error) ? g_steal_pointer(&desk) : NULL;
}

void
sk_clerk_desk_free(SkClerkDesk *desk)
{
    if (desk == NULL)
        return;
    sk_process_desk_server_free(desk->server);
    sk_store_pool_free(desk->pool);
    sk_hold_groups_free(desk->groups);
    sk_site_free(desk->site);
    g_mutex_clear(&desk->counting);
    g_mutex_clear(&desk->lock);
    g_free(desk);
}

void
sk_clerk_desk_reload(SkClerkDesk *desk)
{
    g_autoptr(GError) error = NULL;
    SkHoldGroups *groups = sk_engine_groups_load(desk->shared->settings, &error);

    if (groups == NULL) {
        sk_log_error(SK_LOG_WARNING, "the groups stay as they were", error);
        return;
    }
    g_mutex_lock(&desk->lock);
    sk_hold_groups_free(desk->groups);
    desk->groups = groups;
    g_mutex_unlock(&desk->lock);
}
