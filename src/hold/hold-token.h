/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hold-token - what is written into a notice so that its reader can do one thing (database
 * keep)
 *
 * A token is a long random text in a link or in an address to answer to; the store has only its
 * digest. It is for one purpose, one copy (or all copies of a message) and one person, and
 * ends.
 *
 * Errors: those of port/db.h. Security: a token that is none, another purpose's, old or used is
 * the same nothing to whoever shows it. Looked up by its SHA-256: nothing to compare in time.
 */

#include "port/db.h"

/* Letters of a token: sk_random_long_id(). */
#define SK_HOLD_TOKEN_LEN 26

typedef enum {
    SK_TOKEN_STOP,      /* the sender stops it; may be used again: it says what became of it */
    SK_TOKEN_COLLEAGUE, /* an internal recipient stops the copies that go outside */
    SK_TOKEN_PASSWORD,  /* the recipient gives a password */
    SK_TOKEN_ASK,       /* the recipient asks for release */
    SK_N_TOKEN_PURPOSES
} SkTokenPurpose;

typedef struct {
    SkTokenPurpose purpose;
    char *target; /* a copy's id, or a message's */
    char *person; /* address of whom it was sent to */
    int64_t expires_us;
} SkHoldToken;

void sk_hold_token_free(SkHoldToken *token);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkHoldToken, sk_hold_token_free)

const char *sk_token_purpose_name(SkTokenPurpose purpose);
bool sk_token_purpose_parse(const char *name, SkTokenPurpose *ret_purpose);

/* Makes one, in the caller's transaction; RET_TEXT, the caller's, is to be sent and forgotten.
 */
bool sk_hold_token_add(SkDb *keep, const SkHoldToken *token, char **ret_text, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* What TEXT, which may be anything, stands for; NULL: nothing, or not any more. */
bool sk_hold_token_load(SkDb *keep, const char *text, SkHoldToken **ret_token, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* In the caller's transaction: TEXT is worth nothing from its commit on. */
bool sk_hold_token_end(SkDb *keep, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
