/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-case - a held message with the copies that somebody asks about, and what he may see
 *
 * Errors: those of port/db.h.
 * Security: who shows a token sees the copies it is about; of their recipients those that stand
 * in To or Cc, and himself, unless he sent the mail. That there is a copy for nobody whom he
 * may see, a colleague does not learn.
 */

#include "hold/hold-desk.h"
#include "hold/hold-token.h"
#include "ledger/passage.h"

typedef struct {
    SkHeldMessage *message; /* NULL: there is none */
    SkPassage *passage;     /* NULL: its document is of another version */
    GPtrArray *copies;      /* of SkHeldCopy */
} SkClerkCase;

void sk_clerk_case_clear(SkClerkCase *c);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkClerkCase, sk_clerk_case_clear)

/* TARGET: a copy's id, or a message's, which stands for all its copies. */
bool sk_clerk_case_load(SkDb *keep, const char *target, SkClerkCase *ret_case, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Of TOKEN's target the copies that it is about: to stop, those that go outside, if any do; to
 * be asked for, those for its person. */
bool sk_clerk_case_load_for(SkDb *keep,
                            const SkHoldToken *token,
                            SkClerkCase *ret_case,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* COPY as the holder of TOKEN (NULL: an operator) may see it, with what he can do. */
SkDeskCopy *sk_clerk_case_show(const SkClerkCase *c,
                               const SkHeldCopy *copy,
                               const SkHoldToken *token);
/* Whether the holder of TOKEN may know that there is COPY. */
bool sk_clerk_case_is_seen(const SkClerkCase *c,
                           const SkHeldCopy *copy,
                           const SkHoldToken *token);
/* All those that he may know of. */
void sk_clerk_case_show_all(const SkClerkCase *c, const SkHoldToken *token, GPtrArray *copies);

/* The event by which a group has approved a copy; its text is the group. */
#define SK_CLERK_APPROVED "approved"

/* Whether COPY has the parts that another one for the same recipients is without. */
bool sk_clerk_case_is_original(const SkClerkCase *c, const SkHeldCopy *copy);
/* Whether malware was found in it. */
bool sk_clerk_case_is_malware(const SkClerkCase *c);
/* Whether two addresses are one, as far as we can know: in any case of letters. */
bool sk_clerk_is_same(const char *address, const char *other);
