/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-about-private.h"
#include "hold/hold-store-private.h"
#include "hold/hold-text.h"

/* Messages of one transaction, so that no gate waits for it. */
#define BATCH 20

/* Copies, recipients, events and tokens go with it; not if somebody added a copy. */
static const char SQL_FORGET[] =
    "DELETE FROM held_message WHERE id = $1 AND NOT EXISTS (SELECT nr FROM held_copy"
    " WHERE message = $1 AND ended_us IS NULL) RETURNING blob";
static const char SQL_EVENT[] =
    "UPDATE held_event SET who = $5, text = $6 WHERE message = $1 AND at_us = $2"
    " AND coalesce(who, '') = $3 AND coalesce(text, '') = $4";
static const char SQL_COPY[] = "UPDATE held_copy SET trouble = $3, ended_by = $4, why = $5"
                               " WHERE message = $1 AND nr = $2";
static const char SQL_DOCUMENT[] = "UPDATE held_message SET document = $2, subject = $3"
                                   " WHERE id = $1";
static const char SQL_TOKENS[] = "SELECT person FROM held_token WHERE message = $1";
static const char SQL_END_TOKENS[] =
    "DELETE FROM held_token WHERE message = $1 AND person = $2";

typedef struct {
    SkHoldSearch search;
    SkHoldDropFunc drop;
    guint from; /* index of the batch's first id */
    int64_t changed, changed_before;
} Erasure;

/* TEXT without his address; TEXT itself when it is not in it. Caller owns. */
static char *
scrub(const SkMailPerson *person, const char *text, SkPersonText kind, bool *any)
{
    char *without = sk_mail_person_replace(person, text, kind, SK_HOLD_ERASED);

    *any = *any || without != NULL;
    return without != NULL ? without : g_strdup(text);
}

static bool
forget(SkDb *keep, const char *id, SkHoldDropFunc drop, bool *ret_any, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_FORGET, error);
    g_autofree char *blob = NULL;
    bool row;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, id);
    if (!sk_stmt_next(stmt, &row, error))
        return false;
    blob = row ? g_strdup(sk_stmt_peek_text(stmt, 0)) : NULL;
    *ret_any = row;
    return (!row || sk_stmt_run(stmt, error)) && (blob == NULL || drop(keep, blob, error));
}

static bool
scrub_event(SkDb *keep,
            const Erasure *e,
            const char *id,
            const SkHoldNote *note,
            bool *any,
            GError **error)
{
    bool his = false;
    g_autofree char *who = scrub(e->search.person, note->who, SK_PERSON_ADDRESS, &his);
    g_autofree char *text = scrub(e->search.person, note->text, SK_PERSON_FREE, &his);
    g_autoptr(SkStmt) stmt = NULL;

    if (!his)
        return true;
    *any = true;
    stmt = sk_db_prepare(keep, SQL_EVENT, error);
    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, id);
    sk_stmt_bind_int(stmt, 2, note->at_us);
    sk_stmt_bind_text(stmt, 3, note->who != NULL ? note->who : "");
    sk_stmt_bind_text(stmt, 4, note->text != NULL ? note->text : "");
    sk_stmt_bind_text(stmt, 5, who);
    sk_stmt_bind_text(stmt, 6, text);
    return sk_stmt_run(stmt, error);
}

static bool
scrub_copy(SkDb *keep, const Erasure *e, const SkHeldCopy *copy, bool *any, GError **error)
{
    bool his = false;
    g_autofree char *trouble = scrub(e->search.person, copy->trouble, SK_PERSON_FREE, &his);
    g_autofree char *by = scrub(e->search.person, copy->ended_by, SK_PERSON_ADDRESS, &his);
    g_autofree char *why = scrub(e->search.person, copy->why, SK_PERSON_FREE, &his);
    g_auto(SkHoldId) id = {0};
    g_autoptr(SkStmt) stmt = NULL;

    if (!his || !sk_hold_id_read(copy->id, &id))
        return true;
    *any = true;
    stmt = sk_db_prepare(keep, SQL_COPY, error);
    if (stmt == NULL)
        return false;
    sk_hold_id_bind(stmt, &id);
    sk_stmt_bind_text(stmt, 3, trouble);
    sk_stmt_bind_text(stmt, 4, by);
    sk_stmt_bind_text(stmt, 5, why);
    return sk_stmt_run(stmt, error);
}

static bool
scrub_message(SkDb *keep,
              const Erasure *e,
              const SkHeldMessage *message,
              bool *any,
              GError **error)
{
    bool his = false;
    g_autofree char *document =
        scrub(e->search.person, message->document, SK_PERSON_FREE, &his);
    g_autofree char *subject = scrub(e->search.person, message->subject, SK_PERSON_FREE, &his);
    g_autoptr(SkStmt) stmt = NULL;

    if (!his)
        return true;
    *any = true;
    stmt = sk_db_prepare(keep, SQL_DOCUMENT, error);
    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, message->id);
    sk_stmt_bind_text(stmt, 2, document);
    sk_hold_bind_foreign(stmt, 3, subject);
    return sk_stmt_run(stmt, error);
}

/* As they are stored: of those whose tokens MESSAGE has. */
static bool
list_holders(SkDb *keep, const char *message, GPtrArray *persons, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_TOKENS, error);
    bool row = true;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, message);
    while (row) {
        if (!sk_stmt_next(stmt, &row, error))
            return false;
        if (row)
            g_ptr_array_add(persons, g_strdup(sk_stmt_peek_text(stmt, 0)));
    }
    return true;
}

static bool
end_tokens(SkDb *keep, const Erasure *e, const char *message, bool *any, GError **error)
{
    g_autoptr(GPtrArray) persons = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(SkStmt) end = NULL;

    if (!list_holders(keep, message, persons, error))
        return false;
    end = sk_db_prepare(keep, SQL_END_TOKENS, error);
    if (end == NULL)
        return false;
    for (guint i = 0; i < persons->len; i++) {
        g_autofree char *address = sk_hold_unescape(persons->pdata[i]);

        if (!sk_mail_person_is(e->search.person, address))
            continue;
        *any = true;
        sk_stmt_bind_text(end, 1, message);
        sk_stmt_bind_text(end, 2, persons->pdata[i]);
        if (!sk_stmt_run(end, error))
            return false;
    }
    return true;
}

/* He did something with mail of others. */
static bool
scrub_all(SkDb *keep, const Erasure *e, const SkHoldAbout *about, bool *any, GError **error)
{
    const char *id = about->message->id;

    for (guint i = 0; i < about->notes->len; i++) {
        if (!scrub_event(keep, e, id, about->notes->pdata[i], any, error))
            return false;
    }
    for (guint i = 0; i < about->copies->len; i++) {
        if (!scrub_copy(keep, e, about->copies->pdata[i], any, error))
            return false;
    }
    return scrub_message(keep, e, about->message, any, error) &&
           end_tokens(keep, e, id, any, error);
}

static bool
erase_one(SkDb *keep, Erasure *e, const char *id, GError **error)
{
    g_auto(SkHoldAbout) about = {0};
    bool any = false, party;

    if (!sk_hold_about_load(keep, e->search.person, id, &about, error))
        return false;
    if (about.message == NULL)
        return true;
    party = sk_hold_about_is_party(&about);
    if (party && about.waits)
        return true;
    if (!(party ? forget(keep, id, e->drop, &any, error)
                : scrub_all(keep, e, &about, &any, error)))
        return false;
    e->changed += any ? 1 : 0;
    return true;
}

static bool
erase_batch(SkDb *keep, void *data, GError **error)
{
    Erasure *e = data;
    guint end = MIN(e->from + BATCH, e->search.ids->len);

    e->changed = e->changed_before;
    for (guint i = e->from; i < end; i++) {
        if (!erase_one(keep, e, e->search.ids->pdata[i], error))
            return false;
    }
    return true;
}

static bool
erase_window(Erasure *e, GError **error)
{
    for (e->from = 0; e->from < e->search.ids->len; e->from += BATCH) {
        e->changed_before = e->changed;
        if (!sk_db_transact(e->search.keep, erase_batch, e, error))
            return false;
    }
    return true;
}

static void
erasure_clear(Erasure *e)
{
    sk_hold_search_clear(&e->search);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Erasure, erasure_clear)

bool
sk_hold_about_erase(SkDb *keep,
                    const SkPersonRequest *request,
                    SkHoldDropFunc drop,
                    int64_t *ret_rows,
                    GError **error)
{
    g_auto(Erasure) e = {.search = {.keep = keep, .request = request, .tokens = true},
                         .drop = drop};
    bool more = true;

    if (!sk_hold_search_begin(&e.search, error))
        return false;
    while (more) {
        if (!sk_hold_search_next(&e.search, &more, error) || !erase_window(&e, error))
            return false;
        sk_hold_search_tell(&e.search);
    }
    *ret_rows = e.changed;
    return true;
}
