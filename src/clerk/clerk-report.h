/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-report - the delivery status report on copies that were refused
 *
 * Errors: those of clerk-facts and of reading the original.
 */

#include "clerk/clerk-facts.h"

/* Appends it to OUT; nothing when the sender did not want to hear of it, or when the mail is
 * forgotten. */
bool sk_clerk_report_write(const SkClerkWorld *world,
                           const SkClerkTools *tools,
                           const SkTelling *telling,
                           SkBuffer *out,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
