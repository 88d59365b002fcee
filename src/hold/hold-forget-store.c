/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-store-private.h"
#include "hold/hold-store.h"

/* The row is written, so that of two that finish the last two copies at a time one is told to
 * look again: each sees the other's copy as not yet sent. */
static const char SQL_LOCK[] =
    "UPDATE held_message SET blob = blob WHERE id = $1 AND blob IS NOT NULL RETURNING blob";
static const char SQL_NEEDED[] =
    "SELECT message FROM held_copy WHERE message = $1 AND state <> 'sent' LIMIT 1";
static const char SQL_DROP[] = "UPDATE held_message SET blob = NULL WHERE id = $1";

static const char SQL_FIND_OLD[] =
    "SELECT DISTINCT c.message FROM held_copy c WHERE c.ended_us < $1 AND NOT EXISTS"
    " (SELECT o.nr FROM held_copy o WHERE o.message = c.message"
    "  AND (o.ended_us IS NULL OR o.ended_us >= $1)) LIMIT $2";
/* Copies, recipients, events and tokens go with it. */
static const char SQL_FORGET[] = "DELETE FROM held_message WHERE id = $1 RETURNING blob";

/* The first column of the one row that a statement about ID gives, which may be NULL. */
static bool
ask_about(SkDb *keep,
          const char *sql,
          const char *id,
          bool *ret_row,
          char **ret_text,
          GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, sql, error);
    g_autofree char *text = NULL;
    bool row;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, id);
    if (!sk_stmt_next(stmt, &row, error))
        return false;
    text = row ? g_strdup(sk_stmt_peek_text(stmt, 0)) : NULL;
    if (row && !sk_stmt_run(stmt, error))
        return false;
    *ret_row = row;
    *ret_text = g_steal_pointer(&text);
    return true;
}

typedef struct {
    const char *message;
    char *blob;
} Drop;

static bool
drop_content(SkDb *keep, void *data, GError **error)
{
    Drop *drop = data;
    g_autofree char *blob = NULL, *message = NULL, *nothing = NULL;
    bool there, needed = false;

    g_clear_pointer(&drop->blob, g_free);
    if (!ask_about(keep, SQL_LOCK, drop->message, &there, &blob, error) ||
        (there && !ask_about(keep, SQL_NEEDED, drop->message, &needed, &message, error)))
        return false;
    if (!there || needed)
        return true;
    if (!ask_about(keep, SQL_DROP, drop->message, &there, &nothing, error))
        return false;
    drop->blob = g_steal_pointer(&blob);
    return true;
}

bool
sk_hold_drop_content(SkDb *keep, const char *message, char **ret_blob, GError **error)
{
    Drop drop = {.message = message};

    if (!sk_db_join(keep, drop_content, &drop, error)) {
        g_free(drop.blob);
        return false;
    }
    *ret_blob = drop.blob;
    return true;
}

static bool
find_old(SkDb *keep, int64_t before_us, unsigned max, GPtrArray *ids, GError **error)
{
    g_autoptr(SkStmt) find = sk_db_prepare(keep, SQL_FIND_OLD, error);
    bool row = true;

    if (find == NULL)
        return false;
    sk_stmt_bind_int(find, 1, before_us);
    sk_stmt_bind_int(find, 2, max);
    while (row) {
        if (!sk_stmt_next(find, &row, error))
            return false;
        if (row)
            g_ptr_array_add(ids, g_strdup(sk_stmt_peek_text(find, 0)));
    }
    return true;
}

typedef struct {
    int64_t before_us;
    unsigned max;
    GPtrArray *blobs;
    int64_t rows;
} Forgetting;

static bool
forget_some(SkDb *keep, void *data, GError **error)
{
    Forgetting *f = data;
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_set_size(f->blobs, 0);
    f->rows = 0;
    if (!find_old(keep, f->before_us, f->max, ids, error))
        return false;
    for (guint i = 0; i < ids->len; i++) {
        char *blob = NULL;
        bool there;

        if (!ask_about(keep, SQL_FORGET, ids->pdata[i], &there, &blob, error))
            return false;
        f->rows += there ? 1 : 0;
        if (blob != NULL)
            g_ptr_array_add(f->blobs, blob);
    }
    return true;
}

bool
sk_hold_forget(SkDb *keep,
               int64_t before_us,
               unsigned max,
               GPtrArray **ret_blobs,
               int64_t *ret_rows,
               GError **error)
{
    g_autoptr(GPtrArray) blobs = g_ptr_array_new_with_free_func(g_free);
    Forgetting forgetting = {before_us, max, blobs, 0};

    if (!sk_db_join(keep, forget_some, &forgetting, error))
        return false;
    *ret_blobs = g_steal_pointer(&blobs);
    *ret_rows = forgetting.rows;
    return true;
}
