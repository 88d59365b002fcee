/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-release.h"

#include "base/error.h"
#include "base/log.h"
#include "clerk/clerk-hand.h"
#include "clerk/clerk-pace.h"
#include "clerk/clerk-settle.h"
#include "engine/engine-release-key.h"
#include "hold/hold-store.h"
#include "net/net-endpoint.h"

#define MS     1000LL
#define SECOND (1000 * MS)
/* What becomes due is seen after this long. */
#define POLL (250 * MS)
/* Claims are no closer to each other: a claim costs a commit however few it brings. */
#define SHORTEST (20 * MS)
/* Then a sender with nothing to do closes its connection to Postfix, which has a process for
 * each. */
#define IDLE (10 * SECOND)
/* How long a settler tries, and how long in all when the clerk is to stop: copies whose end is
 * not written down are sent again. */
#define SETTLE_RETRY (500 * MS)
#define SETTLE_LAST  (10 * SECOND)

struct SkClerkRelease {
    SkClerkShared *shared;
    SkClerkHand *hand;
    SkClerkNote notes[SK_N_CLERK_NEEDS];
    uint8_t key[SK_TICKET_KEY_LEN]; /* written by the scout, before it gives anything out */
    bool has_key;
    GThread *scout, *settler;
    GPtrArray *senders; /* of GThread */
};

/* The scout's own. */
typedef struct {
    SkClerkRelease *release;
    SkDb *keep;
    SkClerkPace pace;
} Scout;

static const char *const needs[SK_N_CLERK_NEEDS] = {
    [SK_CLERK_KEEP] = "database",   [SK_CLERK_BLOBS] = "stored files",
    [SK_CLERK_KEEPER] = "keeper",   [SK_CLERK_INSPECTOR] = "inspector",
    [SK_CLERK_POSTFIX] = "Postfix", [SK_CLERK_KEY] = "release key",
};

/* ---- the scout ---- */

static bool
open_keep(const SkClerkRelease *release, SkDb **keep, SkStoreAccess access, GError **error)
{
    if (*keep == NULL)
        *keep = sk_store_open(release->shared->store, SK_KEEP, access, error);
    return *keep != NULL;
}

/* A connection that only waited too long is still good. */
static void
close_after(SkDb **keep, const GError *trouble)
{
    if (!g_error_matches(trouble, SK_ERROR, SK_ERROR_TIMEOUT) &&
        !g_error_matches(trouble, SK_ERROR, SK_ERROR_AGAIN))
        g_clear_pointer(keep, sk_db_close);
}

static bool
renew_one(Scout *scout, SkHeldCopy *claim, GError **error)
{
    g_autoptr(GError) trouble = NULL;

    if (sk_hold_renew(scout->keep, claim, scout->release->shared->lease_us, &trouble)) {
        sk_clerk_hand_note_lease(scout->release->hand, claim);
        return true;
    }
    /* It was settled at this moment, or is lost, which the settler will find. */
    if (g_error_matches(trouble, SK_ERROR, SK_ERROR_CONFLICT))
        return true;
    g_propagate_error(error, g_steal_pointer(&trouble));
    return false;
}

/* Those of which a third is over. */
static bool
renew(Scout *scout, GError **error)
{
    const SkClerkRelease *release = scout->release;
    g_autoptr(GPtrArray) claims = NULL;
    int64_t now = 0;

    if (sk_clerk_hand_count(release->hand) == 0)
        return true;
    if (!sk_db_now_us(scout->keep, &now, error))
        return false;
    claims = sk_clerk_hand_list_leases(release->hand, now + release->shared->lease_us / 3 * 2);
    for (guint i = 0; i < claims->len; i++) {
        if (!renew_one(scout, claims->pdata[i], error))
            return false;
    }
    return true;
}

static bool
read_key(SkClerkRelease *release)
{
    const char *path = sk_settings_peek_text(release->shared->settings, "hold", "release_key");
    g_autoptr(GError) trouble = NULL;

    release->has_key =
        release->has_key || sk_engine_release_key_read(path, release->key, &trouble);
    sk_clerk_note(&release->notes[SK_CLERK_KEY], trouble);
    return release->has_key;
}

/* Looking is a good deal cheaper than claiming, which writes. */
static bool
claim(Scout *scout, unsigned n, GError **error)
{
    const SkClerkShared *shared = scout->release->shared;
    int64_t now = 0, due = SK_HOLD_NEVER;
    GPtrArray *copies = NULL;

    if (n == 0)
        return true;
    if (!sk_hold_next_due(scout->keep, &due, error) || !sk_db_now_us(scout->keep, &now, error))
        return false;
    if (due > now)
        return true;
    if (!read_key(scout->release)) {
        sk_clerk_pace_note_trouble(&scout->pace, g_get_monotonic_time());
        return true;
    }
    if (!sk_hold_claim(scout->keep, shared->holder, shared->lease_us, n, &copies, error))
        return false;
    sk_clerk_pace_take(&scout->pace, copies->len);
    sk_clerk_hand_put(scout->release->hand, copies);
    return true;
}

static void
hear_news(Scout *scout)
{
    int64_t now = g_get_monotonic_time();
    bool trouble = false;
    unsigned gone = sk_clerk_hand_take_news(scout->release->hand, &trouble);

    if (gone > 0)
        sk_clerk_pace_note_sent(&scout->pace, gone, now);
    if (trouble)
        sk_clerk_pace_note_trouble(&scout->pace, now);
}

static bool
look(Scout *scout, bool stopping, GError **error)
{
    SkClerkHand *hand = scout->release->hand;
    unsigned n;

    hear_news(scout);
    n = stopping ? 0
                 : sk_clerk_pace_allow(&scout->pace, sk_clerk_hand_count(hand),
                                       g_get_monotonic_time());
    return open_keep(scout->release, &scout->keep, SK_STORE_WRITE, error) &&
           renew(scout, error) && claim(scout, n, error);
}

static void *
run_scout(void *data)
{
    SkClerkRelease *release = data;
    const SkSettings *settings = release->shared->settings;
    Scout scout = {.release = release};
    bool stopping = false;

    sk_clerk_pace_init(&scout.pace, sk_settings_get_int(settings, "hold", "release_rate"),
                       (unsigned)sk_settings_get_int(settings, "hold", "release_threads"),
                       g_get_monotonic_time());
    while (!sk_clerk_hand_is_finished(release->hand)) {
        g_autoptr(GError) trouble = NULL;

        if (!stopping && sk_clerk_shared_is_stopping(release->shared)) {
            stopping = true;
            sk_clerk_hand_close(release->hand);
        }
        if (!look(&scout, stopping, &trouble)) {
            close_after(&scout.keep, trouble);
            sk_clerk_pace_note_trouble(&scout.pace, g_get_monotonic_time());
        }
        sk_clerk_note(&release->notes[SK_CLERK_KEEP], trouble);
        g_usleep(SHORTEST);
        sk_clerk_hand_wait(release->hand, POLL - SHORTEST);
    }
    sk_db_close(scout.keep);
    return NULL;
}

/* ---- a sender ---- */

static bool
open_sender(SkClerkRelease *release, SkClerkSender *sender)
{
    g_autoptr(GError) trouble = NULL;
    SkClerkNeed at = SK_CLERK_KEEP;

    if (open_keep(release, &sender->keep, SK_STORE_READ, &trouble)) {
        at = SK_CLERK_BLOBS;
        if (sender->blobs == NULL)
            sender->blobs = sk_store_open_blobs(release->shared->store, &trouble);
    }
    if (trouble == NULL)
        return true;
    sk_clerk_note(&release->notes[at], trouble);
    return false;
}

static void
send_one(SkClerkRelease *release, SkClerkSender *sender, SkHeldCopy *copy)
{
    SkClerkSent *sent;

    if (open_sender(release, sender))
        sent = sk_clerk_send(sender, copy);
    else
        sent = sk_clerk_sent_not(copy);
    if (sent->state == SK_SENT_NOT)
        g_clear_pointer(&sender->keep, sk_db_close);
    sk_clerk_hand_done(release->hand, sent);
}

static void *
run_sender(void *data)
{
    SkClerkRelease *release = data;
    const SkSettings *settings = release->shared->settings;
    SkClerkSender sender = {
        .settings = settings,
        .key = release->key,
        .notes = release->notes,
        .keeper = sk_keeper_new(sk_settings_peek_text(settings, "keeper", "socket"),
                                sk_settings_peek_text(settings, "keeper", "grants")),
        .smtp =
            sk_smtp_new(sk_settings_peek_text(settings, "hold", "release"), g_get_host_name())};
    bool closed = false;

    while (!closed) {
        SkHeldCopy *copy = sk_clerk_hand_take(release->hand, IDLE, &closed);

        if (copy != NULL)
            send_one(release, &sender, copy);
        else
            sk_smtp_rest(sender.smtp);
    }
    sk_smtp_free(sender.smtp);
    sk_keeper_free(sender.keeper);
    sk_blob_place_close(sender.blobs);
    sk_db_close(sender.keep);
    return NULL;
}

/* ---- the settler ---- */

static bool
try_to_settle(SkClerkRelease *release, SkDb **keep, const GPtrArray *sent, unsigned *ret_gone)
{
    g_autoptr(GError) trouble = NULL;
    bool ok = open_keep(release, keep, SK_STORE_WRITE, &trouble) &&
              sk_clerk_settle(*keep, release->shared->settings, sent, ret_gone, &trouble);

    sk_clerk_note(&release->notes[SK_CLERK_KEEP], trouble);
    if (!ok)
        close_after(keep, trouble);
    return ok;
}

static void
settle(SkClerkRelease *release, SkDb **keep, const GPtrArray *sent)
{
    int64_t left_us = SETTLE_LAST;
    unsigned gone = 0;

    while (!try_to_settle(release, keep, sent, &gone)) {
        if (sk_clerk_shared_is_stopping(release->shared))
            left_us -= SETTLE_RETRY;
        if (left_us <= 0) {
            sk_log(
                SK_LOG_CRITICAL,
                "the database cannot be told which copies were sent: they will be sent again",
                NULL);
            break;
        }
        g_usleep(SETTLE_RETRY);
    }
    sk_clerk_hand_settled(release->hand, sent, gone);
}

static void *
run_settler(void *data)
{
    SkClerkRelease *release = data;
    SkDb *keep = NULL;
    GPtrArray *sent;

    while ((sent = sk_clerk_hand_take_done(release->hand)) != NULL) {
        settle(release, &keep, sent);
        g_ptr_array_unref(sent);
    }
    sk_db_close(keep);
    return NULL;
}

/* ---- all of them ---- */

SkClerkRelease *
sk_clerk_release_new(SkClerkShared *shared, GError **error)
{
    const SkSettings *settings = shared->settings;
    int64_t n = sk_settings_get_int(settings, "hold", "release_threads");
    SkClerkRelease *release;

    if (!sk_net_endpoint_check(sk_settings_peek_text(settings, "hold", "release"), error)) {
        g_prefix_error(error, "[hold] release: ");
        return NULL;
    }
    release = g_new0(SkClerkRelease, 1);
    release->shared = shared;
    release->hand = sk_clerk_hand_new();
    for (size_t i = 0; i < SK_N_CLERK_NEEDS; i++)
        sk_clerk_note_init(&release->notes[i], needs[i]);
    release->senders = g_ptr_array_new();
    release->settler = g_thread_new("settler", run_settler, release);
    release->scout = g_thread_new("scout", run_scout, release);
    for (int64_t i = 0; i < n; i++)
        g_ptr_array_add(release->senders, g_thread_new("sender", run_sender, release));
    return release;
}

void
sk_clerk_release_free(SkClerkRelease *release)
{
    if (release == NULL)
        return;
    for (guint i = 0; i < release->senders->len; i++)
        g_thread_join(release->senders->pdata[i]);
    sk_clerk_hand_finish(release->hand);
    g_thread_join(release->settler);
    g_thread_join(release->scout);
    sk_clerk_hand_free(release->hand);
    for (size_t i = 0; i < SK_N_CLERK_NEEDS; i++)
        sk_clerk_note_clear(&release->notes[i]);
    g_ptr_array_unref(release->senders);
    g_free(release);
}
