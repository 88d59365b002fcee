/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-groups - the groups that approve, from the file that the settings name
 *
 * A file that does not exist has no groups: few sites have approval.
 *
 * Errors: CONFIG with file and line; DENIED, IO for the file.
 */

#include "base/settings.h"
#include "hold/hold-groups.h"

/* Caller owns. */
SkHoldGroups *sk_engine_groups_load(const SkSettings *settings,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
