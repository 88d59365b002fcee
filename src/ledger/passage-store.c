/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/passage-store.h"

#include <string.h>

#include "base/error.h"
#include "base/limit.h"
#include "base/random.h"
#include "base/text.h"
#include "ledger/login-store.h"
#include "ledger/passage-json.h"
#include "ledger/person-store.h"

static const SkMigration steps[] = {
    {1, "passages",
     "CREATE TABLE passage ("
     "  id TEXT NOT NULL PRIMARY KEY,"
     "  received_us BIGINT NOT NULL,"
     "  origin TEXT NOT NULL,"
     "  sender TEXT,"
     "  from_address TEXT,"
     "  subject TEXT,"
     "  message_id TEXT,"
     "  fate TEXT NOT NULL,"
     "  size BIGINT NOT NULL,"
     "  recipients TEXT NOT NULL,"
     "  findings TEXT NOT NULL,"
     "  document TEXT NOT NULL);"
     "CREATE INDEX passage_received ON passage (received_us)"},
    {2, "what observed rules would have done",
     "ALTER TABLE passage ADD COLUMN observed TEXT NOT NULL DEFAULT ''"},
    {3, "which passages say where somebody logged in from",
     "ALTER TABLE passage ADD COLUMN machine BIGINT NOT NULL DEFAULT 1;"
     "CREATE INDEX passage_machine ON passage (received_us) WHERE machine = 1"},
    {0},
};

static const char *const grants[] = {
    "GRANT SELECT, INSERT ON passage TO sekisho_gate",
    "GRANT SELECT, UPDATE, DELETE ON passage TO sekisho_clerk",
    "GRANT SELECT ON passage TO sekisho_read",
    NULL,
};

static const SkCount counts[] = {
    {"passages", "SELECT count(*) FROM (SELECT 1 FROM passage LIMIT $1) AS bounded"},
    {0},
};

static const SkRetention retention[] = {
    {"ledger", "passages",
     "DELETE FROM passage WHERE id IN (SELECT id FROM passage WHERE received_us < $1"
     " ORDER BY received_us LIMIT $2) RETURNING id"},
    {"login_addresses", "machines of logins", .forget = sk_login_store_forget},
    {0},
};

const SkTables sk_passage_tables = {.name = "ledger",
                                    .database = SK_KNOW,
                                    .steps = steps,
                                    .grants = grants,
                                    .counts = counts,
                                    .retention = retention,
                                    .person = &sk_passage_person};

static const char SQL_ADD[] =
    "INSERT INTO passage (id, received_us, origin, sender, from_address, subject, message_id,"
    " fate, size, recipients, findings, document, observed, machine)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
    " ON CONFLICT (id) DO NOTHING";

/* The ids that begin alike, $2 being the last there can be: any collation of any engine puts
 * lower-case letters and digits of equal number in this order. */
static const char SQL_LOAD[] =
    "SELECT id, document FROM passage WHERE id >= $1 AND id <= $2 ORDER BY id LIMIT 2";

static const char SQL_LIST[] =
    "SELECT id, received_us, origin, sender, from_address, subject, message_id, fate, size,"
    " recipients, findings, document, observed FROM passage"
    " WHERE received_us >= $1 AND received_us < $2"
    " AND ($3 = '' OR fate = $3)"
    " AND ($4 = '' OR lower(sender) LIKE $4 ESCAPE '\\'"
    "  OR lower(from_address) LIKE $4 ESCAPE '\\' OR lower(recipients) LIKE $4 ESCAPE '\\')"
    " AND ($5 = '' OR findings LIKE $5 ESCAPE '\\' OR findings LIKE $6 ESCAPE '\\')"
    " AND ($7 = 0 OR observed <> '')"
    " ORDER BY received_us DESC, id DESC LIMIT $8";

static const char SQL_SPAN[] = "SELECT coalesce((SELECT min(received_us) FROM passage), 0),"
                               " coalesce((SELECT max(received_us) FROM passage), 0)";
static const char SQL_COUNT[] =
    "SELECT count(*) FROM passage WHERE received_us >= $1 AND received_us < $2";
static const char SQL_WINDOW[] =
    "SELECT id, document FROM passage WHERE id > $1 ORDER BY id LIMIT $2";

/* Rows read by one statement: none may take longer than a server allows. */
#define WINDOW 1000

struct SkPassageAdder {
    SkStmt *add;
};

SkPassageAdder *
sk_passage_adder_new(SkDb *db, GError **error)
{
    SkStmt *add = sk_db_prepare(db, SQL_ADD, error);
    SkPassageAdder *adder;

    if (add == NULL)
        return NULL;
    adder = g_new0(SkPassageAdder, 1);
    adder->add = add;
    return adder;
}

void
sk_passage_adder_free(SkPassageAdder *adder)
{
    if (adder == NULL)
        return;
    sk_stmt_free(adder->add);
    g_free(adder);
}

static char *
safe_dup(const char *text)
{
    if (text == NULL)
        return NULL;
    return sk_text_safe(sk_bytes(text, strlen(text)), SK_LIMIT_PASSAGE_TEXT);
}

static void
bind_safe(SkStmt *stmt, int at, const char *text)
{
    g_autofree char *safe = safe_dup(text);

    sk_stmt_bind_text(stmt, at, safe);
}

static char *
recipients_new(const SkPassage *passage)
{
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < passage->recipients->len; i++) {
        const SkPassageRecipient *recipient = passage->recipients->pdata[i];
        g_autofree char *safe = safe_dup(recipient->address);

        if (all->len + strlen(safe) >= SK_LIMIT_PASSAGE_SEARCH)
            break;
        g_string_append_printf(all, "%s%s", i > 0 ? " " : "", safe);
    }
    return g_string_free(all, FALSE);
}

/* Blanks around each id, so that a pattern can ask for a whole one. */
static char *
findings_new(const SkFindings *findings)
{
    GString *all = g_string_new(" ");
    bool seen[SK_N_FINDINGS] = {false};

    for (size_t i = 0; i < sk_findings_count(findings); i++) {
        SkFindingId id = sk_findings_peek(findings, i)->id;

        if (!seen[id])
            g_string_append_printf(all, "%s ", sk_finding_id_name(id));
        seen[id] = true;
    }
    return g_string_free(all, FALSE);
}

static int
compare(const SkDecision *a, const SkDecision *b)
{
    if (a->fate != b->fate)
        return a->fate > b->fate ? 1 : -1;
    return (a->waits != 0) - (b->waits != 0);
}

/* The strictest of what observed rules would have done that was not done; "" for nothing. */
static char *
observed_new(const SkPassage *passage)
{
    const SkDecision *strictest = NULL;

    for (guint i = 0; i < passage->recipients->len; i++) {
        const SkPassageRecipient *recipient = passage->recipients->pdata[i];
        const SkDecision *observed = recipient->observed;

        if (observed == NULL || recipient->decision == NULL ||
            sk_decision_is_same(observed, recipient->decision))
            continue;
        if (strictest == NULL || compare(observed, strictest) > 0)
            strictest = observed;
    }
    return strictest != NULL ? sk_decision_format(strictest) : g_strdup("");
}

bool
sk_passage_adder_add(SkPassageAdder *adder, const SkPassage *passage, GError **error)
{
    g_autofree char *document = sk_passage_json_new(passage, error);
    g_autofree char *recipients = NULL, *findings = NULL, *observed = NULL;
    SkStmt *stmt = adder->add;

    if (document == NULL)
        return false;
    recipients = recipients_new(passage);
    findings = findings_new(passage->findings);
    observed = observed_new(passage);
    sk_stmt_bind_text(stmt, 1, passage->id);
    sk_stmt_bind_int(stmt, 2, passage->received_us);
    sk_stmt_bind_text(stmt, 3, sk_origin_name(passage->origin));
    bind_safe(stmt, 4, passage->envelope->sender);
    bind_safe(stmt, 5, passage->from);
    bind_safe(stmt, 6, passage->subject);
    bind_safe(stmt, 7, passage->message_id);
    sk_stmt_bind_text(stmt, 8, passage->held != NULL ? "held" : sk_fate_name(passage->fate));
    sk_stmt_bind_int(stmt, 9, (int64_t)MIN(passage->size, INT64_MAX));
    sk_stmt_bind_text(stmt, 10, recipients);
    sk_stmt_bind_text(stmt, 11, findings);
    sk_stmt_bind_text(stmt, 12, document);
    sk_stmt_bind_text(stmt, 13, observed);
    sk_stmt_bind_int(stmt, 14, passage->envelope->login != NULL ? 1 : 0);
    return sk_stmt_run(stmt, error);
}

bool
sk_passage_store_add(SkDb *db, const SkPassage *passage, GError **error)
{
    g_autoptr(SkPassageAdder) adder = sk_passage_adder_new(db, error);

    return adder != NULL && sk_passage_adder_add(adder, passage, error);
}

/* Crockford's alphabet is read as it is misread on the telephone. */
static char
letter_of(char c)
{
    c = g_ascii_tolower(c);
    if (c == 'o')
        return '0';
    return c == 'i' || c == 'l' ? '1' : c;
}

static bool
read_prefix(const char *text, char prefix[SK_ID_LEN + 1], GError **error)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len && i < SK_ID_LEN; i++) {
        prefix[i] = letter_of(text[i]);
        if (!g_ascii_isalnum(prefix[i]))
            len = 0;
    }
    if (len >= SK_PASSAGE_PREFIX_MIN && len <= SK_ID_LEN) {
        prefix[len] = '\0';
        return true;
    }
    g_set_error(error, SK_ERROR, SK_ERROR_USAGE,
                "an id has %d letters and digits; its first %d or more will do", SK_ID_LEN,
                SK_PASSAGE_PREFIX_MIN);
    return false;
}

static bool
load_first(SkStmt *stmt, const char *prefix, SkPassage **ret_passage, GError **error)
{
    g_autoptr(SkPassage) passage = NULL;
    bool row = false;

    if (!sk_stmt_next(stmt, &row, error))
        return false;
    if (row) {
        passage = sk_passage_json_read(sk_stmt_peek_text(stmt, 1), error);
        if (passage == NULL) {
            g_prefix_error(error, "passage %s: ", sk_stmt_peek_text(stmt, 0));
            return false;
        }
    }
    if (row && !sk_stmt_next(stmt, &row, error))
        return false;
    if (row) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT,
                    "\"%s\" begins several ids; give more letters", prefix);
        return false;
    }
    *ret_passage = g_steal_pointer(&passage);
    return true;
}

bool
sk_passage_store_load(SkDb *db, const char *id, SkPassage **ret_passage, GError **error)
{
    g_autoptr(SkStmt) stmt = NULL;
    char prefix[SK_ID_LEN + 1], last[SK_ID_LEN + 1];

    if (!read_prefix(id, prefix, error))
        return false;
    stmt = sk_db_prepare(db, SQL_LOAD, error);
    if (stmt == NULL)
        return false;
    memset(last, 'z', SK_ID_LEN);
    last[SK_ID_LEN] = '\0';
    memcpy(last, prefix, strlen(prefix));
    sk_stmt_bind_text(stmt, 1, prefix);
    sk_stmt_bind_text(stmt, 2, last);
    return load_first(stmt, prefix, ret_passage, error);
}

/* BEFORE TEXT AFTER with the signs that LIKE understands escaped in TEXT; "" for NULL. */
static char *
pattern_new(const char *before, const char *text, const char *after)
{
    GString *pattern = g_string_new(text != NULL ? before : "");

    for (const char *p = text; p != NULL && *p != '\0'; p++) {
        if (strchr("%_\\", *p) != NULL)
            g_string_append_c(pattern, '\\');
        g_string_append_c(pattern, *p);
    }
    g_string_append(pattern, text != NULL ? after : "");
    return g_string_free(pattern, FALSE);
}

static void
bind_filter(SkStmt *stmt, const SkPassageFilter *filter)
{
    g_autofree char *safe = safe_dup(filter->address);
    g_autofree char *lower = safe != NULL ? g_ascii_strdown(safe, -1) : NULL;
    g_autofree char *address = pattern_new("%", lower, "%");
    g_autofree char *whole = pattern_new("% ", filter->finding, " %");
    g_autofree char *below = pattern_new("% ", filter->finding, ".%");

    sk_stmt_bind_int(stmt, 1, filter->since_us);
    sk_stmt_bind_int(stmt, 2, filter->until_us != 0 ? filter->until_us : INT64_MAX);
    sk_stmt_bind_text(stmt, 3, filter->fate != NULL ? filter->fate : "");
    sk_stmt_bind_text(stmt, 4, address);
    sk_stmt_bind_text(stmt, 5, whole);
    sk_stmt_bind_text(stmt, 6, below);
    sk_stmt_bind_int(stmt, 7, filter->observed);
    sk_stmt_bind_int(stmt, 8, filter->limit != 0 ? filter->limit : INT64_MAX);
}

static SkPassageRow
row_of(SkStmt *stmt)
{
    return (SkPassageRow){
        .id = sk_stmt_peek_text(stmt, 0),
        .received_us = sk_stmt_get_int(stmt, 1),
        .origin = sk_stmt_peek_text(stmt, 2),
        .sender = sk_stmt_peek_text(stmt, 3),
        .from = sk_stmt_peek_text(stmt, 4),
        .subject = sk_stmt_peek_text(stmt, 5),
        .message_id = sk_stmt_peek_text(stmt, 6),
        .fate = sk_stmt_peek_text(stmt, 7),
        .size = sk_stmt_get_int(stmt, 8),
        .recipients = sk_stmt_peek_text(stmt, 9),
        .findings = sk_stmt_peek_text(stmt, 10),
        .document = sk_stmt_peek_text(stmt, 11),
        .observed = sk_stmt_peek_text(stmt, 12),
    };
}

bool
sk_passage_store_list(SkDb *db,
                      const SkPassageFilter *filter,
                      SkPassageFunc func,
                      void *data,
                      GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, SQL_LIST, error);
    bool row = true;

    if (stmt == NULL)
        return false;
    bind_filter(stmt, filter);
    while (row) {
        SkPassageRow columns;

        if (!sk_stmt_next(stmt, &row, error))
            return false;
        if (!row)
            break;
        columns = row_of(stmt);
        if (!func(&columns, data))
            break;
    }
    return true;
}

bool
sk_passage_store_span(SkDb *db, int64_t *ret_oldest_us, int64_t *ret_newest_us, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, SQL_SPAN, error);
    bool row;

    if (stmt == NULL || !sk_stmt_next(stmt, &row, error))
        return false;
    *ret_oldest_us = sk_stmt_get_int(stmt, 0);
    *ret_newest_us = sk_stmt_get_int(stmt, 1);
    return true;
}

bool
sk_passage_store_count(SkDb *db,
                       int64_t since_us,
                       int64_t until_us,
                       int64_t *ret_count,
                       GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, SQL_COUNT, error);
    bool row;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_int(stmt, 1, since_us);
    sk_stmt_bind_int(stmt, 2, until_us != 0 ? until_us : INT64_MAX);
    if (!sk_stmt_next(stmt, &row, error))
        return false;
    *ret_count = sk_stmt_get_int(stmt, 0);
    return true;
}

static void
verify_row(const char *id, const char *document, const SkPassageWatcher *watcher)
{
    g_autoptr(GError) trouble = NULL;
    g_autoptr(SkPassage) passage = sk_passage_json_read(document, &trouble);

    if (passage == NULL)
        watcher->trouble(id, trouble->message, watcher->data);
    else if (strcmp(passage->id, id) != 0)
        watcher->trouble(id, "the document is that of another passage", watcher->data);
}

/* Rows after LAST, which becomes the last of them; their number is added to RET_N. */
static bool
verify_window(SkDb *db,
              char **last,
              const SkPassageWatcher *watcher,
              int64_t *ret_n,
              GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, SQL_WINDOW, error);
    bool row = true;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, *last);
    sk_stmt_bind_int(stmt, 2, WINDOW);
    for (;; ++*ret_n) {
        if (!sk_stmt_next(stmt, &row, error))
            return false;
        if (!row)
            return true;
        verify_row(sk_stmt_peek_text(stmt, 0), sk_stmt_peek_text(stmt, 1), watcher);
        g_free(*last);
        *last = g_strdup(sk_stmt_peek_text(stmt, 0));
    }
}

bool
sk_passage_store_verify(SkDb *db,
                        const SkPassageWatcher *watcher,
                        int64_t *ret_checked,
                        GError **error)
{
    g_autofree char *last = g_strdup("");
    int64_t n = 0, before = -1, total = 0;

    if (!sk_passage_store_count(db, 0, 0, &total, error))
        return false;
    while (n != before) {
        before = n;
        if (!verify_window(db, &last, watcher, &n, error))
            return false;
        if (watcher->progress != NULL)
            watcher->progress(n, MAX(n, total), watcher->data);
    }
    *ret_checked = n;
    return true;
}
