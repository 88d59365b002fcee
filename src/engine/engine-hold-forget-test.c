/* SPDX-License-Identifier: Apache-2.0 */

/* What is forgotten leaves no file behind, and what waits keeps its own. */

#include "engine/engine-hold-forget.h"

#include "blob/blob-testing.h"
#include "hold/hold-store.h"

#define MUST(call)                                                                             \
    G_STMT_START                                                                               \
    {                                                                                          \
        g_autoptr(GError) error = NULL;                                                        \
        bool done = (call);                                                                    \
                                                                                               \
        g_assert_no_error(error);                                                              \
        g_assert_true(done);                                                                   \
    }                                                                                          \
    G_STMT_END

typedef struct {
    SkBlobTest blobs;
    SkDb *keep;
    int64_t now_us;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    sk_blob_test_init(&f->blobs, data);
    f->keep = f->blobs.keep;
    MUST(sk_store_migrate(f->keep, sk_engine_hold_tables.name, sk_engine_hold_tables.steps,
                          &error));
    MUST(sk_db_now_us(f->keep, &f->now_us, &error));
}

static void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_blob_test_clear(&f->blobs);
}

static void
free_copy(void *copy)
{
    sk_held_copy_free(copy);
}

/* Message N from SENDER with a file of its own; ENDED: it was stopped. */
static void
hold(Fixture *f, unsigned n, const char *sender, bool ended)
{
    g_autoptr(SkHeldMessage) message = sk_held_message_new();
    g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func(free_copy);
    g_autoptr(SkBlobRow) blob = sk_blob_test_store(&f->blobs, 300, n);
    SkHeldCopy *copy = sk_held_copy_new();
    SkHoldOutcome outcome = SK_HOLD_DONE;

    message->id = g_strdup_printf("01kaj%015u", n);
    message->made_us = f->now_us;
    message->sender = g_strdup(sender);
    message->blob = g_strdup(blob->id);
    message->document = g_strdup("{}");
    copy->id = g_strconcat(message->id, "-1", NULL);
    sk_held_copy_add_recipient(copy, "anna@partner.example", NULL);
    g_ptr_array_add(copies, copy);
    MUST(sk_db_begin(f->keep, &error));
    MUST(sk_blob_store_add(f->keep, blob, &error));
    MUST(sk_hold_add(f->keep, message, copies, &error));
    if (ended)
        MUST(sk_hold_stop(f->keep, copy->id, NULL, NULL, &outcome, &error));
    g_assert_cmpint(outcome, ==, SK_HOLD_DONE);
    MUST(sk_db_commit(f->keep, &error));
}

static int64_t
ask(SkDb *db, const char *sql)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, NULL);
    bool row = false;

    g_assert_true(sk_stmt_next(stmt, &row, NULL) && row);
    return sk_stmt_get_int(stmt, 0);
}

static void
assert_left(Fixture *f, int64_t n)
{
    g_assert_cmpint(ask(f->keep, "SELECT count(*) FROM held_message"), ==, n);
    g_assert_cmpint(ask(f->keep, "SELECT count(*) FROM blob"), ==, n);
    g_assert_cmpint(ask(f->keep, "SELECT count(*) FROM held_message, blob"
                                 " WHERE held_message.blob = blob.id"),
                    ==, n);
}

/* As the clerk's duty calls it, a transaction a step, until none is left. */
static void
test_retention(Fixture *f, const void *data)
{
    const SkRetention *held = sk_engine_hold_tables.retention;
    int64_t rows = 1, steps = 0;

    g_assert_cmpstr(held->setting, ==, "held");
    for (unsigned n = 0; n < 120; n++)
        hold(f, n, "hanako@ours.example", true);
    hold(f, 120, "hanako@ours.example", false);
    MUST(sk_db_begin(f->keep, &error));
    MUST(held->forget(f->keep, f->now_us, 500, &rows, &error));
    MUST(sk_db_commit(f->keep, &error));
    g_assert_cmpint(rows, ==, 0);
    assert_left(f, 121);
    do {
        MUST(sk_db_begin(f->keep, &error));
        MUST(held->forget(f->keep, INT64_MAX, 500, &rows, &error));
        MUST(sk_db_commit(f->keep, &error));
        steps++;
    } while (rows > 0);
    g_assert_cmpint(steps, ==, 4);
    assert_left(f, 1);
}

/* Nothing is half forgotten. */
static void
test_rollback(Fixture *f, const void *data)
{
    int64_t rows = 0;

    hold(f, 1, "hanako@ours.example", true);
    MUST(sk_db_begin(f->keep, &error));
    MUST(sk_engine_hold_tables.retention->forget(f->keep, INT64_MAX, 500, &rows, &error));
    g_assert_cmpint(rows, ==, 1);
    sk_db_rollback(f->keep);
    assert_left(f, 1);
}

static void
test_erase(Fixture *f, const void *data)
{
    const SkPersonRequest request = {.address = "hanako@ours.example"};
    int64_t rows = 0;

    hold(f, 1, "hanako@ours.example", true);
    hold(f, 2, "hanako@ours.example", false);
    hold(f, 3, "jiro@ours.example", true);
    MUST(sk_engine_hold_tables.person->erase(f->keep, &request, &rows, &error));
    g_assert_cmpint(rows, ==, 1);
    assert_left(f, 2);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    SK_TEST_ADD_BOTH(Fixture, "engine-hold-forget", "retention", set_up, test_retention,
                     tear_down);
    SK_TEST_ADD_BOTH(Fixture, "engine-hold-forget", "rollback", set_up, test_rollback,
                     tear_down);
    SK_TEST_ADD_BOTH(Fixture, "engine-hold-forget", "erase", set_up, test_erase, tear_down);
    return sk_test_postgres_run_tests();
}
