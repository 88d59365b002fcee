/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/person-store.h"

#include "base/error.h"
#include "ledger/ledger-person.h"

/* Rows of one statement, so that none takes longer than a server allows; of one transaction, so
 * that no gate waits for it. */
#define WINDOW 1000
#define BATCH  100

static const char SQL_COUNT[] = "SELECT count(*) FROM passage";
static const char SQL_WINDOW[] =
    "SELECT id, CASE WHEN lower(document) LIKE $2 ESCAPE '\\' OR lower(sender) LIKE $2 ESCAPE "
    "'\\'"
    " OR lower(from_address) LIKE $2 ESCAPE '\\' OR lower(recipients) LIKE $2 ESCAPE '\\'"
    " OR lower(subject) LIKE $2 ESCAPE '\\' OR lower(message_id) LIKE $2 ESCAPE '\\'"
    " THEN 1 ELSE 0 END FROM passage WHERE id > $1 ORDER BY id LIMIT $3";
static const char SQL_DOCUMENT[] = "SELECT document FROM passage WHERE id = $1";
static const char SQL_LOAD[] = "SELECT document, sender, from_address, subject, message_id,"
                               " recipients FROM passage WHERE id = $1";
/* Only what nobody has changed in between: two erasures may meet in one row. */
static const char SQL_CHANGE[] =
    "UPDATE passage SET document = $3, sender = $4, from_address = $5, subject = $6,"
    " message_id = $7, recipients = $8 WHERE id = $1 AND document = $2 RETURNING id";

/* One search. */
typedef struct {
    SkDb *db;
    const SkPersonRequest *request;
    SkMailPerson *person;
    int64_t done, total;
    char *last;     /* the id of the last row looked at */
    GPtrArray *ids; /* of the window's rows that passed the sieve */
    /* An export: */
    SkPersonFunc func;
    void *data;
    bool enough;
    unsigned unreadable; /* documents that the sieve let pass */
    char *first;         /* the id of the first of them */
    /* An erasure: */
    guint from; /* index of the batch's first id */
    int64_t changed, changed_before;
} Search;

static void
search_clear(Search *s)
{
    sk_mail_person_free(s->person);
    g_free(s->last);
    g_free(s->first);
    g_ptr_array_unref(s->ids);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Search, search_clear)

static bool
count_rows(Search *s, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(s->db, SQL_COUNT, error);
    bool row;

    if (stmt == NULL || !sk_stmt_next(stmt, &row, error))
        return false;
    s->total = row ? sk_stmt_get_int(stmt, 0) : 0;
    return true;
}

static bool
search_begin(Search *s, GError **error)
{
    s->last = g_strdup("");
    s->ids = g_ptr_array_new_with_free_func(g_free);
    s->person = sk_mail_person_new(s->request->address, error);
    return s->person != NULL && (s->request->progress == NULL || count_rows(s, error));
}

static void
tell(const Search *s)
{
    if (s->request->progress != NULL)
        s->request->progress(s->done, MAX(s->total, s->done), s->request->data);
}

static bool
read_window(Search *s, SkStmt *stmt, int *ret_rows, GError **error)
{
    bool row = true;
    int n = 0;

    for (;; n++) {
        if (!sk_stmt_next(stmt, &row, error))
            return false;
        if (!row)
            break;
        g_free(s->last);
        s->last = g_strdup(sk_stmt_peek_text(stmt, 0));
        if (sk_stmt_get_int(stmt, 1) != 0)
            g_ptr_array_add(s->ids, g_strdup(s->last));
    }
    *ret_rows = n;
    return true;
}

/* Fills `ids`; false in RET_MORE when that was the last window. */
static bool
next_window(Search *s, bool *ret_more, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(s->db, SQL_WINDOW, error);
    int rows = 0;

    if (stmt == NULL)
        return false;
    g_ptr_array_set_size(s->ids, 0);
    sk_stmt_bind_text(stmt, 1, s->last);
    sk_stmt_bind_text(stmt, 2, sk_mail_person_pattern(s->person));
    sk_stmt_bind_int(stmt, 3, WINDOW);
    if (!read_window(s, stmt, &rows, error))
        return false;
    s->done += rows;
    *ret_more = rows == WINDOW;
    return true;
}

static void
show_document(Search *s, const char *id, const char *document)
{
    g_autofree char *shown = NULL;

    if (!sk_ledger_person_show(s->person, document, &shown, NULL)) {
        if (s->unreadable++ == 0)
            s->first = g_strdup(id);
    } else if (shown != NULL) {
        s->enough = !s->func(shown, s->data);
    }
}

/* A row may be gone meanwhile. */
static bool
show_one(Search *s, SkStmt *stmt, const char *id, GError **error)
{
    g_autofree char *document = NULL;
    bool row;

    sk_stmt_bind_text(stmt, 1, id);
    if (!sk_stmt_next(stmt, &row, error))
        return false;
    document = row ? g_strdup(sk_stmt_peek_text(stmt, 0)) : NULL;
    sk_stmt_reset(stmt);
    if (document != NULL)
        show_document(s, id, document);
    return true;
}

static bool
show_window(Search *s, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(s->db, SQL_DOCUMENT, error);

    if (stmt == NULL)
        return false;
    for (guint i = 0; i < s->ids->len && !s->enough; i++) {
        if (!show_one(s, stmt, s->ids->pdata[i], error))
            return false;
    }
    return true;
}

/* Whoever asked is owed the whole answer, or the knowledge that it is none. */
static bool
check_whole(const Search *s, GError **error)
{
    if (s->unreadable == 0)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                "%u records that may be about this person cannot be read, and were left out; "
                "the first is passage %s: `sekisho store verify` says what is wrong with them",
                s->unreadable, s->first);
    return false;
}

static bool
export_to(SkDb *db,
          const SkPersonRequest *request,
          SkPersonFunc func,
          void *data,
          GError **error)
{
    g_auto(Search) s = {.db = db, .request = request, .func = func, .data = data};
    bool more = true;

    if (!search_begin(&s, error))
        return false;
    while (more && !s.enough) {
        if (!next_window(&s, &more, error) || !show_window(&s, error))
            return false;
        tell(&s);
    }
    return check_whole(&s, error);
}

/* A row as it was read, and as it is to be. Columns: sender, from, subject, Message-ID,
 * recipients. */
#define N_COLUMNS 5
enum {
    SUBJECT = 2,
    MESSAGE_ID = 3
};

typedef struct {
    char *document, *column[N_COLUMNS];
} Row;

static void
row_clear(Row *row)
{
    g_free(row->document);
    for (int i = 0; i < N_COLUMNS; i++)
        g_free(row->column[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Row, row_clear)

static bool
load_row(SkStmt *stmt, const char *id, Row *ret_row, GError **error)
{
    bool row;

    sk_stmt_bind_text(stmt, 1, id);
    if (!sk_stmt_next(stmt, &row, error))
        return false;
    if (row) {
        ret_row->document = g_strdup(sk_stmt_peek_text(stmt, 0));
        for (int i = 0; i < N_COLUMNS; i++)
            ret_row->column[i] = g_strdup(sk_stmt_peek_text(stmt, i + 1));
    }
    sk_stmt_reset(stmt);
    return true;
}

/* Replaces TEXT if it has his address in it. */
static bool
scrub(const SkMailPerson *person, char **text, SkPersonText kind)
{
    char *without = sk_mail_person_replace(person, *text, kind, SK_LEDGER_ERASED);

    if (without == NULL)
        return false;
    g_free(*text);
    *text = without;
    return true;
}

/* Without the document nobody can say whose mail it was. */
static bool
scrub_document(const SkMailPerson *person, Row *row, bool *ret_emptied)
{
    g_autofree char *erased = NULL;

    if (!sk_ledger_person_erase(person, row->document, &erased, ret_emptied, NULL)) {
        *ret_emptied = false;
        return scrub(person, &row->document, SK_PERSON_FREE);
    }
    if (erased == NULL)
        return false;
    g_free(row->document);
    row->document = g_steal_pointer(&erased);
    return true;
}

static bool
scrub_row(const SkMailPerson *person, Row *row)
{
    bool emptied, any = scrub_document(person, row, &emptied);

    if (emptied) {
        g_clear_pointer(&row->column[SUBJECT], g_free);
        g_clear_pointer(&row->column[MESSAGE_ID], g_free);
    }
    for (int i = 0; i < N_COLUMNS; i++) {
        bool is_free = i == SUBJECT || i == MESSAGE_ID;

        if (scrub(person, &row->column[i], is_free ? SK_PERSON_FREE : SK_PERSON_ADDRESS))
            any = true;
    }
    return any;
}

static bool
change_row(SkStmt *stmt, const char *id, const char *before, const Row *row, GError **error)
{
    bool changed;

    sk_stmt_bind_text(stmt, 1, id);
    sk_stmt_bind_text(stmt, 2, before);
    sk_stmt_bind_text(stmt, 3, row->document);
    for (int i = 0; i < N_COLUMNS; i++)
        sk_stmt_bind_text(stmt, i + 4, row->column[i]);
    if (!sk_stmt_next(stmt, &changed, error))
        return false;
    sk_stmt_reset(stmt);
    if (changed)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_AGAIN, "passage %s was changed by somebody else", id);
    return false;
}

static bool
erase_one(Search *s, SkStmt *load, SkStmt *change, const char *id, GError **error)
{
    g_auto(Row) row = {0};
    g_autofree char *before = NULL;

    if (!load_row(load, id, &row, error))
        return false;
    if (row.document == NULL)
        return true;
    before = g_strdup(row.document);
    if (!scrub_row(s->person, &row))
        return true;
    s->changed++;
    return change_row(change, id, before, &row, error);
}

static bool
erase_batch(SkDb *db, void *data, GError **error)
{
    Search *s = data;
    g_autoptr(SkStmt) load = sk_db_prepare(db, SQL_LOAD, error);
    g_autoptr(SkStmt) change = load != NULL ? sk_db_prepare(db, SQL_CHANGE, error) : NULL;

    if (change == NULL)
        return false;
    s->changed = s->changed_before;
    for (guint i = s->from; i < MIN(s->from + BATCH, s->ids->len); i++) {
        if (!erase_one(s, load, change, s->ids->pdata[i], error))
            return false;
    }
    return true;
}

static bool
erase_window(Search *s, GError **error)
{
    for (s->from = 0; s->from < s->ids->len; s->from += BATCH) {
        s->changed_before = s->changed;
        if (!sk_db_transact(s->db, erase_batch, s, error))
            return false;
    }
    return true;
}

static bool
erase(SkDb *db, const SkPersonRequest *request, int64_t *ret_rows, GError **error)
{
    g_auto(Search) s = {.db = db, .request = request};
    bool more = true;

    if (!search_begin(&s, error))
        return false;
    while (more) {
        if (!next_window(&s, &more, error) || !erase_window(&s, error))
            return false;
        tell(&s);
    }
    *ret_rows = s.changed;
    return true;
}

const SkPersonTables sk_passage_person = {.export_to = export_to, .erase = erase};
