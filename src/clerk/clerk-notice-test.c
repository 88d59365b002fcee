/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-told-testing.h"
#include "ledger/passage-json.h"

#define MESSAGE "01kaj00000000000test"

/* The token behind WHAT in a notice. Caller owns. */
static SkHoldToken *
token_of(Fixture *f, const Sent *sent, const char *what)
{
    g_autofree char *text = find_after(sent, what, "@\r\n");
    SkHoldToken *token = NULL;

    MUST(sk_hold_token_load(f->world.keep, text, &token, &error));
    g_assert_nonnull(token);
    return token;
}

static void
assert_token(Fixture *f,
             const Sent *sent,
             const char *what,
             SkTokenPurpose purpose,
             const char *target)
{
    g_autoptr(SkHoldToken) token = token_of(f, sent, what);

    g_assert_cmpint(token->purpose, ==, purpose);
    g_assert_cmpstr(token->target, ==, target);
    g_assert_cmpstr(token->person, ==, sent->to);
}

/* ---- mail of ours ---- */

static void
test_sender(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);
    const Sent *sent;

    mail_to(passage, "a@example.com", true, hold_for(SK_WAIT_TIME, 600));
    mail_to(passage, "secret@example.net", false, hold_for(SK_WAIT_TIME, 300));
    mail_to(passage, "hanako@ours.example", true, NULL);
    hold(f, passage);
    work(f);
    assert_told(OWNER);
    sent = sent_to(OWNER);
    /* Before the first of its copies. */
    assert_says(sent, "The mail below will be sent at 15:47 JST on Sun 22 Nov (in about 5 ");
    assert_says(sent, "\"a@example.com\"");
    assert_says(sent, "\"secret@example.net\"");
    assert_says(sent, "References: <20270102.4711@example.net>");
    assert_token(f, sent, "https://mail.ours.example/t/", SK_TOKEN_STOP, MESSAGE);
    assert_token(f, sent, "Reply-To: <stop+", SK_TOKEN_STOP, MESSAGE);
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM job"), ==, 0);
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM held_event WHERE what = 'told'"
                                       " AND who = '" OWNER "'"),
                    ==, 1);
}

static void
test_short_hold(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);

    mail_to(passage, "a@example.com", true, hold_for(SK_WAIT_TIME, 60));
    sk_findings_add(passage->findings, SK_FINDING_ATTACH_ANY, "2", "a.txt", NULL);
    hold(f, passage);
    work(f);
    assert_told("");
}

static void
test_short_hold_flagged(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);

    mail_to(passage, "a@example.com", true, hold_for(SK_WAIT_TIME, 60));
    sk_findings_add(passage->findings, SK_FINDING_MISSEND_RED, NULL, NULL, NULL);
    hold(f, passage);
    work(f);
    assert_told(OWNER);
    assert_says(sent_to(OWNER), "very likely the wrong recipient or content");
}

static SkDecision *
notify(SkDecision *decision, const char *whom)
{
    g_ptr_array_add(decision->notify, g_strdup(whom));
    return decision;
}

/* Colleagues learn of outside people in To and Cc, and of nobody else. */
static void
test_colleagues(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);
    const Sent *sent;

    mail_to(passage, "a@example.com", true, notify(hold_for(SK_WAIT_TIME, 60), "recipient"));
    mail_to(passage, "secret@example.net", false,
            notify(hold_for(SK_WAIT_TIME, 60), "recipient"));
    mail_to(passage, "hanako@ours.example", true, NULL);
    mail_to(passage, "hidden@ours.example", false, NULL);
    mail_to(passage, OWNER, true, NULL);
    hold(f, passage);
    work(f);
    assert_told("hanako@ours.example");
    sent = sent_to("hanako@ours.example");
    assert_says(sent, "Mail from " OWNER " has not left");
    assert_says(sent, "a@example.com");
    assert_silent(sent, "secret@");
    assert_silent(sent, "hidden@");
    assert_token(f, sent, "https://mail.ours.example/t/", SK_TOKEN_COLLEAGUE, MESSAGE);
}

static void
test_only_hidden_leave(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);

    mail_to(passage, "secret@example.net", false,
            notify(hold_for(SK_WAIT_TIME, 60), "recipient"));
    mail_to(passage, "hanako@ours.example", true, NULL);
    hold(f, passage);
    work(f);
    assert_told("");
}

/* Nor of somebody in secret who is left when the others have left. */
static void
test_hidden_remain(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);

    mail_to(passage, "a@example.com", true, notify(hold_for(SK_WAIT_TIME, 60), "recipient"));
    mail_to(passage, "secret@example.net", false, hold_for(SK_WAIT_TIME, 3600));
    mail_to(passage, "hanako@ours.example", true, NULL);
    hold(f, passage);
    g_assert_true(do_one(f, &duties[0]));
    run(f->world.keep, "UPDATE held_copy SET state = 'sent' WHERE nr = 1");
    work(f);
    assert_told(OWNER);
    forget_sent();
    run(f->world.keep, "UPDATE held_copy SET state = 'stopped' WHERE nr = 2");
    order(f, SK_NOTICE_DONE, NULL, "hanako@ours.example", NULL);
    work(f);
    assert_told("");
}

static void
choose(Fixture *f, const char *person, const SkHoldPerson *choice)
{
    MUST(sk_hold_person_save(f->world.keep, person, choice, &error));
}

/* Members, whoever stands in for those who are away, and nobody for himself. */
static void
test_approvers(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);
    SkDecision *decision = hold_for(SK_WAIT_APPROVAL, 0);
    char deputy[] = "deputy@ours.example";
    const SkHoldPerson away = {.away_from_us = START_US - SECOND,
                               .away_until_us = START_US + SECOND,
                               .deputy = deputy};
    const Sent *sent;

    choose(f, "away@ours.example", &away);
    g_ptr_array_add(decision->approvers, g_strdup("sales"));
    mail_to(passage, "a@example.com", false, decision);
    hold(f, passage);
    work(f);
    assert_told("away@ours.example chief@ours.example deputy@ours.example " OWNER);
    sent = sent_to("chief@ours.example");
    assert_says(sent, "waits for your approval");
    assert_says(sent, "Group: \"sales\"");
    assert_says(sent, "a@example.com");
    assert_says(sent, "goes back to its sender unsent");
    assert_silent(sent, "/t/");
    assert_says(sent_to(OWNER), "It waits for approval");
}

static void
test_no_group(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);

    mail_to(passage, "a@example.com", true, hold_for(SK_WAIT_APPROVAL, 0));
    hold(f, passage);
    work(f);
    assert_told("admin@ours.example " OWNER);
}

static SkDecision *
approve_by(SkDecision *decision, const char *group)
{
    g_ptr_array_add(decision->approvers, g_strdup(group));
    return decision;
}

/* Of two copies that wait for the same people, they are told of both, at once. */
static void
test_approvers_of_copies(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);

    mail_to(passage, "a@example.com", true, approve_by(hold_for(SK_WAIT_APPROVAL, 0), "sales"));
    mail_to(passage, "b@example.net", true,
            approve_by(hold_for(SK_WAIT_APPROVAL | SK_WAIT_CONFIRM, 0), "sales"));
    hold(f, passage);
    work(f);
    assert_told("away@ours.example chief@ours.example " OWNER);
    assert_says(sent_to("chief@ours.example"), "a@example.com");
    assert_says(sent_to("chief@ours.example"), "b@example.net");
    assert_says(sent_to("chief@ours.example"), "Number: " MESSAGE "\r\n");
}

/* Of whose group nobody else is: its deputies; and if it has none, administrators. */
static void
test_nobody_to_approve(Fixture *f, const void *data)
{
    static const struct {
        const char *groups, *told;
    } cases[] = {
        {"sales: " OWNER "; deputy vice@ours.example, " OWNER "\n", OWNER " vice@ours.example"},
        {"sales: " OWNER "\n", "admin@ours.example " OWNER},
        {"sales: chief@example.org\n", "admin@ours.example " OWNER},
    };
    const char *groups = sk_settings_peek_text(f->settings, "hold", "groups");

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);

        g_test_message("case %zu", i);
        g_assert_true(g_file_set_contents(groups, cases[i].groups, -1, NULL));
        mail_to(passage, "a@example.com", true,
                approve_by(hold_for(SK_WAIT_APPROVAL, 0), "sales"));
        hold(f, passage);
        work(f);
        assert_told(cases[i].told);
        forget_sent();
        run(f->world.keep, "DELETE FROM held_message");
    }
}

/* ---- mail from outside ---- */

/* As each of them chose; and nobody who is not ours. */
static void
test_recipients(Fixture *f, const void *data)
{
    static const SkHoldPerson never = {.tell = SK_TELL_NEVER},
                              digest = {.tell = SK_TELL_DIGEST};
    SkPassage *passage = mail_new(SK_ORIGIN_INBOUND);
    const unsigned waits = SK_WAIT_PASSWORD | SK_WAIT_REVIEW;
    const Sent *sent;

    choose(f, "never@ours.example", &never);
    choose(f, "digest@ours.example", &digest);
    mail_to(passage, "ben@ours.example", true, hold_for(waits, 0));
    mail_to(passage, "never@ours.example", true, hold_for(waits, 0));
    mail_to(passage, "digest@ours.example", true, hold_for(waits, 0));
    mail_to(passage, "stranger@example.org", true, notify(hold_for(waits, 0), "recipient"));
    sk_findings_add(passage->findings, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "2", "a.zip", NULL);
    hold(f, passage);
    work(f);
    assert_told("ben@ours.example");
    sent = sent_to("ben@ours.example");
    assert_says(sent, "From: \"Anna@Example.net\"");
    assert_says(sent, "a ZIP archive that needs a password: \"a.zip\"");
    assert_silent(sent, "never@");
    assert_silent(sent, "digest@");
    assert_token(f, sent, "delivered:\r\nhttps://mail.ours.example/t/", SK_TOKEN_PASSWORD,
                 MESSAGE "-1");
    assert_token(f, sent, "on this page:\r\nhttps://mail.ours.example/t/", SK_TOKEN_ASK,
                 MESSAGE "-1");
}

static void
test_admins(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_INBOUND);

    mail_to(passage, "ben@ours.example", true, hold_for(SK_WAIT_REVIEW, 0));
    sk_findings_add(passage->findings, SK_FINDING_MALWARE_FOUND, NULL, "Eicar", NULL);
    hold(f, passage);
    work(f);
    assert_told("admin@ours.example ben@ours.example");
    assert_says(sent_to("admin@ours.example"), "sekisho hold release " MESSAGE "-1\r\n");
    assert_says(sent_to("ben@ours.example"), "you can ask the administrator for it");
}

/* Nobody gets a command that the clerk refuses. */
static void
test_admins_return(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);

    mail_to(passage, "a@example.com", true, hold_for(SK_WAIT_PASSWORD, 0));
    hold(f, passage);
    work(f);
    assert_says(sent_to("admin@ours.example"), "sekisho hold return --reason TEXT " MESSAGE);
}

/* Rules may name anybody, but not outside. */
static void
test_named(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);

    mail_to(
        passage, "a@example.com", true,
        notify(notify(hold_for(SK_WAIT_TIME, 60), "audit@ours.example"), "spy@example.org"));
    hold(f, passage);
    work(f);
    assert_told("audit@ours.example");
    assert_says(sent_to("audit@ours.example"), "to which a rule applies is held");
}

/* Of what was delivered at once, all that is known came along. */
static void
test_matched(Fixture *f, const void *data)
{
    g_autoptr(SkPassage) passage = mail_new(SK_ORIGIN_OUTBOUND);
    g_autofree char *document = NULL;

    mail_to(passage, "a@example.com", true,
            notify(notify(sk_decision_new(), "sender"), "recipient"));
    mail_to(passage, "hanako@ours.example", true, notify(sk_decision_new(), "recipient"));
    document = sk_passage_json_new(passage, NULL);
    order(f, SK_NOTICE_MATCHED, NULL, NULL, document);
    work(f);
    assert_told("hanako@ours.example " OWNER);
    assert_says(sent_to("hanako@ours.example"), "to which a rule applies was delivered");
    assert_says(sent_to("hanako@ours.example"), "Lunch on Friday?");
    assert_silent(sent_to("hanako@ours.example"), "a@example.com");
}

static void
test_language(Fixture *f, const void *data)
{
    static const SkHoldPerson japanese = {.language = "ja"};
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);
    g_autofree char *coded = NULL;
    g_autofree guchar *text = NULL;
    gsize len;

    choose(f, OWNER, &japanese);
    mail_to(passage, "a@example.com", true, hold_for(SK_WAIT_TIME, 600));
    hold(f, passage);
    work(f);
    coded = g_strdup(strstr(sent_to(OWNER)->text, "\r\n\r\n"));
    text = g_base64_decode(coded, &len);
    g_assert_true(
        g_str_has_prefix((char *)text, "次のメールを11月22日(日) 15:52（あと約10分）に送信"));
}

/* ---- what is told again, or not any more ---- */

static void
test_stopped_before(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);
    SkHoldOutcome outcome;

    mail_to(passage, "a@example.com", true, hold_for(SK_WAIT_TIME, 600));
    hold(f, passage);
    g_assert_true(do_one(f, &duties[0]));
    MUST(sk_hold_stop(f->world.keep, MESSAGE "-1", OWNER, NULL, &outcome, &error));
    work(f);
    assert_told("");
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM job"), ==, 0);
}

static void
test_reminders(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);
    SkDecision *decision = hold_for(SK_WAIT_APPROVAL | SK_WAIT_CONFIRM, 0);

    g_ptr_array_add(decision->approvers, g_strdup("sales"));
    mail_to(passage, "a@example.com", true, decision);
    hold(f, passage);
    work(f);
    forget_sent();
    order(f, SK_NOTICE_REMINDER, MESSAGE "-1", NULL, "confirm");
    work(f);
    assert_told(OWNER);
    assert_says(sent_to(OWNER), "Subject: Reminder: Please confirm");
    forget_sent();
    order(f, SK_NOTICE_REMINDER, MESSAGE "-1", "vice@ours.example", "approval");
    work(f);
    assert_told("vice@ours.example");
    assert_says(sent_to("vice@ours.example"), "Subject: Reminder: Please approve");
}

/* Each by itself: who could be told is not told again because of who could not. */
static void
test_trouble(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);
    g_autofree char *first = NULL, *second = NULL;
    const Sent *one, *other;

    mail_to(passage, "a@example.com", true, hold_for(SK_WAIT_APPROVAL, 0));
    hold(f, passage);
    postfix.trouble = 1;
    postfix.code = SK_ERROR_TIMEOUT;
    work(f);
    g_assert_cmpuint(postfix.sent->len, ==, 2);
    test_now_us += 10 * SECOND;
    work(f);
    g_assert_cmpuint(postfix.sent->len, ==, 3);
    one = postfix.sent->pdata[0];
    other = postfix.sent->pdata[2];
    g_assert_cmpstr(one->to, ==, other->to);
    g_assert_cmpstr(one->id, ==, other->id);
    first = find_after(one, "Message-ID: ", "\r");
    second = find_after(other, "Message-ID: ", "\r");
    g_assert_cmpstr(first, ==, second);
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM held_event WHERE what = 'told'"),
                    ==, 2);
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM job"), ==, 0);
}

static void
test_refused(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);

    mail_to(passage, "a@example.com", true, hold_for(SK_WAIT_TIME, 600));
    hold(f, passage);
    postfix.trouble = 1;
    postfix.code = SK_ERROR_DENIED;
    work(f);
    g_assert_cmpuint(postfix.sent->len, ==, 1);
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM job"), ==, 0);
    g_assert_cmpint(
        ask(f->world.keep, "SELECT count(*) FROM held_event WHERE what = 'not told'"), ==, 1);
    /* The mail itself waits as before. */
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM held_copy WHERE ended_us IS NULL"),
                    ==, 1);
}

/* ---- ends ---- */

static void
end_first(Fixture *f, SkCopyState end, const char *by, const char *why)
{
    SkHoldOutcome outcome;

    MUST(sk_hold_end(f->world.keep, MESSAGE "-1", end, by, why, &outcome, &error));
    g_assert_cmpint(outcome, ==, SK_HOLD_DONE);
    forget_sent();
}

static void
hold_one(Fixture *f)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);

    mail_to(passage, "a@example.com", true, hold_for(SK_WAIT_APPROVAL, 0));
    hold(f, passage);
    work(f);
}

static void
test_returned(Fixture *f, const void *data)
{
    const Sent *sent;

    hold_one(f);
    end_first(f, SK_COPY_RETURNED, "chief@ours.example", "wrong price");
    postfix.original = "Subject: a\r\n\r\nthe original\r\n";
    order(f, SK_NOTICE_RETURNED, MESSAGE "-1", OWNER, "wrong price");
    work(f);
    assert_told(OWNER);
    sent = sent_to(OWNER);
    assert_says(sent, "Reason: \"wrong price\"");
    assert_says(sent, "By: \"chief@ours.example\"");
    assert_says(sent, "The original is attached.");
    assert_says(sent, "\r\n\r\nSubject: a\r\n\r\nthe original\r\n");
}

/* No notice is looked into on its way, and whose it is may stand in the From field alone. */
static void
test_returned_harmful(Fixture *f, const void *data)
{
    static const char *const found[] = {"malware.found in part 2: a.exe", "inspect.timeout",
                                        "attach.limit.size in part 3: b.zip"};
    SkHoldEvent event = {.at_us = START_US, .copy = MESSAGE "-1", .what = "found"};

    hold_one(f);
    end_first(f, SK_COPY_RETURNED, NULL, NULL);
    postfix.original = "Subject: a\r\n\r\nthe original\r\n";
    for (size_t i = 0; i < G_N_ELEMENTS(found); i++) {
        event.text = found[i];
        MUST(sk_hold_event_add(f->world.keep, MESSAGE, &event, &error));
        order(f, SK_NOTICE_RETURNED, MESSAGE "-1", OWNER, found[i]);
        work(f);
        g_assert_cmpuint(postfix.sent->len, ==, i + 1);
        assert_says(postfix.sent->pdata[i], "in your folder of sent mail");
        (void)ask(f->world.keep, "DELETE FROM held_event RETURNING 1");
    }
}

static void
test_returned_malware(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);

    sk_findings_add(passage->findings, SK_FINDING_MALWARE_FOUND, "2", "a.exe", NULL);
    mail_to(passage, "a@example.com", true, hold_for(SK_WAIT_CONFIRM, 0));
    hold(f, passage);
    end_first(f, SK_COPY_RETURNED, NULL, NULL);
    postfix.original = "Subject: a\r\n\r\nthe original\r\n";
    order(f, SK_NOTICE_RETURNED, MESSAGE "-1", OWNER, NULL);
    work(f);
    assert_says(postfix.sent->pdata[postfix.sent->len - 1], "in your folder of sent mail");
}

static void
test_returned_unanswered(Fixture *f, const void *data)
{
    hold_one(f);
    end_first(f, SK_COPY_RETURNED, "time", "nobody answered in time");
    order(f, SK_NOTICE_RETURNED, MESSAGE "-1", NULL, NULL);
    work(f);
    assert_says(sent_to(OWNER), "Nobody answered in time.");
    assert_silent(sent_to(OWNER), "By:");
}

static void
test_returned_too_large(Fixture *f, const void *data)
{
    hold_one(f);
    end_first(f, SK_COPY_RETURNED, NULL, NULL);
    postfix.original = "Subject: a\r\n\r\nthe original\r\n";
    postfix.limit = 1000;
    order(f, SK_NOTICE_RETURNED, MESSAGE "-1", OWNER, NULL);
    work(f);
    g_assert_cmpuint(postfix.sent->len, ==, 2);
    assert_says(postfix.sent->pdata[1], "in your folder of sent mail");
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM job"), ==, 0);
}

/* Without a keeper later may do; what is damaged stays so. */
static void
test_returned_unread(Fixture *f, const void *data)
{
    hold_one(f);
    end_first(f, SK_COPY_RETURNED, NULL, NULL);
    postfix.read_code = SK_ERROR_IO;
    order(f, SK_NOTICE_RETURNED, MESSAGE "-1", OWNER, NULL);
    work(f);
    assert_told("");
    postfix.read_code = SK_ERROR_PROTOCOL;
    test_now_us += 10 * SECOND;
    work(f);
    assert_told(OWNER);
    assert_says(sent_to(OWNER), "in your folder of sent mail");
}

static void
test_stopped(Fixture *f, const void *data)
{
    SkHoldOutcome outcome;

    hold_one(f);
    forget_sent();
    MUST(sk_hold_stop(f->world.keep, MESSAGE "-1", "hanako@ours.example", NULL, &outcome,
                      &error));
    order(f, SK_NOTICE_STOPPED, MESSAGE "-1", "hanako@ours.example", "wrong Tanaka");
    order(f, SK_NOTICE_STOPPED, MESSAGE "-1", OWNER, "himself");
    work(f);
    assert_told(OWNER);
    assert_says(sent_to(OWNER), "By: \"hanako@ours.example\"");
    assert_says(sent_to(OWNER), "Reason: \"wrong Tanaka\"");
}

static void
test_expired_and_asked(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_INBOUND);

    mail_to(passage, "ben@ours.example", true, hold_for(SK_WAIT_REVIEW, 0));
    hold(f, passage);
    work(f);
    forget_sent();
    order(f, SK_NOTICE_ASKED, MESSAGE "-1", "ben@ours.example", "it is the invoice");
    work(f);
    assert_told("admin@ours.example");
    assert_says(sent_to("admin@ours.example"), "ben@ours.example asks for a mail");
    assert_says(sent_to("admin@ours.example"), "\"it is the invoice\"");
    assert_says(sent_to("admin@ours.example"), "sekisho hold stop " MESSAGE "-1\r\n");
    /* What was found behind a password nobody has said. */
    forget_sent();
    order(f, SK_NOTICE_ASKED, MESSAGE "-1", NULL, "malware.found");
    work(f);
    assert_says(sent_to("admin@ours.example"), "Subject: Please decide: ");
    assert_says(sent_to("admin@ours.example"), "Found: \"malware.found\"");
    assert_silent(sent_to("admin@ours.example"), "asks for");
    end_first(f, SK_COPY_EXPIRED, NULL, NULL);
    order(f, SK_NOTICE_EXPIRED, MESSAGE "-1", NULL, NULL);
    work(f);
    assert_told("ben@ours.example");
    assert_says(sent_to("ben@ours.example"), "It is not delivered.");
}

static void
test_report(Fixture *f, const void *data)
{
    SkPassage *passage = mail_new(SK_ORIGIN_OUTBOUND);
    const Sent *sent;

    mail_to(passage, "a@example.com", true, hold_for(SK_WAIT_TIME, 60));
    mail_to(passage, "\"a b\"@example.net", true, hold_for(SK_WAIT_TIME, 60));
    ((SkRecipient *)passage->envelope->recipients->pdata[0])->args =
        g_strdup("ORCPT=rfc822;first@example.com");
    hold(f, passage);
    work(f);
    postfix.original = "Subject: a\r\n\r\nthe original\r\n";
    order(f, SK_NOTICE_REFUSED, MESSAGE "-1", OWNER,
          "a@example.com 550 5.1.1 no such user\n\"a b\"@example.net 554 no");
    work(f);
    assert_told(OWNER);
    sent = sent_to(OWNER);
    assert_says(sent, "multipart/report; report-type=delivery-status");
    assert_says(sent, "Original-Recipient: rfc822;first@example.com\r\n"
                      "Final-Recipient: rfc822;a@example.com\r\nAction: failed\r\n"
                      "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n");
    assert_says(sent, "Final-Recipient: rfc822;\"a b\"@example.net\r\n");
    assert_says(sent, "text/rfc822-headers\r\n\r\nSubject: a\r\n");
    assert_silent(sent, "the original");
}

/* What did not leave is not told as if it had. */
static void
test_ended_otherwise(Fixture *f, const void *data)
{
    hold_one(f);
    end_first(f, SK_COPY_RETURNED, "chief@ours.example", "wrong price");
    order(f, SK_NOTICE_TOO_LATE, MESSAGE "-1", OWNER, "returned");
    work(f);
    assert_told(OWNER);
    assert_says(sent_to(OWNER), "Subject: Not sent: ");
    assert_says(sent_to(OWNER), "It was not sent.");
}

/* An order of another version, or none at all. */
static void
test_unreadable(Fixture *f, const void *data)
{
    MUST(sk_job_add(f->world.keep, "a", "notice", "{}", 0, &error));
    MUST(sk_job_add(f->world.keep, "b", "notice.tell", "{\"letter\":\"unheard\"}", 0, &error));
    MUST(sk_job_add(f->world.keep, "c", "hold.reply", "[]", 0, &error));
    order(f, SK_NOTICE_DONE, NULL, OWNER, NULL); /* about no mail that there is */
    work(f);
    assert_told("");
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM job"), ==, 0);
}

typedef struct {
    const char *name;
    void (*test)(Fixture *f, const void *data);
} Case;

int
main(int argc, char **argv)
{
    static const Case cases[] = {
        {"sender", test_sender},
        {"short-hold", test_short_hold},
        {"short-hold-flagged", test_short_hold_flagged},
        {"colleagues", test_colleagues},
        {"only-hidden-leave", test_only_hidden_leave},
        {"hidden-remain", test_hidden_remain},
        {"approvers", test_approvers},
        {"approvers-of-copies", test_approvers_of_copies},
        {"nobody-to-approve", test_nobody_to_approve},
        {"no-group", test_no_group},
        {"recipients", test_recipients},
        {"admins", test_admins},
        {"admins-return", test_admins_return},
        {"named", test_named},
        {"matched", test_matched},
        {"language", test_language},
        {"stopped-before", test_stopped_before},
        {"reminders", test_reminders},
        {"trouble", test_trouble},
        {"refused", test_refused},
        {"returned", test_returned},
        {"returned-unanswered", test_returned_unanswered},
        {"returned-harmful", test_returned_harmful},
        {"returned-malware", test_returned_malware},
        {"returned-too-large", test_returned_too_large},
        {"returned-unread", test_returned_unread},
        {"stopped", test_stopped},
        {"expired-and-asked", test_expired_and_asked},
        {"report", test_report},
        {"ended-otherwise", test_ended_otherwise},
        {"unreadable", test_unreadable},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        SK_TEST_ADD_BOTH(Fixture, "clerk-notice", cases[i].name, set_up, cases[i].test,
                         tear_down);
    return sk_test_postgres_run_tests();
}
