/* SPDX-License-Identifier: Apache-2.0 */

/* Binds, rows and values of a statement. */

#include <string.h>

#include "store/store-postgres-private.h"

/* The protocol counts lengths in 31 bits, the server gives a value 1 GiB. */
#define MAX_VALUE (1024 * 1024 * 1024 - 64 * 1024)

typedef struct {
    char *data; /* owned, or NUMBER; NULL: NULL */
    int len;
    bool binary;
    bool is_int;
    int64_t value;   /* of an integer */
    char number[24]; /* as it is sent */
} Bind;

typedef struct {
    SkStmt stmt;
    SkPostgresDb *db;
    SkPostgresText *text;
    Bind binds[SK_POSTGRES_BINDS];
    bool too_large;  /* a bind was */
    PGresult *rows;  /* one as it is read, or all of a write */
    int row;         /* of these */
    GPtrArray *kept; /* values of this row in another form than they came in */
} Stmt;

SkStmt *
sk_postgres_prepare(SkDb *base, const char *sql, GError **error)
{
    SkPostgresDb *db = (SkPostgresDb *)base;
    SkPostgresText *text = sk_postgres_text_get(db, sql);
    Stmt *stmt;

    /* While rows are being read, a new text has to wait for its first use. */
    if (db->running == NULL && text->session != db->session &&
        !(sk_postgres_ready(db, error) && sk_postgres_text_prepare(db, text, error)))
        return NULL;
    stmt = g_new0(Stmt, 1);
    stmt->stmt = (SkStmt){&sk_postgres_engine, base};
    stmt->db = db;
    stmt->text = text;
    stmt->kept = g_ptr_array_new_with_free_func(g_free);
    return &stmt->stmt;
}

static void
clear_bind(Bind *bind)
{
    if (bind->data != bind->number)
        g_free(bind->data);
    bind->data = NULL;
    bind->is_int = false;
}

static void
clear_row(Stmt *stmt)
{
    g_ptr_array_set_size(stmt->kept, 0);
}

void
sk_postgres_reset(SkStmt *base)
{
    Stmt *stmt = (Stmt *)base;

    clear_row(stmt);
    g_clear_pointer(&stmt->rows, PQclear);
    if (stmt->db->running == base)
        sk_postgres_end_rows(stmt->db);
    for (int i = 0; i < SK_POSTGRES_BINDS; i++)
        clear_bind(&stmt->binds[i]);
    stmt->too_large = false;
}

void
sk_postgres_stmt_free(SkStmt *base)
{
    Stmt *stmt = (Stmt *)base;

    sk_postgres_reset(base);
    g_ptr_array_unref(stmt->kept);
    g_free(stmt);
}

static Bind *
bind_at(SkStmt *base, int at)
{
    Stmt *stmt = (Stmt *)base;

    g_assert(at >= 1 && at <= SK_POSTGRES_BINDS && stmt->db->running != base);
    g_assert(stmt->text->n_binds < 0 || at <= stmt->text->n_binds);
    clear_bind(&stmt->binds[at - 1]);
    return &stmt->binds[at - 1];
}

void
sk_postgres_bind_int(SkStmt *base, int at, int64_t value)
{
    Bind *bind = bind_at(base, at);

    bind->is_int = true;
    bind->value = value;
    bind->data = bind->number;
}

static void
bind_copy(SkStmt *base, int at, const void *data, size_t len, bool binary)
{
    Bind *bind = bind_at(base, at);
    char *copy = len <= MAX_VALUE ? g_try_malloc(len + 1) : NULL;

    if (copy == NULL) {
        ((Stmt *)base)->too_large = true;
        return;
    }
    if (len > 0)
        memcpy(copy, data, len);
    copy[len] = '\0';
    bind->data = copy;
    bind->len = (int)len;
    bind->binary = binary;
}

void
sk_postgres_bind_text(SkStmt *base, int at, const char *value)
{
    if (value != NULL)
        bind_copy(base, at, value, strlen(value), false);
    else
        (void)bind_at(base, at);
}

void
sk_postgres_bind_blob(SkStmt *base, int at, SkBytes value)
{
    bind_copy(base, at, value.data, value.len, true);
}

/* The form depends on what the server takes it for, which is known only when it is sent. */
static void
write_number(Bind *bind, Oid type)
{
    uint64_t big_endian = GUINT64_TO_BE((uint64_t)bind->value);

    bind->binary = type == SK_OID_INT8;
    if (bind->binary) {
        memcpy(bind->number, &big_endian, sizeof big_endian);
        bind->len = sizeof big_endian;
    } else {
        bind->len =
            g_snprintf(bind->number, sizeof bind->number, "%" G_GINT64_FORMAT, bind->value);
    }
}

/* False: nothing was sent. */
static bool
send_binds(Stmt *stmt)
{
    const SkPostgresText *text = stmt->text;
    const char *values[SK_POSTGRES_BINDS];
    int lengths[SK_POSTGRES_BINDS], formats[SK_POSTGRES_BINDS];

    for (int i = 0; i < text->n_binds; i++) {
        Bind *bind = &stmt->binds[i];

        if (bind->is_int)
            write_number(bind, text->binds[i]);
        values[i] = bind->data;
        lengths[i] = bind->len;
        formats[i] = bind->binary;
    }
    return PQsendQueryPrepared(stmt->db->conn, text->name, text->n_binds, values, lengths,
                               formats, text->binary) == 1;
}

/* The first row of what only reads, all rows of what writes. NULL: no answer in time. */
static PGresult *
ask(Stmt *stmt)
{
    PGresult *first = NULL;

    if (!stmt->text->reads)
        return sk_postgres_collect(stmt->db);
    PQsetSingleRowMode(stmt->db->conn);
    stmt->db->running = &stmt->stmt;
    (void)sk_postgres_next_result(stmt->db, &first);
    return first;
}

/* Takes a failed RESULT over; the statement is reset. */
static bool
fail(Stmt *stmt, PGresult *result, bool sent, GError **error)
{
    bool commits = sent && !stmt->text->reads && !stmt->db->open;

    if (result != NULL && sk_postgres_is_stale(result))
        stmt->text->session = 0;
    sk_postgres_fail(stmt->db, result, commits, error);
    PQclear(result);
    sk_postgres_reset(&stmt->stmt);
    return false;
}

static bool
prepare_again(Stmt *stmt, GError **error)
{
    return sk_postgres_ready(stmt->db, error) &&
           sk_postgres_text_prepare(stmt->db, stmt->text, error);
}

static PGresult *
ask_once(Stmt *stmt, bool *ret_sent)
{
    *ret_sent = send_binds(stmt);
    return *ret_sent ? ask(stmt) : PQmakeEmptyPGresult(stmt->db->conn, PGRES_FATAL_ERROR);
}

/* A server that has forgotten the statement has done nothing, and is told again. */
static bool
is_worth_another(Stmt *stmt, PGresult *result)
{
    if (result == NULL || stmt->db->open || !sk_postgres_is_stale(result))
        return false;
    PQclear(result);
    if (stmt->db->running != NULL)
        sk_postgres_end_rows(stmt->db);
    stmt->text->session = 0;
    stmt->text->n_binds = -1;
    return true;
}

static bool
execute(Stmt *stmt, GError **error)
{
    PGresult *result = NULL;
    bool sent = false;

    for (int tries = 0; tries < 2; tries++) {
        if (!prepare_again(stmt, error)) {
            sk_postgres_reset(&stmt->stmt);
            return false;
        }
        result = ask_once(stmt, &sent);
        if (tries > 0 || !is_worth_another(stmt, result))
            break;
    }
    if (result == NULL || sk_postgres_is_error(result))
        return fail(stmt, result, sent, error);
    stmt->db->wrote = stmt->db->wrote || !stmt->text->reads;
    stmt->rows = result;
    stmt->row = 0;
    return true;
}

/* The row after this one of a statement that only reads. */
static bool
read_on(Stmt *stmt, GError **error)
{
    PGresult *result = NULL;

    g_clear_pointer(&stmt->rows, PQclear);
    (void)sk_postgres_next_result(stmt->db, &result);
    if (result == NULL || sk_postgres_is_error(result))
        return fail(stmt, result, true, error);
    stmt->rows = result;
    stmt->row = 0;
    return true;
}

static bool
advance(Stmt *stmt, GError **error)
{
    clear_row(stmt);
    if (stmt->rows == NULL)
        return execute(stmt, error);
    if (stmt->text->reads)
        return read_on(stmt, error);
    stmt->row++;
    return true;
}

bool
sk_postgres_next(SkStmt *base, bool *ret_row, GError **error)
{
    Stmt *stmt = (Stmt *)base;

    if (stmt->too_large) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT,
                    "database %s: a value of a row is too large", stmt->db->target.place);
        sk_postgres_reset(base);
        return false;
    }
    if (!advance(stmt, error))
        return false;
    *ret_row = stmt->row < PQntuples(stmt->rows);
    if (!*ret_row)
        sk_postgres_reset(base);
    return true;
}

static SkBytes
value_of(const Stmt *stmt, int column)
{
    g_assert(stmt->rows != NULL && column >= 0 && column < PQnfields(stmt->rows));
    return sk_bytes(PQgetvalue(stmt->rows, stmt->row, column),
                    (size_t)PQgetlength(stmt->rows, stmt->row, column));
}

static bool
is_null(const Stmt *stmt, int column)
{
    return PQgetisnull(stmt->rows, stmt->row, column) != 0;
}

/* Whether it came as the binary form of a number. */
static bool
is_binary_number(const Stmt *stmt, int column)
{
    Oid type = PQftype(stmt->rows, column);

    return PQfformat(stmt->rows, column) == 1 && type != SK_OID_BYTEA && type != SK_OID_TEXT &&
           type != SK_OID_VARCHAR;
}

static int64_t
binary_number(SkBytes value)
{
    switch (value.len) {
    case 8:
        return (int64_t)((uint64_t)sk_bytes_be32(value, 0) << 32 | sk_bytes_be32(value, 4));
    case 4:
        return (int32_t)sk_bytes_be32(value, 0);
    case 2:
        return (int16_t)sk_bytes_be16(value, 0);
    default:
        return sk_bytes_u8(value, 0);
    }
}

int64_t
sk_postgres_get_int(SkStmt *base, int column)
{
    const Stmt *stmt = (const Stmt *)base;
    SkBytes value = value_of(stmt, column);

    if (is_null(stmt, column))
        return 0;
    if (is_binary_number(stmt, column))
        return binary_number(value);
    if (PQftype(stmt->rows, column) == SK_OID_BOOL)
        return *value.data == 't';
    return g_ascii_strtoll((const char *)value.data, NULL, 10);
}

static void *
keep(Stmt *stmt, void *value)
{
    g_ptr_array_add(stmt->kept, value);
    return value;
}

const char *
sk_postgres_peek_text(SkStmt *base, int column)
{
    Stmt *stmt = (Stmt *)base;
    SkBytes value = value_of(stmt, column);

    if (is_null(stmt, column))
        return NULL;
    if (is_binary_number(stmt, column))
        return keep(stmt, g_strdup_printf("%" G_GINT64_FORMAT, binary_number(value)));
    return (const char *)value.data;
}

/* A blob beside a column that has no binary form here came as text. */
static SkBytes
blob_of_text(Stmt *stmt, SkBytes value)
{
    size_t len = 0;
    unsigned char *blob = PQunescapeBytea(value.data, &len);
    uint8_t *copy = blob != NULL ? keep(stmt, g_memdup2(blob, len)) : NULL;

    PQfreemem(blob);
    return sk_bytes(copy, copy != NULL ? len : 0);
}

SkBytes
sk_postgres_peek_blob(SkStmt *base, int column)
{
    Stmt *stmt = (Stmt *)base;
    SkBytes value = value_of(stmt, column);

    if (is_null(stmt, column))
        return sk_bytes(NULL, 0);
    if (PQftype(stmt->rows, column) == SK_OID_BYTEA && PQfformat(stmt->rows, column) == 0)
        return blob_of_text(stmt, value);
    return value;
}
