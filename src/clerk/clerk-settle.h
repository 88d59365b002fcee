/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-settle - writes down what became of copies, with what follows from it, and tells the
 * log
 *
 * Many at once, since each commit waits for the disk. A copy whose lease was lost is somebody
 * else's by now and is left alone.
 *
 * Errors: those of port/db.h: nothing, or after UNCERTAIN perhaps all of it, was written;
 * doing it again is harmless.
 */

#include "clerk/clerk-plan.h"

/* SENT: of SkClerkSent. RET_GONE: how many were taken by Postfix. */
bool sk_clerk_settle(SkDb *keep,
                     const SkSettings *settings,
                     const GPtrArray *sent,
                     unsigned *ret_gone,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* In the caller's transaction: nobody needs the content of a message whose copies were all
 * sent, and it goes. */
bool sk_clerk_drop_content(SkDb *keep,
                           const char *message,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
