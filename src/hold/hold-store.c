/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-store.h"

#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "hold/hold-store-private.h"
#include "hold/hold-text.h"

/* A copy's id is that of its message and a number, and both are its key, so that copies are in
 * order whatever a collation thinks of hyphens.
 *
 * `claim_us` is when a copy can be claimed: when it is due, or when the lease of its holder
 * ends, or never (the largest number) before people have answered and after its end. The index
 * by it has only what will be claimed: neither mail that waits for people nor the ended of
 * weeks make it longer. `gone`: it may have left already, though nobody could say so. `open` is
 * true of no ended copy; `recipients` are those that have not got it yet, while held_recipient
 * keeps all.
 *
 * `same` is by what a message is recognised that comes again: a digest, because ids of messages
 * may be too long for an index. */
const SkMigration sk_hold_steps[] = {
    {1, "held messages and their copies",
     "CREATE TABLE held_message ("
     "  id TEXT NOT NULL PRIMARY KEY,"
     "  made_us BIGINT NOT NULL,"
     "  origin TEXT NOT NULL,"
     "  owner TEXT,"
     "  owner_key TEXT NOT NULL,"
     "  sender TEXT NOT NULL,"
     "  from_address TEXT,"
     "  subject TEXT,"
     "  message_id TEXT,"
     "  body BYTEA NOT NULL CHECK (length(body) = 32),"
     "  same BYTEA CHECK (same IS NULL OR length(same) = 32),"
     "  size BIGINT NOT NULL,"
     "  blob TEXT,"
     "  document TEXT NOT NULL);"
     "CREATE INDEX held_message_same ON held_message (same) WHERE same IS NOT NULL;"
     "CREATE INDEX held_message_owner ON held_message (owner_key, id) WHERE owner_key <> '';"
     "CREATE TABLE held_copy ("
     "  message TEXT NOT NULL REFERENCES held_message (id) ON DELETE CASCADE,"
     "  nr BIGINT NOT NULL,"
     "  variant TEXT NOT NULL,"
     "  direction TEXT NOT NULL,"
     "  state TEXT NOT NULL,"
     "  waits BIGINT NOT NULL,"
     "  open BIGINT NOT NULL,"
     "  review BIGINT NOT NULL,"
     "  due_us BIGINT NOT NULL,"
     "  expires_us BIGINT NOT NULL,"
     "  recipients TEXT NOT NULL,"
     "  tries BIGINT NOT NULL,"
     "  claim BIGINT NOT NULL,"
     "  claim_us BIGINT NOT NULL,"
     "  gone BIGINT NOT NULL DEFAULT 0,"
     "  holder TEXT,"
     "  trouble TEXT,"
     "  ended_us BIGINT,"
     "  ended_by TEXT,"
     "  why TEXT,"
     "  PRIMARY KEY (message, nr));"
     "CREATE INDEX held_copy_claim ON held_copy (claim_us) WHERE claim_us < " SQL_NEVER ";"
     "CREATE INDEX held_copy_open ON held_copy (message, nr) WHERE ended_us IS NULL;"
     "CREATE INDEX held_copy_ended ON held_copy (ended_us) WHERE ended_us IS NOT NULL;"
     "CREATE TABLE held_recipient ("
     "  message TEXT NOT NULL REFERENCES held_message (id) ON DELETE CASCADE,"
     "  nr BIGINT NOT NULL,"
     "  address TEXT NOT NULL,"
     "  PRIMARY KEY (message, nr, address));"
     "CREATE INDEX held_recipient_address ON held_recipient (address, message, nr);"
     "CREATE TABLE held_event ("
     "  message TEXT NOT NULL REFERENCES held_message (id) ON DELETE CASCADE,"
     "  at_us BIGINT NOT NULL,"
     "  copy TEXT,"
     "  what TEXT NOT NULL,"
     "  who TEXT,"
     "  text TEXT);"
     "CREATE INDEX held_event_message ON held_event (message, at_us);"
     "CREATE TABLE held_token ("
     "  digest BYTEA NOT NULL PRIMARY KEY CHECK (length(digest) = 32),"
     "  message TEXT NOT NULL REFERENCES held_message (id) ON DELETE CASCADE,"
     "  purpose TEXT NOT NULL,"
     "  target TEXT NOT NULL,"
     "  person TEXT NOT NULL,"
     "  expires_us BIGINT NOT NULL);"
     "CREATE INDEX held_token_message ON held_token (message)"},
    {0},
};

/* The gate holds mail, joins what comes again, and looks whether a claim holds. What people do
 * goes through the clerk; who has a token may act, so nobody else sees one's digest. */
const char *const sk_hold_grants[] = {
    "GRANT SELECT, INSERT ON held_message, held_copy, held_event TO sekisho_gate",
    "GRANT INSERT ON held_recipient TO sekisho_gate",
    "GRANT SELECT, INSERT, UPDATE, DELETE"
    " ON held_message, held_copy, held_recipient, held_event, held_token TO sekisho_clerk",
    "GRANT SELECT ON held_message, held_copy, held_recipient, held_event TO sekisho_read",
    NULL,
};

const SkCount sk_hold_counts[] = {
    {"held messages", "SELECT count(*) FROM (SELECT 1 FROM held_message LIMIT $1) AS bounded"},
    {"held copies that wait",
     "SELECT count(*) FROM"
     " (SELECT 1 FROM held_copy WHERE ended_us IS NULL LIMIT $1) AS bounded"},
    {0},
};

const SkTables sk_hold_tables = {.name = "hold",
                                 .database = SK_KEEP,
                                 .steps = sk_hold_steps,
                                 .grants = sk_hold_grants,
                                 .counts = sk_hold_counts};

static const char SQL_ADD_MESSAGE[] =
    "INSERT INTO held_message (id, made_us, origin, owner, owner_key, sender, from_address,"
    " subject, message_id, body, size, blob, document, same)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
/* Without a Message-ID nothing says that two messages are one. */
static const char SQL_ADD_NAMELESS[] =
    "INSERT INTO held_message (id, made_us, origin, owner, owner_key, sender, from_address,"
    " subject, message_id, body, size, blob, document)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
static const char SQL_ADD_COPY[] =
    "INSERT INTO held_copy (message, nr, variant, direction, state, waits, open, review,"
    " due_us, expires_us, recipients, tries, claim, claim_us)"
    " VALUES ($1, $2, $3, $4, 'waiting', $5, $6, $7, $8, $9, $10, 0, $11, $12)";
/* Two spellings of an address are one recipient to look for. */
static const char SQL_ADD_RECIPIENT[] =
    "INSERT INTO held_recipient (message, nr, address) VALUES ($1, $2, $3)"
    " ON CONFLICT DO NOTHING";

/* Released means that it cannot be told any more who else was to get it. */
static const char SQL_FIND_SAME[] =
    "SELECT " COPY_COLUMNS " FROM held_copy WHERE state = 'waiting' AND ended_us IS NULL"
    " AND message IN (SELECT id FROM held_message WHERE same = $1)" COPY_ORDER;

static const char SQL_LOAD_MESSAGE[] =
    "SELECT id, made_us, origin, owner, sender, from_address, subject, message_id, body, size,"
    " blob, document FROM held_message WHERE id = $1";
static const char SQL_LOAD_COPY[] =
    "SELECT " COPY_COLUMNS " FROM held_copy WHERE message = $1 AND nr = $2";
static const char SQL_LOAD_COPIES[] =
    "SELECT " COPY_COLUMNS " FROM held_copy WHERE message = $1" COPY_ORDER;
/* The ids that begin alike, $2 being the last there can be: any collation of any engine puts
 * lower-case letters and digits of equal number in this order. */
static const char SQL_RESOLVE[] =
    "SELECT id FROM held_message WHERE id >= $1 AND id <= $2 ORDER BY id LIMIT 2";

/* Octets of SHA-256. */
#define SAME_LEN 32

static void
digest_same(const char *sender,
            const char *message_id,
            const uint8_t body[SK_HOLD_BODY_LEN],
            uint8_t ret_same[SAME_LEN])
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    gsize len = SAME_LEN;

    /* With their ends, so that no other two texts look alike. */
    g_checksum_update(sum, (const guchar *)sender, (gssize)strlen(sender) + 1);
    g_checksum_update(sum, (const guchar *)message_id, (gssize)strlen(message_id) + 1);
    g_checksum_update(sum, body, SK_HOLD_BODY_LEN);
    g_checksum_get_digest(sum, ret_same, &len);
}

static void
bind_same(SkStmt *stmt,
          int at,
          const char *sender,
          const char *message_id,
          const uint8_t body[SK_HOLD_BODY_LEN])
{
    uint8_t same[SAME_LEN];

    digest_same(sender, message_id, body, same);
    sk_stmt_bind_blob(stmt, at, sk_bytes(same, sizeof same));
}

static bool
add_message(SkDb *keep, const SkHeldMessage *message, GError **error)
{
    g_autoptr(SkStmt) add = sk_db_prepare(
        keep, message->message_id != NULL ? SQL_ADD_MESSAGE : SQL_ADD_NAMELESS, error);

    if (add == NULL)
        return false;
    sk_stmt_bind_text(add, 1, message->id);
    sk_stmt_bind_int(add, 2, message->made_us);
    sk_stmt_bind_text(add, 3, sk_origin_name(message->origin));
    sk_hold_bind_foreign(add, 4, message->owner);
    sk_hold_bind_key(add, 5, message->owner);
    sk_hold_bind_foreign(add, 6, message->sender);
    sk_hold_bind_foreign(add, 7, message->from);
    sk_hold_bind_foreign(add, 8, message->subject);
    sk_hold_bind_foreign(add, 9, message->message_id);
    sk_stmt_bind_blob(add, 10, sk_bytes(message->body, sizeof message->body));
    sk_stmt_bind_int(add, 11, (int64_t)MIN(message->size, INT64_MAX));
    sk_stmt_bind_text(add, 12, message->blob);
    sk_stmt_bind_text(add, 13, message->document);
    if (message->message_id != NULL)
        bind_same(add, 14, message->sender, message->message_id, message->body);
    return sk_stmt_run(add, error);
}

static bool
add_recipients(SkStmt *add, const SkHeldCopy *copy, const SkHoldId *id, GError **error)
{
    for (guint i = 0; i < copy->recipients->len; i++) {
        const SkRecipient *recipient = copy->recipients->pdata[i];

        sk_hold_id_bind(add, id);
        sk_hold_bind_key(add, 3, recipient->address);
        if (!sk_stmt_run(add, error))
            return false;
    }
    return true;
}

/* Where the claims of a copy begin to count. At random, so that nobody can guess what a ticket
 * of his would have to say. */
static int64_t
first_claim(void)
{
    uint32_t some = 0;

    sk_random_fill(&some, sizeof some);
    return (int64_t)some << 16;
}

static bool
add_copy(SkStmt *add, const SkHeldCopy *copy, const SkHoldId *id, GError **error)
{
    g_autofree char *recipients = sk_hold_recipients_write(copy->recipients);
    bool for_people = (copy->open & ~(unsigned)SK_WAIT_TIME) != 0;

    sk_hold_id_bind(add, id);
    sk_stmt_bind_text(add, 3, sk_copy_variant_name(copy->variant));
    sk_stmt_bind_text(add, 4, sk_direction_name(copy->direction));
    sk_stmt_bind_int(add, 5, copy->waits);
    sk_stmt_bind_int(add, 6, copy->open);
    sk_stmt_bind_int(add, 7, copy->review);
    sk_stmt_bind_int(add, 8, copy->due_us);
    sk_stmt_bind_int(add, 9, copy->expires_us);
    sk_stmt_bind_text(add, 10, recipients);
    sk_stmt_bind_int(add, 11, first_claim());
    sk_stmt_bind_int(add, 12, for_people ? SK_HOLD_NEVER : copy->due_us);
    return sk_stmt_run(add, error);
}

static bool
add_copies(SkDb *keep, const SkHeldMessage *message, const GPtrArray *copies, GError **error)
{
    g_autoptr(SkStmt) add = sk_db_prepare(keep, SQL_ADD_COPY, error);
    g_autoptr(SkStmt) recipient =
        add != NULL ? sk_db_prepare(keep, SQL_ADD_RECIPIENT, error) : NULL;

    if (recipient == NULL)
        return false;
    for (guint i = 0; i < copies->len; i++) {
        const SkHeldCopy *copy = copies->pdata[i];
        g_auto(SkHoldId) id = {0};
        bool ours = sk_hold_id_read(copy->id, &id) && strcmp(id.message, message->id) == 0;

        g_assert(ours);
        if (!add_copy(add, copy, &id, error) || !add_recipients(recipient, copy, &id, error))
            return false;
    }
    return true;
}

bool
sk_hold_add(SkDb *keep, const SkHeldMessage *message, const GPtrArray *copies, GError **error)
{
    const SkHoldEvent held = {.at_us = message->made_us, .what = "held"};

    return add_message(keep, message, error) && add_copies(keep, message, copies, error) &&
           sk_hold_event_add(keep, message->id, &held, error);
}

/* Rows of a statement that is ready. */
static bool
return_copies(SkStmt *stmt, GPtrArray **ret_copies, GError **error)
{
    g_autoptr(GPtrArray) copies = sk_hold_copies_new();

    if (!sk_hold_copies_of_rows(stmt, copies, error))
        return false;
    *ret_copies = g_steal_pointer(&copies);
    return true;
}

bool
sk_hold_find_same(SkDb *keep,
                  const char *sender,
                  const char *message_id,
                  const uint8_t body[SK_HOLD_BODY_LEN],
                  GPtrArray **ret_copies,
                  GError **error)
{
    g_autoptr(SkStmt) find = NULL;

    if (message_id == NULL) {
        *ret_copies = sk_hold_copies_new();
        return true;
    }
    find = sk_db_prepare(keep, SQL_FIND_SAME, error);
    if (find == NULL)
        return false;
    bind_same(find, 1, sender, message_id, body);
    return return_copies(find, ret_copies, error);
}

static SkHeldMessage *
message_of_row(SkStmt *stmt)
{
    SkHeldMessage *message = sk_held_message_new();
    SkBytes body = sk_stmt_peek_blob(stmt, 8);

    message->id = g_strdup(sk_stmt_peek_text(stmt, 0));
    message->made_us = sk_stmt_get_int(stmt, 1);
    (void)sk_origin_parse(sk_stmt_peek_text(stmt, 2), &message->origin);
    message->owner = sk_hold_unescape(sk_stmt_peek_text(stmt, 3));
    message->sender = sk_hold_unescape(sk_stmt_peek_text(stmt, 4));
    message->from = sk_hold_unescape(sk_stmt_peek_text(stmt, 5));
    message->subject = sk_hold_unescape(sk_stmt_peek_text(stmt, 6));
    message->message_id = sk_hold_unescape(sk_stmt_peek_text(stmt, 7));
    if (body.len == sizeof message->body)
        memcpy(message->body, body.data, body.len);
    message->size = (uint64_t)sk_stmt_get_int(stmt, 9);
    message->blob = g_strdup(sk_stmt_peek_text(stmt, 10));
    message->document = g_strdup(sk_stmt_peek_text(stmt, 11));
    return message;
}

bool
sk_hold_load_message(SkDb *keep, const char *id, SkHeldMessage **ret_message, GError **error)
{
    g_autoptr(SkStmt) load = sk_db_prepare(keep, SQL_LOAD_MESSAGE, error);
    g_autoptr(SkHeldMessage) message = NULL;
    bool row;

    if (load == NULL)
        return false;
    sk_stmt_bind_text(load, 1, id);
    if (!sk_stmt_next(load, &row, error))
        return false;
    message = row ? message_of_row(load) : NULL;
    *ret_message = g_steal_pointer(&message);
    return true;
}

bool
sk_hold_load_copy(SkDb *keep, const char *id, SkHeldCopy **ret_copy, GError **error)
{
    g_autoptr(SkStmt) load = NULL;
    g_auto(SkHoldId) key = {0};
    bool row;

    *ret_copy = NULL;
    if (!sk_hold_id_read(id, &key))
        return true;
    load = sk_db_prepare(keep, SQL_LOAD_COPY, error);
    if (load == NULL)
        return false;
    sk_hold_id_bind(load, &key);
    if (!sk_stmt_next(load, &row, error))
        return false;
    *ret_copy = row ? sk_hold_copy_of_row(load) : NULL;
    return true;
}

bool
sk_hold_load_copies(SkDb *keep, const char *message, GPtrArray **ret_copies, GError **error)
{
    g_autoptr(SkStmt) load = sk_db_prepare(keep, SQL_LOAD_COPIES, error);

    if (load == NULL)
        return false;
    sk_stmt_bind_text(load, 1, message);
    return return_copies(load, ret_copies, error);
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

/* What stands before a hyphen, if there is one: the first letters of a message's id. */
static bool
read_prefix(const char *typed, char prefix[SK_ID_LEN + 1], GError **error)
{
    size_t len = strcspn(typed, "-");

    for (size_t i = 0; i < len && i < SK_ID_LEN; i++) {
        prefix[i] = letter_of(typed[i]);
        if (!g_ascii_isalnum(prefix[i]))
            len = 0;
    }
    if (len >= SK_HOLD_PREFIX_MIN && len <= SK_ID_LEN) {
        prefix[len] = '\0';
        return true;
    }
    g_set_error(error, SK_ERROR, SK_ERROR_USAGE,
                "an id has %d letters and digits, and perhaps a hyphen and a number; of the "
                "letters the first %d or more will do",
                SK_ID_LEN, SK_HOLD_PREFIX_MIN);
    return false;
}

static bool
resolve_message(SkDb *keep, const char *prefix, char **ret_id, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_RESOLVE, error);
    g_autofree char *id = NULL;
    char last[SK_ID_LEN + 1];
    bool row;

    if (stmt == NULL)
        return false;
    memset(last, 'z', SK_ID_LEN);
    last[SK_ID_LEN] = '\0';
    memcpy(last, prefix, strlen(prefix));
    sk_stmt_bind_text(stmt, 1, prefix);
    sk_stmt_bind_text(stmt, 2, last);
    if (!sk_stmt_next(stmt, &row, error))
        return false;
    id = row ? g_strdup(sk_stmt_peek_text(stmt, 0)) : NULL;
    if (row && !sk_stmt_next(stmt, &row, error))
        return false;
    if (row) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT,
                    "\"%s\" begins several ids; give more letters", prefix);
        return false;
    }
    *ret_id = g_steal_pointer(&id);
    return true;
}

bool
sk_hold_resolve(SkDb *keep, const char *typed, char **ret_id, GError **error)
{
    const char *dash = strchr(typed, '-');
    char prefix[SK_ID_LEN + 1];
    g_autofree char *message = NULL, *id = NULL;
    g_autoptr(SkHeldCopy) copy = NULL;

    if (!read_prefix(typed, prefix, error) || !resolve_message(keep, prefix, &message, error))
        return false;
    if (message == NULL || dash == NULL) {
        *ret_id = g_steal_pointer(&message);
        return true;
    }
    id = g_strconcat(message, dash, NULL);
    if (!sk_hold_load_copy(keep, id, &copy, error))
        return false;
    *ret_id = copy != NULL ? g_strdup(copy->id) : NULL;
    return true;
}
