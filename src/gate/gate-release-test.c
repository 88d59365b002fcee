/* SPDX-License-Identifier: Apache-2.0 */

/* What comes through the release listener: who may, what of it, and what is found anew. */

#include "gate/gate-testing.h"
#include "hold/hold-store.h"
#include "hold/hold-ticket.h"

#define LEASE_US (60 * G_USEC_PER_SEC)

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

/* A mail of taro's with an encrypted file in it, held for five minutes, or what RULES say. */
static void
hold_one(Fixture *f, const char *rules)
{
    make_keys(f);
    write_policy(f, rules);
    reload(f);
    sk_fake_inspect_find(f->fake, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "a.zip");
    say_message(f);
    expect(f, "d");
    f->origin = SK_ORIGIN_RELEASE;
}

/* What the clerk does when the copy is due: its waits are answered, and it is claimed. */
static SkHeldCopy *
claim(const Fixture *f)
{
    g_autoptr(SkDb) keep = open_keep(f);
    g_autoptr(GPtrArray) copies = NULL;

    MUST(sk_hold_claim(keep, "test", LEASE_US, 10, &copies, &error));
    g_assert_cmpuint(copies->len, ==, 1);
    return g_ptr_array_steal_index(copies, 0);
}

static char *
ticket_new(const char *id, bool notice, int64_t number)
{
    uint8_t key[SK_TICKET_KEY_LEN];
    SkTicket ticket = {.notice = notice, .claim = number};

    g_assert_true(
        sk_ticket_key_parse(sk_bytes(TEST_RELEASE_KEY, strlen(TEST_RELEASE_KEY)), key));
    g_strlcpy(ticket.id, id, sizeof ticket.id);
    return sk_ticket_write(&ticket, key);
}

static void
say_field(Fixture *f, const char *name, const char *value)
{
    g_autoptr(GString) pair = g_string_new(name);

    g_string_append_c(pair, '\0');
    g_string_append_printf(pair, " %s", value);
    say(f, 'L', pair->str, pair->len + 1);
}

/* TICKET NULL: none. */
static void
say_release(Fixture *f, const char *ticket)
{
    SAY(f, 'M', "<taro@theirs.example>\0");
    SAY(f, 'R', "<hanako@ours.example>\0");
    if (ticket != NULL)
        say_field(f, SK_TICKET_FIELD, ticket);
    SAY(f, 'L', "Subject\0 hello\0");
    SAY(f, 'N', "");
    SAY(f, 'E', "body\r\n");
}

static void
release(Fixture *f, const SkHeldCopy *copy, const char *want)
{
    g_autofree char *ticket = ticket_new(copy->id, false, copy->claim);

    say_release(f, ticket);
    expect(f, want);
}

#define HOLD   "inbound when attach.encrypted then hold for review by recipient, mark \"HELD\"\n"
#define DANGER "inbound when attach.danger then hold for review\n"

/* As if the recipient had looked at it. */
static void
answer(const Fixture *f, const char *id)
{
    g_autoptr(SkDb) keep = open_keep(f);
    SkHoldOutcome outcome;

    MUST(sk_hold_answer(keep, id, SK_WAIT_REVIEW, "hanako@ours.example", NULL, &outcome,
                        &error));
    g_assert_cmpint(outcome, ==, SK_HOLD_DONE);
}

static bool
note_copy(const SkHoldLine *line, void *data)
{
    *(char **)data = g_strdup(line->copy->id);
    return false;
}

static SkHeldCopy *
answer_and_claim(const Fixture *f)
{
    g_autoptr(SkDb) keep = open_keep(f);
    const SkHoldFilter all = {0};
    g_autofree char *id = NULL;

    MUST(sk_hold_list(keep, &all, note_copy, &id, &error));
    answer(f, id);
    return claim(f);
}

/* The ticket goes, the mark and the trace come: three changes of the header. */
static void
test_released(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) copy = NULL;

    (void)data;
    hold_one(f, HOLD);
    copy = answer_and_claim(f);
    sk_fake_inspect_find(f->fake, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "a.zip");
    release(f, copy, "mmia");
}

static void
test_no_true_ticket(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) copy = NULL;
    g_autofree char *ticket = NULL, *forged = NULL;

    (void)data;
    hold_one(f, HOLD);
    copy = answer_and_claim(f);
    ticket = ticket_new(copy->id, false, copy->claim);
    forged = g_strdup(ticket);
    forged[strlen(forged) - 1] ^= 1;
    say_release(f, NULL);
    say_release(f, forged);
    say_release(f, "copy=x; claim=1; mac=00");
    /* Two of them: which one would another program remove? */
    SAY(f, 'M', "<taro@theirs.example>\0");
    SAY(f, 'R', "<hanako@ours.example>\0");
    say_field(f, SK_TICKET_FIELD, ticket);
    say_field(f, "x-sekisho-release", ticket);
    SAY(f, 'N', "");
    SAY(f, 'E', "body\r\n");
    expect(f, "y550y550y550y550");
    /* The inspector saw the mail when it was held, and nothing of this. */
    g_assert_cmpuint(sk_fake_inspect_count(f->fake), ==, 1);
}

static void
say_release_of(Fixture *f, const char *ticket, const char *from, const char *to)
{
    say(f, 'M', from, strlen(from) + 1);
    say(f, 'R', "<hanako@ours.example>", sizeof "<hanako@ours.example>");
    if (to != NULL)
        say(f, 'R', to, strlen(to) + 1);
    say_field(f, SK_TICKET_FIELD, ticket);
    SAY(f, 'N', "");
    SAY(f, 'E', "body\r\n");
}

/* Whoever got hold of a ticket: it is for one sender and those who are to get the copy. */
static void
test_other_people(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) copy = NULL;
    g_autofree char *ticket = NULL;

    (void)data;
    hold_one(f, HOLD);
    copy = answer_and_claim(f);
    ticket = ticket_new(copy->id, false, copy->claim);
    say_release_of(f, ticket, "<taro@theirs.example>", "<jiro@ours.example>");
    say_release_of(f, ticket, "<jiro@theirs.example>", NULL);
    say_release_of(f, ticket, "<>", NULL);
    expect(f, "y550y550y550");
    g_assert_cmpuint(sk_fake_inspect_count(f->fake), ==, 1);
    sk_fake_inspect_find(f->fake, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "a.zip");
    say_release_of(f, ticket, "<taro@theirs.example>", NULL);
    expect(f, "miia");
}

static void
test_stale(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) copy = NULL;
    g_autoptr(SkDb) keep = open_keep(f);

    (void)data;
    hold_one(f, HOLD);
    copy = answer_and_claim(f);
    copy->claim--;
    release(f, copy, "y451");
    copy->claim++;
    MUST(sk_hold_retry(keep, copy, NULL, 0, "no listener", &error));
    release(f, copy, "y451");
    g_assert_cmpuint(sk_fake_inspect_count(f->fake), ==, 1);
}

static void
test_no_key(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) copy = NULL;
    g_autofree char *path = g_build_filename(f->dir, "release.key", NULL);

    (void)data;
    hold_one(f, HOLD);
    copy = answer_and_claim(f);
    g_assert_cmpint(g_unlink(path), ==, 0);
    release(f, copy, "y451");
    /* It may come later. */
    write_file(f, "release.key", TEST_RELEASE_KEY "\n");
    release(f, copy, "mmia");
}

/* Written by the clerk: nobody looks into it, nothing holds it. */
static void
test_notice(Fixture *f, const void *data)
{
    g_autofree char *ticket = ticket_new("01kak0000000000000000", true, 0);

    (void)data;
    hold_one(f, "any when not attach.any then hold for review\n");
    say_release_of(f, ticket, "<>", NULL);
    expect(f, "mia");
    /* Nothing but a notice, which is to one, and from nobody. */
    say_release_of(f, ticket, "<taro@theirs.example>", NULL);
    say_release_of(f, ticket, "<>", "<jiro@ours.example>");
    expect(f, "y550y550");
    g_assert_cmpuint(sk_fake_inspect_count(f->fake), ==, 1);
}

/* What the clerk does with a refusal. */
static void
hold_again(const Fixture *f, const SkHeldCopy *copy)
{
    g_autoptr(SkDb) keep = open_keep(f);

    MUST(sk_hold_again(keep, copy, NULL, SK_WAIT_REVIEW, SK_REVIEW_ADMIN,
                       g_get_real_time() + 60 * G_USEC_PER_SEC, "found anew", &error));
}

/* Held for what is new; and when that was looked at, it leaves. */
static void
test_found_anew(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) first = NULL, second = NULL, third = NULL;

    (void)data;
    hold_one(f, HOLD DANGER);
    first = answer_and_claim(f);
    sk_fake_inspect_find(f->fake, SK_FINDING_ATTACH_DANGER_SCRIPT, "a.js");
    release(f, first, "y554");
    hold_again(f, first);
    second = answer_and_claim(f);
    sk_fake_inspect_find(f->fake, SK_FINDING_ATTACH_DANGER_SCRIPT, "b.js");
    release(f, second, "y554");
    hold_again(f, second);
    third = answer_and_claim(f);
    sk_fake_inspect_find(f->fake, SK_FINDING_ATTACH_DANGER_SCRIPT, "a.js");
    release(f, third, "mmia");
}

/* The clerk was killed before it held the copy again: it is as new as before. */
static void
test_found_but_not_held(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) copy = NULL, again = NULL;
    g_autoptr(SkDb) keep = open_keep(f);

    (void)data;
    hold_one(f, HOLD DANGER);
    copy = answer_and_claim(f);
    for (unsigned i = 0; i < 2; i++) {
        sk_fake_inspect_find(f->fake, SK_FINDING_ATTACH_DANGER_SCRIPT, "a.js");
        release(f, copy, "y554");
    }
    MUST(sk_hold_retry(keep, copy, NULL, 0, "lost", &error));
    again = claim(f);
    sk_fake_inspect_find(f->fake, SK_FINDING_ATTACH_DANGER_SCRIPT, "a.js");
    release(f, again, "y554");
}

static void
test_no_inspector(Fixture *f, const void *data)
{
    g_autoptr(SkHeldCopy) copy = NULL;

    (void)data;
    hold_one(f, HOLD);
    copy = answer_and_claim(f);
    sk_fake_inspect_fail(f->fake, SK_ERROR_IO, "no inspector");
    release(f, copy, "y451");
    /* Abandoned while it is looked up, and while it is inspected: tear_down() looks. */
    sk_fake_inspect_hold(f->fake, true);
    for (unsigned i = 0; i < 2; i++) {
        g_autofree char *ticket = ticket_new(copy->id, false, copy->claim);

        say_release(f, ticket);
        for (unsigned round = 0; round < 50 * i; round++)
            sk_loop_step(f->loop, 1);
        SAY(f, 'A', "");
    }
    expect_nothing(f);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(Fixture *f, const void *data);
    } tests[] = {
        {"/gate/release/released", test_released},
        {"/gate/release/no-true-ticket", test_no_true_ticket},
        {"/gate/release/other-people", test_other_people},
        {"/gate/release/stale", test_stale},
        {"/gate/release/no-key", test_no_key},
        {"/gate/release/notice", test_notice},
        {"/gate/release/found-anew", test_found_anew},
        {"/gate/release/found-but-not-held", test_found_but_not_held},
        {"/gate/release/no-inspector", test_no_inspector},
    };

    g_test_init(&argc, &argv, NULL);
    sk_log_open("gate-release-test", false);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
    return g_test_run();
}
