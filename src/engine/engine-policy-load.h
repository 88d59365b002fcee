/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-policy-load - policies in the store: putting one in force, reading the one in force,
 * and writing one back into the file it is edited in
 *
 * Errors: those of engine-policy and policy-store. CONFLICT: somebody else was first; the text
 * says who. Nothing is stored of a policy that has errors.
 */

#include "engine/engine-policy.h"
#include "policy/policy-store.h"

/* A policy as it was read: what it is made of, and what came of it. */
typedef struct {
    SkPolicySource *source;
    SkPolicy *policy;
} SkPolicyRead;

void sk_policy_read_clear(SkPolicyRead *read);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkPolicyRead, sk_policy_read_clear)

/* Both, or an error. */
bool sk_engine_policy_read_all(const char *path,
                               const SkPolicyReading *reading,
                               SkPolicyRead *ret_read,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* BY and NOTE are for people. */
typedef struct {
    const char *by;
    const char *note;        /* or NULL */
    const int64_t *expected; /* the version it is to take the place of; NULL: whichever is in
                                force */
} SkPolicyLoading;

/* Puts READ in force as a new version, unless it is what is in force already (text and lists to
 * the byte). RET_VERSION is the one in force then; RET_NEW whether it is new. */
bool sk_engine_policy_store(SkDb *keep,
                            const SkPolicyRead *read,
                            const SkPolicyLoading *loading,
                            int64_t *ret_version,
                            bool *ret_new,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same of the file at PATH. The policy, caller owns. */
SkPolicy *sk_engine_policy_load(SkDb *keep,
                                const char *path,
                                const SkPolicyLoading *loading,
                                const SkPolicyReading *reading,
                                int64_t *ret_version,
                                bool *ret_new,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* VERSION, as this program reads it; NOT_FOUND: there is none. RET_VERSION (NULL: not wanted)
 * and the policy are the caller's. */
SkPolicy *sk_engine_policy_fetch(SkDb *keep,
                                 int64_t version,
                                 const SkPolicyReading *reading,
                                 SkPolicyVersion **ret_version,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the file at PATH, whose policy was read into SOURCE, is what is in force; false when
 * nothing is. */
bool sk_engine_policy_is_in_force(const SkPolicySource *source,
                                  const SkPolicyInForce *in_force);

/* Writes text and lists to PATH and beside it, each file as a whole, those that differ only;
 * the policy last. Owner and mode stay; a new file gets those of the policy. REPLACED: what is
 * there now, or NULL. DENIED before anything is written: a list lies outside the policy's
 * folder, or would replace a file that is none of the lists of REPLACED. For a version comes
 * from a database that programs may write to, and is written by root. */
bool sk_engine_policy_write(const char *path,
                            const SkPolicySource *source,
                            const SkPolicySource *replaced,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
