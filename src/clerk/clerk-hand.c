/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-hand.h"

/* So many are settled in one transaction. */
#define BATCH 100

struct SkClerkHand {
    GMutex lock;
    GCond for_scout, for_senders, for_settler;
    GQueue waiting;     /* of SkHeldCopy */
    GQueue done;        /* of SkClerkSent */
    GHashTable *leases; /* id: SkHeldCopy; of all that are not settled */
    unsigned batch;     /* how many were put last */
    unsigned gone;      /* news */
    bool trouble;       /* news */
    bool closed, finished;
};

static void
free_copy(void *copy)
{
    sk_held_copy_free(copy);
}

static void
free_sent(void *sent)
{
    sk_clerk_sent_free(sent);
}

SkClerkHand *
sk_clerk_hand_new(void)
{
    SkClerkHand *hand = g_new0(SkClerkHand, 1);

    g_mutex_init(&hand->lock);
    g_cond_init(&hand->for_scout);
    g_cond_init(&hand->for_senders);
    g_cond_init(&hand->for_settler);
    g_queue_init(&hand->waiting);
    g_queue_init(&hand->done);
    hand->leases = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_copy);
    return hand;
}

void
sk_clerk_hand_free(SkClerkHand *hand)
{
    if (hand == NULL)
        return;
    g_queue_clear_full(&hand->waiting, free_copy);
    g_queue_clear_full(&hand->done, free_sent);
    g_hash_table_unref(hand->leases);
    g_cond_clear(&hand->for_scout);
    g_cond_clear(&hand->for_senders);
    g_cond_clear(&hand->for_settler);
    g_mutex_clear(&hand->lock);
    g_free(hand);
}

/* What it takes to renew a lease. */
static SkHeldCopy *
dup_claim(const SkHeldCopy *copy)
{
    SkHeldCopy *dup = sk_held_copy_new();

    dup->id = g_strdup(copy->id);
    dup->message = g_strdup(copy->message);
    dup->claim = copy->claim;
    dup->lease_until_us = copy->lease_until_us;
    return dup;
}

void
sk_clerk_hand_put(SkClerkHand *hand, GPtrArray *copies)
{
    g_mutex_lock(&hand->lock);
    hand->batch = copies->len;
    for (guint i = 0; i < copies->len; i++) {
        SkHeldCopy *claim = dup_claim(copies->pdata[i]);

        g_hash_table_replace(hand->leases, claim->id, claim);
    }
    while (copies->len > 0)
        g_queue_push_tail(&hand->waiting, g_ptr_array_steal_index(copies, 0));
    g_cond_broadcast(&hand->for_senders);
    g_mutex_unlock(&hand->lock);
    g_ptr_array_unref(copies);
}

unsigned
sk_clerk_hand_count(SkClerkHand *hand)
{
    unsigned n;

    g_mutex_lock(&hand->lock);
    n = g_hash_table_size(hand->leases);
    g_mutex_unlock(&hand->lock);
    return n;
}

unsigned
sk_clerk_hand_take_news(SkClerkHand *hand, bool *ret_trouble)
{
    unsigned gone;

    g_mutex_lock(&hand->lock);
    gone = hand->gone;
    *ret_trouble = hand->trouble;
    hand->gone = 0;
    hand->trouble = false;
    g_mutex_unlock(&hand->lock);
    return gone;
}

GPtrArray *
sk_clerk_hand_list_leases(SkClerkHand *hand, int64_t until_us)
{
    GPtrArray *copies = g_ptr_array_new_with_free_func(free_copy);
    GHashTableIter iter;
    void *copy;

    g_mutex_lock(&hand->lock);
    g_hash_table_iter_init(&iter, hand->leases);
    while (g_hash_table_iter_next(&iter, NULL, &copy)) {
        if (((SkHeldCopy *)copy)->lease_until_us < until_us)
            g_ptr_array_add(copies, dup_claim(copy));
    }
    g_mutex_unlock(&hand->lock);
    return copies;
}

void
sk_clerk_hand_note_lease(SkClerkHand *hand, const SkHeldCopy *copy)
{
    SkHeldCopy *claim;

    g_mutex_lock(&hand->lock);
    claim = g_hash_table_lookup(hand->leases, copy->id);
    if (claim != NULL && claim->claim == copy->claim)
        claim->lease_until_us = copy->lease_until_us;
    g_mutex_unlock(&hand->lock);
}

/* Room: half of what was put last is begun with. */
void
sk_clerk_hand_wait(SkClerkHand *hand, int64_t us)
{
    int64_t until = g_get_monotonic_time() + us;

    g_mutex_lock(&hand->lock);
    g_cond_wait_until(&hand->for_scout, &hand->lock, until);
    g_mutex_unlock(&hand->lock);
}

/* With the lock. */
static void
give_back_waiting(SkClerkHand *hand)
{
    SkHeldCopy *copy;

    while ((copy = g_queue_pop_head(&hand->waiting)) != NULL)
        g_queue_push_tail(&hand->done, sk_clerk_sent_not(copy));
    g_cond_broadcast(&hand->for_settler);
}

void
sk_clerk_hand_close(SkClerkHand *hand)
{
    g_mutex_lock(&hand->lock);
    hand->closed = true;
    give_back_waiting(hand);
    g_cond_broadcast(&hand->for_senders);
    g_mutex_unlock(&hand->lock);
}

SkHeldCopy *
sk_clerk_hand_take(SkClerkHand *hand, int64_t us, bool *ret_closed)
{
    int64_t until = g_get_monotonic_time() + us;
    SkHeldCopy *copy;
    bool again = true;

    g_mutex_lock(&hand->lock);
    while (again && !hand->closed && g_queue_is_empty(&hand->waiting))
        again = g_cond_wait_until(&hand->for_senders, &hand->lock, until);
    copy = g_queue_pop_head(&hand->waiting);
    *ret_closed = hand->closed && copy == NULL;
    if (copy != NULL && g_queue_get_length(&hand->waiting) == hand->batch / 2)
        g_cond_signal(&hand->for_scout);
    g_mutex_unlock(&hand->lock);
    return copy;
}

void
sk_clerk_hand_done(SkClerkHand *hand, SkClerkSent *sent)
{
    g_mutex_lock(&hand->lock);
    hand->trouble |= sent->state == SK_SENT_NOT;
    if (sent->state == SK_SENT_NOT)
        give_back_waiting(hand);
    g_queue_push_tail(&hand->done, sent);
    g_cond_signal(&hand->for_settler);
    g_mutex_unlock(&hand->lock);
}

void
sk_clerk_hand_finish(SkClerkHand *hand)
{
    g_mutex_lock(&hand->lock);
    hand->finished = true;
    g_cond_broadcast(&hand->for_settler);
    g_cond_broadcast(&hand->for_scout);
    g_mutex_unlock(&hand->lock);
}

bool
sk_clerk_hand_is_finished(SkClerkHand *hand)
{
    bool finished;

    g_mutex_lock(&hand->lock);
    finished = hand->finished;
    g_mutex_unlock(&hand->lock);
    return finished;
}

GPtrArray *
sk_clerk_hand_take_done(SkClerkHand *hand)
{
    GPtrArray *sent = g_ptr_array_new_with_free_func(free_sent);

    g_mutex_lock(&hand->lock);
    while (!hand->finished && g_queue_is_empty(&hand->done))
        g_cond_wait(&hand->for_settler, &hand->lock);
    while (sent->len < BATCH && !g_queue_is_empty(&hand->done))
        g_ptr_array_add(sent, g_queue_pop_head(&hand->done));
    g_mutex_unlock(&hand->lock);
    if (sent->len > 0)
        return sent;
    g_ptr_array_unref(sent);
    return NULL;
}

void
sk_clerk_hand_settled(SkClerkHand *hand, const GPtrArray *sent, unsigned gone)
{
    g_mutex_lock(&hand->lock);
    for (guint i = 0; i < sent->len; i++) {
        const SkClerkSent *one = sent->pdata[i];

        g_hash_table_remove(hand->leases, one->copy->id);
    }
    hand->gone += gone;
    g_cond_signal(&hand->for_scout);
    g_mutex_unlock(&hand->lock);
}
