/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-message.h"

#include <string.h>

#include "base/limit.h"
#include "base/log.h"
#include "engine/engine-settings.h"
#include "ledger/passage-store.h"
#include "milter/milter-packet.h"
#include "milter/milter-session.h"
#include "port/fake-inspect.h"
#include "store/store-sqlite.h"
#include "store/store-testing.h"

/* A milter conversation in memory, the gate behind it, an inspector that is made of answers. */
typedef struct {
    SkTestDir dir;
    SkGateShared *shared;
    SkLoop *loop;
    SkFakeInspect *fake;
    SkGateLoop gate;
    SkMilterHandler handler;
    SkMilterSession *session;
    SkOrigin origin;
} Fixture;

static void
on_message(SkMilterMessage *message, void *data)
{
    Fixture *f = data;

    sk_gate_message_start(&f->gate, message, f->origin);
}

static void
on_abandoned(SkMilterMessage *message, void *data)
{
    sk_gate_message_abandon(&((Fixture *)data)->gate, message);
}

/* What the server does: goes on at once with what came behind the message. */
static void
on_answered(void *host)
{
    g_assert_true(sk_milter_session_resume(((Fixture *)host)->session));
}

static void
write_policy(const Fixture *f, const char *text)
{
    g_autofree char *path = sk_test_dir_file(&f->dir, "policy");

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static SkGateShared *
shared_new(const Fixture *f)
{
    g_autofree char *text = g_strdup_printf("[site]\nown_domains = ours.example\n"
                                            "[policy]\nfile = %s/policy\n"
                                            "[store]\nstore = sqlite:%s\n",
                                            f->dir.path, f->dir.path);
    g_autoptr(SkSettings) settings =
        sk_settings_parse("t", text, strlen(text), sk_engine_setting_tables, NULL);
    g_autoptr(GError) error = NULL;
    SkGateShared *shared = sk_gate_shared_new(settings, &error);

    g_assert_no_error(error);
    return shared;
}

static void
reload(Fixture *f)
{
    SkGatePolicy *policy = sk_gate_shared_peek_policy(f->shared);

    sk_gate_policy_reload(policy);
    sk_gate_policy_settle(policy);
}

static void
say(Fixture *f, char command, const char *data, size_t size)
{
    g_auto(SkBuffer) packet = {0};
    SkBytes part = sk_bytes(data, size);

    sk_buffer_init(&packet, SK_MIB);
    g_assert_true(sk_milter_packet_append(&packet, command, &part, 1));
    g_assert_true(sk_milter_session_feed(f->session, sk_buffer_bytes(&packet)));
}

#define SAY(f, command, data) say(f, command, data, sizeof data - 1)

static void
set_up(Fixture *f, const void *data)
{
    SkMilterSessionSetup setup = {&f->handler, SK_MIB, false, NULL, on_answered, f};

    (void)data;
    sk_test_dir_init(&f->dir);
    write_policy(f, "inbound when attach.encrypted then reject \"send a link\"\n");
    f->shared = shared_new(f);
    f->loop = sk_loop_new(NULL);
    f->fake = sk_fake_inspect_new(f->loop);
    f->gate = (SkGateLoop){
        f->shared, sk_fake_inspect_port(f->fake),
        g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)sk_gate_message_free)};
    f->handler = (SkMilterHandler){on_message, on_abandoned, NULL, NULL, f};
    f->origin = SK_ORIGIN_INBOUND;
    f->session = sk_milter_session_new(&setup);
    SAY(f, 'O', "\0\0\0\6\0\0\1\xff\0\x1f\xff\xff");
    SAY(f, 'C',
        "mx.example.net\0"
        "4\0\x19"
        "192.0.2.1\0");
    sk_buffer_reset(sk_milter_session_peek_output(f->session), 0);
}

static void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_milter_session_free(f->session);
    g_assert_cmpuint(g_hash_table_size(f->gate.under_way), ==, 0);
    g_hash_table_unref(f->gate.under_way);
    sk_inspect_free(f->gate.inspect);
    sk_loop_free(f->loop);
    sk_gate_shared_free(f->shared);
    sk_test_dir_clear(&f->dir);
}

static void
say_message(Fixture *f)
{
    SAY(f, 'M', "<taro@theirs.example>\0");
    SAY(f, 'R', "<hanako@ours.example>\0");
    SAY(f, 'L', "Subject\0 hello\0");
    SAY(f, 'N', "");
    SAY(f, 'E', "body\r\n");
}

/* The letters of the packets that were answered, of a reply its code; and forgets them. */
static char *
steal_answers(Fixture *f)
{
    SkBuffer *out = sk_milter_session_peek_output(f->session);
    GString *said = g_string_new(NULL);

    while (out->len > 0) {
        uint32_t size = sk_bytes_be32(sk_buffer_bytes(out), 0);
        char letter = (char)out->data[4];

        g_string_append_c(said, letter);
        if (letter == 'y')
            g_string_append_len(said, (const char *)out->data + 5, 3);
        sk_buffer_consume(out, 4 + size);
    }
    return g_string_free(said, FALSE);
}

static void
expect(Fixture *f, const char *want)
{
    g_autofree char *said = NULL;

    for (int i = 0; i < 5; i++)
        sk_loop_step(f->loop, 0);
    said = steal_answers(f);
    g_assert_cmpstr(said, ==, want);
}

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
    g_autofree char *path = sk_test_dir_file(&f->dir, "know.db");
    g_autoptr(SkDb) know = NULL;
    SkPassageFilter filter = {.address = "hanako", .limit = 100};
    GString *fates = g_string_new(NULL);

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
    expect(f, "");
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

/* Whatever an address is made of: the answer names it, the log and the ledger take it. */
static void
test_address_of_any_bytes(Fixture *f, const void *data)
{
    (void)data;
    write_policy(f, "inbound when attach.any and not to \"hanako@ours.example\" then reject\n");
    reload(f);
    sk_fake_inspect_find(f->fake, SK_FINDING_ATTACH_ANY, "a.zip");
    SAY(f, 'M', "<\xe9\x1b[2J\xff@theirs.example>\0SIZE=1\xfe\0");
    SAY(f, 'R', "<hanako@ours.example>\0");
    SAY(f, 'R', "<\"a\r\nb\"@ours.example>\0");
    SAY(f, 'R', "<x\xfd>\0");
    SAY(f, 'R', "<>\0");
    SAY(f, 'E', "");
    expect(f, "y550");
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
