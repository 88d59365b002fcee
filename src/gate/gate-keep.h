/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * gate-keep - a few threads that have what must not be lost written and read: database keep and
 * the place of stored files
 *
 * A commit waits for the disk, an event loop must not. A loop hands over a task, whose work one
 * of the threads does with connections of its own; how it ended is told in the loop's thread.
 * Connections are opened when they are needed, and anew after a failure: nobody knows what
 * state they are in.
 *
 * Limits: SK_GATE_KEEP_QUEUE tasks wait at most; one that waited SK_GATE_KEEP_WAIT_S is not
 * begun: Postfix's client is better off with its 451.
 * Errors: a task's own, TIMEOUT when it was not begun; LIMIT when too many wait.
 */

#include <glib.h>
#include <stdbool.h>

#include "base/loop.h"
#include "blob/blob-writer.h"
#include "store/store-open.h"

#define SK_GATE_KEEP_QUEUE  1000
#define SK_GATE_KEEP_WAIT_S 10

typedef struct SkGateKeep SkGateKeep;
typedef struct SkGateCaller SkGateCaller;
typedef struct SkGateTask SkGateTask;

/* What the work of a task has at hand. */
typedef struct SkGateHands SkGateHands;

/* STORE is borrowed; HASH_KEY: the file of [store] hash_key. */
SkGateKeep *sk_gate_keep_new(const SkStore *store, const char *hash_key);
/* After its callers. */
void sk_gate_keep_free(SkGateKeep *keep);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkGateKeep, sk_gate_keep_free)

/* A loop's way in. */
SkGateCaller *sk_gate_caller_new(SkGateKeep *keep, SkLoop *loop);
/* When the loop runs no more: waits for what is under way; nobody is told of it. */
void sk_gate_caller_free(SkGateCaller *caller);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkGateCaller, sk_gate_caller_free)

/* What is to be done. All of it gets DATA, which is the task's. */
typedef struct {
    /* In a thread of the pool. */
    bool (*work)(SkGateHands *hands, void *data, GError **error);
    /* In the loop's thread; ERROR NULL: it worked. Not after sk_gate_task_abandon(). */
    void (*done)(void *data, const GError *error);
    /* In any thread, at the very end. */
    void (*free)(void *data);
} SkGateTaskKind;

/* The task is borrowed, until `done` returns or it is abandoned. */
SkGateTask *sk_gate_keep_submit(SkGateCaller *caller, const SkGateTaskKind *kind, void *data);
/* Nobody waits for it any more. Work that has begun goes on, and may ask. */
void sk_gate_task_abandon(SkGateTask *task);

/* ---- for the work ---- */

SkDb *sk_gate_hands_peek_keep(SkGateHands *hands);
/* Database know. */
SkDb *sk_gate_hands_peek_know(SkGateHands *hands, GError **error);
SkBlobPlace *sk_gate_hands_peek_blobs(SkGateHands *hands, GError **error);
/* The keys files are sealed with, not older than an hour. */
const SkBlobSite *sk_gate_hands_peek_site(SkGateHands *hands, GError **error);
bool sk_gate_hands_is_abandoned(const SkGateHands *hands);
