/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "clerk/clerk-duties.h"

#define DAY_US (INT64_C(86400) * G_USEC_PER_SEC)
/* Retention is hourly. So long after it was due the machine was off, or its clock is ahead and
 * everything seems old. Somebody notices such a clock within the day that is waited then, and
 * who was off for a week loses nothing by it. */
#define TOO_LATE_US (7 * DAY_US)

/* Rows of one step: some 20 ms of the database's write lock. */
#define BATCH 500

/* One list entry of one capability. */
typedef struct {
    const SkTables *tables;
    const SkRetention *retention;
} Entry;

typedef struct {
    const SkJob *job; /* NULL: the table is not in the job's database */
    const SkRetention *retention;
    int64_t kept_us;
    int64_t rows;
} Batch;

/* The entry that is called WHAT, or the first (NULL), and the one after it; without tables:
 * there is none. */
static Entry
find_entry(const SkTables *const *tables, const char *what, Entry *ret_next)
{
    Entry found = {0};

    *ret_next = (Entry){0};
    for (; *tables != NULL; tables++) {
        const SkRetention *r = (*tables)->retention;

        for (; r != NULL && r->what != NULL; r++) {
            if (found.tables != NULL) {
                *ret_next = (Entry){*tables, r};
                return found;
            }
            if (what == NULL || g_str_equal(what, r->what))
                found = (Entry){*tables, r};
        }
    }
    return found;
}

static bool
delete_rows(SkDb *db, const char *sql, int64_t before_us, int64_t *ret_rows, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, error);
    int64_t rows = 0;
    bool row = true;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_int(stmt, 1, before_us);
    sk_stmt_bind_int(stmt, 2, BATCH);
    while (row) {
        if (!sk_stmt_next(stmt, &row, error))
            return false;
        rows += row ? 1 : 0;
    }
    *ret_rows = rows;
    return true;
}

static bool
forget_some(SkDb *db, void *data, GError **error)
{
    Batch *batch = data;
    const SkRetention *retention = batch->retention;
    int64_t now = 0;

    batch->rows = 0;
    if ((batch->job != NULL && !sk_job_hold(db, batch->job, error)) ||
        !sk_db_now_us(db, &now, error))
        return false;
    if (retention->forget != NULL)
        return retention->forget(db, now - batch->kept_us, BATCH, &batch->rows, error);
    return delete_rows(db, retention->sql, now - batch->kept_us, &batch->rows, error);
}

static Batch
batch_of(const SkClerkWorld *world, const SkJob *job, const Entry *entry)
{
    const char *setting = entry->retention->setting;

    return (Batch){
        .job = entry->tables->database == SK_KEEP ? job : NULL,
        .retention = entry->retention,
        .kept_us = 1000000 * sk_settings_get_int(world->settings, "retention", setting),
    };
}

/* What the next step is about stands in the payload. */
static SkDutyState
go_on_with(SkJob *job, const Entry *entry)
{
    if (entry->tables == NULL)
        return SK_DUTY_DONE;
    g_free(job->payload);
    job->payload = g_strdup(entry->retention->what);
    return SK_DUTY_MORE;
}

/* Puts the round off if there is reason to doubt the clock. */
static bool
doubt_clock(const SkClerkWorld *world, const SkJob *job, bool *ret_doubted, GError **error)
{
    g_autofree char *days = NULL;
    int64_t now = 0;

    if (!sk_db_now_us(world->keep, &now, error))
        return false;
    *ret_doubted = job->payload == NULL && now - job->due_us > TOO_LATE_US;
    if (!*ret_doubted)
        return true;
    days = g_strdup_printf("%d", (int)MIN((now - job->due_us) / DAY_US, G_MAXINT));
    sk_log(SK_LOG_WARNING,
           "retention is long overdue: if the clock is ahead, correct it now; nothing is "
           "deleted for a day",
           "days", days, NULL);
    return sk_job_repeat(world->keep, job, NULL, now + DAY_US, error);
}

bool
sk_clerk_retention_step(const SkClerkWorld *world,
                        SkJob *job,
                        SkDutyState *ret_state,
                        GError **error)
{
    Entry next, entry = find_entry(sk_store_peek_tables(world->store), job->payload, &next);
    bool doubted, more;
    Batch batch;

    if (!doubt_clock(world, job, &doubted, error))
        return false;
    if (doubted || entry.tables == NULL) {
        *ret_state = doubted ? SK_DUTY_GONE : SK_DUTY_DONE;
        return true;
    }
    batch = batch_of(world, job, &entry);
    if (!sk_db_transact(batch.job != NULL ? world->keep : world->know, forget_some, &batch,
                        error))
        return false;
    sk_clerk_tally_add(world->tally, entry.retention->what, batch.rows);
    /* A function may forget fewer at a time. */
    more = entry.retention->forget != NULL ? batch.rows > 0 : batch.rows == BATCH;
    *ret_state = go_on_with(job, more ? &entry : &next);
    return true;
}
