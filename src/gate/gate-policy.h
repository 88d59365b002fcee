/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * gate-policy - the policy in force, followed while mail goes on
 *
 * What is in force is a version in the store. On a store that this host has to itself the file
 * is where people edit it: when it or one of its lists has changed it becomes the next version;
 * with errors it does not, and the log says where they are. On a shared store nobody watches
 * the file. Either way a version that another program has put in force is taken over within
 * seconds. A thread of its own does all that, so that a store that hangs holds up nobody;
 * without a store the policy of last stays in force.
 *
 * Errors: CONFIG, IO: at start only. Later ones go to the log, once each.
 */

#include <glib.h>

#include "engine/engine-site.h"
#include "policy/policy.h"
#include "port/db.h"

typedef struct SkGatePolicy SkGatePolicy;

typedef struct {
    const SkSite *site;
    const char *file;
    const char *const *disabled_checks; /* of sk_engine_settings_disabled(); or NULL */
    bool watched;                       /* the store is this host's own */
    /* Opens database keep; called in the thread, too. */
    SkDb *(*open)(void *data, GError **error);
    void *data;
    int64_t look_ms; /* from one look at the file to the next; 0: 1000 */
} SkGatePolicyOptions;

SkGatePolicy *sk_gate_policy_new(const SkGatePolicyOptions *options,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_gate_policy_free(SkGatePolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkGatePolicy, sk_gate_policy_free)

/* The policy in force. Caller owns the reference. From any thread. */
SkPolicy *sk_gate_policy_ref(SkGatePolicy *policy);
/* Its version. From any thread. */
int64_t sk_gate_policy_get_version(SkGatePolicy *policy);
/* Has file and store looked at now, whether anything has changed or not. Does not wait. */
void sk_gate_policy_reload(SkGatePolicy *policy);
/* Waits until what was asked for so far is done. */
void sk_gate_policy_settle(SkGatePolicy *policy);
