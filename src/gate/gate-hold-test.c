/* SPDX-License-Identifier: Apache-2.0 */

/* Mail that has to wait, from Postfix's message to the rows in the store. */

#include "blob/blob-store.h"
#include "engine/engine-commit.h"
#include "engine/engine-notice.h"
#include "engine/engine-reply.h"
#include "gate/gate-testing.h"
#include "hold/hold-person.h"
#include "hold/hold-store.h"
#include "job/job-store.h"
#include "ledger/passage-json.h"
#include "seal/seal.h"

#define OUTSIDE "taro@theirs.example"
#define INSIDE  "jiro@ours.example"

#define MUST(call)                                                                             \
    G_STMT_START                                                                               \
    {                                                                                          \
        g_autoptr(GError) error = NULL;                                                        \
        bool ok = (call);                                                                      \
                                                                                               \
        g_assert_no_error(error);                                                              \
        g_assert_true(ok);                                                                     \
    }                                                                                          \
    G_STMT_END

/* From hanako, who has a mailbox here, to those named, ended by NULL. */
static void
say_mail(Fixture *f, const char *fields, const char *const *to)
{
    SAY(f, 'M', "<hanako@ours.example>\0SIZE=100\0");
    for (; *to != NULL; to++) {
        g_autofree char *bracketed = g_strdup_printf("<%s>", *to);

        say(f, 'R', bracketed, strlen(bracketed) + 1);
    }
    SAY(f, 'L', "From\0 hanako@ours.example\0");
    SAY(f, 'L', "Subject\0 the plan\0");
    if (fields != NULL)
        say(f, 'L', fields, strlen(fields) + 1 + strlen(fields + strlen(fields) + 1) + 1);
    SAY(f, 'N', "");
    SAY(f, 'E', "body\r\n");
}

static const char *const both[] = {OUTSIDE, INSIDE, NULL};
static const char message_id[] = "Message-ID\0 <1@ours.example>";

static void
begin(Fixture *f, const char *rules)
{
    f->origin = SK_ORIGIN_OUTBOUND;
    write_policy(f, rules);
    reload(f);
}

static bool
on_copy(const SkHoldLine *line, void *data)
{
    const SkHeldCopy *copy = line->copy;

    g_string_append_printf(data, "%s %s waits=%u", sk_direction_name(copy->direction),
                           sk_copy_state_name(copy->state), copy->waits);
    for (guint i = 0; i < copy->recipients->len; i++)
        g_string_append_printf(data, " %s",
                               ((SkRecipient *)copy->recipients->pdata[i])->address);
    g_string_append_c(data, '\n');
    return true;
}

static void
expect_copies(const Fixture *f, const char *want)
{
    g_autoptr(SkDb) keep = open_keep(f);
    g_autoptr(GString) got = g_string_new(NULL);
    const SkHoldFilter all = {0};

    MUST(sk_hold_list(keep, &all, on_copy, got, &error));
    g_assert_cmpstr(got->str, ==, want);
}

/* How many jobs of KIND are there, and the payload of the last. */
static unsigned
count_jobs(const Fixture *f, const char *kind, char **ret_payload)
{
    g_autoptr(SkDb) keep = open_keep(f);
    g_autoptr(GPtrArray) jobs = NULL;

    MUST(sk_job_claim(keep, kind, "test", 60 * G_USEC_PER_SEC, 100, &jobs, &error));
    if (ret_payload != NULL && jobs->len > 0)
        *ret_payload = g_strdup(((SkJob *)jobs->pdata[jobs->len - 1])->payload);
    return jobs->len;
}

static bool
note_id(const SkHoldLine *line, void *data)
{
    g_free(*(char **)data);
    *(char **)data = g_strdup(line->copy->message);
    return true;
}

static SkHeldMessage *
load_message(const Fixture *f)
{
    g_autoptr(SkDb) keep = open_keep(f);
    const SkHoldFilter all = {0};
    g_autofree char *id = NULL;
    SkHeldMessage *message = NULL;

    MUST(sk_hold_list(keep, &all, note_id, &id, &error));
    MUST(sk_hold_load_message(keep, id, &message, &error));
    return message;
}

#define HOLD_OUTBOUND "outbound when not attach.any then hold for confirm\n"

/* One leaves at once, the other waits; both by the store. */
static void
test_held(Fixture *f, const void *data)
{
    g_autoptr(SkHeldMessage) message = NULL;
    g_autoptr(SkPassage) passage = NULL;
    g_autoptr(SkBlobRow) blob = NULL;
    g_autoptr(SkDb) keep = NULL;

    (void)data;
    begin(f, HOLD_OUTBOUND);
    make_keys(f);
    say_mail(f, message_id, both);
    expect(f, "d");
    expect_copies(f, "outbound waiting waits=2 " OUTSIDE "\ninternal waiting waits=0 " INSIDE
                     "\n");
    message = load_message(f);
    g_assert_cmpstr(message->owner, ==, "hanako@ours.example");
    g_assert_cmpstr(message->message_id, ==, "<1@ours.example>");
    passage = sk_passage_json_read(message->document, NULL);
    g_assert_cmpstr(passage->held, ==, message->id);
    keep = open_keep(f);
    MUST(sk_blob_store_load(keep, message->blob, &blob, &error));
    g_assert_cmpuint(blob->size, ==, message->size);
    /* With our Received field before it. */
    g_assert_cmpuint(message->size, >, passage->size);
    g_assert_cmpuint(count_jobs(f, SK_NOTICE_JOB, NULL), ==, 1);
    g_assert_cmpuint(count_jobs(f, SK_TEND_JOB, NULL), ==, 1);
}

/* Larger than a row takes, larger than memory: the same way. */
static void
test_large(Fixture *f, const void *data)
{
    const char *const one[] = {OUTSIDE, NULL};
    g_autofree char *chunk = g_strnfill(60000, 'x');
    g_autoptr(SkHeldMessage) message = NULL;

    (void)data;
    begin(f, HOLD_OUTBOUND);
    make_keys(f);
    SAY(f, 'M', "<hanako@ours.example>\0");
    SAY(f, 'R', "<taro@theirs.example>\0");
    SAY(f, 'L', "X-Sekisho-Release\0 copy=forged\0");
    SAY(f, 'N', "");
    for (unsigned i = 0; i < 100; i++)
        say(f, 'B', chunk, 60000);
    SAY(f, 'E', "");
    expect(f, "d");
    message = load_message(f);
    g_assert_cmpuint(message->size, >, 100 * 60000);
    say_mail(f, NULL, one);
    expect(f, "d");
}

/* Nothing is kept, and Postfix's client is told to come back, as long as there is no key. */
static void
test_no_key(Fixture *f, const void *data)
{
    (void)data;
    begin(f, HOLD_OUTBOUND);
    say_mail(f, message_id, both);
    expect(f, "y451");
    expect_copies(f, "");
    make_keys(f);
    say_mail(f, message_id, both);
    expect(f, "d");
}

static void
test_repeated(Fixture *f, const void *data)
{
    const char *const more[] = {OUTSIDE, "saburo@theirs.example", NULL};

    (void)data;
    begin(f, "any when not attach.any then hold for 5m\n");
    make_keys(f);
    say_mail(f, message_id, both);
    say_mail(f, message_id, both);
    expect(f, "dd");
    expect_copies(f, "outbound waiting waits=1 " OUTSIDE "\ninternal waiting waits=1 " INSIDE
                     "\n");
    /* Who is new waits by himself. */
    say_mail(f, message_id, more);
    expect(f, "d");
    expect_copies(f, "outbound waiting waits=1 " OUTSIDE "\ninternal waiting waits=1 " INSIDE
                     "\noutbound waiting waits=1 saburo@theirs.example\n");
    /* Another text, or none to know it by, is another message. */
    say_mail(f, NULL, both);
    expect(f, "d");
    say_mail(f, NULL, both);
    expect(f, "d");
    g_assert_cmpuint(count_jobs(f, SK_NOTICE_JOB, NULL), ==, 4);
}

/* Who reads along what is sent to many could send it here first, and have it held for what he
 * put into the header; a program may have one Message-ID for all it says in the subject. */
static void
test_not_repeated(Fixture *f, const void *data)
{
    static const char again[] = "Message-ID\0 <1@ours.example>\0";
    static const char *const fields[] = {"Subject\0 another", "REPLY-TO\0 evil@theirs.example",
                                         "sender\0 evil@theirs.example",
                                         "From\0 evil@theirs.example"};

    (void)data;
    begin(f, "any when not attach.any then hold for 5m\n");
    make_keys(f);
    say_mail(f, message_id, both);
    expect(f, "d");
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        SAY(f, 'M', "<hanako@ours.example>\0");
        SAY(f, 'R', "<" OUTSIDE ">\0");
        say(f, 'L', again, sizeof again - 1);
        SAY(f, 'L', "From\0 hanako@ours.example\0");
        SAY(f, 'L', "Subject\0 the plan\0");
        say(f, 'L', fields[i],
            strlen(fields[i]) + 1 + strlen(fields[i] + strlen(fields[i]) + 1) + 1);
        SAY(f, 'N', "");
        SAY(f, 'E', "body\r\n");
        expect(f, "d");
    }
    g_assert_cmpuint(count_jobs(f, SK_NOTICE_JOB, NULL), ==, 1 + G_N_ELEMENTS(fields));
}

/* Nor is a stranger who has the same to say one who did not hear our answer. */
static void
test_not_from_others(Fixture *f, const void *data)
{
    const char *const inside[] = {INSIDE, NULL};

    (void)data;
    begin(f, "any when not attach.any then hold for 5m\n");
    f->origin = SK_ORIGIN_INBOUND;
    make_keys(f);
    say_mail(f, message_id, inside);
    say_mail(f, message_id, inside);
    expect(f, "dd");
    expect_copies(f, "inbound waiting waits=1 " INSIDE "\n");
    SAY(f, 'K', "");
    SAY(f, 'C',
        "mx.example.net\0"
        "4\0\x19"
        "192.0.2.2\0");
    say_mail(f, message_id, inside);
    expect(f, "d");
    expect_copies(f,
                  "inbound waiting waits=1 " INSIDE "\ninbound waiting waits=1 " INSIDE "\n");
}

/* Postfix has gone while it was written: its client will come again. */
static void
test_abandoned(Fixture *f, const void *data)
{
    (void)data;
    begin(f, HOLD_OUTBOUND);
    make_keys(f);
    say_mail(f, message_id, both);
    sk_loop_step(f->loop, 0);
    SAY(f, 'A', "");
    g_assert_cmpuint(g_hash_table_size(f->gate.under_way), ==, 0);
    expect_nothing(f);
    say_mail(f, message_id, both);
    expect(f, "d");
    expect_copies(f, "outbound waiting waits=2 " OUTSIDE "\ninternal waiting waits=0 " INSIDE
                     "\n");
    /* One whose commit is under way when everything ends: tear_down() looks. */
    say_mail(f, NULL, both);
    sk_loop_step(f->loop, 0);
}

static void
test_chosen(Fixture *f, const void *data)
{
    const SkHoldPerson person = {.hold_s = 120};
    g_autoptr(SkHeldMessage) message = NULL;
    g_autoptr(GPtrArray) copies = NULL;
    g_autoptr(SkDb) keep = open_keep(f);

    (void)data;
    begin(f, "outbound when not attach.any then hold for 5m within 1m..10m\n");
    make_keys(f);
    MUST(sk_hold_person_save(keep, "Hanako@ours.example", &person, &error));
    say_mail(f, message_id, both);
    expect(f, "d");
    message = load_message(f);
    MUST(sk_hold_load_copies(keep, message->id, &copies, &error));
    g_assert_cmpint(((SkHeldCopy *)copies->pdata[0])->due_us - message->made_us, ==,
                    120 * G_USEC_PER_SEC);
}

/* Delivered, and somebody is told. */
static void
test_notify(Fixture *f, const void *data)
{
    g_autofree char *payload = NULL;
    g_auto(SkNoticeOrder) order = {0};

    (void)data;
    begin(f, "outbound when not attach.any then notify sender\n");
    say_mail(f, message_id, both);
    expect(f, "ia");
    g_assert_cmpuint(count_jobs(f, SK_NOTICE_JOB, &payload), ==, 1);
    g_assert_true(sk_engine_notice_read(payload, &order));
    g_assert_cmpint(order.kind, ==, SK_NOTICE_MATCHED);
    g_assert_nonnull(strstr(order.text, "\"notify\":[\"sender\"]"));
    expect_copies(f, "");
}

#define TOKEN "0abcdefghjkmnpqrstvwxyz234"

/* Answers to notices are no mail to anybody: taken, and an order for the clerk. */
static void
test_answer(Fixture *f, const void *data)
{
    const char *const to[] = {"Stop+" TOKEN "@OURS.example", NULL};
    g_autofree char *payload = NULL;

    (void)data;
    begin(f, "");
    f->origin = SK_ORIGIN_INBOUND;
    say_mail(f, NULL, to);
    expect(f, "d");
    g_assert_cmpuint(sk_fake_inspect_count(f->fake), ==, 0);
    g_assert_cmpuint(count_jobs(f, SK_REPLY_JOB, &payload), ==, 1);
    g_assert_nonnull(strstr(payload, "\"token\":\"" TOKEN "\""));
    g_assert_nonnull(strstr(payload, "\"who\":\"hanako@ours.example\""));
}

static void
test_automatic_answer(Fixture *f, const void *data)
{
    const char *const to[] = {"stop+" TOKEN "@ours.example", NULL};

    (void)data;
    begin(f, "");
    f->origin = SK_ORIGIN_INBOUND;
    say_mail(f, "Auto-Submitted\0 auto-replied (vacation)", to);
    expect(f, "d");
    SAY(f, 'M', "<>\0");
    SAY(f, 'R', "<stop+" TOKEN "@ours.example>\0");
    SAY(f, 'E', "");
    expect(f, "d");
    g_assert_cmpuint(count_jobs(f, SK_REPLY_JOB, NULL), ==, 0);
}

/* The others get the mail, and Postfix is not asked to deliver to what is no mailbox. */
static void
test_answer_and_others(Fixture *f, const void *data)
{
    const char *const to[] = {INSIDE, "stop+" TOKEN "@ours.example", NULL};

    (void)data;
    begin(f, "");
    f->origin = SK_ORIGIN_INBOUND;
    make_keys(f);
    say_mail(f, NULL, to);
    expect(f, "d");
    expect_copies(f, "inbound waiting waits=0 " INSIDE "\n");
    g_assert_cmpuint(count_jobs(f, SK_REPLY_JOB, NULL), ==, 1);
    g_assert_cmpuint(count_jobs(f, SK_NOTICE_JOB, NULL), ==, 0);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(Fixture *f, const void *data);
    } tests[] = {
        {"/gate/hold/held", test_held},
        {"/gate/hold/large", test_large},
        {"/gate/hold/no-key", test_no_key},
        {"/gate/hold/repeated", test_repeated},
        {"/gate/hold/not-repeated", test_not_repeated},
        {"/gate/hold/not-from-others", test_not_from_others},
        {"/gate/hold/abandoned", test_abandoned},
        {"/gate/hold/chosen", test_chosen},
        {"/gate/hold/notify", test_notify},
        {"/gate/hold/answer", test_answer},
        {"/gate/hold/automatic-answer", test_automatic_answer},
        {"/gate/hold/answer-and-others", test_answer_and_others},
    };

    g_test_init(&argc, &argv, NULL);
    sk_log_open("gate-hold-test", false);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
    return g_test_run();
}
