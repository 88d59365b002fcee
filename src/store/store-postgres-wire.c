/* SPDX-License-Identifier: Apache-2.0 */

/* Answers of the server, in time: a server that is frozen, or a network that swallows packets,
 * must not hold a program for longer than the deadline. */

#include <errno.h>
#include <poll.h>

#include "base/clock.h"
#include "store/store-postgres-private.h"

/* Of rows nobody wants any more, so many are read before a new connection is cheaper. */
#define MAX_UNWANTED_ROWS 1000
#define MAX_UNWANTED_MS   200

static int64_t
now_ms(void)
{
    return sk_clock_mono_ms(sk_clock_real());
}

void
sk_postgres_drop(SkPostgresDb *db)
{
    PQfinish(db->conn);
    db->conn = NULL;
    db->running = NULL;
}

/* 0: not within MS. */
static int
poll_socket(PGconn *conn, short events, int64_t ms)
{
    struct pollfd pfd = {PQsocket(conn), events, 0};
    int n = poll(&pfd, 1, (int)MAX(ms, 0));

    /* A signal: the caller looks at the time and comes again. */
    return n < 0 && errno == EINTR ? 1 : n;
}

/* A server that was stopped has said goodbye on its idle connections. That is seen before
 * anything is sent, so that it is not uncertain what became of it. */
static bool
is_alive(SkPostgresDb *db)
{
    for (int i = 0; i < 4 && poll_socket(db->conn, POLLIN, 0) != 0; i++) {
        if (!PQconsumeInput(db->conn))
            return false;
        PQisBusy(db->conn); /* reads the message, which may be the last one */
    }
    return PQstatus(db->conn) == CONNECTION_OK && !db->farewell;
}

/* The last message of a server that stops comes a moment before the connection ends. Other
 * notices ("relation exists, skipping") are for people at a prompt. */
static void
note_farewell(void *data, const PGresult *notice)
{
    const char *state = PQresultErrorField(notice, PG_DIAG_SQLSTATE);
    SkPostgresDb *db = data;

    if (state != NULL && g_str_has_prefix(state, "57P"))
        db->farewell = true;
}

static bool
connect_anew(SkPostgresDb *db, GError **error)
{
    sk_postgres_drop(db);
    db->conn = sk_postgres_connect(&db->target, error);
    if (db->conn == NULL)
        return false;
    db->session++;
    db->farewell = false;
    PQsetNoticeReceiver(db->conn, note_farewell, db);
    return true;
}

bool
sk_postgres_ready(SkPostgresDb *db, GError **error)
{
    if (db->failed) {
        g_set_error(
            error, SK_ERROR, db->failure,
            "database %s: the transaction has failed before and can only be rolled back",
            db->target.place);
        return false;
    }
    if (db->open || (db->conn != NULL && is_alive(db)))
        return true;
    return connect_anew(db, error);
}

static bool
wait_until(SkPostgresDb *db, int64_t deadline)
{
    while (PQflush(db->conn) == 1 || PQisBusy(db->conn)) {
        short events = PQflush(db->conn) == 1 ? POLLIN | POLLOUT : POLLIN;
        int64_t left = deadline - now_ms();

        if (left <= 0 || poll_socket(db->conn, events, left) == 0)
            return false;
        if (!PQconsumeInput(db->conn))
            return true; /* the next result says why */
    }
    return true;
}

static bool
next_until(SkPostgresDb *db, int64_t deadline, PGresult **ret_result)
{
    if (!wait_until(db, deadline)) {
        sk_postgres_drop(db);
        return false;
    }
    *ret_result = PQgetResult(db->conn);
    return true;
}

bool
sk_postgres_next_result(SkPostgresDb *db, PGresult **ret_result)
{
    return next_until(db, now_ms() + db->statement_ms + db->grace_ms, ret_result);
}

PGresult *
sk_postgres_collect(SkPostgresDb *db)
{
    PGresult *first = NULL, *result = NULL;

    while (sk_postgres_next_result(db, &result)) {
        if (result == NULL)
            return first;
        /* The commit comes after the statement's own result, and may fail. */
        if (first == NULL || (sk_postgres_is_error(result) && !sk_postgres_is_error(first))) {
            PQclear(first);
            first = result;
        } else {
            PQclear(result);
        }
    }
    PQclear(first);
    return NULL;
}

/* A transaction would be lost with the connection, or by a request to cancel. Otherwise the
 * server notices at its next write that nobody listens. */
void
sk_postgres_end_rows(SkPostgresDb *db)
{
    int64_t patience = db->open ? db->statement_ms + db->grace_ms : MAX_UNWANTED_MS;
    int64_t deadline = now_ms() + patience;
    PGresult *result = NULL;

    for (int64_t n = 0; db->running != NULL; n++) {
        if (!db->open && n >= MAX_UNWANTED_ROWS) {
            sk_postgres_drop(db);
        } else if (next_until(db, deadline, &result)) {
            if (result == NULL)
                db->running = NULL;
            else if (sk_postgres_is_error(result))
                sk_postgres_fail(db, result, false, NULL);
            PQclear(result);
        }
    }
    if (db->open && db->conn == NULL && !db->failed)
        sk_postgres_fail(db, NULL, false, NULL);
}

PGresult *
sk_postgres_command(SkPostgresDb *db, const char *sql)
{
    if (!PQsendQuery(db->conn, sql))
        return PQmakeEmptyPGresult(db->conn, PGRES_FATAL_ERROR);
    return sk_postgres_collect(db);
}
