/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-digest.h"
#include "clerk/clerk-told-testing.h"

#define MESSAGE "01kaj00000000000test"

/* ---- answers ---- */

/* Whatever program or person it comes from. */
static void
answer(Fixture *f, const char *token)
{
    static unsigned n;
    g_autofree char *id = g_strdup_printf("reply-%u", ++n);
    g_autofree char *payload = g_strdup_printf(
        "{\"token\":\"%s\",\"who\":\"somebody@example.org\",\"id\":\"01kak\"}", token);

    MUST(sk_job_add(f->world.keep, id, "hold.reply", payload, test_now_us, &error));
    forget_sent();
    work(f);
}

/* Mail to two outside, one of them hidden and for longer, and to one of us, all of which wait;
 * with the tokens of sender and colleague. */
static void
hold_three(Fixture *f, char **ret_sender, char **ret_colleague)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);
    SkDecision *leaving = hold_for(SK_WAIT_TIME, 600);

    g_ptr_array_add(leaving->notify, g_strdup("recipient"));
    mail_to(passage, "a@example.com", true, leaving);
    mail_to(passage, "secret@example.net", false, sk_decision_dup(leaving));
    ((SkPassageRecipient *)passage->recipients->pdata[1])->decision->hold_s = 900;
    mail_to(passage, "hanako@ours.example", true, hold_for(SK_WAIT_TIME, 900));
    hold(f, passage);
    work(f);
    *ret_sender = find_after(sent_to(OWNER), "Reply-To: <stop+", "@");
    *ret_colleague = find_after(sent_to("hanako@ours.example"), "Reply-To: <stop+", "@");
}

static int64_t
count_copies(Fixture *f, SkCopyState state)
{
    g_autoptr(GPtrArray) copies = NULL;
    int64_t n = 0;

    MUST(sk_hold_load_copies(f->world.keep, MESSAGE, &copies, &error));
    for (guint i = 0; i < copies->len; i++)
        n += ((SkHeldCopy *)copies->pdata[i])->state == state;
    return n;
}

static void
test_sender_stops(Fixture *f, const void *data)
{
    g_autofree char *sender = NULL;
    g_autofree char *colleague = NULL;
    g_autofree char *shouted = NULL;

    hold_three(f, &sender, &colleague);
    shouted = g_ascii_strup(sender, -1);
    answer(f, shouted);
    g_assert_cmpint(count_copies(f, SK_COPY_STOPPED), ==, 2);
    g_assert_cmpint(count_copies(f, SK_COPY_WAITING), ==, 1);
    assert_told(OWNER);
    assert_says(sent_to(OWNER), "It is stopped.");
    assert_says(sent_to(OWNER), "secret@example.net");
    /* A second time there is nothing to stop; he may ask. */
    answer(f, sender);
    assert_told(OWNER);
    assert_says(sent_to(OWNER), "had been stopped before");
}

/* Only what leaves; the sender is told, and nobody of the hidden one. */
static void
test_colleague_stops(Fixture *f, const void *data)
{
    g_autofree char *sender = NULL;
    g_autofree char *colleague = NULL;

    hold_three(f, &sender, &colleague);
    answer(f, colleague);
    g_assert_cmpint(count_copies(f, SK_COPY_STOPPED), ==, 2);
    g_assert_cmpint(count_copies(f, SK_COPY_WAITING), ==, 1);
    assert_told("hanako@ours.example " OWNER);
    assert_says(sent_to("hanako@ours.example"), "It is stopped.");
    assert_silent(sent_to("hanako@ours.example"), "secret@");
    assert_says(sent_to(OWNER), "Your mail was stopped.");
    assert_says(sent_to(OWNER), "By: \"hanako@ours.example\"");
    assert_says(sent_to(OWNER), "secret@example.net");
}

static void
test_too_late(Fixture *f, const void *data)
{
    g_autofree char *sender = NULL;
    g_autofree char *colleague = NULL;
    g_autoptr(GPtrArray) claimed = NULL;

    hold_three(f, &sender, &colleague);
    test_now_us += 700 * SECOND;
    MUST(sk_hold_claim(f->world.keep, "test", LEASE_US, 1, &claimed, &error));
    answer(f, sender);
    /* One copy had left, the other could still be stopped: he is told both. */
    g_assert_cmpint(count_copies(f, SK_COPY_RELEASING), ==, 1);
    g_assert_cmpint(count_copies(f, SK_COPY_STOPPED), ==, 1);
    assert_told(OWNER " " OWNER);
    answer(f, colleague);
    assert_told("hanako@ours.example");
    assert_says(sent_to("hanako@ours.example"), "It was too late.");
    assert_says(sent_to("hanako@ours.example"), "a@example.com");
    assert_silent(sent_to("hanako@ours.example"), "secret@");
}

/* Not a word to whoever guesses, and nothing for another purpose. */
static void
test_no_token(Fixture *f, const void *data)
{
    const SkHoldToken ask_token = {.purpose = SK_TOKEN_ASK,
                                   .target = (char *)MESSAGE,
                                   .person = (char *)OWNER,
                                   .expires_us = START_US + 900 * SECOND};
    g_autofree char *sender = NULL;
    g_autofree char *colleague = NULL;
    g_autofree char *ask_text = NULL;

    hold_three(f, &sender, &colleague);
    MUST(sk_hold_token_add(f->world.keep, &ask_token, &ask_text, &error));
    answer(f, "00000000000000000000000000");
    answer(f, "");
    answer(f, ask_text);
    assert_told("");
    g_assert_cmpint(count_copies(f, SK_COPY_WAITING), ==, 3);
    /* An old one is none any more. */
    test_now_us += 365 * 86400 * SECOND;
    answer(f, sender);
    assert_told("");
    g_assert_cmpint(count_copies(f, SK_COPY_WAITING), ==, 3);
}

/* ---- digests ---- */

static void
hold_for_digest(Fixture *f, const char *id, const char *subject)
{
    SkPassage *passage = mail_new(SK_ORIGIN_INBOUND);

    g_free(passage->id);
    g_free(passage->subject);
    passage->id = g_strdup(id);
    passage->subject = g_strdup(subject);
    mail_to(passage, "ben@ours.example", true, hold_for(SK_WAIT_PASSWORD, 0));
    mail_to(passage, "carl@ours.example", true, hold_for(SK_WAIT_PASSWORD, 0));
    hold(f, passage);
    work(f);
}

static void
choose_digest(Fixture *f, const char *person)
{
    static const SkHoldPerson digest = {.tell = SK_TELL_DIGEST};

    MUST(sk_hold_person_save(f->world.keep, person, &digest, &error));
}

static void
test_digest(Fixture *f, const void *data)
{
    const Sent *sent;

    MUST(sk_job_add(f->world.keep, "notice.digest", "notice.digest", NULL, 0, &error));
    choose_digest(f, "ben@ours.example");
    work(f);
    hold_for_digest(f, "01kaj0000000000000m1", "first one");
    hold_for_digest(f, "01kaj0000000000000m2", "second one");
    assert_told("carl@ours.example carl@ours.example");
    forget_sent();
    /* The next morning, at eight in Tokyo. */
    test_now_us = START_US + (16 * 3600 + 17 * 60) * SECOND;
    work(f);
    assert_told("");
    test_now_us += 60 * SECOND;
    work(f);
    assert_told("ben@ours.example");
    sent = sent_to("ben@ours.example");
    assert_says(sent, "Mails to you that are held: 2.");
    assert_says(sent, "first one");
    assert_says(sent, "second one");
    assert_silent(sent, "carl@");
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM held_token"), ==, 4);
    /* And the day after, of what is left. */
    forget_sent();
    run(f->world.keep, "DELETE FROM held_message WHERE id = '01kaj0000000000000m1'");
    test_now_us += 86400 * SECOND;
    work(f);
    assert_told("ben@ours.example");
    assert_says(sent_to("ben@ours.example"), "Mails to you that are held: 1.");
}

static void
test_digest_of_nothing(Fixture *f, const void *data)
{
    MUST(sk_job_add(f->world.keep, "notice.digest", "notice.digest", NULL, 0, &error));
    choose_digest(f, "ben@ours.example");
    work(f);
    test_now_us += 86400 * SECOND;
    work(f);
    assert_told("");
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM job"), ==, 1);
    /* Whatever has become of the time it was due at. */
    g_assert_cmpint(ask(f->world.keep, "SELECT claim_us FROM job") % (3600 * SECOND), ==, 0);
}

static void
test_times_of_digests(void)
{
    static const struct {
        const char *zone;
        int hour, minute;
        const char *now, *next;
    } cases[] = {
        {"Asia/Tokyo", 8, 0, "2026-11-22T07:59:59+09", "2026-11-22T08:00:00+09"},
        {"Asia/Tokyo", 8, 0, "2026-11-22T08:00:00+09", "2026-11-23T08:00:00+09"},
        {"Asia/Tokyo", 0, 0, "2026-12-31T12:00:00+09", "2027-01-01T00:00:00+09"},
        /* Clocks go on by an hour, and back. */
        {"Europe/Berlin", 8, 30, "2027-03-27T12:00:00+01", "2027-03-28T08:30:00+02"},
        {"Europe/Berlin", 8, 30, "2026-10-24T12:00:00+02", "2026-10-25T08:30:00+01"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(cases[i].zone);
        g_autoptr(GDateTime) now = g_date_time_new_from_iso8601(cases[i].now, NULL);
        g_autoptr(GDateTime) expected = g_date_time_new_from_iso8601(cases[i].next, NULL);
        int64_t next = sk_clerk_digest_next(cases[i].hour, cases[i].minute, zone,
                                            g_date_time_to_unix(now) * SECOND);

        g_assert_cmpint(next, ==, g_date_time_to_unix(expected) * SECOND);
    }
}

typedef struct {
    const char *name;
    void (*test)(Fixture *f, const void *data);
} Case;

int
main(int argc, char **argv)
{
    static const Case cases[] = {
        {"sender-stops", test_sender_stops},
        {"colleague-stops", test_colleague_stops},
        {"too-late", test_too_late},
        {"no-token", test_no_token},
        {"digest", test_digest},
        {"digest-of-nothing", test_digest_of_nothing},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        SK_TEST_ADD_BOTH(Fixture, "clerk-reply", cases[i].name, set_up, cases[i].test,
                         tear_down);
    g_test_add_func("/clerk-reply/times-of-digests", test_times_of_digests);
    return sk_test_postgres_run_tests();
}
