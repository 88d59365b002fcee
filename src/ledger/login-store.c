/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/login-store.h"

#include "ledger/passage-json.h"

/* `machine` is 1 as long as a row says where somebody logged in from; an index knows those
 * only. */
static const char SQL_OLD[] = "SELECT id, document FROM passage"
                              " WHERE machine = 1 AND received_us < $1"
                              " ORDER BY received_us LIMIT $2";
static const char SQL_FORGET[] = "UPDATE passage SET document = $2, machine = 0 WHERE id = $1";

typedef struct {
    char *id, *document;
} Old;

static void
old_clear(void *data)
{
    Old *old = data;

    g_free(old->id);
    g_free(old->document);
}

/* One that nobody can read stays as it is; it is not looked at again. */
static char *
without_machine(const char *document)
{
    g_autoptr(SkPassage) passage = sk_passage_json_read(document, NULL);
    char *without = NULL;

    if (passage != NULL && passage->envelope != NULL && passage->envelope->login != NULL) {
        g_clear_pointer(&passage->envelope->client_address, g_free);
        g_clear_pointer(&passage->envelope->client_name, g_free);
        g_clear_pointer(&passage->envelope->helo, g_free);
        without = sk_passage_json_new(passage, NULL);
    }
    return without != NULL ? without : g_strdup(document);
}

static bool
load_old(SkDb *know, int64_t before_us, unsigned max, GArray *rows, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(know, SQL_OLD, error);
    bool row = true;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_int(stmt, 1, before_us);
    sk_stmt_bind_int(stmt, 2, max);
    while (row) {
        Old old;

        if (!sk_stmt_next(stmt, &row, error))
            return false;
        if (!row)
            break;
        old = (Old){g_strdup(sk_stmt_peek_text(stmt, 0)),
                    without_machine(sk_stmt_peek_text(stmt, 1))};
        g_array_append_val(rows, old);
    }
    return true;
}

bool
sk_login_store_forget(SkDb *know,
                      int64_t before_us,
                      unsigned max,
                      int64_t *ret_rows,
                      GError **error)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(Old));
    g_autoptr(SkStmt) forget = NULL;

    g_array_set_clear_func(rows, old_clear);
    if (!load_old(know, before_us, max, rows, error))
        return false;
    forget = sk_db_prepare(know, SQL_FORGET, error);
    if (forget == NULL)
        return false;
    for (guint i = 0; i < rows->len; i++) {
        sk_stmt_bind_text(forget, 1, g_array_index(rows, Old, i).id);
        sk_stmt_bind_text(forget, 2, g_array_index(rows, Old, i).document);
        if (!sk_stmt_run(forget, error))
            return false;
    }
    *ret_rows = rows->len;
    return true;
}
