/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-tools - what notices are sent with, and originals read with: other programs; tests have
 * tools of their own
 */

#include "clerk/clerk-duty.h"
#include "hold/hold-copy.h"

typedef struct {
    /* As sk_clerk_post(). */
    bool (*post)(const SkSettings *settings,
                 const char *id,
                 const char *recipient,
                 GBytes *message,
                 GError **error);
    /* The first MAX bytes of the original of MESSAGE; NULL and no error: it is gone. Caller
     * owns. */
    bool (*read)(const SkClerkWorld *world,
                 const SkHeldMessage *message,
                 uint64_t max,
                 GBytes **ret_bytes,
                 GError **error);
} SkClerkTools;

/* Postfix and keeper. */
extern const SkClerkTools sk_clerk_tools;

/* The same, but trouble that stays is no reason to say nothing: it is logged, and the notice
 * goes without the original. */
bool sk_clerk_original_part(const SkClerkWorld *world,
                            const SkClerkTools *tools,
                            const SkHeldMessage *message,
                            uint64_t max,
                            GBytes **ret_bytes,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
