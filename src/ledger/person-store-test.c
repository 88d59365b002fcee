/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/person-store.h"

#include "base/error.h"
#include "base/limit.h"
#include "ledger/ledger-person.h"
#include "ledger/passage-json.h"
#include "ledger/passage-store.h"
#include "ledger/passage-testing.h"
#include "port/faulty-db.h"
#include "store/store-migrate.h"
#include "store/store-postgres-testing.h"

typedef struct {
    SkTestDir dir;
    char *place;
    SkDb *db;
} Fixture;

static SkDb *
open_place(const Fixture *f)
{
    g_autoptr(GError) error = NULL;
    SkDb *db = sk_test_place_open(f->place, &error);

    g_assert_no_error(error);
    return db;
}

static void
set_up(void *fixture, const void *data)
{
    Fixture *f = fixture;
    const SkTestEngine *engine = data;

    sk_test_dir_init(&f->dir);
    f->place = sk_test_place_new(*engine, &f->dir, "know.db");
    f->db = open_place(f);
    g_assert_true(
        sk_store_migrate(f->db, sk_passage_tables.name, sk_passage_tables.steps, NULL));
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

/* "a" to Ben, "b" to Ben and Carl, "c" to Ben, in which Anna is only talked about. */
static void
add_samples(SkDb *db)
{
    g_autoptr(SkPassage) a = sk_test_passage_plain("a", 1000);
    g_autoptr(SkPassage) b = sk_test_passage_full("b", 2000);
    g_autoptr(SkPassage) c = sk_test_passage_plain("c", 3000);

    g_assert_true(sk_envelope_set_sender(c->envelope, "joanna@example.net", NULL));
    g_free(c->from);
    c->from = g_strdup("joanna@example.net");
    g_free(c->subject);
    c->subject = g_strdup("写しANNA@example.netへ");
    add(db, a);
    add(db, b);
    add(db, c);
}

typedef struct {
    GString *ids;
    unsigned most; /* 0: all */
    unsigned n;
} Heard;

static bool
hear(const char *json, void *data)
{
    Heard *heard = data;
    const char *id = strstr(json, "\"id\":\"");

    g_assert_nonnull(id);
    g_assert_nonnull(strstr(json, "\"other_recipients\":"));
    id += strlen("\"id\":\"");
    g_string_append_len(heard->ids, id, (gssize)strcspn(id, "\""));
    g_string_append_c(heard->ids, ' ');
    return ++heard->n != heard->most;
}

static void
check_export(SkDb *db, const char *address, unsigned most, const char *want)
{
    g_autoptr(GString) ids = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    Heard heard = {.ids = ids, .most = most};
    SkPersonRequest request = {.address = address};

    g_assert_true(sk_passage_person.export_to(db, &request, hear, &heard, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(ids->str, ==, want);
}

static int64_t
erase(SkDb *db, const char *address)
{
    g_autoptr(GError) error = NULL;
    SkPersonRequest request = {.address = address};
    int64_t rows = -1;

    g_assert_true(sk_passage_person.erase(db, &request, &rows, &error));
    g_assert_no_error(error);
    return rows;
}

typedef struct {
    const char *word;
    unsigned rows, with;
} Columns;

static bool
has(const char *text, const char *word)
{
    g_autofree char *lower = text != NULL ? g_ascii_strdown(text, -1) : NULL;

    return lower != NULL && strstr(lower, word) != NULL;
}

static bool
look(const SkPassageRow *row, void *data)
{
    Columns *columns = data;
    const char *const texts[] = {row->id,       row->origin,     row->sender,  row->from,
                                 row->subject,  row->message_id, row->fate,    row->recipients,
                                 row->findings, row->observed,   row->document};
    bool any = false;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        any = any || has(texts[i], columns->word);
    columns->rows++;
    columns->with += any;
    return true;
}

/* Rows with WORD in any column. */
static unsigned
count_with(SkDb *db, const char *word)
{
    Columns columns = {.word = word};
    SkPassageFilter filter = {0};

    g_assert_true(sk_passage_store_list(db, &filter, look, &columns, NULL));
    return columns.with;
}

static void
test_export(void *fixture, const void *data)
{
    Fixture *f = fixture;
    add_samples(f->db);
    check_export(f->db, "anna@example.net", 0, "a b ");
    check_export(f->db, "ANNA@EXAMPLE.NET", 0, "a b ");
    check_export(f->db, "joanna@example.net", 0, "c ");
    check_export(f->db, "ben@example.com", 0, "a b c ");
    check_export(f->db, "ben@example.com", 2, "a b ");
    check_export(f->db, "carl@example.org", 0, "b ");
    check_export(f->db, "nobody@example.org", 0, "");
}

static void
test_erase(void *fixture, const void *data)
{
    Fixture *f = fixture;
    add_samples(f->db);
    g_assert_cmpuint(count_with(f->db, "\"anna@example.net\""), ==, 2);
    g_assert_cmpint(erase(f->db, "anna@example.net"), ==, 3);
    g_assert_cmpuint(count_with(f->db, "\"anna@example.net"), ==, 0);
    g_assert_cmpuint(count_with(f->db, "写しanna"), ==, 0);
    g_assert_cmpuint(count_with(f->db, "lunch on friday"), ==, 0);
    g_assert_cmpuint(count_with(f->db, "20270102.4711"), ==, 1);
    g_assert_cmpuint(count_with(f->db, "joanna@example.net"), ==, 1);
    g_assert_cmpuint(count_with(f->db, SK_LEDGER_ERASED), ==, 3);
    g_assert_cmpint(erase(f->db, "anna@example.net"), ==, 0);
    check_export(f->db, "anna@example.net", 0, "");
    check_export(f->db, "ben@example.com", 0, "a b c ");
    g_assert_cmpint(erase(f->db, "ben@example.com"), ==, 3);
    g_assert_cmpint(erase(f->db, "carl@example.org"), ==, 1);
    g_assert_cmpuint(count_with(f->db, "carl"), ==, 0);
    g_assert_cmpuint(count_with(f->db, "ben@"), ==, 0);
}

/* What is searched and judged afterwards. */
static void
test_erased_is_a_passage(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(SkPassage) passage = sk_test_passage_full("01j8zk3fa7s4wq9m2xet", 2000);
    g_autoptr(SkPassage) read = NULL;
    SkPassageFilter filter = {.fate = "reject", .finding = "attach.encrypted"};
    Columns columns = {.word = SK_LEDGER_ERASED};

    add(f->db, passage);
    g_assert_cmpint(erase(f->db, "anna@example.net"), ==, 1);
    g_assert_true(sk_passage_store_load(f->db, passage->id, &read, NULL));
    g_assert_cmpint(read->took_us, ==, passage->took_us);
    g_assert_true(sk_passage_store_list(f->db, &filter, look, &columns, NULL));
    g_assert_cmpuint(columns.rows, ==, 1);
    g_assert_cmpuint(columns.with, ==, 1);
}

/* The 10,000th is in the document only. */
static void
test_many_recipients(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(SkPassage) passage = sk_test_passage_plain("b", 1);

    for (int i = 1; i < 10000; i++) {
        g_autofree char *address = g_strdup_printf("person-%d@example.com", i);

        sk_test_passage_add_recipient(passage, address, SK_DIRECTION_INBOUND);
    }
    add(f->db, passage);
    check_export(f->db, "person-9999@example.com", 0, "b ");
    g_assert_cmpint(erase(f->db, "person-9999@example.com"), ==, 1);
    g_assert_cmpuint(count_with(f->db, "person-9999@"), ==, 0);
    g_assert_cmpuint(count_with(f->db, "person-9998@"), ==, 1);
}

/* What could be read was told before. */
static void
check_incomplete_export(SkDb *db, const char *address, const char *want)
{
    g_autoptr(GString) ids = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    Heard heard = {.ids = ids};
    SkPersonRequest request = {.address = address};

    g_assert_false(sk_passage_person.export_to(db, &request, hear, &heard, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, SK_ERROR, SK_ERROR_PROTOCOL);
    g_assert_nonnull(strstr(error->message, "passage a"));
    g_assert_cmpstr(ids->str, ==, want);
}

static void
test_damaged(void *fixture, const void *data)
{
    Fixture *f = fixture;
    add_samples(f->db);
    g_assert_true(sk_db_run(
        f->db, "UPDATE passage SET document = '{\"sender\":\"anna@example.net' WHERE id = 'a'",
        NULL));
    check_incomplete_export(f->db, "anna@example.net", "b ");
    check_export(f->db, "carl@example.org", 0, "b ");
    g_assert_cmpint(erase(f->db, "anna@example.net"), ==, 3);
    g_assert_cmpuint(count_with(f->db, "\"anna@example.net"), ==, 0);
    g_assert_cmpuint(count_with(f->db, "joanna@example.net"), ==, 1);
}

static void
note_progress(int64_t done, int64_t total, void *data)
{
    int64_t *last = data;

    g_assert_cmpint(done, >=, *last);
    g_assert_cmpint(total, >=, done);
    *last = done;
}

static void
add_many(SkDb *db, int n)
{
    g_autoptr(SkPassageAdder) adder = NULL;

    g_assert_true(sk_db_begin(db, NULL));
    adder = sk_passage_adder_new(db, NULL);
    for (int i = 0; i < n; i++) {
        g_autofree char *id = g_strdup_printf("%06d", i);
        g_autoptr(SkPassage) passage = sk_test_passage_plain(id, 1000 + i);

        if (i % 7 != 0)
            g_assert_true(sk_envelope_set_sender(passage->envelope, "eva@example.net", NULL));
        if (i % 7 != 0)
            passage->from[0] = 'x';
        g_assert_true(sk_passage_adder_add(adder, passage, NULL));
    }
    g_clear_pointer(&adder, sk_passage_adder_free);
    g_assert_true(sk_db_commit(db, NULL));
}

/* Several windows, several batches in each. */
static void
test_windows(void *fixture, const void *data)
{
    Fixture *f = fixture;
    int64_t done = 0, rows = -1;
    SkPersonRequest request = {"anna@example.net", note_progress, &done};

    add_many(f->db, 2100);
    g_assert_true(sk_passage_person.erase(f->db, &request, &rows, NULL));
    g_assert_cmpint(rows, ==, 300);
    g_assert_cmpint(done, ==, 2100);
    g_assert_cmpuint(count_with(f->db, "\"anna@example.net"), ==, 0);
    g_assert_cmpuint(count_with(f->db, SK_LEDGER_ERASED), ==, 300);
}

/* Exactly one full window: the end is found with an empty one. */
static void
test_full_window(void *fixture, const void *data)
{
    Fixture *f = fixture;
    add_many(f->db, 1000);
    g_assert_cmpint(erase(f->db, "anna@example.net"), ==, 143);
    g_assert_cmpuint(count_with(f->db, "\"anna@example.net"), ==, 0);
}

/* Whatever fails, and fails after it was done: again, and it is done in the end. */
static void
test_faults(void *fixture, const void *data)
{
    Fixture *f = fixture;
    SkFaults faults = {0};
    SkPersonRequest request = {.address = "anna@example.net"};
    unsigned failed = 0;

    add_many(f->db, 300);
    f->db = sk_faulty_db_new(f->db, &faults);
    for (unsigned every = 5; every < 400; every += 13) {
        int64_t rows;

        faults = (SkFaults){.every = every};
        if (!sk_passage_person.erase(f->db, &request, &rows, NULL))
            failed++;
    }
    g_assert_cmpuint(failed, >, 3);
    faults.every = 0;
    (void)erase(f->db, "anna@example.net");
    g_assert_cmpuint(count_with(f->db, "\"anna@example.net"), ==, 0);
    g_assert_cmpuint(count_with(f->db, SK_LEDGER_ERASED), ==, 43);
}

static void *
erase_in_thread(void *data)
{
    const Fixture *f = data;
    g_autoptr(SkDb) db = open_place(f);

    (void)erase(db, "ben@example.com");
    return NULL;
}

/* Two people leave at the same time, and are in the same rows. */
static void
test_two_at_once(void *fixture, const void *data)
{
    Fixture *f = fixture;
    GThread *other;

    add_many(f->db, 700);
    other = g_thread_new("other", erase_in_thread, f);
    (void)erase(f->db, "anna@example.net");
    g_thread_join(other);
    g_assert_cmpuint(count_with(f->db, "\"anna@example.net"), ==, 0);
    g_assert_cmpuint(count_with(f->db, "ben@example.com"), ==, 0);
}

static void
test_refusal(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(GError) error = NULL, same = NULL;
    SkPersonRequest request = {.address = "example.net"};
    Heard heard = {.ids = NULL};
    int64_t rows = -1;

    g_assert_false(sk_passage_person.export_to(f->db, &request, hear, &heard, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_USAGE);
    g_assert_false(sk_passage_person.erase(f->db, &request, &rows, &same));
    g_assert_error(same, SK_ERROR, SK_ERROR_USAGE);
    g_assert_cmpint(rows, ==, -1);
}

/* Free pages and the log count, too: who can read the file can read those. */
static void
test_nothing_in_the_file(void)
{
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *place = NULL;
    g_autoptr(SkDb) db = NULL;
    const char *const names[] = {"know.db", "know.db-wal"};

    sk_test_dir_init(&dir);
    place = sk_test_place_new(SK_TEST_SQLITE, &dir, "know.db");
    db = sk_test_place_open(place, NULL);
    g_assert_true(sk_store_migrate(db, sk_passage_tables.name, sk_passage_tables.steps, NULL));
    add_many(db, 700);
    g_assert_cmpint(erase(db, "anna@example.net"), ==, 100);
    g_assert_true(sk_db_run(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = sk_test_dir_file(&dir, names[i]);
        g_autofree char *content = NULL;
        gsize len = 0;

        g_assert_true(g_file_get_contents(path, &content, &len, NULL));
        for (gsize at = 0; at < len; at++)
            content[at] = content[at] == '\0' ? ' ' : g_ascii_tolower(content[at]);
        g_assert_null(strstr(content, "anna@example.net"));
        g_assert_true(i > 0 || strstr(content, "ben@example.com") != NULL);
    }
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        SkTestFunc test;
    } cases[] = {
        {"export", test_export},
        {"erase", test_erase},
        {"erased-is-a-passage", test_erased_is_a_passage},
        {"many-recipients", test_many_recipients},
        {"damaged", test_damaged},
        {"windows", test_windows},
        {"full-window", test_full_window},
        {"faults", test_faults},
        {"two-at-once", test_two_at_once},
        {"refusal", test_refusal},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        sk_test_add_both("person-store", cases[i].name, sizeof(Fixture), set_up, cases[i].test,
                         tear_down);
    g_test_add_func("/person-store/nothing-in-the-file", test_nothing_in_the_file);
    return sk_test_postgres_run_tests();
}
