/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-message.h"

#include "gate/gate-testing.h"
#include "ledger/passage-store.h"

static bool
on_row(const SkPassageRow *row, void *data)
{
    GString *fates = data;

    g_string_append_printf(fates, "%s %s\n", row->recipients, row->fate);
    return true;
}

/* Ends the gate's ledger and reads it: the fates of the messages to hanako. */
static char *
read_ledger(Fixture *f)
{
    g_autofree char *path = g_build_filename(f->dir, "know.db", NULL);
    g_autoptr(SkDb) know = NULL;
    SkPassageFilter filter = {.address = "hanako", .limit = 100};
    GString *fates = g_string_new(NULL);

    g_clear_pointer(&f->gate.keep, sk_gate_caller_free);
    g_clear_pointer(&f->shared, sk_gate_shared_free);
    know = sk_store_sqlite_open_reader(path, NULL);
    g_assert_true(sk_passage_store_list(know, &filter, on_row, fates, NULL));
    return g_string_free(fates, FALSE);
}

static void
test_accepted_and_refused(Fixture *f, const void *data)
{
    g_autofree char *recorded = NULL;

    (void)data;
    say_message(f);
    expect(f, "ia");
    sk_fake_inspect_find(f->fake, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "a.zip");
    say_message(f);
    expect(f, "y550");
    sk_fake_inspect_fail(f->fake, SK_ERROR_IO, "no inspector");
    say_message(f);
    expect(f, "y451");
    recorded = read_ledger(f);
    /* The newest first. One that nobody could judge is there with its recipients, too. */
    g_assert_cmpstr(recorded, ==,
                    "hanako@ours.example defer\nhanako@ours.example reject\n"
                    "hanako@ours.example deliver\n");
}

/* Postfix never does it, but whoever can connect may: the next message follows before the
 * first has its answer, and begins inside the call that answers the first. */
static void
test_next_message_at_once(Fixture *f, const void *data)
{
    (void)data;
    sk_fake_inspect_find(f->fake, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "a.zip");
    for (int i = 0; i < 3; i++)
        say_message(f);
    expect(f, "y550iaia");
    g_assert_cmpuint(sk_fake_inspect_count(f->fake), ==, 3);
}

static void
test_abandoned(Fixture *f, const void *data)
{
    (void)data;
    sk_fake_inspect_hold(f->fake, true);
    say_message(f);
    g_assert_cmpuint(g_hash_table_size(f->gate.under_way), ==, 1);
    SAY(f, 'A', "");
    g_assert_cmpuint(g_hash_table_size(f->gate.under_way), ==, 0);
    sk_fake_inspect_hold(f->fake, false);
    expect_nothing(f);
    say_message(f);
    expect(f, "ia");
    /* One that waits when the connection is freed: tear_down() looks. */
    sk_fake_inspect_hold(f->fake, true);
    say_message(f);
}

static void
test_release_is_refused(Fixture *f, const void *data)
{
    (void)data;
    f->origin = SK_ORIGIN_RELEASE;
    say_message(f);
    expect(f, "y550");
    g_assert_cmpuint(sk_fake_inspect_count(f->fake), ==, 0);
}

static void
say_odd_addresses(Fixture *f)
{
    sk_fake_inspect_find(f->fake, SK_FINDING_ATTACH_ANY, "a.zip");
    SAY(f, 'M', "<\xe9\x1b[2J\xff@theirs.example>\0SIZE=1\xfe\0");
    SAY(f, 'R', "<hanako@ours.example>\0");
    SAY(f, 'R', "<\"a\r\nb\"@ours.example>\0");
    SAY(f, 'R', "<x\xfd>\0");
    SAY(f, 'R', "<>\0");
    SAY(f, 'E', "");
}

/* Whatever an address is made of: the answer names it, the log and the ledger take it. */
static void
test_address_of_any_bytes(Fixture *f, const void *data)
{
    (void)data;
    write_policy(f, "inbound when attach.any then reject\n");
    reload(f);
    say_odd_addresses(f);
    expect(f, "y550");
    /* Held, as well. */
    make_keys(f);
    write_policy(f, "inbound when attach.any and not to \"hanako@ours.example\" then reject\n");
    reload(f);
    say_odd_addresses(f);
    expect(f, "d");
}

/* Without recipients no rule could match: then nothing would be judged at all. */
static void
test_no_recipients(Fixture *f, const void *data)
{
    (void)data;
    sk_fake_inspect_find(f->fake, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "a.zip");
    SAY(f, 'M', "<taro@theirs.example>\0");
    SAY(f, 'E', "Subject: x\r\n\r\n");
    expect(f, "y550");
}

/* What could not be inspected is not delivered, even if no rule says so. */
static void
test_floor(Fixture *f, const void *data)
{
    (void)data;
    write_policy(f, "");
    reload(f);
    sk_fake_inspect_find(f->fake, SK_FINDING_INSPECT_CRASHED, NULL);
    say_message(f);
    expect(f, "y451");
}

/* A message keeps the policy it began with; one with errors changes nothing. */
static void
test_reload(Fixture *f, const void *data)
{
    (void)data;
    sk_fake_inspect_hold(f->fake, true);
    sk_fake_inspect_find(f->fake, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "a.zip");
    say_message(f);
    write_policy(f, "inbound when attach.encrypted then defer\n");
    reload(f);
    sk_fake_inspect_hold(f->fake, false);
    expect(f, "y550");
    sk_fake_inspect_find(f->fake, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "a.zip");
    say_message(f);
    expect(f, "y451");
    write_policy(f, "inbound when attach.encrypted then frobnicate\n");
    reload(f);
    sk_fake_inspect_find(f->fake, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "a.zip");
    say_message(f);
    expect(f, "y451");
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(Fixture *f, const void *data);
    } tests[] = {
        {"/gate/message/accepted-and-refused", test_accepted_and_refused},
        {"/gate/message/next-message-at-once", test_next_message_at_once},
        {"/gate/message/abandoned", test_abandoned},
        {"/gate/message/release-is-refused", test_release_is_refused},
        {"/gate/message/address-of-any-bytes", test_address_of_any_bytes},
        {"/gate/message/no-recipients", test_no_recipients},
        {"/gate/message/floor", test_floor},
        {"/gate/message/reload", test_reload},
    };

    g_test_init(&argc, &argv, NULL);
    sk_log_open("gate-message-test", false);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
    return g_test_run();
}
