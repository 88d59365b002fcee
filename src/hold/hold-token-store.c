/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/random.h"
#include "hold/hold-store-private.h"
#include "hold/hold-text.h"
#include "hold/hold-token.h"

static const char SQL_ADD[] =
    "INSERT INTO held_token (digest, message, purpose, target, person, expires_us)"
    " VALUES ($1, $2, $3, $4, $5, $6)";
static const char SQL_LOAD[] = "SELECT purpose, target, person, expires_us FROM held_token"
                               " WHERE digest = $1 AND expires_us > $2";
static const char SQL_END[] = "DELETE FROM held_token WHERE digest = $1";

#define DIGEST_LEN 32

static const char *const purpose_names[SK_N_TOKEN_PURPOSES] = {
    [SK_TOKEN_STOP] = "stop",
    [SK_TOKEN_COLLEAGUE] = "colleague",
    [SK_TOKEN_PASSWORD] = "password",
    [SK_TOKEN_ASK] = "ask",
};

void
sk_hold_token_free(SkHoldToken *token)
{
    if (token == NULL)
        return;
    g_free(token->target);
    g_free(token->person);
    g_free(token);
}

const char *
sk_token_purpose_name(SkTokenPurpose purpose)
{
    return purpose_names[purpose];
}

bool
sk_token_purpose_parse(const char *name, SkTokenPurpose *ret_purpose)
{
    for (size_t i = 0; i < G_N_ELEMENTS(purpose_names); i++) {
        if (strcmp(purpose_names[i], name) == 0) {
            *ret_purpose = (SkTokenPurpose)i;
            return true;
        }
    }
    return false;
}

/* Of the token in lower case: it may come back as part of an address, and mail programs think
 * that the case of its letters does not matter. */
static void
bind_digest(SkStmt *stmt, int at, const char *text)
{
    g_autofree char *lower = g_ascii_strdown(text, -1);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    uint8_t digest[DIGEST_LEN];
    gsize len = sizeof digest;

    g_checksum_update(sum, (const guchar *)lower, (gssize)strlen(lower));
    g_checksum_get_digest(sum, digest, &len);
    sk_stmt_bind_blob(stmt, at, sk_bytes(digest, sizeof digest));
}

bool
sk_hold_token_add(SkDb *keep, const SkHoldToken *token, char **ret_text, GError **error)
{
    g_autoptr(SkStmt) add = sk_db_prepare(keep, SQL_ADD, error);
    g_autofree char *text = sk_random_long_id();
    g_autofree char *message = g_strndup(token->target, strcspn(token->target, "-"));

    if (add == NULL)
        return false;
    bind_digest(add, 1, text);
    sk_stmt_bind_text(add, 2, message);
    sk_stmt_bind_text(add, 3, sk_token_purpose_name(token->purpose));
    sk_stmt_bind_text(add, 4, token->target);
    sk_hold_bind_foreign(add, 5, token->person);
    sk_stmt_bind_int(add, 6, token->expires_us);
    if (!sk_stmt_run(add, error))
        return false;
    *ret_text = g_steal_pointer(&text);
    return true;
}

/* NULL for a purpose that a later version knows. */
static SkHoldToken *
token_of_row(SkStmt *load)
{
    g_autoptr(SkHoldToken) token = g_new0(SkHoldToken, 1);

    if (!sk_token_purpose_parse(sk_stmt_peek_text(load, 0), &token->purpose))
        return NULL;
    token->target = g_strdup(sk_stmt_peek_text(load, 1));
    token->person = sk_hold_unescape(sk_stmt_peek_text(load, 2));
    token->expires_us = sk_stmt_get_int(load, 3);
    return g_steal_pointer(&token);
}

bool
sk_hold_token_load(SkDb *keep, const char *text, SkHoldToken **ret_token, GError **error)
{
    g_autoptr(SkStmt) load = NULL;
    int64_t now = 0;
    bool row;

    if (!sk_db_now_us(keep, &now, error))
        return false;
    load = sk_db_prepare(keep, SQL_LOAD, error);
    if (load == NULL)
        return false;
    bind_digest(load, 1, text);
    sk_stmt_bind_int(load, 2, now);
    if (!sk_stmt_next(load, &row, error))
        return false;
    *ret_token = row ? token_of_row(load) : NULL;
    return true;
}

bool
sk_hold_token_end(SkDb *keep, const char *text, GError **error)
{
    g_autoptr(SkStmt) end = sk_db_prepare(keep, SQL_END, error);

    if (end == NULL)
        return false;
    bind_digest(end, 1, text);
    return sk_stmt_run(end, error);
}
