/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/passage-store.h"

#include "base/error.h"
#include "ledger/passage-json.h"
#include "ledger/passage-testing.h"
#include "port/faulty-db.h"
#include "store/store-migrate.h"
#include "store/store-postgres-testing.h"
#include "store/store-sqlite.h"

typedef struct {
    SkTestDir dir;
    char *place;
    SkDb *db;
} Fixture;

static void
open_db(Fixture *f)
{
    g_autoptr(GError) error = NULL;

    f->db = sk_test_place_open(f->place, &error);
    g_assert_no_error(error);
    g_assert_true(
        sk_store_migrate(f->db, sk_passage_tables.name, sk_passage_tables.steps, &error));
}

static void
set_up(void *fixture, const void *data)
{
    Fixture *f = fixture;
    const SkTestEngine *engine = data;

    sk_test_dir_init(&f->dir);
    f->place = sk_test_place_new(*engine, &f->dir, "know.db");
    open_db(f);
}

static void
tear_down(void *fixture, const void *data)
{
    Fixture *f = fixture;
    sk_db_close(f->db);
    sk_test_dir_clear(&f->dir);
    g_free(f->place);
}

static void
add(SkDb *db, const SkPassage *passage)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_passage_store_add(db, passage, &error));
    g_assert_no_error(error);
}

static SkPassage *
load(SkDb *db, const char *id)
{
    g_autoptr(GError) error = NULL;
    SkPassage *passage = NULL;

    g_assert_true(sk_passage_store_load(db, id, &passage, &error));
    g_assert_no_error(error);
    return passage;
}

static void
test_load(void *fixture, const void *data)
{
    Fixture *f = fixture;
    static const struct {
        const char *id;
        const char *want; /* NULL: none */
    } cases[] = {
        {"01j8zk3fa7s4wq9m2xet", "01j8zk3fa7s4wq9m2xet"},
        {"01J8ZK3FA7S4WQ9M2XET", "01j8zk3fa7s4wq9m2xet"},
        {"oij8zk3fa7s4wq9m2xe", "01j8zk3fa7s4wq9m2xet"},
        {"01j8zk3fb", "01j8zk3fb0000000000z"},
        {"01j8zk3fbo", "01j8zk3fb0000000000z"},
        {"01j8zk3fb1", NULL},
        {"zzzzzz", NULL},
    };
    g_autoptr(SkPassage) one = sk_test_passage_full("01j8zk3fa7s4wq9m2xet", 5);
    g_autoptr(SkPassage) two = sk_test_passage_plain("01j8zk3fb0000000000z", 6);

    add(f->db, one);
    add(f->db, two);
    sk_db_close(f->db);
    open_db(f);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SkPassage) got = load(f->db, cases[i].id);

        g_test_message("case %zu", i);
        g_assert_cmpstr(got != NULL ? got->id : NULL, ==, cases[i].want);
    }
}

static void
test_load_refusals(void *fixture, const void *data)
{
    Fixture *f = fixture;
    static const struct {
        const char *id;
        int code;
    } cases[] = {
        {"01j8zk3f", SK_ERROR_CONFLICT},
        {"01j8z", SK_ERROR_USAGE},
        {"", SK_ERROR_USAGE},
        {"01j8zk3fa7s4wq9m2xet0", SK_ERROR_USAGE},
        {"01j8zk%", SK_ERROR_USAGE},
        {"01j8zk3f\xff", SK_ERROR_USAGE},
    };
    g_autoptr(SkPassage) one = sk_test_passage_plain("01j8zk3fa7s4wq9m2xet", 5);
    g_autoptr(SkPassage) two = sk_test_passage_plain("01j8zk3fb0000000000z", 6);

    add(f->db, one);
    add(f->db, two);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        SkPassage *untouched = one;

        g_test_message("case %zu", i);
        g_assert_false(sk_passage_store_load(f->db, cases[i].id, &untouched, &error));
        g_assert_error(error, SK_ERROR, cases[i].code);
        g_assert_true(untouched == one);
    }
}

/* After UNCERTAIN a caller adds again. */
static void
test_add_twice(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(SkPassage) one = sk_test_passage_plain("01j8zk3fa7s4wq9m2xet", 5);
    g_autoptr(SkPassage) got = NULL;

    add(f->db, one);
    one->size = 1;
    add(f->db, one);
    got = load(f->db, one->id);
    g_assert_cmpuint(got->size, ==, 4711);
}

static bool
note_id(const SkPassageRow *row, void *data)
{
    g_string_append_printf(data, "%s ", row->id);
    return true;
}

static bool
note_first(const SkPassageRow *row, void *data)
{
    note_id(row, data);
    return false;
}

static void
add_samples(SkDb *db)
{
    g_autoptr(SkPassage) a = sk_test_passage_plain("a", 1000);
    g_autoptr(SkPassage) b = sk_test_passage_full("b", 2000);
    g_autoptr(SkPassage) c = sk_test_passage_plain("c", 3000);
    g_autoptr(SkPassage) d = sk_test_passage_plain("d", 4000);
    SkPassageRecipient *recipient;

    sk_test_passage_add_recipient(c, "under_score%percent\\back@example.com",
                                  SK_DIRECTION_INBOUND);
    recipient = c->recipients->pdata[1];
    recipient->observed = sk_decision_new();
    recipient->observed->waits = SK_WAIT_REVIEW;
    recipient->observed->edits = SK_EDIT_MARK;
    sk_findings_add(c->findings, SK_FINDING_ATTACH_BROKEN, NULL, NULL, NULL);
    a->held = g_strdup(a->id);
    g_assert_true(sk_envelope_set_sender(d->envelope, "", NULL));
    g_free(d->from);
    d->from = NULL;
    d->fate = SK_FATE_DEFER;
    add(db, a);
    add(db, b);
    add(db, c);
    add(db, d);
}

static void
test_list(void *fixture, const void *data)
{
    Fixture *f = fixture;
    static const struct {
        SkPassageFilter filter;
        const char *want;
    } cases[] = {
        {{0}, "d c b a "},
        {{.since_us = 2000}, "d c b "},
        {{.until_us = 3000}, "b a "},
        {{.since_us = 2000, .until_us = 2001}, "b "},
        {{.limit = 2}, "d c "},
        {{.fate = "reject"}, "b "},
        {{.fate = "held"}, "a "},
        {{.fate = "deliver"}, "c "},
        {{.observed = true}, "c "},
        {{.fate = "defer"}, "d "},
        {{.address = "anna@"}, "c b a "},
        {{.address = "BEN@example.COM"}, "d c b a "},
        {{.address = "carl@"}, "b "},
        {{.address = "under_score"}, "c "},
        {{.address = "under.score"}, ""},
        {{.address = "%percent"}, "c "},
        {{.address = "%"}, "c "},
        {{.address = "\\back"}, "c "},
        {{.address = "' OR 1 = 1 --"}, ""},
        {{.finding = "attach.encrypted"}, "b "},
        {{.finding = "attach.encrypted.zip"}, "b "},
        {{.finding = "attach.encrypted.7z"}, ""},
        {{.finding = "attach"}, "c b "},
        {{.finding = "atta"}, ""},
        {{.finding = "attach_any"}, ""},
        {{.finding = "attach.encrypted", .fate = "deliver"}, ""},
    };

    add_samples(f->db);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) got = g_string_new(NULL);
        g_autoptr(GError) error = NULL;

        g_test_message("case %zu", i);
        g_assert_true(sk_passage_store_list(f->db, &cases[i].filter, note_id, got, &error));
        g_assert_cmpstr(got->str, ==, cases[i].want);
    }
}

static void
test_list_stops(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(GString) got = g_string_new(NULL);
    SkPassageFilter filter = {0};

    add_samples(f->db);
    g_assert_true(sk_passage_store_list(f->db, &filter, note_first, got, NULL));
    g_assert_cmpstr(got->str, ==, "d ");
}

static bool
check_columns(const SkPassageRow *row, void *data)
{
    g_autoptr(SkPassage) passage = sk_passage_json_read(row->document, NULL);
    bool *seen = data;

    g_assert_nonnull(passage);
    g_assert_cmpint(row->received_us, ==, 2000);
    g_assert_cmpstr(row->origin, ==, "outbound");
    g_assert_cmpstr(row->sender, ==, "anna@example.net");
    g_assert_cmpstr(row->from, ==, "Anna@Example.net");
    g_assert_cmpstr(row->subject, ==, "\\xff\\x1b[31m");
    g_assert_cmpstr(row->message_id, ==, "<20270102.4711@example.net>");
    g_assert_cmpstr(row->fate, ==, "reject");
    g_assert_cmpint(row->size, ==, 4711);
    g_assert_cmpstr(row->recipients, ==, "ben@example.com carl@example.org");
    g_assert_cmpstr(row->observed, ==, "");
    g_assert_cmpstr(row->findings, ==, " attach.encrypted.zip attach.any missend.red ");
    *seen = true;
    return true;
}

static void
test_columns(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(SkPassage) passage = sk_test_passage_full("b", 2000);
    SkPassageFilter filter = {0};
    bool seen = false;

    g_free(passage->subject);
    passage->subject = g_strdup("\xff\x1b[31m");
    add(f->db, passage);
    g_assert_true(sk_passage_store_list(f->db, &filter, check_columns, &seen, NULL));
    g_assert_true(seen);
}

/* 10,000 recipients: the document has all, the column what can be searched. */
static void
test_many_recipients(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(SkPassage) passage = sk_test_passage_plain("01j8zk3fa7s4wq9m2xet", 1);
    g_autoptr(SkPassage) got = NULL;

    for (int i = 1; i < 10000; i++) {
        g_autofree char *address = g_strdup_printf("person-%d@example.com", i);

        sk_test_passage_add_recipient(passage, address, SK_DIRECTION_INBOUND);
    }
    add(f->db, passage);
    got = load(f->db, passage->id);
    g_assert_cmpuint(got->recipients->len, ==, 10000);
}

static void
test_damaged_row(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(SkPassage) one = sk_test_passage_plain("01j8zk3fa7s4wq9m2xet", 5);
    g_autoptr(GError) error = NULL;
    SkPassage *got = NULL;

    add(f->db, one);
    g_assert_true(sk_db_run(f->db, "UPDATE passage SET document = '{'", NULL));
    g_assert_false(sk_passage_store_load(f->db, one->id, &got, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_PROTOCOL);
    g_assert_nonnull(strstr(error->message, one->id));
}

static void
test_span(void *fixture, const void *data)
{
    Fixture *f = fixture;
    int64_t oldest = -1, newest = -1;

    g_assert_true(sk_passage_store_span(f->db, &oldest, &newest, NULL));
    g_assert_cmpint(oldest, ==, 0);
    g_assert_cmpint(newest, ==, 0);
    add_samples(f->db);
    g_assert_true(sk_passage_store_span(f->db, &oldest, &newest, NULL));
    g_assert_cmpint(oldest, ==, 1000);
    g_assert_cmpint(newest, ==, 4000);
}

static void
note_trouble(const char *id, const char *what, void *data)
{
    g_string_append_printf(data, "%s: %s\n", id, what);
}

static void
test_verify(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(GString) got = g_string_new(NULL);
    SkPassageWatcher watcher = {.trouble = note_trouble, .data = got};
    int64_t n = -1;

    for (int i = 0; i < 1100; i++) {
        g_autofree char *id = g_strdup_printf("%04d", i);
        g_autoptr(SkPassage) passage = sk_test_passage_plain(id, i);

        add(f->db, passage);
    }
    g_assert_true(sk_passage_store_verify(f->db, &watcher, &n, NULL));
    g_assert_cmpint(n, ==, 1100);
    g_assert_cmpstr(got->str, ==, "");
    g_assert_true(
        sk_db_run(f->db, "UPDATE passage SET document = '{' WHERE id = '0003'", NULL));
    g_assert_true(sk_db_run(f->db,
                            "UPDATE passage SET document = (SELECT document FROM passage"
                            " WHERE id = '0004') WHERE id = '1050'",
                            NULL));
    g_assert_true(sk_passage_store_verify(f->db, &watcher, &n, NULL));
    g_assert_nonnull(strstr(got->str, "0003: the document is damaged at byte 1"));
    g_assert_nonnull(strstr(got->str, "\n1050: the document is that of another passage\n"));
}

static void
test_faults(void *fixture, const void *data)
{
    Fixture *f = fixture;
    SkFaults faults = {.every = 3};
    SkDb *db = sk_faulty_db_new(f->db, &faults);
    g_autoptr(GString) got = g_string_new(NULL);
    SkPassageFilter filter = {0};

    f->db = db;
    for (int i = 0; i < 50; i++) {
        g_autofree char *id = g_strdup_printf("%02d", i);
        g_autoptr(SkPassage) passage = sk_test_passage_plain(id, 100 - i);

        while (!sk_passage_store_add(db, passage, NULL)) {
        }
    }
    faults.every = 0;
    g_assert_true(sk_passage_store_list(db, &filter, note_id, got, NULL));
    g_assert_cmpuint(got->len, ==, 50 * 3);
    g_assert_cmpuint(faults.failed, >, 20);
}

/* What one statement of the tables' own says, with two numbers to bind; the rows it returns. */
static int64_t
run_numbered(SkDb *db, const char *sql, const int64_t *numbers, int n, int64_t *ret_value)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, NULL);
    int64_t rows = 0;
    bool row = true;

    for (int i = 0; i < n; i++)
        sk_stmt_bind_int(stmt, i + 1, numbers[i]);
    for (;; rows++) {
        g_assert_true(sk_stmt_next(stmt, &row, NULL));
        if (!row)
            return rows;
        if (ret_value != NULL)
            *ret_value = sk_stmt_get_int(stmt, 0);
    }
}

static int64_t
count(SkDb *db, int64_t limit)
{
    int64_t n = -1;

    g_assert_cmpint(run_numbered(db, sk_passage_tables.counts[0].sql, &limit, 1, &n), ==, 1);
    return n;
}

/* Older than 5000: 0 to 4, at most three at a time, the oldest first. */
static void
test_retention(void *fixture, const void *data)
{
    Fixture *f = fixture;
    const SkRetention *retention = sk_passage_tables.retention;
    g_autoptr(GString) got = g_string_new(NULL);
    SkPassageFilter filter = {0};

    for (int i = 0; i < 10; i++) {
        g_autofree char *id = g_strdup_printf("%d", i);
        g_autoptr(SkPassage) passage = sk_test_passage_plain(id, 1000 * i);

        add(f->db, passage);
    }
    g_assert_cmpint(count(f->db, 100), ==, 10);
    g_assert_cmpint(count(f->db, 7), ==, 7);
    g_assert_cmpstr(retention[0].setting, ==, "ledger");
    g_assert_cmpint(run_numbered(f->db, retention[0].sql, (int64_t[]){5000, 3}, 2, NULL), ==,
                    3);
    g_assert_true(sk_passage_store_list(f->db, &filter, note_id, got, NULL));
    g_assert_cmpstr(got->str, ==, "9 8 7 6 5 4 3 ");
    g_assert_cmpint(run_numbered(f->db, retention[0].sql, (int64_t[]){5000, 3}, 2, NULL), ==,
                    2);
    g_assert_cmpint(run_numbered(f->db, retention[0].sql, (int64_t[]){5000, 3}, 2, NULL), ==,
                    0);
    g_assert_cmpint(count(f->db, 100), ==, 5);
    g_assert_nonnull(retention[1].forget);
    g_assert_null(retention[2].what);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        SkTestFunc test;
    } cases[] = {
        {"load", test_load},
        {"load-refusals", test_load_refusals},
        {"add-twice", test_add_twice},
        {"list", test_list},
        {"list-stops", test_list_stops},
        {"columns", test_columns},
        {"many-recipients", test_many_recipients},
        {"damaged-row", test_damaged_row},
        {"span", test_span},
        {"verify", test_verify},
        {"faults", test_faults},
        {"retention", test_retention},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        sk_test_add_both("passage-store", cases[i].name, sizeof(Fixture), set_up, cases[i].test,
                         tear_down);
    return sk_test_postgres_run_tests();
}
