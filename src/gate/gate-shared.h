/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * gate-shared - what all event loops of the gate have in common: site, policy, ledger, keep
 *
 * The policy can be replaced while messages are under way: each message keeps the one it began
 * with. Everything else is made at start and never changes.
 *
 * Errors: CONFIG, IO: what cannot be read or opened stops the start.
 */

#include <glib.h>

#include "base/settings.h"
#include "engine/engine-site.h"
#include "gate/gate-keep.h"
#include "gate/gate-policy.h"
#include "ledger/ledger-writer.h"

typedef struct SkGateShared SkGateShared;

/* SETTINGS are borrowed. */
SkGateShared *sk_gate_shared_new(const SkSettings *settings,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_gate_shared_free(SkGateShared *shared);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkGateShared, sk_gate_shared_free)

const SkSettings *sk_gate_shared_peek_settings(const SkGateShared *shared);
SkGateKeep *sk_gate_shared_peek_keep(const SkGateShared *shared);
const SkSite *sk_gate_shared_peek_site(const SkGateShared *shared);
SkLedgerWriter *sk_gate_shared_peek_ledger(const SkGateShared *shared);
SkGatePolicy *sk_gate_shared_peek_policy(const SkGateShared *shared);
