/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * known-conversation - who takes part in which conversation (database know)
 *
 * Of each message that was let through is kept, for its Message-ID, when it passed and who was
 * on it, as keyed digests: enough to see that a reply goes to the same people within a day.
 *
 * Limits: SK_KNOWN_PEOPLE people of one message; of a larger one nothing is known.
 * Errors: those of port/db.h.
 * Security: digests under the site's hash key: the table names nobody.
 */

#include "port/tables.h"

#define SK_KNOWN_PEOPLE 200
/* References looked up: the nearest ones. */
#define SK_KNOWN_REFERENCES 10
/* What counts as fresh. */
#define SK_KNOWN_FRESH_S 86400

extern const SkTables sk_known_conversation_tables;

/* A message, as far as conversations care; all borrowed. */
typedef struct {
    const char *message_id; /* or NULL: it cannot be answered */
    const char *const
        *references; /* In-Reply-To and References, the nearest first; ends with NULL */
    const char *const *people; /* addresses of From, To, Cc and the envelope; ends with NULL */
    int64_t at_us;
} SkKnownMessage;

/* The statement for adding many; of one connection, freed before it is closed. */
typedef struct SkKnownAdder SkKnownAdder;
SkKnownAdder *sk_known_adder_new(SkDb *know, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_known_adder_free(SkKnownAdder *adder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkKnownAdder, sk_known_adder_free)

/* In the caller's transaction. Of two messages with one Message-ID the first stays. */
bool sk_known_conversation_add(SkKnownAdder *adder,
                               const SkKnownMessage *message,
                               SkBytes hash_key,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether MESSAGE answers one of the last SK_KNOWN_FRESH_S, and everybody on it was on that. */
bool sk_known_conversation_is_fresh(SkDb *know,
                                    const SkKnownMessage *message,
                                    SkBytes hash_key,
                                    bool *ret_fresh,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
