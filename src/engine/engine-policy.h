/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-policy - reading the policy file for what this version can do
 *
 * Errors: NOT_FOUND, DENIED, LIMIT for the file; CONFIG when it has errors (they are in the
 * complaints).
 */

#include <glib.h>

#include "policy/policy.h"

/* TODAY: the site's date, so that rules that have ended are warned about. COMPLAINTS (of
 * SkComplaint, to be freed with sk_complaint_free) also gets warnings of a policy that is
 * returned. */
SkPolicy *sk_engine_policy_read(const char *path,
                                const char *today,
                                GPtrArray *complaints,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
