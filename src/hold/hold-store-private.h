/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hold-store-private - what the files of hold-store share: rows, and the ids of copies
 */

#include "hold/hold-copy.h"
#include "port/db.h"

/* What SK_HOLD_NEVER is in SQL. */
#define SQL_NEVER "9223372036854775807"

/* A copy as sk_hold_copy_of_row() reads it. No other table has columns of these names. */
#define COPY_COLUMNS                                                                           \
    "message, nr, variant, direction, state, waits, open, review, due_us, expires_us,"         \
    " recipients, tries, claim, claim_us, trouble, coalesce(ended_us, 0), ended_by, why"
#define COPY_ORDER     " ORDER BY message, nr"
#define N_COPY_COLUMNS 18

/* Caller owns. */
SkHeldCopy *sk_hold_copy_of_row(SkStmt *stmt);
/* All rows of STMT, added to COPIES; RET_N (or NULL) how many. */
bool sk_hold_copies_of_rows(SkStmt *stmt, GPtrArray *copies, GError **error);
/* An empty array of SkHeldCopy. */
GPtrArray *sk_hold_copies_new(void);

/* A copy's id taken apart; false: it is none. */
typedef struct {
    char *message;
    int64_t nr;
} SkHoldId;
void sk_hold_id_clear(SkHoldId *id);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkHoldId, sk_hold_id_clear)
bool sk_hold_id_read(const char *text, SkHoldId *ret_id);
/* Binds both: $1 and $2. */
void sk_hold_id_bind(SkStmt *stmt, const SkHoldId *id);

/* What people wrote, safe to be shown, of bounded length; NULL for NULL. */
void sk_hold_bind_words(SkStmt *stmt, int at, const char *words);
void sk_hold_bind_foreign(SkStmt *stmt, int at, const char *foreign);
void sk_hold_bind_key(SkStmt *stmt, int at, const char *address);
