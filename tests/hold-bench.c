/* SPDX-License-Identifier: Apache-2.0 */

/*
 * hold-bench ENGINE WAITING SECONDS: what held mail costs the clerk while so many copies wait
 *
 * ENGINE: sqlite, in BENCH_DIR (/var/tmp), or postgresql, a server of its own. Prints one JSON
 * object: microseconds of a claim with its end, of asking when something is due, of a page of
 * a list; and CPU of this process for asking once a second, in percent of a core.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hold/hold-store.h"
#include "store/store-migrate.h"
#include "store/store-postgres-testing.h"

#define HOUR_US (INT64_C(3600) * G_USEC_PER_SEC)
#define DUE     20000

static const char SQL_MESSAGES[] =
    "WITH RECURSIVE n (i) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 1 FROM n"
    " WHERE i + 1 < CAST($2 AS BIGINT))"
    " INSERT INTO held_message (id, made_us, origin, owner, owner_key, sender, message_id,"
    " body, same, size, blob, document)"
    " SELECT '01kaj' || CAST(100000000000000 + i AS TEXT), i, 'outbound',"
    " 'person' || CAST(i % 500 AS TEXT) || '@ours.example',"
    " 'person' || CAST(i % 500 AS TEXT) || '@ours.example', 'x@ours.example', 'id',"
    " $3, NULL, 20000, 'blob', '{\"version\":1}' FROM n";
static const char SQL_COPIES[] =
    "INSERT INTO held_copy (message, nr, variant, direction, state, waits, open, review, "
    "due_us,"
    " expires_us, recipients, tries, claim, claim_us)"
    " SELECT id, 1, 'whole', 'outbound', 'waiting', 1, 1, 0, $1 + made_us * 1000, 0,"
    " 'jiro@partner.example', 0, 0, $1 + made_us * 1000 FROM held_message"
    " WHERE made_us >= $2";
static const char SQL_RECIPIENTS[] =
    "INSERT INTO held_recipient (message, nr, address)"
    " SELECT id, 1, 'person' || CAST(made_us % 50000 AS TEXT) || '@partner.example'"
    " FROM held_message WHERE made_us >= $1";

static void
check(bool ok, GError *const *error)
{
    if (!ok)
        g_error("%s", (*error)->message);
}

static void
fill_some(SkDb *keep, int64_t from, int64_t to, int64_t due_us)
{
    static const uint8_t body[SK_HOLD_BODY_LEN];
    g_autoptr(GError) error = NULL;
    g_autoptr(SkStmt) messages = sk_db_prepare(keep, SQL_MESSAGES, &error);
    g_autoptr(SkStmt) copies = sk_db_prepare(keep, SQL_COPIES, &error);
    g_autoptr(SkStmt) recipients = sk_db_prepare(keep, SQL_RECIPIENTS, &error);

    check(messages != NULL && copies != NULL && recipients != NULL, &error);
    sk_stmt_bind_int(messages, 1, from);
    sk_stmt_bind_int(messages, 2, to);
    sk_stmt_bind_blob(messages, 3, sk_bytes(body, sizeof body));
    sk_stmt_bind_int(copies, 1, due_us);
    sk_stmt_bind_int(copies, 2, from);
    sk_stmt_bind_int(recipients, 1, from);
    check(sk_db_begin(keep, &error) && sk_stmt_run(messages, &error) &&
              sk_stmt_run(copies, &error) && sk_stmt_run(recipients, &error) &&
              sk_db_commit(keep, &error),
          &error);
}

/* WAITING that are due from an hour on, and DUE that are. */
static void
fill(SkDb *keep, int64_t waiting)
{
    g_autoptr(GError) error = NULL;
    int64_t now = 0;

    check(sk_store_migrate(keep, sk_hold_tables.name, sk_hold_tables.steps, &error), &error);
    check(sk_db_now_us(keep, &now, &error), &error);
    for (int64_t i = 0; i < waiting; i += 50000)
        fill_some(keep, i, MIN(i + 50000, waiting), now + HOUR_US);
    fill_some(keep, waiting, waiting + DUE, now - HOUR_US - waiting * 1000);
    /* As a server does by itself, a minute later. */
    check(sk_db_run(keep, "ANALYZE", &error), &error);
}

typedef struct {
    const char *name;
    void (*once)(SkDb *keep);
} Part;

static void
claim_and_finish(SkDb *keep)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) copies = NULL;

    check(sk_hold_claim(keep, "bench", 60 * G_USEC_PER_SEC, 1, &copies, &error), &error);
    g_assert_cmpuint(copies->len, ==, 1);
    check(sk_hold_finish(keep, copies->pdata[0], SK_COPY_SENT, "time", NULL, &error), &error);
}

static void
claim_only(SkDb *keep)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) copies = NULL;

    check(sk_hold_claim(keep, "bench", HOUR_US, 1, &copies, &error), &error);
    g_assert_cmpuint(copies->len, ==, 1);
}

static void
ask_next_due(SkDb *keep)
{
    g_autoptr(GError) error = NULL;
    int64_t due;

    check(sk_hold_next_due(keep, &due, &error), &error);
}

static bool
take_line(const SkHoldLine *line, void *data)
{
    ++*(unsigned *)data;
    return true;
}

static void
list_as(SkDb *keep, const SkHoldFilter *filter)
{
    g_autoptr(GError) error = NULL;
    unsigned lines = 0;

    check(sk_hold_list(keep, filter, take_line, &lines, &error), &error);
    g_assert_cmpuint(lines, >, 0);
}

static void
list_page(SkDb *keep)
{
    const SkHoldFilter filter = {.limit = 50};

    list_as(keep, &filter);
}

static void
list_owner(SkDb *keep)
{
    const SkHoldFilter filter = {.limit = 50, .owner = "person42@ours.example"};

    list_as(keep, &filter);
}

static void
list_recipient(SkDb *keep)
{
    const SkHoldFilter filter = {.limit = 50, .recipient = "person4242@partner.example"};

    list_as(keep, &filter);
}

static int64_t
cpu_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static int
compare(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static void
measure(SkDb *keep, const Part *part, double seconds)
{
    int64_t end = g_get_monotonic_time() + (int64_t)(seconds * G_USEC_PER_SEC);
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t cpu = cpu_us();

    while (times->len < DUE / 4 && g_get_monotonic_time() < end) {
        int64_t start = g_get_monotonic_time();
        int64_t took;

        part->once(keep);
        took = g_get_monotonic_time() - start;
        g_array_append_val(times, took);
    }
    cpu = cpu_us() - cpu;
    g_array_sort(times, compare);
    printf("{\"what\": \"%s\", \"n\": %u, \"p50_us\": %d, \"p99_us\": %d, \"cpu_us\": %.1f}\n",
           part->name, times->len, (int)g_array_index(times, int64_t, times->len / 2),
           (int)g_array_index(times, int64_t, times->len * 99 / 100), (double)cpu / times->len);
    fflush(stdout);
}

static void
run(SkTestEngine engine, int64_t waiting, double seconds)
{
    static const Part parts[] = {
        {"claim", claim_only},
        {"claim and finish", claim_and_finish},
        {"next due", ask_next_due},
        {"list of 50", list_page},
        {"list of an owner", list_owner},
        {"list for a recipient", list_recipient},
    };
    const char *base = g_getenv("BENCH_DIR");
    g_autoptr(GError) error = NULL;
    SkTestDir dir = {g_strconcat(base != NULL ? base : "/var/tmp", "/hold-bench-XXXXXX", NULL)};
    g_autofree char *place = NULL;
    SkDb *keep;

    g_assert_nonnull(g_mkdtemp(dir.path));
    place = sk_test_place_new(engine, &dir, "keep.db");
    keep = sk_test_place_open(place, &error);
    check(keep != NULL, &error);
    fill(keep, waiting);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        measure(keep, &parts[i], seconds);
    sk_db_close(keep);
    sk_test_dir_clear(&dir);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert(argc == 4);
    run(g_str_equal(argv[1], "sqlite") ? SK_TEST_SQLITE : SK_TEST_POSTGRES,
        g_ascii_strtoll(argv[2], NULL, 10), g_ascii_strtod(argv[3], NULL));
    /* There is none; but it ends and removes the server. */
    return sk_test_postgres_run_tests();
}
