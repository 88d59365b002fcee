/* SPDX-License-Identifier: Apache-2.0 */
#include "job/job-store.h"

#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "base/text.h"

/* Bytes of a last error that are kept. */
#define TROUBLE_MAX 1000

/* `claim_us` is when a job can be claimed: when it is due, or when the lease of its holder
 * ends, or never (the largest number) when it was given up. So one index finds what is to be
 * done, whatever else waits. `holder` is NULL while nobody has it. */
static const SkMigration steps[] = {
    {1, "jobs",
     "CREATE TABLE job ("
     "  id TEXT NOT NULL PRIMARY KEY,"
     "  kind TEXT NOT NULL,"
     "  payload TEXT,"
     "  due_us BIGINT NOT NULL,"
     "  claim_us BIGINT NOT NULL,"
     "  claim BIGINT NOT NULL,"
     "  holder TEXT,"
     "  tries BIGINT NOT NULL,"
     "  trouble TEXT,"
     "  given_up_us BIGINT);"
     "CREATE INDEX job_claim ON job (kind, claim_us);"
     "CREATE INDEX job_given_up ON job (given_up_us) WHERE given_up_us IS NOT NULL"},
    {0},
};

/* ON CONFLICT (id) reads the id, and nothing else: the gate leaves work for others, it does not
 * look at theirs. Commands that add jobs belong to the administrator, who connects as the owner
 * of the tables and needs no grant; the role of the command line only looks. */
static const char *const grants[] = {
    "GRANT INSERT, SELECT (id) ON job TO sekisho_gate",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON job TO sekisho_clerk",
    "GRANT SELECT ON job TO sekisho_read",
    NULL,
};

static const SkRetention retention[] = {
    {"jobs", "jobs given up",
     "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE given_up_us < $1"
     " ORDER BY given_up_us LIMIT $2) RETURNING id"},
    {0},
};

const SkTables sk_job_tables = {.name = "job",
                                .database = SK_KEEP,
                                .steps = steps,
                                .grants = grants,
                                .retention = retention};

static const char SQL_ADD[] =
    "INSERT INTO job (id, kind, payload, due_us, claim_us, claim, tries)"
    " VALUES ($1, $2, $3, $4, $4, $5, 0) ON CONFLICT (id) DO NOTHING";

static const char SQL_HASTEN[] =
    "UPDATE job SET due_us = $2, claim_us = $2, given_up_us = NULL,"
    " tries = CASE WHEN given_up_us IS NULL THEN tries ELSE 0 END"
    " WHERE id = $1 AND claim_us > $2 AND holder IS NULL";

/* Whoever lets his lease end has failed, though he could not say so.
 *
 * Written once and for all before it is used: an engine that repeated the subquery while it
 * skips what is locked, its own rows included, would claim more than asked for. */
static const char SQL_CLAIM[] =
    "WITH due AS MATERIALIZED (SELECT id FROM job WHERE kind = $1 AND claim_us <= $2"
    " ORDER BY claim_us LIMIT $3 FOR UPDATE SKIP LOCKED)"
    " UPDATE job SET claim = claim + 1, claim_us = $4, holder = $5,"
    " tries = tries + CASE WHEN holder IS NULL THEN 0 ELSE 1 END"
    " WHERE id IN (SELECT id FROM due)"
    " RETURNING id, kind, payload, due_us, tries, claim, claim_us";

static const char SQL_NEXT_DUE[] =
    "SELECT claim_us FROM job WHERE kind = $1 ORDER BY claim_us LIMIT 1";

/* What follows changes a claimed job, if the claim still holds: $1 id, $2 claim, $3 now. Who
 * gives a job back ends the claim by counting on. */
static const char SQL_HOLD[] = "UPDATE job SET holder = holder"
                               " WHERE id = $1 AND claim = $2 AND claim_us > $3 RETURNING id";

static const char SQL_RENEW[] = "UPDATE job SET claim_us = $4"
                                " WHERE id = $1 AND claim = $2 AND claim_us > $3 RETURNING id";

static const char SQL_FINISH[] = "DELETE FROM job"
                                 " WHERE id = $1 AND claim = $2 AND claim_us > $3 RETURNING id";

static const char SQL_REPEAT[] =
    "UPDATE job SET claim = claim + 1, holder = NULL, payload = $4, due_us = $5, claim_us = $5,"
    " tries = 0, trouble = NULL WHERE id = $1 AND claim = $2 AND claim_us > $3 RETURNING id";

static const char SQL_RETRY[] =
    "UPDATE job SET claim = claim + 1, holder = NULL, due_us = $5, claim_us = $5,"
    " tries = tries + 1, trouble = $4"
    " WHERE id = $1 AND claim = $2 AND claim_us > $3 RETURNING id";

static const char SQL_GIVE_UP[] =
    "UPDATE job SET claim = claim + 1, holder = NULL, claim_us = 9223372036854775807,"
    " tries = tries + 1, trouble = $4, given_up_us = $3"
    " WHERE id = $1 AND claim = $2 AND claim_us > $3 RETURNING id";

static const char SQL_COUNT[] =
    "SELECT count(CASE WHEN claim_us > $1 AND holder IS NULL THEN 1 END),"
    " count(CASE WHEN claim_us <= $1 THEN 1 END),"
    " count(CASE WHEN claim_us > $1 AND holder IS NOT NULL THEN 1 END),"
    " count(given_up_us), coalesce(min(CASE WHEN claim_us <= $1 THEN due_us END), 0) FROM job";

void
sk_job_free(SkJob *job)
{
    if (job == NULL)
        return;
    g_free(job->id);
    g_free(job->kind);
    g_free(job->payload);
    g_free(job);
}

static void
free_job(void *data)
{
    sk_job_free(data);
}

static bool
check_payload(const char *id, const char *payload, GError **error)
{
    if (payload == NULL || strlen(payload) <= SK_JOB_PAYLOAD_MAX)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_LIMIT,
                "the payload of job %s is larger than %d bytes", id, SK_JOB_PAYLOAD_MAX);
    return false;
}

/* Where the claims of a new job begin to count. At random, so that a claim of an earlier job of
 * the same id is none of this one. */
static int64_t
first_claim(void)
{
    uint32_t some = 0;

    sk_random_fill(&some, sizeof some);
    return (int64_t)some << 16;
}

bool
sk_job_add(SkDb *keep,
           const char *id,
           const char *kind,
           const char *payload,
           int64_t due_us,
           GError **error)
{
    g_autoptr(SkStmt) add = NULL;

    if (!check_payload(id, payload, error))
        return false;
    add = sk_db_prepare(keep, SQL_ADD, error);
    if (add == NULL)
        return false;
    sk_stmt_bind_text(add, 1, id);
    sk_stmt_bind_text(add, 2, kind);
    sk_stmt_bind_text(add, 3, payload);
    sk_stmt_bind_int(add, 4, due_us);
    sk_stmt_bind_int(add, 5, first_claim());
    return sk_stmt_run(add, error);
}

bool
sk_job_hasten(SkDb *keep, const char *id, int64_t due_us, GError **error)
{
    g_autoptr(SkStmt) hasten = sk_db_prepare(keep, SQL_HASTEN, error);

    if (hasten == NULL)
        return false;
    sk_stmt_bind_text(hasten, 1, id);
    sk_stmt_bind_int(hasten, 2, due_us);
    return sk_stmt_run(hasten, error);
}

typedef struct {
    const char *kind, *holder;
    int64_t lease_us;
    unsigned n;
    GPtrArray *jobs;
} Claiming;

static SkJob *
job_of_row(SkStmt *stmt)
{
    SkJob *job = g_new0(SkJob, 1);

    *job = (SkJob){
        .id = g_strdup(sk_stmt_peek_text(stmt, 0)),
        .kind = g_strdup(sk_stmt_peek_text(stmt, 1)),
        .payload = g_strdup(sk_stmt_peek_text(stmt, 2)),
        .due_us = sk_stmt_get_int(stmt, 3),
        .tries = (unsigned)sk_stmt_get_int(stmt, 4),
        .claim = sk_stmt_get_int(stmt, 5),
        .lease_until_us = sk_stmt_get_int(stmt, 6),
    };
    return job;
}

static bool
claim_some(SkDb *keep, void *data, GError **error)
{
    Claiming *claiming = data;
    g_autoptr(SkStmt) claim = sk_db_prepare(keep, SQL_CLAIM, error);
    int64_t now = 0;
    bool row = true;

    g_ptr_array_set_size(claiming->jobs, 0);
    if (claim == NULL || !sk_db_now_us(keep, &now, error))
        return false;
    sk_stmt_bind_text(claim, 1, claiming->kind);
    sk_stmt_bind_int(claim, 2, now);
    sk_stmt_bind_int(claim, 3, claiming->n);
    sk_stmt_bind_int(claim, 4, now + claiming->lease_us);
    sk_stmt_bind_text(claim, 5, claiming->holder);
    while (row) {
        if (!sk_stmt_next(claim, &row, error))
            return false;
        if (row)
            g_ptr_array_add(claiming->jobs, job_of_row(claim));
    }
    return true;
}

static int
compare_due(const void *a, const void *b)
{
    const SkJob *first = *(SkJob *const *)a, *second = *(SkJob *const *)b;

    return first->due_us < second->due_us ? -1 : first->due_us > second->due_us;
}

bool
sk_job_claim(SkDb *keep,
             const char *kind,
             const char *holder,
             int64_t lease_us,
             unsigned n,
             GPtrArray **ret_jobs,
             GError **error)
{
    g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func(free_job);
    Claiming claiming = {kind, holder, lease_us, n, jobs};

    if (!sk_db_transact(keep, claim_some, &claiming, error))
        return false;
    /* No engine promises an order of the rows that it changed. */
    g_ptr_array_sort(jobs, compare_due);
    *ret_jobs = g_steal_pointer(&jobs);
    return true;
}

bool
sk_job_next_due(SkDb *keep, const char *kind, int64_t *ret_due_us, GError **error)
{
    g_autoptr(SkStmt) next = sk_db_prepare(keep, SQL_NEXT_DUE, error);
    bool row;

    if (next == NULL)
        return false;
    sk_stmt_bind_text(next, 1, kind);
    if (!sk_stmt_next(next, &row, error))
        return false;
    *ret_due_us = row ? sk_stmt_get_int(next, 0) : INT64_MAX;
    return true;
}

/* A statement that changes JOB if its claim still holds. RET_NOW may be NULL. */
static SkStmt *
prepare_change(SkDb *keep, const char *sql, const SkJob *job, int64_t *ret_now, GError **error)
{
    SkStmt *change;
    int64_t now = 0;

    if (!sk_db_now_us(keep, &now, error))
        return NULL;
    change = sk_db_prepare(keep, sql, error);
    if (change == NULL)
        return NULL;
    sk_stmt_bind_text(change, 1, job->id);
    sk_stmt_bind_int(change, 2, job->claim);
    sk_stmt_bind_int(change, 3, now);
    if (ret_now != NULL)
        *ret_now = now;
    return change;
}

static bool
run_change(SkStmt *change, const SkJob *job, GError **error)
{
    bool row;

    if (!sk_stmt_next(change, &row, error))
        return false;
    if (row)
        return sk_stmt_run(change, error);
    g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT, "the lease of job %s is lost", job->id);
    return false;
}

bool
sk_job_hold(SkDb *keep, const SkJob *job, GError **error)
{
    g_autoptr(SkStmt) hold = prepare_change(keep, SQL_HOLD, job, NULL, error);

    return hold != NULL && run_change(hold, job, error);
}

bool
sk_job_renew(SkDb *keep, SkJob *job, int64_t lease_us, GError **error)
{
    int64_t now = 0;
    g_autoptr(SkStmt) renew = prepare_change(keep, SQL_RENEW, job, &now, error);

    if (renew == NULL)
        return false;
    sk_stmt_bind_int(renew, 4, now + lease_us);
    if (!run_change(renew, job, error))
        return false;
    job->lease_until_us = now + lease_us;
    return true;
}

bool
sk_job_finish(SkDb *keep, const SkJob *job, GError **error)
{
    g_autoptr(SkStmt) finish = prepare_change(keep, SQL_FINISH, job, NULL, error);

    return finish != NULL && run_change(finish, job, error);
}

bool
sk_job_repeat(SkDb *keep, const SkJob *job, const char *payload, int64_t due_us, GError **error)
{
    g_autoptr(SkStmt) repeat = NULL;

    if (!check_payload(job->id, payload, error))
        return false;
    repeat = prepare_change(keep, SQL_REPEAT, job, NULL, error);
    if (repeat == NULL)
        return false;
    sk_stmt_bind_text(repeat, 4, payload);
    sk_stmt_bind_int(repeat, 5, due_us);
    return run_change(repeat, job, error);
}

bool
sk_job_fail(SkDb *keep, const SkJob *job, const char *why, int64_t retry_us, GError **error)
{
    bool last = job->tries + 1 >= SK_JOB_TRIES;
    g_autofree char *trouble = sk_text_safe(sk_bytes(why, strlen(why)), TROUBLE_MAX);
    g_autoptr(SkStmt) fail =
        prepare_change(keep, last ? SQL_GIVE_UP : SQL_RETRY, job, NULL, error);

    if (fail == NULL)
        return false;
    sk_stmt_bind_text(fail, 4, trouble);
    if (!last)
        sk_stmt_bind_int(fail, 5, retry_us);
    return run_change(fail, job, error);
}

bool
sk_job_count(SkDb *keep, SkJobCounts *ret_counts, GError **error)
{
    g_autoptr(SkStmt) count = NULL;
    int64_t now = 0;
    bool row;

    if (!sk_db_now_us(keep, &now, error))
        return false;
    count = sk_db_prepare(keep, SQL_COUNT, error);
    if (count == NULL)
        return false;
    sk_stmt_bind_int(count, 1, now);
    if (!sk_stmt_next(count, &row, error))
        return false;
    g_assert(row);
    *ret_counts = (SkJobCounts){
        .waiting = sk_stmt_get_int(count, 0) - sk_stmt_get_int(count, 3),
        .due = sk_stmt_get_int(count, 1),
        .leased = sk_stmt_get_int(count, 2),
        .given_up = sk_stmt_get_int(count, 3),
        .oldest_due_us = sk_stmt_get_int(count, 4),
    };
    return true;
}
