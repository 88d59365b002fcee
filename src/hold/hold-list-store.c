/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/limit.h"
#include "base/text.h"
#include "hold/hold-store-private.h"
#include "hold/hold-store.h"
#include "hold/hold-text.h"

#define LIMIT 1000

/* Binds: $1 and $2 the copy after which the list begins, $3 open waits or 0, $4 how many; where
 * an address is asked for, $5 it and $6 whether ended ones are wanted. */
#define LINE_COLUMNS                                                                           \
    "SELECT " COPY_COLUMNS ", made_us, owner, sender, from_address, subject, size"
#define WANTED                                                                                 \
    " AND c.message >= $1 AND (c.message > $1 OR c.nr > $2) AND ($3 = 0 OR (c.open & $3) <> "  \
    "0)"

static const char SQL_OPEN[] =
    LINE_COLUMNS " FROM held_copy c, held_message m WHERE m.id = c.message"
                 " AND ended_us IS NULL" WANTED COPY_ORDER " LIMIT $4";
static const char SQL_ALL[] = LINE_COLUMNS
    " FROM held_copy c, held_message m WHERE m.id = c.message" WANTED COPY_ORDER " LIMIT $4";

/* An address that has little must not cost the reading of a million copies: first all that is
 * his is found, by its own index, then put in order, then read. In one piece, a server that has
 * to choose reads all copies in order, in the hope of meeting enough of his. */
#define FOUND "WITH found AS MATERIALIZED (SELECT c.message AS m, c.nr AS n FROM "
#define PAGE                                                                                   \
    WANTED " AND ($6 <> 0 OR c.ended_us IS NULL)), page AS MATERIALIZED"                       \
           " (SELECT m, n FROM found ORDER BY m, n LIMIT $4) " LINE_COLUMNS                    \
           " FROM page, held_copy c, held_message o"                                           \
           " WHERE c.message = page.m AND c.nr = page.n AND o.id = page.m" COPY_ORDER

static const char SQL_OWNER[] =
    FOUND "held_message h, held_copy c WHERE c.message = h.id AND h.owner_key = $5"
          " AND h.owner_key <> ''" PAGE;
static const char SQL_RECIPIENT[] =
    FOUND "held_recipient r, held_copy c WHERE c.message = r.message AND c.nr = r.nr"
          " AND r.address = $5" PAGE;
static const char SQL_BOTH[] =
    FOUND "held_recipient r, held_message h, held_copy c WHERE c.message = r.message"
          " AND c.nr = r.nr AND h.id = r.message AND r.address = $5 AND h.owner_key = $7" PAGE;

static const char SQL_COUNT[] =
    "SELECT count(CASE WHEN state = 'waiting' THEN 1 END),"
    " count(CASE WHEN state = 'waiting' AND claim_us <= $1 THEN 1 END),"
    " count(CASE WHEN state = 'releasing' THEN 1 END),"
    " coalesce(min(CASE WHEN state = 'waiting' AND claim_us <= $1 THEN claim_us END), 0),"
    " coalesce((SELECT made_us FROM held_message WHERE id ="
    "  (SELECT min(message) FROM held_copy WHERE ended_us IS NULL)), 0)"
    " FROM held_copy WHERE ended_us IS NULL";

static const char *
choose_list(const SkHoldFilter *filter)
{
    if (filter->owner != NULL)
        return filter->recipient != NULL ? SQL_BOTH : SQL_OWNER;
    if (filter->recipient != NULL)
        return SQL_RECIPIENT;
    return filter->ended ? SQL_ALL : SQL_OPEN;
}

/* After a message's id, behind all of its copies. */
static void
bind_after(SkStmt *list, const char *after)
{
    g_auto(SkHoldId) id = {0};

    if (after == NULL || !sk_hold_id_read(after, &id))
        id = (SkHoldId){.message = sk_hold_escape(after != NULL ? after : ""), .nr = INT32_MAX};
    sk_hold_id_bind(list, &id);
}

static void
bind_filter(SkStmt *list, const SkHoldFilter *filter)
{
    const char *address = filter->recipient != NULL ? filter->recipient : filter->owner;

    bind_after(list, filter->after);
    sk_stmt_bind_int(list, 3, filter->open);
    sk_stmt_bind_int(list, 4, filter->limit != 0 ? filter->limit : LIMIT);
    if (address == NULL)
        return;
    sk_hold_bind_key(list, 5, address);
    sk_stmt_bind_int(list, 6, filter->ended ? 1 : 0);
    if (filter->recipient != NULL && filter->owner != NULL)
        sk_hold_bind_key(list, 7, filter->owner);
}

/* Foreign text as people may see it; NULL for NULL. Caller owns. */
static char *
show(const char *escaped)
{
    g_autofree char *foreign = sk_hold_unescape(escaped);

    if (foreign == NULL)
        return NULL;
    return sk_text_safe(sk_bytes(foreign, strlen(foreign)), SK_LIMIT_PASSAGE_TEXT);
}

static void
make_safe(char **text)
{
    char *foreign = *text;

    if (foreign == NULL)
        return;
    *text = sk_text_safe(sk_bytes(foreign, strlen(foreign)), SK_LIMIT_PASSAGE_TEXT);
    g_free(foreign);
}

static SkHeldCopy *
copy_for_people(SkStmt *list)
{
    SkHeldCopy *copy = sk_hold_copy_of_row(list);

    for (guint i = 0; i < copy->recipients->len; i++) {
        SkRecipient *recipient = copy->recipients->pdata[i];

        make_safe(&recipient->address);
        make_safe(&recipient->args);
    }
    return copy;
}

static bool
give_line(SkStmt *list, SkHoldFunc func, void *data)
{
    g_autoptr(SkHeldCopy) copy = copy_for_people(list);
    g_autofree char *owner = show(sk_stmt_peek_text(list, N_COPY_COLUMNS + 1));
    g_autofree char *sender = show(sk_stmt_peek_text(list, N_COPY_COLUMNS + 2));
    g_autofree char *from = show(sk_stmt_peek_text(list, N_COPY_COLUMNS + 3));
    g_autofree char *subject = show(sk_stmt_peek_text(list, N_COPY_COLUMNS + 4));
    const SkHoldLine line = {.copy = copy,
                             .made_us = sk_stmt_get_int(list, N_COPY_COLUMNS),
                             .owner = owner,
                             .sender = sender,
                             .from = from,
                             .subject = subject,
                             .size = (uint64_t)sk_stmt_get_int(list, N_COPY_COLUMNS + 5)};

    return func(&line, data);
}

bool
sk_hold_list(SkDb *keep,
             const SkHoldFilter *filter,
             SkHoldFunc func,
             void *data,
             GError **error)
{
    g_autoptr(SkStmt) list = sk_db_prepare(keep, choose_list(filter), error);
    bool row = true, enough = false;

    if (list == NULL)
        return false;
    bind_filter(list, filter);
    while (row && !enough) {
        if (!sk_stmt_next(list, &row, error))
            return false;
        enough = row && !give_line(list, func, data);
    }
    return true;
}

bool
sk_hold_count(SkDb *keep, SkHoldCounts *ret_counts, GError **error)
{
    g_autoptr(SkStmt) count = NULL;
    int64_t now = 0, next = 0;
    bool row;

    if (!sk_db_now_us(keep, &now, error) || !sk_hold_next_due(keep, &next, error))
        return false;
    count = sk_db_prepare(keep, SQL_COUNT, error);
    if (count == NULL)
        return false;
    sk_stmt_bind_int(count, 1, now);
    if (!sk_stmt_next(count, &row, error))
        return false;
    g_assert(row);
    *ret_counts = (SkHoldCounts){
        .waiting = sk_stmt_get_int(count, 0),
        .due = sk_stmt_get_int(count, 1),
        .releasing = sk_stmt_get_int(count, 2),
        .overdue_us = sk_stmt_get_int(count, 3),
        .oldest_us = sk_stmt_get_int(count, 4),
        .next_due_us = next,
    };
    return true;
}
