/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-store - versions of the policy in database keep, and which one is in force
 *
 * A version is never changed. It has a number, counted up from 1; text and lists, byte for
 * byte; when and by whom it was loaded, and why. One row says which version is in force;
 * whoever changes that says which one he believes it is, so that of two who load at once one
 * learns of the other.
 *
 * Another table says since when each finding has been looked for, so that nobody takes "no
 * check found it" for "no check looked".
 *
 * Errors: those of port/db.h; CONFLICT: another version is in force than was expected.
 */

#include "policy/policy-source.h"
#include "port/tables.h"
#include "verdict/finding.h"

extern const SkTables sk_policy_tables;

typedef struct {
    int64_t version;
    int64_t loaded_us;
    char *loaded_by; /* for people */
    char *note;      /* why; may be empty */
    int64_t rules;   /* how many, the floor not counted */
    bool in_force;
    SkPolicySource *source; /* NULL in a list */
} SkPolicyVersion;

void sk_policy_version_free(SkPolicyVersion *version);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkPolicyVersion, sk_policy_version_free)

typedef struct {
    int64_t version; /* 0: none is in force */
    uint8_t digest[SK_POLICY_DIGEST_LEN];
} SkPolicyInForce;

/* One cheap statement, for who asks every few seconds. */
bool sk_policy_store_in_force(SkDb *keep,
                              SkPolicyInForce *ret_in_force,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What is to be stored; all borrowed. */
typedef struct {
    const SkPolicySource *source;
    const char *by;
    const char *note; /* NULL: none */
    int64_t rules;
} SkPolicyEntry;

/* A new version, in force in place of EXPECTED (0: there is none yet). RET_VERSION is its
 * number. In a transaction of its own. */
bool sk_policy_store_load(SkDb *keep,
                          const SkPolicyEntry *entry,
                          int64_t expected,
                          int64_t *ret_version,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A new version that is not put in force, so that its text is not lost. */
bool sk_policy_store_save(SkDb *keep,
                          const SkPolicyEntry *entry,
                          int64_t *ret_version,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* RET_VERSION, the caller's, is NULL when there is none of this number. */
bool sk_policy_store_get(SkDb *keep,
                         int64_t version,
                         SkPolicyVersion **ret_version,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether some version has this digest: the newest; 0: none. */
bool sk_policy_store_find(SkDb *keep,
                          const uint8_t digest[SK_POLICY_DIGEST_LEN],
                          int64_t *ret_version,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The newest LIMIT (0: all), of SkPolicyVersion without sources. Caller owns. */
bool sk_policy_store_list(SkDb *keep, int64_t limit, GPtrArray **ret_versions, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Notes that this program looks for the findings of this version, from now on or since before;
 * but for those of DISABLED_CHECKS (as in SkPolicyWorld). */
bool sk_policy_store_note_findings(SkDb *keep,
                                   const char *const *disabled_checks,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Since when each is looked for, microseconds; INT64_MAX: nobody has said so. */
bool sk_policy_store_read_findings(SkDb *keep,
                                   int64_t ret_since_us[SK_N_FINDINGS],
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
