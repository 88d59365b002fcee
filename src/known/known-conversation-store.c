/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "known/known-conversation.h"

/* Of a person: enough that two of SK_KNOWN_PEOPLE do not meet by chance. */
#define PERSON_LEN 8
#define ID_LEN     32

/* Digests under one key differ by what they are of. */
#define OF_MESSAGE "conversation"
#define OF_PERSON  "person"

#define US 1000000LL

/* `people` is a row of digests, PERSON_LEN bytes each. */
static const SkMigration steps[] = {
    {1, "known: conversations",
     "CREATE TABLE conversation ("
     "  id BYTEA NOT NULL PRIMARY KEY,"
     "  at_us BIGINT NOT NULL,"
     "  people BYTEA NOT NULL);"
     "CREATE INDEX conversation_at ON conversation (at_us)"},
    {0},
};

static const char *const grants[] = {
    "GRANT SELECT, INSERT ON conversation TO sekisho_gate",
    "GRANT SELECT, DELETE ON conversation TO sekisho_clerk",
    "GRANT SELECT ON conversation TO sekisho_read",
    NULL,
};

static const SkCount counts[] = {
    {"messages of conversations",
     "SELECT count(*) FROM (SELECT 1 FROM conversation LIMIT $1) AS n"},
    {0},
};

static const SkRetention retention[] = {
    {"conversations", "messages of conversations",
     "DELETE FROM conversation WHERE id IN (SELECT id FROM conversation WHERE at_us < $1"
     " ORDER BY at_us LIMIT $2) RETURNING at_us",
     NULL},
    {0},
};

const SkTables sk_known_conversation_tables = {.name = "known",
                                               .database = SK_KNOW,
                                               .steps = steps,
                                               .grants = grants,
                                               .counts = counts,
                                               .retention = retention};

/* Who sends a second message under an id that is taken adds nobody to the first one's people.
 */
static const char SQL_ADD[] = "INSERT INTO conversation (id, at_us, people) VALUES ($1, $2, $3)"
                              " ON CONFLICT (id) DO NOTHING";
static const char SQL_FIND[] = "SELECT people FROM conversation WHERE id = $1 AND at_us > $2";

static void
digest(SkBytes key, const char *use, const char *text, uint8_t *ret, size_t n)
{
    GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, key.data, key.len);
    uint8_t whole[ID_LEN];
    gsize len = sizeof whole;

    g_hmac_update(hmac, (const guchar *)use, (gssize)strlen(use) + 1);
    g_hmac_update(hmac, (const guchar *)text, (gssize)strlen(text));
    g_hmac_get_digest(hmac, whole, &len);
    g_hmac_unref(hmac);
    memcpy(ret, whole, n);
}

/* Letters without case, as nearly every mail system has it. */
static void
digest_person(SkBytes key, const char *address, uint8_t *ret)
{
    g_autofree char *lower = g_ascii_strdown(address, -1);

    digest(key, OF_PERSON, lower, ret, PERSON_LEN);
}

/* NULL: more than anybody keeps. Caller owns. */
static GByteArray *
digest_people(SkBytes key, const char *const *people)
{
    GByteArray *all = g_byte_array_new();

    for (size_t i = 0; people[i] != NULL; i++) {
        uint8_t one[PERSON_LEN];

        if (i == SK_KNOWN_PEOPLE) {
            g_byte_array_unref(all);
            return NULL;
        }
        digest_person(key, people[i], one);
        g_byte_array_append(all, one, sizeof one);
    }
    return all;
}

struct SkKnownAdder {
    SkStmt *add;
};

SkKnownAdder *
sk_known_adder_new(SkDb *know, GError **error)
{
    SkStmt *add = sk_db_prepare(know, SQL_ADD, error);
    SkKnownAdder *adder;

    if (add == NULL)
        return NULL;
    adder = g_new0(SkKnownAdder, 1);
    adder->add = add;
    return adder;
}

void
sk_known_adder_free(SkKnownAdder *adder)
{
    if (adder == NULL)
        return;
    sk_stmt_free(adder->add);
    g_free(adder);
}

bool
sk_known_conversation_add(SkKnownAdder *adder,
                          const SkKnownMessage *message,
                          SkBytes hash_key,
                          GError **error)
{
    g_autoptr(GByteArray) people = digest_people(hash_key, message->people);
    uint8_t id[ID_LEN];

    if (message->message_id == NULL || people == NULL || people->len == 0)
        return true;
    digest(hash_key, OF_MESSAGE, message->message_id, id, sizeof id);
    sk_stmt_bind_blob(adder->add, 1, sk_bytes(id, sizeof id));
    sk_stmt_bind_int(adder->add, 2, message->at_us);
    sk_stmt_bind_blob(adder->add, 3, sk_bytes(people->data, people->len));
    return sk_stmt_run(adder->add, error);
}

static bool
holds_person(SkBytes row, const uint8_t *person)
{
    for (size_t at = 0; at + PERSON_LEN <= row.len; at += PERSON_LEN) {
        if (memcmp(row.data + at, person, PERSON_LEN) == 0)
            return true;
    }
    return false;
}

static bool
holds_all(SkBytes row, const GByteArray *people)
{
    for (guint at = 0; at < people->len; at += PERSON_LEN) {
        if (!holds_person(row, people->data + at))
            return false;
    }
    return true;
}

static bool
look_up(SkStmt *stmt,
        const uint8_t *id,
        int64_t since_us,
        const GByteArray *people,
        bool *ret_fresh,
        GError **error)
{
    bool row = false;

    sk_stmt_reset(stmt);
    sk_stmt_bind_blob(stmt, 1, sk_bytes(id, ID_LEN));
    sk_stmt_bind_int(stmt, 2, since_us);
    if (!sk_stmt_next(stmt, &row, error))
        return false;
    *ret_fresh = row && holds_all(sk_stmt_peek_blob(stmt, 0), people);
    sk_stmt_reset(stmt);
    return true;
}

bool
sk_known_conversation_is_fresh(SkDb *know,
                               const SkKnownMessage *message,
                               SkBytes hash_key,
                               bool *ret_fresh,
                               GError **error)
{
    g_autoptr(GByteArray) people = digest_people(hash_key, message->people);
    int64_t since_us = message->at_us - SK_KNOWN_FRESH_S * US;
    g_autoptr(SkStmt) stmt = NULL;
    bool fresh = false;

    if (people != NULL && people->len > 0) {
        stmt = sk_db_prepare(know, SQL_FIND, error);
        if (stmt == NULL)
            return false;
        for (size_t i = 0; !fresh && i < SK_KNOWN_REFERENCES && message->references[i] != NULL;
             i++) {
            uint8_t id[ID_LEN];

            digest(hash_key, OF_MESSAGE, message->references[i], id, sizeof id);
            if (!look_up(stmt, id, since_us, people, &fresh, error))
                return false;
        }
    }
    *ret_fresh = fresh;
    return true;
}
