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

int
main(int argc, char **argv)
{
    static const HoldCase cases[] = {
        {"round-trip", test_round_trip},
        {NULL, NULL},
    };

    g_test_init(&argc, &argv, NULL);
    add_cases("hold", cases);
    return sk_test_postgres_run_tests();
}
