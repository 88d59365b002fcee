/* SPDX-License-Identifier: Apache-2.0 */
#include "blob/blob-store.h"

#include <string.h>

#include "base/error.h"
#include "base/limit.h"

/* What the constraints refuse could only come from a fault of ours, or somebody's hand. A blob
 * has at least a header and a tag. */
static const SkMigration steps[] = {
    {1, "stored files",
     "CREATE TABLE blob ("
     "  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),"
     "  made_us BIGINT NOT NULL,"
     "  size BIGINT NOT NULL CHECK (size >= 0),"
     "  stored_size BIGINT NOT NULL CHECK (stored_size >= size + 40),"
     "  digest BYTEA NOT NULL CHECK (length(digest) = 32),"
     "  content BYTEA NOT NULL CHECK (length(content) = 32),"
     "  seal_id TEXT NOT NULL CHECK (length(seal_id) = 16),"
     "  sealed_key BYTEA NOT NULL CHECK (length(sealed_key) > 0),"
     "  data BYTEA CHECK (data IS NULL OR length(data) = stored_size));"
     /* Counting by it reads no data. */
     "CREATE INDEX blob_seal ON blob (seal_id, stored_size);"
     /* One row: since when this database answers for what lies at the place. */
     "CREATE TABLE blob_since ("
     "  one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),"
     "  since_us BIGINT NOT NULL)"},
    {0},
};

/* Whoever stores files never reads one: the gate has no means to. */
static const char *const grants[] = {
    "GRANT INSERT ON blob TO sekisho_gate",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON blob TO sekisho_clerk",
    "GRANT SELECT, INSERT ON blob_since TO sekisho_clerk",
    "GRANT SELECT ON blob TO sekisho_read",
    NULL,
};

const SkTables sk_blob_tables = {.name = "blob",
                                 .database = SK_KEEP,
                                 .steps = steps,
                                 .grants = grants};

static const char SQL_ADD[] = "INSERT INTO blob (id, made_us, size, stored_size, digest, "
                              "content, seal_id, sealed_key, data)"
                              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
/* The same without data: a bind that is not made is NULL, but not every engine knows of what
 * type. */
static const char SQL_ADD_AT_PLACE[] =
    "INSERT INTO blob (id, made_us, size, stored_size, digest, content, seal_id, sealed_key)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

static const char SQL_LOAD[] =
    "SELECT id, made_us, size, stored_size, digest, content, seal_id, sealed_key,"
    " CASE WHEN data IS NULL THEN 0 ELSE 1 END, data FROM blob WHERE id = $1";

static const char SQL_NAMES[] = "SELECT id FROM blob WHERE id = $1 AND data IS NULL";

static const char SQL_BEGIN_SINCE[] =
    "INSERT INTO blob_since (one, since_us) VALUES (1, $1) ON CONFLICT (one) DO NOTHING";
static const char SQL_SINCE[] = "SELECT since_us FROM blob_since";

static const char SQL_REMOVE[] = "DELETE FROM blob WHERE id = $1";

static const char SQL_LIST[] =
    "SELECT id, made_us, size, stored_size, digest, content, seal_id, sealed_key,"
    " CASE WHEN data IS NULL THEN 0 ELSE 1 END FROM blob"
    " WHERE id > $1 ORDER BY id LIMIT $2";

static const char SQL_LIST_OTHER[] =
    "SELECT id, made_us, size, stored_size, digest, content, seal_id, sealed_key,"
    " CASE WHEN data IS NULL THEN 0 ELSE 1 END FROM blob"
    " WHERE id > $1 AND seal_id <> $3 ORDER BY id LIMIT $2";

static const char SQL_RESEAL[] =
    "UPDATE blob SET seal_id = $3, sealed_key = $4 WHERE id = $1 AND seal_id = $2 RETURNING id";

static const char SQL_COUNT[] =
    "SELECT count(*), CAST(coalesce(sum(stored_size), 0) AS BIGINT) FROM blob";
static const char SQL_COUNT_SEALED[] =
    "SELECT count(*), CAST(coalesce(sum(stored_size), 0) AS BIGINT) FROM blob"
    " WHERE seal_id = $1";

void
sk_blob_row_free(SkBlobRow *row)
{
    if (row == NULL)
        return;
    g_clear_pointer(&row->sealed_key, g_bytes_unref);
    g_clear_pointer(&row->data, g_bytes_unref);
    g_free(row);
}

static void
free_row(void *row)
{
    sk_blob_row_free(row);
}

static void
bind_bytes(SkStmt *stmt, int at, GBytes *bytes)
{
    gsize len;
    const void *data = g_bytes_get_data(bytes, &len);

    sk_stmt_bind_blob(stmt, at, sk_bytes(data, len));
}

/* Half of the time after which a blob without a row is taken for an orphan: whoever looks for
 * those has seen none for this one, and may be about to remove it. */
#define LATE_US (SK_LIMIT_BLOB_ORPHAN_S * INT64_C(1000000) / 2)

static bool
check_in_time(SkDb *keep, const SkBlobRow *row, GError **error)
{
    int64_t now;

    if (row->data != NULL)
        return true;
    if (!sk_db_now_us(keep, &now, error))
        return false;
    if (row->made_us >= now - LATE_US)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_TIMEOUT,
                "blob %s was begun %" G_GINT64_FORMAT " hours ago, too long for it to be safe "
                "from being removed as an orphan; store it anew, and see whether the clocks of "
                "this host and of the database agree",
                row->id, (now - row->made_us) / (3600 * INT64_C(1000000)));
    return false;
}

bool
sk_blob_store_add(SkDb *keep, const SkBlobRow *row, GError **error)
{
    const char *sql = row->data != NULL ? SQL_ADD : SQL_ADD_AT_PLACE;
    g_autoptr(SkStmt) stmt =
        check_in_time(keep, row, error) ? sk_db_prepare(keep, sql, error) : NULL;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, row->id);
    sk_stmt_bind_int(stmt, 2, row->made_us);
    sk_stmt_bind_int(stmt, 3, (int64_t)row->size);
    sk_stmt_bind_int(stmt, 4, (int64_t)row->stored_size);
    sk_stmt_bind_blob(stmt, 5, sk_bytes(row->digest, sizeof row->digest));
    sk_stmt_bind_blob(stmt, 6, sk_bytes(row->content, sizeof row->content));
    sk_stmt_bind_text(stmt, 7, row->seal_id);
    bind_bytes(stmt, 8, row->sealed_key);
    if (row->data != NULL)
        bind_bytes(stmt, 9, row->data);
    return sk_stmt_run(stmt, error);
}

/* A damaged file of a database may hold anything, whatever its constraints are. */
static bool
read_text(SkStmt *stmt, int column, char *ret_text, size_t len)
{
    const char *text = sk_stmt_peek_text(stmt, column);

    return text != NULL && strlen(text) == len && g_strlcpy(ret_text, text, len + 1) == len;
}

static bool
read_digest(SkStmt *stmt, int column, uint8_t ret_digest[SK_BLOB_DIGEST_LEN])
{
    SkBytes bytes = sk_stmt_peek_blob(stmt, column);

    if (bytes.len != SK_BLOB_DIGEST_LEN)
        return false;
    memcpy(ret_digest, bytes.data, SK_BLOB_DIGEST_LEN);
    return true;
}

static bool
read_size(SkStmt *stmt, int column, uint64_t *ret_size)
{
    int64_t size = sk_stmt_get_int(stmt, column);

    *ret_size = (uint64_t)size;
    return size >= 0;
}

static GBytes *
dup_bytes(SkStmt *stmt, int column)
{
    SkBytes bytes = sk_stmt_peek_blob(stmt, column);

    return g_bytes_new(bytes.data, bytes.len);
}

/* The columns that every statement has, in their order. */
static SkBlobRow *
read_row(SkStmt *stmt, GError **error)
{
    g_autoptr(SkBlobRow) row = g_new0(SkBlobRow, 1);

    if (!read_text(stmt, 0, row->id, SK_BLOB_ID_LEN) || !sk_blob_is_id(row->id) ||
        !read_size(stmt, 2, &row->size) || !read_size(stmt, 3, &row->stored_size) ||
        !read_digest(stmt, 4, row->digest) || !read_digest(stmt, 5, row->content) ||
        !read_text(stmt, 6, row->seal_id, SK_SEAL_ID_LEN)) {
        g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                    "the row of blob \"%s\" makes no sense; restore the database from a backup",
                    row->id);
        return NULL;
    }
    row->made_us = sk_stmt_get_int(stmt, 1);
    row->sealed_key = dup_bytes(stmt, 7);
    row->in_row = sk_stmt_get_int(stmt, 8) != 0;
    return g_steal_pointer(&row);
}

bool
sk_blob_store_load(SkDb *keep, const char *id, SkBlobRow **ret_row, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_LOAD, error);
    g_autoptr(SkBlobRow) row = NULL;
    bool found;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, id);
    if (!sk_stmt_next(stmt, &found, error))
        return false;
    if (found) {
        row = read_row(stmt, error);
        if (row == NULL)
            return false;
        row->data = row->in_row ? dup_bytes(stmt, 9) : NULL;
    }
    *ret_row = g_steal_pointer(&row);
    return true;
}

bool
sk_blob_store_names(SkDb *keep, const char *id, bool *ret_named, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_NAMES, error);

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, id);
    return sk_stmt_next(stmt, ret_named, error);
}

static bool
begin_since(SkDb *keep, int64_t now_us, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_BEGIN_SINCE, error);

    if (stmt == NULL)
        return false;
    sk_stmt_bind_int(stmt, 1, now_us);
    return sk_stmt_run(stmt, error);
}

static bool
read_since(SkDb *keep, bool *ret_begun, int64_t *ret_since_us, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_SINCE, error);

    if (stmt == NULL || !sk_stmt_next(stmt, ret_begun, error))
        return false;
    if (*ret_begun)
        *ret_since_us = sk_stmt_get_int(stmt, 0);
    return true;
}

bool
sk_blob_store_since(SkDb *keep, int64_t now_us, int64_t *ret_since_us, GError **error)
{
    bool begun;

    if (!read_since(keep, &begun, ret_since_us, error))
        return false;
    if (begun)
        return true;
    return begin_since(keep, now_us, error) && read_since(keep, &begun, ret_since_us, error);
}

bool
sk_blob_store_remove(SkDb *keep, const char *id, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_REMOVE, error);

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, id);
    return sk_stmt_run(stmt, error);
}

static bool
list(SkStmt *stmt, GPtrArray **ret_rows, GError **error)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(free_row);
    bool more;

    for (;;) {
        SkBlobRow *row;

        if (!sk_stmt_next(stmt, &more, error))
            return false;
        if (!more)
            break;
        row = read_row(stmt, error);
        if (row == NULL)
            return false;
        g_ptr_array_add(rows, row);
    }
    *ret_rows = g_steal_pointer(&rows);
    return true;
}

bool
sk_blob_store_list(SkDb *keep,
                   const char *after,
                   unsigned n,
                   GPtrArray **ret_rows,
                   GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_LIST, error);

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, after);
    sk_stmt_bind_int(stmt, 2, n);
    return list(stmt, ret_rows, error);
}

bool
sk_blob_store_list_other(SkDb *keep,
                         const char *seal_id,
                         const char *after,
                         unsigned n,
                         GPtrArray **ret_rows,
                         GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_LIST_OTHER, error);

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, after);
    sk_stmt_bind_int(stmt, 2, n);
    sk_stmt_bind_text(stmt, 3, seal_id);
    return list(stmt, ret_rows, error);
}

static bool
reseal(SkStmt *stmt, const char *id, GError **error)
{
    bool changed;

    if (!sk_stmt_next(stmt, &changed, error))
        return false;
    if (!changed) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT,
                    "the key of blob %s was sealed anew or removed by somebody else", id);
        return false;
    }
    return sk_stmt_run(stmt, error); /* there is no second one */
}

bool
sk_blob_store_reseal(SkDb *keep,
                     const char *id,
                     const char *old_seal_id,
                     const char *seal_id,
                     SkBytes sealed_key,
                     GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_RESEAL, error);

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, id);
    sk_stmt_bind_text(stmt, 2, old_seal_id);
    sk_stmt_bind_text(stmt, 3, seal_id);
    sk_stmt_bind_blob(stmt, 4, sealed_key);
    return reseal(stmt, id, error);
}

bool
sk_blob_store_count(SkDb *keep,
                    const char *seal_id,
                    int64_t *ret_n,
                    int64_t *ret_bytes,
                    GError **error)
{
    const char *sql = seal_id != NULL ? SQL_COUNT_SEALED : SQL_COUNT;
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, sql, error);
    bool row;

    if (stmt == NULL)
        return false;
    if (seal_id != NULL)
        sk_stmt_bind_text(stmt, 1, seal_id);
    if (!sk_stmt_next(stmt, &row, error))
        return false;
    *ret_n = sk_stmt_get_int(stmt, 0);
    *ret_bytes = sk_stmt_get_int(stmt, 1);
    return true;
}
