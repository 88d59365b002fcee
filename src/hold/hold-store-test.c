/* SPDX-License-Identifier: Apache-2.0 */

/* Holding and reading; what becomes of copies is hold-state-test's. */

#include "hold/hold-testing.h"

static void
assert_same_recipients(const GPtrArray *a, const GPtrArray *b)
{
    g_assert_cmpuint(a->len, ==, b->len);
    for (guint i = 0; i < a->len; i++) {
        const SkRecipient *one = a->pdata[i], *other = b->pdata[i];

        g_assert_cmpstr(one->address, ==, other->address);
        g_assert_cmpstr(one->args, ==, other->args);
    }
}

/* Whatever a client may say: not UTF-8, controls, what our own form uses, far too long. */
static void
add_many_recipients(SkHeldCopy *copy)
{
    static const char *const odd[] = {"\xff\xfe@raw.example",
                                      "a\tb\nc@x.example",
                                      "\"a\\\\b\"@x.example",
                                      "\\x41@x.example",
                                      "",
                                      "山@例え.jp"};
    g_autofree char *local = g_strnfill(1000, 'L');
    g_autofree char *longest = g_strconcat("\xe5\xb1\xb1", local, "@x.example", NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(odd); i++)
        sk_held_copy_add_recipient(copy, odd[i], i % 2 == 0 ? odd[i] : NULL);
    sk_held_copy_add_recipient(copy, longest, longest);
    for (unsigned i = 0; i < 300; i++) {
        g_autofree char *address = g_strdup_printf("Person%u@partner.example", i);

        sk_held_copy_add_recipient(copy, address, i % 3 == 0 ? "NOTIFY=NEVER" : NULL);
    }
}

static void
test_round_trip(Fixture *f, const void *data)
{
    g_autoptr(SkHeldMessage) message = message_new(1), read = NULL;
    g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func(free_copy), again = NULL;
    SkHeldCopy *copy = copy_new(1, 10, SK_WAIT_TIME | SK_WAIT_REVIEW, START_US + 5);
    const SkHeldCopy *got;
    Addition addition = {message, copies};

    g_free(message->sender);
    message->sender = g_strdup("\xe9t\xe9@raw.example");
    g_free(message->message_id);
    message->message_id = g_strnfill(5000, 'm');
    add_many_recipients(copy);
    copy->variant = SK_COPY_STRIPPED;
    g_ptr_array_add(copies, copy);
    g_ptr_array_add(copies, copy_new(1, 9, SK_WAIT_TIME, START_US));
    MUST(sk_db_transact(f->db, add_all, &addition, &error));

    MUST(sk_hold_load_message(f->db, message->id, &read, &error));
    g_assert_cmpstr(read->id, ==, message->id);
    g_assert_cmpint(read->made_us, ==, message->made_us);
    g_assert_cmpint(read->origin, ==, message->origin);
    g_assert_cmpstr(read->owner, ==, message->owner);
    g_assert_cmpstr(read->sender, ==, message->sender);
    g_assert_cmpstr(read->from, ==, message->from);
    g_assert_cmpstr(read->subject, ==, message->subject);
    g_assert_cmpstr(read->message_id, ==, message->message_id);
    g_assert_cmpmem(read->body, sizeof read->body, message->body, sizeof message->body);
    g_assert_cmpuint(read->size, ==, message->size);
    g_assert_cmpstr(read->blob, ==, message->blob);
    g_assert_cmpstr(read->document, ==, message->document);

    MUST(sk_hold_load_copies(f->db, message->id, &again, &error));
    g_assert_cmpuint(again->len, ==, 2);
    g_assert_cmpstr(((SkHeldCopy *)again->pdata[0])->id, ==, "01kaj000000000000001-9");
    got = again->pdata[1];
    g_assert_cmpstr(got->id, ==, copy->id);
    g_assert_cmpstr(got->message, ==, message->id);
    g_assert_cmpint(got->variant, ==, SK_COPY_STRIPPED);
    g_assert_cmpint(got->direction, ==, SK_DIRECTION_OUTBOUND);
    g_assert_cmpint(got->state, ==, SK_COPY_WAITING);
    g_assert_cmpuint(got->waits, ==, copy->waits);
    g_assert_cmpuint(got->open, ==, copy->open);
    g_assert_cmpint(got->review, ==, SK_REVIEW_ADMIN);
    g_assert_cmpint(got->due_us, ==, copy->due_us);
    g_assert_cmpint(got->expires_us, ==, copy->expires_us);
    g_assert_cmpint(got->ended_us, ==, 0);
    assert_same_recipients(got->recipients, copy->recipients);
}

static guint
count_same(Fixture *f, const char *sender, const char *message_id, unsigned body)
{
    uint8_t digest[SK_HOLD_BODY_LEN];
    g_autoptr(GPtrArray) copies = NULL;

    memset(digest, (int)body, sizeof digest);
    MUST(sk_hold_find_same(f->db, sender, message_id, digest, &copies, &error));
    return copies->len;
}

static void
test_find_same(Fixture *f, const void *data)
{
    static const char her[] = "hanako@ours.example";
    g_autoptr(SkHeldMessage) nameless = message_new(3);
    g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func(free_copy);
    Addition addition = {nameless, copies};

    hold(f->db, 1, 3, SK_WAIT_TIME, START_US);
    hold(f->db, 2, 1, SK_WAIT_TIME, START_US + SECOND);
    g_clear_pointer(&nameless->message_id, g_free);
    g_ptr_array_add(copies, copy_new(3, 1, SK_WAIT_TIME, START_US + SECOND));
    MUST(sk_db_transact(f->db, add_all, &addition, &error));

    g_assert_cmpuint(count_same(f, her, "<1@ours.example>", 1), ==, 3);
    g_assert_cmpuint(count_same(f, her, "<1@ours.example>", 2), ==, 0);
    g_assert_cmpuint(count_same(f, her, "<2@ours.example>", 1), ==, 0);
    g_assert_cmpuint(count_same(f, "Hanako@ours.example", "<1@ours.example>", 1), ==, 0);
    g_assert_cmpuint(count_same(f, "hanako@ours.example<", "1@ours.example>", 1), ==, 0);
    g_assert_cmpuint(count_same(f, her, NULL, 3), ==, 0);
    /* Whoever stopped one, or is sending it, has no copy to join. */
    g_assert_cmpint(stop(f->db, 1, 2), ==, SK_HOLD_DONE);
    g_assert_cmpuint(count_same(f, her, "<1@ours.example>", 1), ==, 2);
    g_ptr_array_unref(claim(f->db, 1));
    g_assert_cmpuint(count_same(f, her, "<1@ours.example>", 1), ==, 1);
}

static void
assert_resolves(Fixture *f, const char *typed, const char *expected)
{
    g_autofree char *id = NULL;

    g_test_message("%s", typed);
    MUST(sk_hold_resolve(f->db, typed, &id, &error));
    g_assert_cmpstr(id, ==, expected);
}

static void
assert_unresolved(Fixture *f, const char *typed, SkError code)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *id = NULL;

    g_test_message("%s", typed);
    g_assert_false(sk_hold_resolve(f->db, typed, &id, &error));
    g_assert_error(error, SK_ERROR, (int)code);
    g_assert_null(id);
}

static void
test_resolve(Fixture *f, const void *data)
{
    hold(f->db, 1, 2, SK_WAIT_TIME, START_US);
    hold(f->db, 15, 1, SK_WAIT_TIME, START_US);
    hold(f->db, 2, 1, SK_WAIT_TIME, START_US);
    assert_resolves(f, "01kaj000000000000001", "01kaj000000000000001");
    assert_resolves(f, "01KAJooooooooooooool", "01kaj000000000000001");
    assert_resolves(f, "01kaj000000000000001-2", "01kaj000000000000001-2");
    assert_resolves(f, "01kaj00000000000001", "01kaj000000000000015");
    assert_resolves(f, "01kaj00000000000001-1", "01kaj000000000000015-1");
    assert_resolves(f, "01kaj000000000000001-3", NULL);
    assert_resolves(f, "01kaj000000000000001-x", NULL);
    assert_resolves(f, "01kaj000000000000001-02", NULL);
    assert_resolves(f, "01kaj1", NULL);
    assert_unresolved(f, "01kaj0", SK_ERROR_CONFLICT);
    assert_unresolved(f, "01kaj0-1", SK_ERROR_CONFLICT);
    assert_unresolved(f, "01kaj", SK_ERROR_USAGE);
    assert_unresolved(f, "", SK_ERROR_USAGE);
    assert_unresolved(f, "-1", SK_ERROR_USAGE);
    assert_unresolved(f, "01kaj%", SK_ERROR_USAGE);
    assert_unresolved(f, "\xff\xff\xff\xff\xff\xff", SK_ERROR_USAGE);
    assert_unresolved(f, "01kaj0000000000000001", SK_ERROR_USAGE);
}

/* "1-2 1-10": message and number of each line. */
static bool
append_line(const SkHoldLine *line, void *data)
{
    GString *text = data;

    g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "", line->copy->id + 19);
    return true;
}

static void
assert_list(Fixture *f, const SkHoldFilter *filter, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);

    MUST(sk_hold_list(f->db, filter, append_line, text, &error));
    g_assert_cmpstr(text->str, ==, expected);
}

/* Message 1 of Hanako with twelve copies, 2 of Jiro for Anna, 3 from outside, all ended. */
static void
fill_list(Fixture *f)
{
    g_autoptr(SkHeldMessage) two = message_new(2), three = message_new(3);
    g_autoptr(GPtrArray) for_two = g_ptr_array_new_with_free_func(free_copy);
    g_autoptr(GPtrArray) for_three = g_ptr_array_new_with_free_func(free_copy);
    SkHeldCopy *copy = copy_new(2, 1, SK_WAIT_REVIEW | SK_WAIT_CONFIRM, START_US);

    hold(f->db, 1, 12, SK_WAIT_TIME, START_US);
    g_free(two->owner);
    two->owner = g_strdup("jiro@ours.example");
    sk_held_copy_add_recipient(copy, "Anna@Partner.example", NULL);
    g_ptr_array_add(for_two, copy);
    g_clear_pointer(&three->owner, g_free);
    g_ptr_array_add(for_three, copy_new(3, 1, SK_WAIT_REVIEW, START_US));
    MUST(sk_db_begin(f->db, &error));
    MUST(sk_hold_add(f->db, two, for_two, &error));
    MUST(sk_hold_add(f->db, three, for_three, &error));
    g_assert_cmpint(stop(f->db, 3, 1), ==, SK_HOLD_DONE);
    g_assert_cmpint(stop(f->db, 1, 12), ==, SK_HOLD_DONE);
    MUST(sk_db_commit(f->db, &error));
}

static void
test_list(Fixture *f, const void *data)
{
    static const struct {
        SkHoldFilter filter;
        const char *lines;
    } cases[] = {
        {{.limit = 3}, "1-1 1-2 1-3"},
        {{.after = "01kaj000000000000001-3", .limit = 2}, "1-4 1-5"},
        {{.after = "01kaj000000000000001-9"}, "1-10 1-11 2-1"},
        {{.after = "01kaj000000000000001-11", .ended = true}, "1-12 2-1 3-1"},
        {{.after = "01kaj000000000000001"}, "2-1"},
        {{.after = "01kaj000000000000002-1"}, ""},
        {{.open = SK_WAIT_REVIEW}, "2-1"},
        {{.open = SK_WAIT_CONFIRM | SK_WAIT_PASSWORD}, "2-1"},
        {{.open = SK_WAIT_PASSWORD}, ""},
        {{.owner = "JIRO@ours.example"}, "2-1"},
        {{.owner = "hanako@OURS.example", .after = "01kaj000000000000001-10"}, "1-11"},
        {{.owner = "hanako@ours.example", .after = "01kaj000000000000001-10", .ended = true},
         "1-11 1-12"},
        {{.owner = ""}, ""},
        {{.owner = "nobody@ours.example", .ended = true}, ""},
        {{.recipient = "anna@partner.example"}, "2-1"},
        {{.recipient = "jiro@partner.example", .limit = 2}, "1-1 1-2"},
        {{.recipient = "jiro@partner.example",
          .after = "01kaj000000000000001-10",
          .ended = true},
         "1-11 1-12 2-1 3-1"},
        {{.recipient = "jiro@partner.example", .open = SK_WAIT_REVIEW}, "2-1"},
        {{.recipient = "jiro@partner.example", .owner = "jiro@ours.example"}, "2-1"},
        {{.recipient = "anna@partner.example", .owner = "hanako@ours.example"}, ""},
    };

    fill_list(f);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("case %d", (int)i);
        assert_list(f, &cases[i].filter, cases[i].lines);
    }
}

static bool
check_line(const SkHoldLine *line, void *data)
{
    const SkRecipient *recipient = line->copy->recipients->pdata[0];

    g_assert_cmpstr(line->owner, ==, "Hanako@ours.example");
    g_assert_cmpstr(line->sender, ==, "\\xff@raw.example");
    g_assert_cmpstr(line->from, ==, "evil\\x1b[31m@x.example");
    g_assert_cmpstr(line->subject, ==, "見積もり");
    g_assert_cmpuint(line->size, ==, 1001);
    g_assert_cmpint(line->made_us, ==, START_US);
    g_assert_cmpstr(recipient->address, ==, "\\xfe@raw.example");
    ++*(unsigned *)data;
    return false;
}

/* What a list shows is fit to be shown; and it ends when it is told to. */
static void
test_safe_lines(Fixture *f, const void *data)
{
    const SkHoldFilter all = {0};
    g_autoptr(SkHeldMessage) message = message_new(1);
    g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func(free_copy);
    Addition addition = {message, copies};
    unsigned lines = 0;

    g_free(message->sender);
    g_free(message->from);
    message->sender = g_strdup("\xff@raw.example");
    message->from = g_strdup("evil\x1b[31m@x.example");
    for (unsigned nr = 1; nr < 3; nr++) {
        SkHeldCopy *copy = copy_new(1, nr, SK_WAIT_TIME, START_US);

        g_ptr_array_set_size(copy->recipients, 0);
        sk_held_copy_add_recipient(copy, "\xfe@raw.example", NULL);
        g_ptr_array_add(copies, copy);
    }
    MUST(sk_db_transact(f->db, add_all, &addition, &error));
    MUST(sk_hold_list(f->db, &all, check_line, &lines, &error));
    g_assert_cmpuint(lines, ==, 1);
}

static void
assert_counts(Fixture *f, const SkHoldCounts *expected)
{
    SkHoldCounts counts;

    MUST(sk_hold_count(f->db, &counts, &error));
    g_assert_cmpint(counts.waiting, ==, expected->waiting);
    g_assert_cmpint(counts.due, ==, expected->due);
    g_assert_cmpint(counts.releasing, ==, expected->releasing);
    g_assert_cmpint(counts.oldest_us, ==, expected->oldest_us);
    g_assert_cmpint(counts.next_due_us, ==, expected->next_due_us);
    g_assert_cmpint(counts.overdue_us, ==, expected->overdue_us);
}

static void
test_count(Fixture *f, const void *data)
{
    const SkHoldCounts none = {.next_due_us = SK_HOLD_NEVER};
    const SkHoldCounts some = {.waiting = 3,
                               .due = 1,
                               .oldest_us = START_US,
                               .next_due_us = START_US - SECOND,
                               .overdue_us = START_US - SECOND};
    const SkHoldCounts claimed = {.waiting = 1,
                                  .releasing = 1,
                                  .oldest_us = START_US,
                                  .next_due_us = START_US + LEASE_US};

    assert_counts(f, &none);
    hold(f->db, 1, 1, SK_WAIT_TIME, START_US - SECOND);
    hold(f->db, 2, 1, SK_WAIT_TIME, START_US + SECOND);
    hold(f->db, 3, 1, SK_WAIT_REVIEW, START_US - 9 * SECOND);
    assert_counts(f, &some);
    g_assert_cmpint(stop(f->db, 2, 1), ==, SK_HOLD_DONE);
    sk_held_copy_free(claim_one(f->db));
    assert_counts(f, &claimed);
}

/* All that the gate does to hold a mail is done, or nothing is. */
static void
test_add_fails(Fixture *f, const void *data)
{
    g_autoptr(SkHeldMessage) message = message_new(1);
    g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func(free_copy);
    g_autoptr(GError) error = NULL;
    Addition addition = {message, copies};

    g_ptr_array_add(copies, copy_new(1, 1, SK_WAIT_TIME, START_US));
    g_ptr_array_add(copies, copy_new(1, 1, SK_WAIT_TIME, START_US));
    g_assert_false(sk_db_transact(f->db, add_all, &addition, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_message"), ==, 0);
}

int
main(int argc, char **argv)
{
    static const HoldCase cases[] = {
        {"round-trip", test_round_trip}, {"find-same", test_find_same},
        {"resolve", test_resolve},       {"list", test_list},
        {"safe-lines", test_safe_lines}, {"count", test_count},
        {"add-fails", test_add_fails},   {NULL, NULL},
    };

    g_test_init(&argc, &argv, NULL);
    add_cases("hold", cases);
    return sk_test_postgres_run_tests();
}
