/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hold-testing - held mail in a database of one test, on every engine
 */

#include <string.h>

#include "base/error.h"
#include "hold/hold-person.h"
#include "hold/hold-store.h"
#include "hold/hold-token.h"
#include "store/store-migrate.h"
#include "store/store-postgres-testing.h"

#define SECOND   INT64_C(1000000)
#define LEASE_US (60 * SECOND)
#define START_US (1000000 * SECOND)

/* Any call that must work. */
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

/* The time of connections that use_test_clock() was called for. */
static int64_t test_now_us;

typedef struct {
    SkTestDir dir;
    char *place;
    SkDb *db;
    SkDbEngine calls;
} Fixture;

static inline bool
ask_test_clock(SkDb *db, int64_t *ret_now_us, GError **error)
{
    (void)db;
    (void)error;
    *ret_now_us = test_now_us;
    return true;
}

/* Whatever engine DB has: its calls, but for the time. CALLS must outlive it. */
static inline SkDb *
use_test_clock(SkDb *db, SkDbEngine *calls)
{
    *calls = *db->engine;
    calls->now_us = ask_test_clock;
    db->engine = calls;
    return db;
}

static inline SkDb *
open_db(const Fixture *f)
{
    g_autoptr(GError) error = NULL;
    SkDb *db = sk_test_place_open(f->place, &error);

    g_assert_no_error(error);
    return db;
}

static inline void
run(SkDb *db, const char *sql)
{
    MUST(sk_db_run(db, sql, &error));
}

static inline int64_t
ask(SkDb *db, const char *sql)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, NULL);
    bool row = false;

    g_assert_true(sk_stmt_next(stmt, &row, NULL) && row);
    return sk_stmt_get_int(stmt, 0);
}

static inline void
set_up(Fixture *f, const void *data)
{
    sk_test_dir_init(&f->dir);
    f->place = sk_test_place_new(*(const SkTestEngine *)data, &f->dir, "keep.db");
    f->db = use_test_clock(open_db(f), &f->calls);
    MUST(sk_store_migrate(f->db, sk_hold_tables.name, sk_hold_tables.steps, &error));
    MUST(sk_store_migrate(f->db, sk_hold_person_tables.name, sk_hold_person_tables.steps,
                          &error));
    test_now_us = START_US;
}

static inline void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_db_close(f->db);
    sk_test_dir_clear(&f->dir);
    g_free(f->place);
}

/* The id of test message N, and of its copy NR. Caller owns. */
static inline char *
message_id(unsigned n)
{
    return g_strdup_printf("01kaj%015u", n);
}

static inline char *
copy_id(unsigned n, unsigned nr)
{
    return g_strdup_printf("01kaj%015u-%u", n, nr);
}

static inline SkHeldMessage *
message_new(unsigned n)
{
    SkHeldMessage *message = sk_held_message_new();

    message->id = message_id(n);
    message->made_us = START_US;
    message->origin = SK_ORIGIN_OUTBOUND;
    message->owner = g_strdup("Hanako@ours.example");
    message->sender = g_strdup("hanako@ours.example");
    message->from = g_strdup("hanako@ours.example");
    message->subject = g_strdup("見積もり");
    message->message_id = g_strdup_printf("<%u@ours.example>", n);
    memset(message->body, (int)n, sizeof message->body);
    message->size = 1000 + n;
    message->blob = g_strdup_printf("blob%022u", n);
    message->document = g_strdup("{}");
    return message;
}

static inline SkHeldCopy *
copy_new(unsigned n, unsigned nr, unsigned waits, int64_t due_us)
{
    SkHeldCopy *copy = sk_held_copy_new();

    copy->id = copy_id(n, nr);
    copy->message = message_id(n);
    copy->direction = SK_DIRECTION_OUTBOUND;
    copy->waits = copy->open = waits;
    copy->review = (waits & SK_WAIT_REVIEW) != 0 ? SK_REVIEW_ADMIN : SK_REVIEW_NONE;
    copy->due_us = due_us;
    copy->expires_us = (waits & ~(unsigned)SK_WAIT_TIME) != 0 ? START_US + 100 * LEASE_US : 0;
    sk_held_copy_add_recipient(copy, "jiro@partner.example", "NOTIFY=FAILURE ORCPT=rfc822;x");
    return copy;
}

static inline void
free_copy(void *copy)
{
    sk_held_copy_free(copy);
}

typedef struct {
    const SkHeldMessage *message;
    const GPtrArray *copies;
} Addition;

static inline bool
add_all(SkDb *db, void *data, GError **error)
{
    const Addition *addition = data;

    return sk_hold_add(db, addition->message, addition->copies, error);
}

/* Message N with N_COPIES copies that wait for WAITS until DUE_US. */
static inline bool
try_hold(SkDb *db, unsigned n, unsigned n_copies, unsigned waits, int64_t due_us)
{
    g_autoptr(SkHeldMessage) message = message_new(n);
    g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func(free_copy);
    Addition addition = {message, copies};

    for (unsigned nr = 1; nr <= n_copies; nr++)
        g_ptr_array_add(copies, copy_new(n, nr, waits, due_us));
    return sk_db_transact(db, add_all, &addition, NULL);
}

static inline void
hold(SkDb *db, unsigned n, unsigned n_copies, unsigned waits, int64_t due_us)
{
    g_assert_true(try_hold(db, n, n_copies, waits, due_us));
}

static inline SkHeldCopy *
load(SkDb *db, unsigned n, unsigned nr)
{
    g_autofree char *id = copy_id(n, nr);
    SkHeldCopy *copy = NULL;

    MUST(sk_hold_load_copy(db, id, &copy, &error));
    return copy;
}

static inline GPtrArray *
claim(SkDb *db, unsigned n)
{
    GPtrArray *copies = NULL;

    MUST(sk_hold_claim(db, "test", LEASE_US, n, &copies, &error));
    return copies;
}

/* The only one that is due. */
static inline SkHeldCopy *
claim_one(SkDb *db)
{
    g_autoptr(GPtrArray) copies = claim(db, 10);

    g_assert_cmpuint(copies->len, ==, 1);
    return g_ptr_array_steal_index(copies, 0);
}

static inline SkHoldOutcome
stop(SkDb *db, unsigned n, unsigned nr)
{
    g_autofree char *id = copy_id(n, nr);
    SkHoldOutcome outcome = SK_N_HOLD_OUTCOMES;

    MUST(sk_hold_stop(db, id, "hanako@ours.example", "wrong file", &outcome, &error));
    return outcome;
}

static inline SkHoldOutcome
answer(SkDb *db, unsigned n, unsigned nr, unsigned answered)
{
    g_autofree char *id = copy_id(n, nr);
    SkHoldOutcome outcome = SK_N_HOLD_OUTCOMES;

    MUST(sk_hold_answer(db, id, answered, "boss@ours.example", NULL, &outcome, &error));
    return outcome;
}

typedef struct {
    const char *name;
    void (*test)(Fixture *f, const void *data);
} HoldCase;

/* Each of the CASES, which end with one without a name, on each engine. */
static inline void
add_cases(const char *name, const HoldCase *cases)
{
    for (const HoldCase *c = cases; c->name != NULL; c++)
        SK_TEST_ADD_BOTH(Fixture, name, c->name, set_up, c->test, tear_down);
}
