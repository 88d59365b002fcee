/* SPDX-License-Identifier: Apache-2.0 */

/* What is forgotten: content, ended messages, people. */

#include "hold/hold-about.h"

#include "hold/hold-testing.h"
#include "port/faulty-db.h"

static void
finish_one(Fixture *f, SkCopyState end)
{
    g_autoptr(GPtrArray) one = claim(f->db, 1);

    g_assert_cmpuint(one->len, ==, 1);
    MUST(sk_hold_finish(f->db, one->pdata[0], end, "time", NULL, &error));
}

static char *
drop(Fixture *f, unsigned n)
{
    g_autofree char *message = message_id(n);
    char *blob = NULL;

    MUST(sk_hold_drop_content(f->db, message, &blob, &error));
    return blob;
}

static void
test_drop_content(Fixture *f, const void *data)
{
    g_autofree char *early = NULL, *sent = NULL, *again = NULL, *stopped = NULL, *none = NULL;

    hold(f->db, 1, 2, SK_WAIT_TIME, START_US);
    finish_one(f, SK_COPY_SENT);
    early = drop(f, 1);
    g_assert_null(early);
    finish_one(f, SK_COPY_SENT);
    sent = drop(f, 1);
    g_assert_cmpstr(sent, ==, "blob0000000000000000000001");
    again = drop(f, 1);
    g_assert_null(again);
    /* What was not sent may still be asked for. */
    hold(f->db, 2, 1, SK_WAIT_TIME, START_US);
    g_assert_cmpint(stop(f->db, 2, 1), ==, SK_HOLD_DONE);
    stopped = drop(f, 2);
    g_assert_null(stopped);
    none = drop(f, 3);
    g_assert_null(none);
}

static GPtrArray *
forget(Fixture *f, int64_t before_us, unsigned max, int64_t *ret_rows)
{
    GPtrArray *blobs = NULL;

    MUST(sk_hold_forget(f->db, before_us, max, &blobs, ret_rows, &error));
    return blobs;
}

static void
add_token(Fixture *f, const char *target, const char *person)
{
    const SkHoldToken token = {.purpose = SK_TOKEN_STOP,
                               .target = (char *)target,
                               .person = (char *)person,
                               .expires_us = SK_HOLD_NEVER};
    g_autofree char *text = NULL;

    MUST(sk_hold_token_add(f->db, &token, &text, &error));
}

/* Messages 1 to 5 end one second after the other; of 6 one copy waits; 7 has no content. */
static void
fill_ended(Fixture *f)
{
    g_autofree char *content = NULL;

    for (unsigned n = 1; n <= 5; n++) {
        hold(f->db, n, 2, SK_WAIT_TIME, START_US);
        test_now_us = START_US + n * SECOND;
        g_assert_cmpint(stop(f->db, n, 1), ==, SK_HOLD_DONE);
        g_assert_cmpint(stop(f->db, n, 2), ==, SK_HOLD_DONE);
    }
    test_now_us = START_US;
    hold(f->db, 6, 2, SK_WAIT_TIME, START_US + 99 * SECOND);
    g_assert_cmpint(stop(f->db, 6, 1), ==, SK_HOLD_DONE);
    hold(f->db, 7, 1, SK_WAIT_TIME, START_US);
    finish_one(f, SK_COPY_SENT);
    content = drop(f, 7);
    g_assert_nonnull(content);
    add_token(f, "01kaj000000000000001", "hanako@ours.example");
    add_token(f, "01kaj000000000000006-2", "hanako@ours.example");
}

static void
test_forget(Fixture *f, const void *data)
{
    int64_t rows = -1;

    fill_ended(f);
    g_ptr_array_unref(forget(f, START_US, 10, &rows));
    g_assert_cmpint(rows, ==, 0);
    for (unsigned left = 4; left > 0;) {
        g_autoptr(GPtrArray) blobs = forget(f, START_US + 4 * SECOND, 2, &rows);

        g_assert_cmpint(rows, ==, 2);
        g_assert_cmpuint(blobs->len, <=, 2);
        left -= 2;
    }
    /* Left are 4, which ended just then, 5, and 6, which waits. */
    g_ptr_array_unref(forget(f, START_US + 4 * SECOND, 2, &rows));
    g_assert_cmpint(rows, ==, 0);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_message"), ==, 3);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_copy"), ==, 6);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_recipient"), ==, 6);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_event"), ==, 3 * 3 - 1);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_token"), ==, 1);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_message WHERE id IN"
                               " ('01kaj000000000000004', '01kaj000000000000005',"
                               " '01kaj000000000000006')"),
                    ==, 3);
}

static void
test_forget_blobs(Fixture *f, const void *data)
{
    g_autoptr(GPtrArray) blobs = NULL;
    int64_t rows = 0;

    fill_ended(f);
    blobs = forget(f, START_US + 100 * SECOND, 100, &rows);
    g_assert_cmpint(rows, ==, 6);
    g_assert_cmpuint(blobs->len, ==, 5);
    for (guint i = 0; i < blobs->len; i++) {
        g_autofree char *fifth = g_strdup("blob0000000000000000000005");
        g_autofree char *sixth = g_strdup("blob0000000000000000000006");

        g_assert_cmpstr(blobs->pdata[i], <=, fifth);
        g_assert_cmpstr(blobs->pdata[i], !=, sixth);
    }
}

/* ---- people ---- */

/* Message N from FROM to two people, of whom the second is TO, all copies for both. */
static void
hold_mail(Fixture *f, unsigned n, const char *from, const char *to)
{
    g_autoptr(SkHeldMessage) message = message_new(n);
    g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func(free_copy);
    SkHeldCopy *first = copy_new(n, 1, SK_WAIT_TIME, START_US);
    SkHeldCopy *second = copy_new(n, 2, SK_WAIT_TIME, START_US);
    Addition addition = {message, copies};

    g_free(message->owner);
    g_free(message->sender);
    g_free(message->from);
    g_free(message->document);
    message->owner = g_strdup(from);
    message->sender = g_strdup(from);
    message->from = g_strdup(from);
    message->document = g_strdup_printf("{\"from\":\"%s\"}", from);
    sk_held_copy_add_recipient(second, to, NULL);
    g_ptr_array_add(copies, first);
    g_ptr_array_add(copies, second);
    MUST(sk_db_transact(f->db, add_all, &addition, &error));
}

static void
stop_both(Fixture *f, unsigned n)
{
    g_assert_cmpint(stop(f->db, n, 1), ==, SK_HOLD_DONE);
    g_assert_cmpint(stop(f->db, n, 2), ==, SK_HOLD_DONE);
}

static bool
append_record(const char *json, void *data)
{
    g_string_append_printf(data, "%s\n", json);
    return true;
}

static char *
export_of(Fixture *f, const char *address)
{
    const SkPersonRequest request = {.address = address};
    GString *text = g_string_new(NULL);

    MUST(sk_hold_about_export(f->db, &request, append_record, text, &error));
    return g_string_free(text, FALSE);
}

/* Of mail that he was to get, neither the others nor their copies; of mail that he did
 * something with, what he did. */
static void
test_export(Fixture *f, const void *data)
{
    g_autofree char *anna = NULL, *mari = NULL, *hanako = NULL, *nobody = NULL;

    hold_mail(f, 1, "mari@ours.example", "anna@partner.example");
    g_assert_cmpint(stop(f->db, 1, 2), ==, SK_HOLD_DONE);
    anna = export_of(f, "Anna@partner.example");
    g_assert_cmpstr(
        anna, ==,
        "{\"id\":\"01kaj000000000000001\",\"made_us\":1000000000000,\"is\":[\"recipient\"],"
        "\"sender\":\"mari@ours.example\",\"from\":\"mari@ours.example\","
        "\"subject\":\"見積もり\",\"message_id\":\"<1@ours.example>\",\"size\":1001,"
        "\"kept\":true,\"copies\":[{\"id\":\"01kaj000000000000001-2\",\"state\":\"stopped\","
        "\"direction\":\"outbound\",\"due_us\":1000000000000,\"ended_us\":1000000000000}],"
        "\"other_recipients\":2,\"events\":[]}\n");
    mari = export_of(f, "mari@ours.example");
    g_assert_nonnull(strstr(mari, "\"is\":[\"owner\",\"sender\",\"from\"]"));
    g_assert_nonnull(strstr(mari, "000001-1\""));
    g_assert_nonnull(strstr(mari, "\"other_recipients\":3"));
    g_assert_null(strstr(mari, "anna@"));
    /* test helper stop() names her as the one who did it */
    hanako = export_of(f, "hanako@ours.example");
    g_assert_cmpstr(hanako, ==,
                    "{\"id\":\"01kaj000000000000001\",\"made_us\":1000000000000,\"is\":[],"
                    "\"events\":[{\"at_us\":1000000000000,\"what\":\"stopped\","
                    "\"text\":\"wrong file\"}]}\n");
    nobody = export_of(f, "nobody@ours.example");
    g_assert_cmpstr(nobody, ==, "");
}

static bool
note_blob(SkDb *keep, const char *blob, GError **error)
{
    g_autoptr(SkStmt) stmt =
        sk_db_prepare(keep, "INSERT INTO dropped (blob) VALUES ($1)", error);

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, blob);
    return sk_stmt_run(stmt, error);
}

/* 1: Mari's to Anna, ended; 2: the same, still waiting; 3: Jiro's to Anna, ended; 4: Jiro's to
 * Bob, stopped by Mari, who has a token of it and is in its document. */
static void
fill_people(Fixture *f)
{
    g_autofree char *four = copy_id(4, 1);
    SkHoldOutcome outcome;

    run(f->db, "CREATE TABLE dropped (blob TEXT NOT NULL PRIMARY KEY)");
    hold_mail(f, 1, "mari@ours.example", "anna@partner.example");
    stop_both(f, 1);
    hold_mail(f, 2, "mari@ours.example", "anna@partner.example");
    g_assert_cmpint(stop(f->db, 2, 2), ==, SK_HOLD_DONE);
    hold_mail(f, 3, "jiro@ours.example", "anna@partner.example");
    stop_both(f, 3);
    hold_mail(f, 4, "jiro@ours.example", "bob@partner.example");
    MUST(sk_hold_stop(f->db, four, "Mari@ours.example", "mari@ours.exampleです", &outcome,
                      &error));
    g_assert_cmpint(outcome, ==, SK_HOLD_DONE);
    run(f->db, "UPDATE held_message SET document = '{\"cc\":\"mari@ours.example\"}'"
               " WHERE id = '01kaj000000000000004'");
    add_token(f, "01kaj000000000000004", "mari@ours.example");
    add_token(f, "01kaj000000000000004", "joemari@ours.example");
}

static int64_t
erase(SkDb *db, const char *address)
{
    const SkPersonRequest request = {.address = address};
    int64_t rows = -1;

    MUST(sk_hold_about_erase(db, &request, note_blob, &rows, &error));
    return rows;
}

static bool
refuse_name(const SkHoldEvent *event, void *data)
{
    g_assert_null(event->who != NULL ? strstr(event->who, "ari@") : NULL);
    g_assert_null(event->text != NULL ? strstr(event->text, "ari@") : NULL);
    *(unsigned *)data += event->who != NULL && strcmp(event->who, SK_HOLD_ERASED) == 0;
    return true;
}

static void
assert_scrubbed(Fixture *f)
{
    g_autoptr(SkHeldMessage) message = NULL;
    g_autoptr(SkHeldCopy) copy = load(f->db, 4, 1);
    unsigned erased = 0;

    g_assert_cmpstr(copy->ended_by, ==, SK_HOLD_ERASED);
    g_assert_cmpstr(copy->why, ==, SK_HOLD_ERASED "です");
    MUST(sk_hold_load_message(f->db, "01kaj000000000000004", &message, &error));
    g_assert_cmpstr(message->document, ==, "{\"cc\":\"" SK_HOLD_ERASED "\"}");
    g_assert_cmpstr(message->owner, ==, "jiro@ours.example");
    MUST(sk_hold_event_list(f->db, message->id, refuse_name, &erased, &error));
    g_assert_cmpuint(erased, ==, 1);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_token"), ==, 1);
}

static void
test_erase(Fixture *f, const void *data)
{
    g_autofree char *rest = NULL;
    g_autoptr(SkHeldCopy) waiting = NULL;

    fill_people(f);
    g_assert_cmpint(erase(f->db, "mari@ours.example"), ==, 2);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_message"), ==, 3);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM dropped"), ==, 1);
    assert_scrubbed(f);
    /* Post that waits is sent to whom it is for, and from whom. */
    waiting = load(f->db, 2, 1);
    g_assert_cmpint(waiting->state, ==, SK_COPY_WAITING);
    g_assert_cmpint(erase(f->db, "mari@ours.example"), ==, 0);
    g_assert_cmpint(stop(f->db, 2, 1), ==, SK_HOLD_DONE);
    g_assert_cmpint(erase(f->db, "mari@ours.example"), ==, 1);
    rest = export_of(f, "mari@ours.example");
    g_assert_cmpstr(rest, ==, "");
    g_assert_cmpint(erase(f->db, "anna@partner.example"), ==, 1);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_message"), ==, 1);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM dropped"), ==, 3);
}

/* A call that failed is done again, and comes to the same. */
static void
test_erase_faults(Fixture *f, const void *data)
{
    const SkPersonRequest request = {.address = "mari@ours.example"};
    SkFaults faults = {.every = 9};
    SkDb *db = sk_faulty_db_new(open_db(f), &faults);
    bool done = false;

    fill_people(f);
    for (unsigned i = 0; i < 200 && !done; i++) {
        int64_t rows;

        faults.calls = 0;
        faults.every = 9 + 3 * i;
        done = sk_hold_about_erase(db, &request, note_blob, &rows, NULL);
    }
    sk_db_close(db);
    g_assert_true(done);
    g_assert_cmpuint(faults.failed, >, 0);
    assert_scrubbed(f);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM dropped"), ==, 1);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_message"), ==, 3);
}

int
main(int argc, char **argv)
{
    static const HoldCase cases[] = {
        {"drop-content", test_drop_content},
        {"forget", test_forget},
        {"forget-blobs", test_forget_blobs},
        {"export", test_export},
        {"erase", test_erase},
        {"erase-faults", test_erase_faults},
        {NULL, NULL},
    };

    g_test_init(&argc, &argv, NULL);
    add_cases("hold-about", cases);
    return sk_test_postgres_run_tests();
}
