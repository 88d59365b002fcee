/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-desk - the clerk's two sockets for questions about held mail: the pages', with tokens,
 * and the operator's
 *
 * Errors: CONFIG: a file of groups that is none, a socket that cannot be made.
 */

#include "clerk/clerk-shared.h"

typedef struct SkClerkDesk SkClerkDesk;

/* Listens, and answers in threads of its own. SHARED is borrowed. */
SkClerkDesk *sk_clerk_desk_new(const SkClerkShared *shared,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Answers what was asked before. */
void sk_clerk_desk_free(SkClerkDesk *desk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkClerkDesk, sk_clerk_desk_free)

/* Reads the groups again; if they are wrong, those from before stay, and the log says why. */
void sk_clerk_desk_reload(SkClerkDesk *desk);
