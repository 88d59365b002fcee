/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-tend - what waits for people is not forgotten: reminders, deputies, and an end
 *
 * A job "tend-COPY" for each copy that waits for somebody. Its payload says since when it waits
 * so, until when, and what was done about it; a copy that is held again begins anew. The duty
 * itself is in clerk-duties.h.
 *
 * Errors: CONFIG: working days and hours that are none.
 */

#include "base/settings.h"
#include "hold/hold-worktime.h"

/* Working time as [hold] says, and the site's zone, the caller's. */
bool sk_clerk_worktime_read(const SkSettings *settings,
                            SkWorktime *ret_worktime,
                            GTimeZone **ret_zone,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
