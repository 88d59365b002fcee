/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdlib.h>

#include "base/error.h"
#include "hold/hold-person-private.h"
#include "hold/hold-text.h"
#include "mail/mail-person.h"

static const char SQL_FIND[] =
    "SELECT address, hold_s, tell, language, away_from_us, away_until_us, deputy"
    " FROM hold_person WHERE lower(address) LIKE $1 ESCAPE '\\'"
    " OR lower(deputy) LIKE $1 ESCAPE '\\'";
static const char SQL_DELETE[] = "DELETE FROM hold_person WHERE address = $1";
static const char SQL_NO_DEPUTY[] = "UPDATE hold_person SET deputy = NULL WHERE address = $1";

/* A row in which he stands. */
typedef struct {
    char *key; /* as it is stored */
    json_t *record;
    bool own;
} Row;

static void
free_row(void *data)
{
    Row *row = data;

    g_free(row->key);
    json_decref(row->record);
    g_free(row);
}

static json_t *
write_own(SkStmt *find, const char *deputy)
{
    return json_pack("{s:[s], s:I, s:s, s:s, s:I, s:I, s:s?}", "is", "owner", "hold_s",
                     (json_int_t)sk_stmt_get_int(find, 1), "tell", sk_stmt_peek_text(find, 2),
                     "language", sk_stmt_peek_text(find, 3), "away_from_us",
                     (json_int_t)sk_stmt_get_int(find, 4), "away_until_us",
                     (json_int_t)sk_stmt_get_int(find, 5), "deputy", deputy);
}

/* Of somebody else's choices he is told no more than that he stands in them. NULL: he does not.
 */
static Row *
row_new(SkStmt *find, const SkMailPerson *person)
{
    const char *key = sk_stmt_peek_text(find, 0), *deputy = sk_stmt_peek_text(find, 6);
    g_autofree char *whose = sk_hold_unescape(key), *other = sk_hold_unescape(deputy);
    bool own = sk_mail_person_is(person, whose), his = sk_mail_person_is(person, other);
    Row *row;

    if (!own && !his)
        return NULL;
    row = g_new0(Row, 1);
    *row = (Row){.key = g_strdup(key),
                 .record = own ? write_own(find, deputy) : json_pack("{s:[s]}", "is", "deputy"),
                 .own = own};
    return row;
}

static bool
find_rows(SkDb *keep, const char *address, GPtrArray *rows, GError **error)
{
    g_autoptr(SkMailPerson) person = sk_mail_person_new(address, error);
    g_autoptr(SkStmt) find = person != NULL ? sk_db_prepare(keep, SQL_FIND, error) : NULL;
    bool row = true;

    if (find == NULL)
        return false;
    sk_stmt_bind_text(find, 1, sk_mail_person_pattern(person));
    while (row) {
        Row *found;

        if (!sk_stmt_next(find, &row, error))
            return false;
        found = row ? row_new(find, person) : NULL;
        if (found != NULL)
            g_ptr_array_add(rows, found);
    }
    return true;
}

static bool
export_to(SkDb *keep,
          const SkPersonRequest *request,
          SkPersonFunc func,
          void *data,
          GError **error)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(free_row);
    bool more = true;

    if (!find_rows(keep, request->address, rows, error))
        return false;
    for (guint i = 0; i < rows->len && more; i++) {
        char *text = json_dumps(((Row *)rows->pdata[i])->record, JSON_COMPACT);

        if (text == NULL) {
            g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "no memory to write a record");
            return false;
        }
        more = func(text, data);
        free(text);
    }
    return true;
}

typedef struct {
    const char *address;
    int64_t rows;
} Erasure;

static bool
erase_rows(SkDb *keep, void *data, GError **error)
{
    Erasure *erasure = data;
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(free_row);

    if (!find_rows(keep, erasure->address, rows, error))
        return false;
    for (guint i = 0; i < rows->len; i++) {
        const Row *row = rows->pdata[i];
        g_autoptr(SkStmt) stmt =
            sk_db_prepare(keep, row->own ? SQL_DELETE : SQL_NO_DEPUTY, error);

        if (stmt == NULL)
            return false;
        sk_stmt_bind_text(stmt, 1, row->key);
        if (!sk_stmt_run(stmt, error))
            return false;
    }
    erasure->rows = rows->len;
    return true;
}

static bool
erase(SkDb *keep, const SkPersonRequest *request, int64_t *ret_rows, GError **error)
{
    Erasure erasure = {.address = request->address};

    if (!sk_db_transact(keep, erase_rows, &erasure, error))
        return false;
    *ret_rows = erasure.rows;
    return true;
}

const SkPersonTables sk_hold_choices_person = {.export_to = export_to, .erase = erase};
