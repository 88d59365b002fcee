/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * gate-release - who may send through the release listener, and what is known of the copy
 *
 * Errors: NOT_FOUND, DENIED, CONFIG: no key to know a ticket by; from the tasks those of
 * hold-store; PROTOCOL: the document of a held message is damaged.
 * Security: exactly one field, written with our key, for this sender and these recipients.
 * Everything else is refused before anybody looks at the message.
 */

#include "engine/engine-release.h"
#include "gate/gate-keep.h"
#include "hold/hold-ticket.h"

/* The ticket in HEADER. RET_TRUE: it was written with our key. The key is read each time: it
 * may come after the start of the gate. */
bool sk_gate_release_read(const SkSettings *settings,
                          SkBytes header,
                          SkTicket *ret_ticket,
                          bool *ret_true,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A copy that is being released, and its message. */
typedef struct SkGateRelease SkGateRelease;
void sk_gate_release_free(SkGateRelease *release);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkGateRelease, sk_gate_release_free)
const SkRelease *sk_gate_release_peek(const SkGateRelease *release);

/* Looks whether TICKET's claim still holds. DONE owns RELEASE; NULL without ERROR: it does not.
 */
typedef void (*SkGateReleaseFunc)(SkGateRelease *release, const GError *error, void *data);
SkGateTask *sk_gate_release_check(SkGateCaller *caller,
                                  const SkTicket *ticket,
                                  SkGateReleaseFunc done,
                                  void *data);

/* Notes what was newly found in RELEASE, which it takes over: when the copy has waited for
 * that, it is known. NAMES: of char *, taken over. DONE gets no release. */
SkGateTask *sk_gate_release_note(SkGateCaller *caller,
                                 SkGateRelease *release,
                                 GPtrArray *names,
                                 SkGateReleaseFunc done,
                                 void *data);
