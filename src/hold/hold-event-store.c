/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-store-private.h"
#include "hold/hold-store.h"

static const char SQL_ADD[] = "INSERT INTO held_event (message, at_us, copy, what, who, text)"
                              " VALUES ($1, $2, $3, $4, $5, $6)";
static const char SQL_LIST[] = "SELECT at_us, copy, what, who, text FROM held_event"
                               " WHERE message = $1 ORDER BY at_us";

bool
sk_hold_event_add(SkDb *keep, const char *message, const SkHoldEvent *event, GError **error)
{
    g_autoptr(SkStmt) add = NULL;
    int64_t at_us = event->at_us;

    if (at_us == 0 && !sk_db_now_us(keep, &at_us, error))
        return false;
    add = sk_db_prepare(keep, SQL_ADD, error);
    if (add == NULL)
        return false;
    sk_stmt_bind_text(add, 1, message);
    sk_stmt_bind_int(add, 2, at_us);
    sk_stmt_bind_text(add, 3, event->copy);
    sk_stmt_bind_text(add, 4, event->what);
    sk_hold_bind_words(add, 5, event->who);
    sk_hold_bind_words(add, 6, event->text);
    return sk_stmt_run(add, error);
}

static SkHoldEvent
event_of_row(SkStmt *stmt)
{
    return (SkHoldEvent){.at_us = sk_stmt_get_int(stmt, 0),
                         .copy = sk_stmt_peek_text(stmt, 1),
                         .what = sk_stmt_peek_text(stmt, 2),
                         .who = sk_stmt_peek_text(stmt, 3),
                         .text = sk_stmt_peek_text(stmt, 4)};
}

bool
sk_hold_event_list(SkDb *keep,
                   const char *message,
                   SkHoldEventFunc func,
                   void *data,
                   GError **error)
{
    g_autoptr(SkStmt) list = sk_db_prepare(keep, SQL_LIST, error);
    bool row = true;

    if (list == NULL)
        return false;
    sk_stmt_bind_text(list, 1, message);
    while (row) {
        SkHoldEvent event;

        if (!sk_stmt_next(list, &row, error))
            return false;
        event = row ? event_of_row(list) : (SkHoldEvent){0};
        if (row && !func(&event, data))
            return true;
    }
    return true;
}
