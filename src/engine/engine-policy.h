/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-policy - reading a policy for what this version can do: out of its file, or out of a
 * version that is stored
 *
 * A file names lists in its own folder, or by absolute paths. They are read while it is read,
 * so that both together can be kept as one.
 *
 * Errors: NOT_FOUND, DENIED, LIMIT for the file; CONFIG when it has errors (they are in the
 * complaints).
 */

#include <glib.h>

#include "policy/policy-source.h"
#include "policy/policy.h"

/* How a policy is read. */
typedef struct {
    const char *today; /* the site's date, so that rules that have ended are warned about */
    bool trying;       /* as in SkPolicyWorld */
    const char *const *disabled_checks; /* likewise; of sk_engine_settings_disabled() */
    GPtrArray *complaints; /* of SkComplaint, to be freed with sk_complaint_free; also gets
                              warnings of a policy that is returned */
} SkPolicyReading;

/* What a version is called in complaints: "policy version 12". Caller owns. */
char *sk_engine_policy_name(int64_t version);
/* Where the list NAME of the policy at PATH is. Caller owns. */
char *sk_engine_policy_list_path(const char *path, const char *name);

/* RET_SOURCE (NULL: not wanted) is what the file and its lists hold; the caller's also when
 * that is no policy. Lists that cannot be read are in it by name only. */
SkPolicy *sk_engine_policy_read(const char *path,
                                const SkPolicyReading *reading,
                                SkPolicySource **ret_source,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* NAME: how it is called in complaints. */
SkPolicy *sk_engine_policy_parse(const char *name,
                                 const SkPolicySource *source,
                                 const SkPolicyReading *reading,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
