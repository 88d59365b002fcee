/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "hold/hold-store-private.h"
#include "hold/hold-text.h"

/* Bytes of a reason, a name, a trouble that are kept. */
#define WORDS_MAX 2000

/* What no version of ours wrote is left at its first value. */
static SkDirection
direction_of(const char *name)
{
    SkDirection direction = SK_DIRECTION_INBOUND;

    (void)sk_direction_parse(name, &direction);
    return direction;
}

static SkCopyState
state_of(const char *name)
{
    SkCopyState state = SK_COPY_WAITING;

    (void)sk_copy_state_parse(name, &state);
    return state;
}

static SkCopyVariant
variant_of(const char *name)
{
    SkCopyVariant variant = SK_COPY_WHOLE;

    (void)sk_copy_variant_parse(name, &variant);
    return variant;
}

SkHeldCopy *
sk_hold_copy_of_row(SkStmt *stmt)
{
    SkHeldCopy *copy = sk_held_copy_new();

    copy->message = g_strdup(sk_stmt_peek_text(stmt, 0));
    copy->id = g_strdup_printf("%s-%d", copy->message, (int)sk_stmt_get_int(stmt, 1));
    copy->variant = variant_of(sk_stmt_peek_text(stmt, 2));
    copy->direction = direction_of(sk_stmt_peek_text(stmt, 3));
    copy->state = state_of(sk_stmt_peek_text(stmt, 4));
    copy->waits = (unsigned)sk_stmt_get_int(stmt, 5);
    copy->open = (unsigned)sk_stmt_get_int(stmt, 6);
    copy->review = (SkReview)sk_stmt_get_int(stmt, 7);
    copy->due_us = sk_stmt_get_int(stmt, 8);
    copy->expires_us = sk_stmt_get_int(stmt, 9);
    sk_hold_recipients_read(sk_stmt_peek_text(stmt, 10), copy->recipients);
    copy->tries = (unsigned)sk_stmt_get_int(stmt, 11);
    copy->claim = sk_stmt_get_int(stmt, 12);
    copy->lease_until_us = sk_stmt_get_int(stmt, 13);
    copy->trouble = g_strdup(sk_stmt_peek_text(stmt, 14));
    copy->ended_us = sk_stmt_get_int(stmt, 15);
    copy->ended_by = g_strdup(sk_stmt_peek_text(stmt, 16));
    copy->why = g_strdup(sk_stmt_peek_text(stmt, 17));
    return copy;
}

static void
free_copy(void *copy)
{
    sk_held_copy_free(copy);
}

GPtrArray *
sk_hold_copies_new(void)
{
    return g_ptr_array_new_with_free_func(free_copy);
}

bool
sk_hold_copies_of_rows(SkStmt *stmt, GPtrArray *copies, GError **error)
{
    bool row = true;

    while (row) {
        if (!sk_stmt_next(stmt, &row, error))
            return false;
        if (row)
            g_ptr_array_add(copies, sk_hold_copy_of_row(stmt));
    }
    return true;
}

void
sk_hold_id_clear(SkHoldId *id)
{
    g_clear_pointer(&id->message, g_free);
}

bool
sk_hold_id_read(const char *text, SkHoldId *ret_id)
{
    const char *dash = strrchr(text, '-');
    int64_t nr;

    /* One way to write a number only: two ids must not be the same copy. */
    if (dash == NULL || dash == text || !g_utf8_validate(text, -1, NULL) ||
        !g_ascii_isdigit(dash[1]) || (dash[1] == '0' && dash[2] != '\0') ||
        !sk_text_to_int(dash + 1, 0, INT32_MAX, &nr))
        return false;
    *ret_id = (SkHoldId){.message = g_strndup(text, (size_t)(dash - text)), .nr = nr};
    return true;
}

void
sk_hold_id_bind(SkStmt *stmt, const SkHoldId *id)
{
    sk_stmt_bind_text(stmt, 1, id->message);
    sk_stmt_bind_int(stmt, 2, id->nr);
}

void
sk_hold_bind_words(SkStmt *stmt, int at, const char *words)
{
    g_autofree char *safe =
        words != NULL ? sk_text_safe(sk_bytes(words, strlen(words)), WORDS_MAX) : NULL;

    sk_stmt_bind_text(stmt, at, safe);
}

void
sk_hold_bind_foreign(SkStmt *stmt, int at, const char *foreign)
{
    g_autofree char *escaped = sk_hold_escape(foreign);

    sk_stmt_bind_text(stmt, at, escaped);
}

void
sk_hold_bind_key(SkStmt *stmt, int at, const char *address)
{
    g_autofree char *key = sk_hold_key(address);

    sk_stmt_bind_text(stmt, at, key);
}
