/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * keeper-visit - one connection: reads questions, has them answered, writes the answers
 *
 * One after the other: the next question is not looked at before the answer is written, so a
 * peer that does not read cannot make us keep more than one.
 *
 * Limits: one frame in each direction; SK_VISIT_HALF_MS for a question or an answer that has
 * begun, SK_VISIT_IDLE_MS between them.
 */

#include "base/loop.h"
#include "keeper/keeper-desk.h"

#define SK_VISIT_HALF_MS 10000
#define SK_VISIT_IDLE_MS 600000

typedef struct SkVisit SkVisit;
/* It asked something, or has ended: then the owner frees it, if he likes at once. */
typedef void (*SkVisitFunc)(SkVisit *visit, bool ended, void *data);

/* Takes FD over. */
SkVisit *sk_visit_new(SkLoop *loop,
                      const SkClock *clock,
                      SkDesk *desk,
                      SkDoor door,
                      int fd,
                      SkVisitFunc func,
                      void *data,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_visit_free(SkVisit *visit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkVisit, sk_visit_free)

/* Whether it has been silent for too long. */
bool sk_visit_is_stale(const SkVisit *visit);
