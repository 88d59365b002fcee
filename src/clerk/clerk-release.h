/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-release - held mail leaves when it is due
 *
 * A scout looks four times a second whether a copy is due, claims a few, the longest due first,
 * and renews the leases of those that take long. Senders, [hold] release_threads of them, each
 * with connections of its own, take them to Postfix. A settler writes down what became of them,
 * many in one transaction.
 *
 * When the clerk is to stop, what is with Postfix is finished and the rest is given back.
 *
 * Errors: CONFIG for a listener that cannot be one. Trouble later is told to the log once, and
 * waited out.
 */

#include "clerk/clerk-shared.h"

typedef struct SkClerkRelease SkClerkRelease;

/* SHARED is borrowed. */
SkClerkRelease *sk_clerk_release_new(SkClerkShared *shared,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Waits for its end: sk_clerk_shared_stop() comes first. */
void sk_clerk_release_free(SkClerkRelease *release);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkClerkRelease, sk_clerk_release_free)
