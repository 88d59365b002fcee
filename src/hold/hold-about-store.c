/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-about-private.h"
#include "hold/hold-store-private.h"
#include "hold/hold-text.h"

/* Rows of one statement, so that none takes longer than a server allows. */
#define WINDOW 1000

/* Whatever has the pattern $2 in it. */
#define SIEVE                                                                                  \
    " lower(m.document) LIKE $2 ESCAPE '\\' OR lower(m.owner) LIKE $2 ESCAPE '\\'"             \
    " OR lower(m.sender) LIKE $2 ESCAPE '\\' OR lower(m.from_address) LIKE $2 ESCAPE '\\'"     \
    " OR lower(m.subject) LIKE $2 ESCAPE '\\' OR lower(m.message_id) LIKE $2 ESCAPE '\\'"      \
    " OR EXISTS (SELECT r.nr FROM held_recipient r WHERE r.message = m.id"                     \
    "  AND lower(r.address) LIKE $2 ESCAPE '\\')"                                              \
    " OR EXISTS (SELECT c.nr FROM held_copy c WHERE c.message = m.id"                          \
    "  AND (lower(c.ended_by) LIKE $2 ESCAPE '\\' OR lower(c.why) LIKE $2 ESCAPE '\\'"         \
    "  OR lower(c.trouble) LIKE $2 ESCAPE '\\'))"                                              \
    " OR EXISTS (SELECT e.at_us FROM held_event e WHERE e.message = m.id"                      \
    "  AND (lower(e.who) LIKE $2 ESCAPE '\\' OR lower(e.text) LIKE $2 ESCAPE '\\'))"
#define FROM_WINDOW " THEN 1 ELSE 0 END FROM held_message m WHERE id > $1 ORDER BY id LIMIT $3"

static const char SQL_COUNT[] = "SELECT count(*) FROM held_message";
static const char SQL_WINDOW[] = "SELECT id, CASE WHEN" SIEVE FROM_WINDOW;
static const char SQL_WINDOW_TOKENS[] =
    "SELECT id, CASE WHEN" SIEVE
    " OR EXISTS (SELECT t.purpose FROM held_token t WHERE t.message = m.id"
    "  AND lower(t.person) LIKE $2 ESCAPE '\\')" FROM_WINDOW;
static const char SQL_RECIPIENTS[] =
    "SELECT nr, address FROM held_recipient WHERE message = $1";

void
sk_hold_search_clear(SkHoldSearch *search)
{
    sk_mail_person_free(search->person);
    g_free(search->last);
    g_ptr_array_unref(search->ids);
}

static bool
count_rows(SkHoldSearch *search, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(search->keep, SQL_COUNT, error);
    bool row;

    if (stmt == NULL || !sk_stmt_next(stmt, &row, error))
        return false;
    search->total = row ? sk_stmt_get_int(stmt, 0) : 0;
    return true;
}

bool
sk_hold_search_begin(SkHoldSearch *search, GError **error)
{
    search->last = g_strdup("");
    search->ids = g_ptr_array_new_with_free_func(g_free);
    search->person = sk_mail_person_new(search->request->address, error);
    return search->person != NULL &&
           (search->request->progress == NULL || count_rows(search, error));
}

void
sk_hold_search_tell(const SkHoldSearch *search)
{
    const SkPersonRequest *request = search->request;

    if (request->progress != NULL)
        request->progress(search->done, MAX(search->total, search->done), request->data);
}

static bool
read_window(SkHoldSearch *search, SkStmt *stmt, int *ret_rows, GError **error)
{
    bool row = true;
    int n = 0;

    for (;; n++) {
        if (!sk_stmt_next(stmt, &row, error))
            return false;
        if (!row)
            break;
        g_free(search->last);
        search->last = g_strdup(sk_stmt_peek_text(stmt, 0));
        if (sk_stmt_get_int(stmt, 1) != 0)
            g_ptr_array_add(search->ids, g_strdup(search->last));
    }
    *ret_rows = n;
    return true;
}

bool
sk_hold_search_next(SkHoldSearch *search, bool *ret_more, GError **error)
{
    const char *sql = search->tokens ? SQL_WINDOW_TOKENS : SQL_WINDOW;
    g_autoptr(SkStmt) stmt = sk_db_prepare(search->keep, sql, error);
    int rows = 0;

    if (stmt == NULL)
        return false;
    g_ptr_array_set_size(search->ids, 0);
    sk_stmt_bind_text(stmt, 1, search->last);
    sk_stmt_bind_text(stmt, 2, sk_mail_person_pattern(search->person));
    sk_stmt_bind_int(stmt, 3, WINDOW);
    if (!read_window(search, stmt, &rows, error))
        return false;
    search->done += rows;
    *ret_more = rows == WINDOW;
    return true;
}

static void
free_note(void *data)
{
    SkHoldNote *note = data;

    g_free(note->copy);
    g_free(note->what);
    g_free(note->who);
    g_free(note->text);
    g_free(note);
}

void
sk_hold_about_clear(SkHoldAbout *about)
{
    sk_held_message_free(about->message);
    g_clear_pointer(&about->copies, g_ptr_array_unref);
    g_clear_pointer(&about->notes, g_ptr_array_unref);
    g_clear_pointer(&about->his, g_array_unref);
    *about = (SkHoldAbout){0};
}

static bool
keep_note(const SkHoldEvent *event, void *data)
{
    SkHoldNote *note = g_new0(SkHoldNote, 1);

    *note = (SkHoldNote){event->at_us, g_strdup(event->copy), g_strdup(event->what),
                         g_strdup(event->who), g_strdup(event->text)};
    g_ptr_array_add(data, note);
    return true;
}

static bool
load_recipients(SkDb *keep, const SkMailPerson *person, SkHoldAbout *about, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_RECIPIENTS, error);
    bool row = true;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, about->message->id);
    while (row) {
        g_autofree char *address = NULL;
        int64_t nr;

        if (!sk_stmt_next(stmt, &row, error))
            return false;
        if (!row)
            break;
        nr = sk_stmt_get_int(stmt, 0);
        address = sk_hold_unescape(sk_stmt_peek_text(stmt, 1));
        if (sk_mail_person_is(person, address))
            g_array_append_val(about->his, nr);
        else
            about->others++;
    }
    return true;
}

static void
find_roles(const SkMailPerson *person, SkHoldAbout *about)
{
    about->owner = sk_mail_person_is(person, about->message->owner);
    about->sender = sk_mail_person_is(person, about->message->sender);
    about->from = sk_mail_person_is(person, about->message->from);
    about->recipient = about->his->len > 0;
    for (guint i = 0; i < about->copies->len; i++) {
        const SkHeldCopy *copy = about->copies->pdata[i];

        about->waits = about->waits || !sk_copy_state_is_end(copy->state);
    }
}

bool
sk_hold_about_load(SkDb *keep,
                   const SkMailPerson *person,
                   const char *id,
                   SkHoldAbout *ret_about,
                   GError **error)
{
    g_auto(SkHoldAbout) about = {.notes = g_ptr_array_new_with_free_func(free_note),
                                 .his = g_array_new(FALSE, FALSE, sizeof(int64_t))};

    if (!sk_hold_load_message(keep, id, &about.message, error))
        return false;
    if (about.message != NULL) {
        if (!sk_hold_load_copies(keep, id, &about.copies, error) ||
            !sk_hold_event_list(keep, id, keep_note, about.notes, error) ||
            !load_recipients(keep, person, &about, error))
            return false;
        find_roles(person, &about);
    }
    *ret_about = about;
    about = (SkHoldAbout){0};
    return true;
}

bool
sk_hold_about_is_party(const SkHoldAbout *about)
{
    return about->owner || about->sender || about->from || about->recipient;
}

bool
sk_hold_about_is_his(const SkHoldAbout *about, const SkHeldCopy *copy)
{
    g_auto(SkHoldId) id = {0};

    if (!sk_hold_id_read(copy->id, &id))
        return false;
    for (guint i = 0; i < about->his->len; i++) {
        if (g_array_index(about->his, int64_t, i) == id.nr)
            return true;
    }
    return false;
}
