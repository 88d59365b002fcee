/* SPDX-License-Identifier: Apache-2.0 */

/* What each verb of the desk does, beyond the table of clerk-desk-answer-test. */

#include "clerk/clerk-desk-testing.h"
#include "engine/engine-policy-load.h"

static bool
has(const GPtrArray *texts, const char *text)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)texts, text, g_str_equal, NULL);
}

static unsigned
open_waits(Desk *d, unsigned n, unsigned nr)
{
    g_autoptr(SkHeldCopy) copy = load(d->base.db, n, nr);

    return copy->open;
}

static int64_t
count_events(Desk *d, const char *what, const char *who)
{
    g_autofree char *sql = g_strdup_printf(
        "SELECT count(*) FROM held_event WHERE what = '%s' AND who = '%s'", what, who);

    return ask(d->base.db, sql);
}

/* ---- stop ---- */

/* A colleague stops what goes outside, does not learn who got it in secret, and the sender is
 * told. */
static void
test_colleague(Desk *d, const void *data)
{
    g_autofree char *id = add_mail(d, 1, &(Mail){0});
    g_autofree char *token = add_token(d, SK_TOKEN_COLLEAGUE, id, BEN);
    SkDeskQuestion question = {
        .verb = SK_DESK_STOP, .token = token, .text = (char *)"wrong customer"};
    g_autoptr(SkDeskAnswer) answer = ask_desk(d, &question, false);
    const SkDeskCopy *shown = answer->copies->pdata[0];
    g_autoptr(SkHeldCopy) inside = load(d->base.db, 1, 2);

    g_assert_cmpint(answer->result, ==, SK_DESK_OK);
    g_assert_cmpstr(answer->purpose, ==, "colleague");
    g_assert_cmpstr(answer->person, ==, BEN);
    g_assert_cmpuint(answer->copies->len, ==, 1);
    g_assert_cmpint(shown->state, ==, SK_COPY_STOPPED);
    g_assert_cmpstr(shown->ended_by, ==, BEN);
    g_assert_cmpstr(shown->why, ==, "wrong customer");
    g_assert_true(has(shown->recipients, "jiro@partner.example"));
    g_assert_false(has(shown->recipients, "secret@partner.example"));
    g_assert_cmpuint(shown->recipients->len, ==, 1);
    g_assert_true(has(shown->findings, "attach.encrypted.zip: a.zip"));
    g_assert_false(has(shown->findings, "missend.red: secret@partner.example"));
    /* Nothing that is in order is held against it. */
    g_assert_false(has(shown->findings, "attach.any: a.zip"));
    g_assert_cmpint(inside->state, ==, SK_COPY_WAITING);
    g_assert_cmpint(count_notices(d, "stopped"), ==, 1);
    g_assert_cmpint(count_events(d, "stopped", BEN), ==, 1);
}

/* That there is a copy for somebody in secret, and what becomes of it, shows nowhere; it is
 * stopped with the others. */
static void
test_colleague_secret(Desk *d, const void *data)
{
    g_autofree char *id = add_mail(d, 1, &(Mail){.apart = true});
    g_autofree char *token = add_token(d, SK_TOKEN_COLLEAGUE, id, BEN);
    SkDeskQuestion question = {.verb = SK_DESK_LOOK, .token = token};
    g_autoptr(SkDeskAnswer) looked = ask_desk(d, &question, false), stopped = NULL;
    g_autoptr(SkHeldCopy) secret = NULL;

    g_assert_cmpuint(looked->copies->len, ==, 1);
    run(d->base.db, "UPDATE held_copy SET state = 'sent', open = 0 WHERE nr = 1");
    question.verb = SK_DESK_STOP;
    stopped = ask_desk(d, &question, false);
    secret = load(d->base.db, 1, 3);
    g_assert_cmpint(secret->state, ==, SK_COPY_STOPPED);
    g_assert_cmpuint(stopped->copies->len, ==, 1);
    g_assert_cmpint(stopped->result, ==, SK_DESK_TOO_LATE);
    g_assert_false(stopped->text != NULL && strstr(stopped->text, "copies") != NULL);
}

/* The sender sees everybody and needs no notice of what he did himself. */
static void
test_owner(Desk *d, const void *data)
{
    g_autofree char *id = add_mail(d, 1, &(Mail){0});
    g_autofree char *token = add_token(d, SK_TOKEN_STOP, id, OWNER);
    SkDeskQuestion question = {.verb = SK_DESK_STOP, .token = token};
    g_autoptr(SkDeskAnswer) answer = ask_desk(d, &question, false);
    const SkDeskCopy *shown = answer->copies->pdata[0];

    g_assert_cmpint(answer->result, ==, SK_DESK_OK);
    g_assert_cmpuint(answer->copies->len, ==, 1);
    g_assert_true(has(shown->recipients, "secret@partner.example"));
    g_assert_true(has(shown->findings, "missend.red: secret@partner.example"));
    g_assert_cmpuint(shown->can, ==, 0);
    g_assert_cmpint(count_notices(d, "stopped"), ==, 0);
}

/* A copy's token stops that copy, also one that stays inside. */
static void
test_one_copy(Desk *d, const void *data)
{
    g_autofree char *id = add_mail(d, 1, &(Mail){0}), *copy = copy_id(1, 2);
    g_autofree char *token = add_token(d, SK_TOKEN_STOP, copy, OWNER);
    g_autoptr(SkHeldCopy) outside = NULL, inside = NULL;

    assert_result(d, &((SkDeskQuestion){.verb = SK_DESK_STOP, .token = token}), false,
                  SK_DESK_OK);
    outside = load(d->base.db, 1, 1);
    inside = load(d->base.db, 1, 2);
    g_assert_cmpint(outside->state, ==, SK_COPY_WAITING);
    g_assert_cmpint(inside->state, ==, SK_COPY_STOPPED);
}

/* One has left, the other is stopped; and who is too late learns what can still be. */
static void
test_partly(Desk *d, const void *data)
{
    g_autofree char *id = add_mail(d, 1, &(Mail){0});
    SkDeskQuestion question = {.verb = SK_DESK_STOP, .target = id};
    g_autoptr(SkDeskAnswer) answer = NULL, late = NULL;
    SkDeskCopy *left, *other;
    g_autofree char *copy = copy_id(1, 1);

    run(d->base.db, "UPDATE held_copy SET state = 'sent', open = 0 WHERE nr = 1");
    question.target = copy;
    late = ask_desk(d, &question, true);
    g_assert_cmpint(late->result, ==, SK_DESK_TOO_LATE);
    question.target = id;
    answer = ask_desk(d, &question, true);
    left = answer->copies->pdata[0];
    other = answer->copies->pdata[1];
    g_assert_cmpint(answer->result, ==, SK_DESK_OK);
    g_assert_cmpstr(answer->text, ==, "1 of 2 copies stopped; the others had left");
    g_assert_cmpint(left->state, ==, SK_COPY_SENT);
    g_assert_cmpint(other->state, ==, SK_COPY_STOPPED);
}

typedef struct {
    Desk *d;
    char *token;
    GMutex *start;
    SkDeskResult result;
} Racer;

static void *
stop_at_once(void *data)
{
    Racer *racer = data;
    SkDbEngine calls;
    SkDb *db = use_test_clock(open_db(&racer->d->base), &calls);
    SkDeskWorld world = racer->d->world;
    SkDeskQuestion question = {.verb = SK_DESK_STOP, .token = racer->token};
    g_autoptr(SkDeskAnswer) answer = NULL;

    world.keep = db;
    g_mutex_lock(racer->start);
    g_mutex_unlock(racer->start);
    answer = sk_clerk_desk_answer(&world, &question, false);
    racer->result = answer->result;
    sk_db_close(db);
    return NULL;
}

/* Stop and release in the same moment: one of them, and both know which. */
static void
test_race(Desk *d, const void *data)
{
    unsigned stopped = 0;

    for (unsigned n = 1; n <= 20; n++) {
        g_autofree char *id = add_mail(d, n, &(Mail){.waits = SK_WAIT_TIME});
        g_autofree char *copy = copy_id(n, 1);
        g_autofree char *token = add_token(d, SK_TOKEN_STOP, copy, OWNER);
        g_autoptr(GPtrArray) claimed = NULL;
        GMutex start;
        Racer racer = {d, token, &start, SK_N_DESK_RESULTS};
        GThread *thread;
        bool released = false;

        g_mutex_init(&start);
        g_mutex_lock(&start);
        thread = g_thread_new("stop", stop_at_once, &racer);
        test_now_us = START_US + 300 * SECOND;
        g_mutex_unlock(&start);
        g_usleep(n % 5 * 3000); /* so that either may be first */
        claimed = claim(d->base.db, 10);
        g_thread_join(thread);
        for (guint i = 0; i < claimed->len; i++)
            released |= strcmp(((SkHeldCopy *)claimed->pdata[i])->id, copy) == 0;
        g_assert_cmpint(racer.result, ==, released ? SK_DESK_TOO_LATE : SK_DESK_OK);
        stopped += racer.result == SK_DESK_OK ? 1 : 0;
        run(d->base.db, "UPDATE held_copy SET claim_us = 9223372036854775807");
        g_mutex_clear(&start);
    }
    g_test_message("%u of 20 were stopped in time", stopped);
}

/* ---- ask ---- */

static void
test_ask(Desk *d, const void *data)
{
    static const struct {
        Mail mail;
        SkDeskResult result;
        int64_t notices;
    } cases[] = {
        {{.waits = SK_WAIT_REVIEW, .inbound = true}, SK_DESK_OK, 0},
        {{.waits = SK_WAIT_REVIEW, .review = SK_REVIEW_ADMIN, .inbound = true},
         SK_DESK_ASKED,
         1},
        {{.waits = SK_WAIT_REVIEW, .inbound = true, .malware = true}, SK_DESK_ASKED, 1},
        {{.waits = SK_WAIT_PASSWORD, .inbound = true}, SK_DESK_ASKED, 1},
        {{.waits = SK_WAIT_TIME, .inbound = true}, SK_DESK_NOT_OPEN, 0},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *id = add_mail(d, i + 1, &cases[i].mail);
        g_autofree char *token = add_token(d, SK_TOKEN_ASK, id, BEN);
        SkDeskQuestion question = {
            .verb = SK_DESK_ASK, .token = token, .text = (char *)"it is an invoice"};
        int64_t before = count_notices(d, "asked");

        g_test_message("case %u", i);
        assert_result(d, &question, false, cases[i].result);
        g_assert_cmpint(count_notices(d, "asked") - before, ==, cases[i].notices);
        /* Once more tells nobody once more. */
        run(d->base.db, "DELETE FROM job");
        if (cases[i].result == SK_DESK_ASKED)
            assert_result(d, &question, false, SK_DESK_ASKED);
        g_assert_cmpint(count_notices(d, "asked"), ==, 0);
    }
    g_assert_cmpuint(open_waits(d, 1, 1), ==, 0);
    g_assert_cmpuint(open_waits(d, 3, 1), ==, SK_WAIT_REVIEW);
}

static SkDb *referring;
static bool (*begin_really)(SkDb *db, GError **error);

/* What another question does meanwhile: after this one has looked, before it acts. */
static bool
begin_late(SkDb *db, GError **error)
{
    SkDb *other = referring;

    referring = NULL;
    if (other != NULL)
        run(other, "UPDATE held_copy SET review = 2");
    return begin_really(db, error);
}

/* Malware was found behind a password in this moment. */
static void
test_ask_late(Desk *d, const void *data)
{
    const Mail mail = {.waits = SK_WAIT_REVIEW, .inbound = true};
    g_autofree char *id = add_mail(d, 1, &mail);
    g_autofree char *token = add_token(d, SK_TOKEN_ASK, id, BEN);
    g_autoptr(SkDb) other = open_db(&d->base);

    begin_really = d->base.calls.begin;
    d->base.calls.begin = begin_late;
    referring = other;
    assert_result(d, &((SkDeskQuestion){.verb = SK_DESK_ASK, .token = token}), false,
                  SK_DESK_ASKED);
    g_assert_null(referring);
    g_assert_cmpuint(open_waits(d, 1, 1), ==, SK_WAIT_REVIEW);
}

/* ---- passwords ---- */

static SkDeskResult
give_password(Desk *d, char *token, const char *password)
{
    SkDeskQuestion question = {
        .verb = SK_DESK_PASSWORD, .token = token, .text = (char *)password};

    return result_of_desk(d, &question, false);
}

static const Mail with_password = {.waits = SK_WAIT_PASSWORD, .inbound = true};

static void
test_wrong_passwords(Desk *d, const void *data)
{
    g_autofree char *id = add_mail(d, 1, &with_password);
    g_autofree char *token = add_token(d, SK_TOKEN_PASSWORD, id, BEN);

    for (unsigned i = 0; i < 5; i++)
        g_assert_cmpint(give_password(d, token, "geheim-77"), ==, SK_DESK_WRONG);
    g_assert_cmpint(give_password(d, token, "geheim-77"), ==, SK_DESK_LATER);
    for (unsigned i = 5; i < 20; i++) {
        test_now_us += 600 * SECOND - 1;
        g_assert_cmpint(give_password(d, token, "geheim-77"), ==, SK_DESK_LATER);
        test_now_us += 1;
        g_assert_cmpint(give_password(d, token, "geheim-77"), ==, SK_DESK_WRONG);
    }
    test_now_us += 3600 * SECOND;
    g_assert_cmpint(give_password(d, token, "geheim-77"), ==, SK_DESK_LATER);
    g_assert_cmpuint(pretend.tried, ==, 20);
    g_assert_cmpint(
        ask(d->base.db, "SELECT count(*) FROM held_event WHERE text LIKE '%geheim%'"), ==, 0);
    g_assert_cmpuint(open_waits(d, 1, 1), ==, SK_WAIT_PASSWORD);
}

static void
put_policy_in_force(Desk *d, const char *text)
{
    g_autofree char *path = sk_test_dir_file(&d->base.dir, "policy");
    g_autoptr(GPtrArray) complaints =
        g_ptr_array_new_with_free_func((GDestroyNotify)sk_complaint_free);
    const SkPolicyReading reading = {.today = "2027-01-01", .complaints = complaints};
    const SkPolicyLoading loading = {.by = "test"};
    g_autoptr(GError) error = NULL;
    g_autoptr(SkPolicy) policy = NULL;
    int64_t version;
    bool is_new;

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    policy =
        sk_engine_policy_load(d->base.db, path, &loading, &reading, &version, &is_new, &error);
    g_assert_no_error(error);
}

static void
test_right_password(Desk *d, const void *data)
{
    static const struct {
        const char *policy;
        SkFindingId found;
        SkDeskResult result;
        unsigned open;
    } cases[] = {
        {"inbound when attach.encrypted then hold for password\n", SK_N_FINDINGS, SK_DESK_OK,
         0},
        {"inbound when attach.encrypted then hold for password\n",
         SK_FINDING_ATTACH_DANGER_EXECUTABLE, SK_DESK_OK, 0},
        {"inbound when attach.danger then reject\n", SK_FINDING_ATTACH_DANGER_EXECUTABLE,
         SK_DESK_ASKED, SK_WAIT_REVIEW},
        {"inbound when attach.danger then hold for review by recipient\n",
         SK_FINDING_ATTACH_DANGER_EXECUTABLE, SK_DESK_ASKED, SK_WAIT_REVIEW},
        {"inbound when attach.any then hold for 5m\n", SK_FINDING_MALWARE_FOUND, SK_DESK_ASKED,
         SK_WAIT_REVIEW},
        /* It would leave whole. */
        {"inbound when attach.danger then strip\n", SK_FINDING_ATTACH_DANGER_EXECUTABLE,
         SK_DESK_ASKED, SK_WAIT_REVIEW},
    };

    pretend.outcome = SK_EDIT_DONE;
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *id = add_mail(d, i + 1, &with_password);
        g_autofree char *token = add_token(d, SK_TOKEN_PASSWORD, id, BEN);
        int64_t before = count_notices(d, "asked");
        g_autoptr(SkHeldCopy) copy = NULL;

        g_test_message("case %u", i);
        put_policy_in_force(d, cases[i].policy);
        pretend.found = cases[i].found;
        g_assert_cmpstr(sk_desk_result_name(give_password(d, token, "right")), ==,
                        sk_desk_result_name(cases[i].result));
        copy = load(d->base.db, i + 1, 1);
        g_assert_cmpuint(copy->open, ==, cases[i].open);
        if (cases[i].open != 0)
            g_assert_cmpint(copy->review, ==, SK_REVIEW_ADMIN);
        g_assert_cmpint(count_notices(d, "asked") - before, ==, cases[i].open != 0 ? 1 : 0);
    }
}

/* What is inside could not be seen: no password lets that out. */
static void
test_failed_try(Desk *d, const void *data)
{
    g_autofree char *id = add_mail(d, 1, &with_password);
    g_autofree char *token = add_token(d, SK_TOKEN_PASSWORD, id, BEN);

    pretend.outcome = SK_EDIT_FAILED;
    g_assert_cmpint(give_password(d, token, "x"), ==, SK_DESK_ASKED);
    g_assert_cmpuint(open_waits(d, 1, 1), ==, SK_WAIT_REVIEW);
}

/* Trouble of ours is none of his tries. */
static void
test_broken_tries(Desk *d, const void *data)
{
    g_autofree char *id = add_mail(d, 1, &with_password);
    g_autofree char *token = add_token(d, SK_TOKEN_PASSWORD, id, BEN);

    for (unsigned i = 0; i < 30; i++) {
        pretend.broken = true;
        g_assert_cmpint(give_password(d, token, "x"), ==, SK_DESK_FAILED);
    }
    pretend.broken = false;
    pretend.outcome = SK_EDIT_UNSUPPORTED;
    g_assert_cmpint(give_password(d, token, "x"), ==, SK_DESK_REFUSED);
    pretend.outcome = SK_EDIT_WRONG_PASSWORD;
    g_assert_cmpint(give_password(d, token, "x"), ==, SK_DESK_WRONG);
    g_assert_cmpuint(open_waits(d, 1, 1), ==, SK_WAIT_PASSWORD);
}

/* ---- operators ---- */

static void
test_approve(Desk *d, const void *data)
{
    static const struct {
        const char *as;
        SkDeskResult result;
        unsigned open; /* after it */
    } cases[] = {
        {NULL, SK_DESK_REFUSED, SK_WAIT_APPROVAL},
        {"stranger@ours.example", SK_DESK_REFUSED, SK_WAIT_APPROVAL},
        {OWNER, SK_DESK_REFUSED, SK_WAIT_APPROVAL},
        {"stand-in@ours.example", SK_DESK_REFUSED, SK_WAIT_APPROVAL}, /* nobody is away */
        {"carol@ours.example", SK_DESK_OK, SK_WAIT_APPROVAL}, /* for sales, as its deputy */
        {"anna@ours.example", SK_DESK_OK, SK_WAIT_APPROVAL},  /* which has approved */
        {"Dora@ours.example", SK_DESK_OK, 0},                 /* for legal */
        {"Dora@ours.example", SK_DESK_NOT_OPEN, 0},
    };
    g_autofree char *id =
        add_mail(d, 1, &(Mail){.waits = SK_WAIT_APPROVAL, .groups = {"sales", "legal"}});
    g_autofree char *copy = copy_id(1, 1);

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        SkDeskQuestion question = {
            .verb = SK_DESK_APPROVE, .target = copy, .as = (char *)cases[i].as};

        g_test_message("case %zu", i);
        assert_result(d, &question, true, cases[i].result);
        g_assert_cmpuint(open_waits(d, 1, 1), ==, cases[i].open);
    }
    g_assert_cmpint(count_events(d, "approved", "carol@ours.example"), ==, 1);
    g_assert_cmpint(count_events(d, "approved", "anna@ours.example"), ==, 0);
}

/* Who approves a mail approves all its copies that are his to approve, whatever others have to
 * say about another one. */
static void
test_approve_copies(Desk *d, const void *data)
{
    g_autofree char *id =
        add_mail(d, 1, &(Mail){.waits = SK_WAIT_APPROVAL, .groups = {"sales", "legal"}});
    SkDeskQuestion question = {
        .verb = SK_DESK_APPROVE, .target = id, .as = (char *)"anna@ours.example"};
    g_autoptr(SkDeskAnswer) first = ask_desk(d, &question, true);

    g_assert_cmpint(first->result, ==, SK_DESK_OK);
    g_assert_cmpstr(first->text, ==, "approved; it still has to be by legal");
    g_assert_cmpint(count_events(d, "approved", "anna@ours.example"), ==, 2);
    question.as = (char *)"dora@ours.example";
    assert_result(d, &question, true, SK_DESK_OK);
    g_assert_cmpuint(open_waits(d, 1, 1), ==, 0);
    g_assert_cmpuint(open_waits(d, 1, 2), ==, 0);
}

/* Who stands in for a member who is away; and not when he is back. */
static void
test_stand_in(Desk *d, const void *data)
{
    g_autofree char *id =
        add_mail(d, 1, &(Mail){.waits = SK_WAIT_APPROVAL, .groups = {"sales"}});
    SkDeskQuestion question = {
        .verb = SK_DESK_APPROVE, .target = id, .as = (char *)"stand-in@ours.example"};
    SkHoldPerson away = {.away_from_us = START_US,
                         .away_until_us = START_US + SECOND,
                         .deputy = (char *)"Stand-In@ours.example"};

    MUST(sk_hold_person_save(d->base.db, "away@ours.example", &away, &error));
    test_now_us = START_US + SECOND;
    assert_result(d, &question, true, SK_DESK_REFUSED);
    test_now_us = START_US;
    assert_result(d, &question, true, SK_DESK_OK);
    g_assert_cmpuint(open_waits(d, 1, 1), ==, 0);
}

/* Approval that names no group is the administrators'. */
static void
test_approve_without_group(Desk *d, const void *data)
{
    g_autofree char *id = add_mail(d, 1, &(Mail){.waits = SK_WAIT_APPROVAL});
    SkDeskQuestion question = {
        .verb = SK_DESK_APPROVE, .target = id, .as = (char *)"anna@ours.example"};

    assert_result(d, &question, true, SK_DESK_REFUSED);
    question.as = (char *)"root@ours.example";
    assert_result(d, &question, true, SK_DESK_OK);
    g_assert_cmpuint(open_waits(d, 1, 1), ==, 0);
}

static void
test_return(Desk *d, const void *data)
{
    g_autofree char *id =
        add_mail(d, 1, &(Mail){.waits = SK_WAIT_APPROVAL, .groups = {"sales"}});
    g_autofree char *inbound = add_mail(d, 2, &with_password), *copy = copy_id(1, 1);
    SkDeskQuestion question = {.verb = SK_DESK_RETURN, .target = copy};
    g_autoptr(SkHeldCopy) returned = NULL;

    assert_result(d, &question, true, SK_DESK_REFUSED);
    question.text = (char *)"not without the contract";
    question.as = (char *)"dora@ours.example";
    assert_result(d, &question, true, SK_DESK_REFUSED);
    question.as = (char *)"carol@ours.example";
    assert_result(d, &question, true, SK_DESK_OK);
    returned = load(d->base.db, 1, 1);
    g_assert_cmpint(returned->state, ==, SK_COPY_RETURNED);
    g_assert_cmpstr(returned->ended_by, ==, "carol@ours.example");
    g_assert_cmpstr(returned->why, ==, "not without the contract");
    g_assert_cmpint(count_notices(d, "returned"), ==, 1);
    question.as = NULL;
    question.target = inbound;
    assert_result(d, &question, true, SK_DESK_REFUSED);
}

/* "Send now" answers for its sender only, and for nobody else. */
static void
test_confirm(Desk *d, const void *data)
{
    g_autofree char *id = add_mail(d, 1, &(Mail){0}), *inbound = add_mail(d, 2, &with_password);
    SkDeskQuestion question = {.verb = SK_DESK_CONFIRM, .target = id, .as = (char *)BEN};

    assert_result(d, &question, true, SK_DESK_REFUSED);
    question.as = (char *)"HANAKO@ours.example";
    question.who = (char *)"root on mail";
    assert_result(d, &question, true, SK_DESK_OK);
    g_assert_cmpuint(open_waits(d, 1, 1), ==,
                     SK_WAIT_APPROVAL | SK_WAIT_REVIEW | SK_WAIT_PASSWORD);
    g_assert_cmpint(count_events(d, "operator", "root on mail"), ==, 1);
    question.target = inbound;
    assert_result(d, &question, true, SK_DESK_REFUSED);
}

static void
test_release(Desk *d, const void *data)
{
    g_autofree char *id = add_mail(d, 1, &(Mail){.malware = true});
    SkDeskQuestion question = {
        .verb = SK_DESK_RELEASE, .target = id, .who = (char *)"root on mail"};
    g_autoptr(GPtrArray) due = NULL;

    assert_result(d, &question, true, SK_DESK_OK);
    due = claim(d->base.db, 10);
    g_assert_cmpuint(due->len, ==, 2);
    g_assert_cmpint(count_events(d, "answered", "root on mail"), ==, 2);
}

/* What only an administrator may do is done in the name of one, or in nobody's. */
static void
test_release_as(Desk *d, const void *data)
{
    g_autofree char *id = add_mail(d, 1, &(Mail){.inbound = true, .malware = true});
    SkDeskQuestion question = {.verb = SK_DESK_RELEASE, .target = id, .as = (char *)BEN};

    assert_result(d, &question, true, SK_DESK_REFUSED);
    g_assert_cmpuint(open_waits(d, 1, 1), ==, ALL_WAITS);
    question.as = (char *)"Root@ours.example";
    assert_result(d, &question, true, SK_DESK_OK);
    g_assert_cmpuint(open_waits(d, 1, 1), ==, 0);
}

/* All pieces together are the original, and one line says who read it and why. */
static void
test_content(Desk *d, const void *data)
{
    g_autofree char *id = add_mail(d, 1, &(Mail){0});
    SkDeskQuestion question = {.verb = SK_DESK_CONTENT, .target = id};
    uint64_t at = 0;
    bool more = true;

    pretend.size = 2 * SK_DESK_PIECE + 17;
    assert_result(d, &question, true, SK_DESK_REFUSED);
    question.text = (char *)"ticket 4711";
    while (more) {
        g_autofree char *after = g_strdup_printf("%" G_GUINT64_FORMAT, at);
        g_autoptr(SkDeskAnswer) answer = NULL;
        g_autofree uint8_t *bytes = NULL;
        gsize n = 0;

        question.after = after;
        answer = ask_desk(d, &question, true);
        g_assert_cmpint(answer->result, ==, SK_DESK_OK);
        bytes = g_base64_decode(answer->content, &n);
        for (gsize i = 0; i < n; i++)
            g_assert_cmpuint(bytes[i], ==, (at + i) % 251);
        at += n;
        more = answer->more;
    }
    g_assert_cmpuint(at, ==, pretend.size);
    g_assert_cmpint(count_events(d, "read", "operator"), ==, 1);
    test_now_us += 600 * SECOND;
    question.after = (char *)"5";
    assert_result(d, &question, true, SK_DESK_OK);
    g_assert_cmpint(count_events(d, "read", "operator"), ==, 2);
    question.after = (char *)"-5";
    assert_result(d, &question, true, SK_DESK_REFUSED);
}

static void
test_person(Desk *d, const void *data)
{
    static const struct {
        const char *text;
        SkDeskResult result;
    } cases[] = {
        {NULL, SK_DESK_OK},
        {"hold=3m tell=digest language=ja", SK_DESK_OK},
        {"away=2027-01-05..2027-01-08 deputy=ben@ours.example", SK_DESK_OK},
        {"hold=2d", SK_DESK_REFUSED},
        {"hold=", SK_DESK_REFUSED},
        {"tell=loudly", SK_DESK_REFUSED},
        {"language=de", SK_DESK_REFUSED},
        {"away=2027-01-08..2027-01-05", SK_DESK_REFUSED},
        {"away=2027-02-30..2027-03-01", SK_DESK_REFUSED},
        {"away=tomorrow", SK_DESK_REFUSED},
        {"deputy=eve@example.com", SK_DESK_REFUSED},
        {"hold", SK_DESK_REFUSED},
        {"colour=red", SK_DESK_REFUSED},
        {"tell=never hold=2d", SK_DESK_REFUSED},
    };
    SkDeskQuestion question = {.verb = SK_DESK_PERSON, .person = (char *)"Ben@ours.example"};
    g_autoptr(SkDeskAnswer) answer = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        question.text = (char *)cases[i].text;
        g_test_message("case %zu", i);
        assert_result(d, &question, true, cases[i].result);
    }
    question.text = NULL;
    answer = ask_desk(d, &question, true);
    g_assert_cmpint(answer->choices->hold_s, ==, 180);
    g_assert_cmpint(answer->choices->tell, ==, SK_TELL_DIGEST);
    g_assert_cmpstr(answer->choices->language, ==, "ja");
    g_assert_cmpstr(answer->choices->deputy, ==, "ben@ours.example");
    /* 2027-01-05 in Tokyo, four days long. */
    g_assert_cmpint(answer->choices->away_from_us, ==, INT64_C(1799074800) * SECOND);
    g_assert_cmpint(answer->choices->away_until_us - answer->choices->away_from_us, ==,
                    4 * 86400 * SECOND);
    question.person = (char *)"x@example.com";
    assert_result(d, &question, true, SK_DESK_UNKNOWN);
}

/* Every copy on exactly one page. */
static void
test_pages(Desk *d, const void *data)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *after = NULL;
    bool more = true;
    unsigned pages = 0;

    for (unsigned n = 1; n <= 150; n++)
        g_free(add_mail(d, n, &(Mail){0}));
    for (; more; pages++) {
        SkDeskQuestion question = {.verb = SK_DESK_LIST_ALL, .after = after};
        g_autoptr(SkDeskAnswer) answer = ask_desk(d, &question, true);

        for (guint i = 0; i < answer->copies->len; i++) {
            const SkDeskCopy *copy = answer->copies->pdata[i];

            g_assert_true(g_hash_table_add(seen, g_strdup(copy->id)));
            g_free(after);
            after = g_strdup(copy->id);
        }
        more = answer->more;
    }
    g_assert_cmpuint(g_hash_table_size(seen), ==, 300);
    g_assert_cmpuint(pages, ==, 2);
}

static void
test_list(Desk *d, const void *data)
{
    static const struct {
        const char *person;
        bool ended;
        guint copies;
    } cases[] = {
        {NULL, false, 3},
        {NULL, true, 5},
        {BEN, false, 2},
        {BEN, true, 3},
        {OWNER, false, 2},
        {OWNER, true, 4},
        {"nobody@ours.example", true, 0},
    };
    g_autofree char *one = add_mail(d, 1, &(Mail){0}), *two = add_mail(d, 2, &(Mail){0});
    g_autofree char *inbound = add_mail(d, 3, &with_password);

    assert_result(d, &((SkDeskQuestion){.verb = SK_DESK_STOP, .target = two}), true,
                  SK_DESK_OK);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        SkDeskQuestion question = {.verb = SK_DESK_LIST_ALL,
                                   .person = (char *)cases[i].person,
                                   .ended = cases[i].ended};
        g_autoptr(SkDeskAnswer) answer = ask_desk(d, &question, true);

        g_test_message("case %zu", i);
        g_assert_cmpuint(answer->copies->len, ==, cases[i].copies);
        g_assert_false(answer->more);
    }
}

typedef struct {
    const char *name;
    void (*test)(Desk *d, const void *data);
} Case;

int
main(int argc, char **argv)
{
    static const Case cases[] = {
        {"colleague", test_colleague},
        {"colleague-secret", test_colleague_secret},
        {"owner", test_owner},
        {"one-copy", test_one_copy},
        {"partly", test_partly},
        {"race", test_race},
        {"ask", test_ask},
        {"ask-late", test_ask_late},
        {"wrong-passwords", test_wrong_passwords},
        {"right-password", test_right_password},
        {"failed-try", test_failed_try},
        {"broken-tries", test_broken_tries},
        {"approve", test_approve},
        {"approve-copies", test_approve_copies},
        {"stand-in", test_stand_in},
        {"approve-without-group", test_approve_without_group},
        {"return", test_return},
        {"confirm", test_confirm},
        {"release", test_release},
        {"release-as", test_release_as},
        {"content", test_content},
        {"person", test_person},
        {"pages", test_pages},
        {"list", test_list},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        SK_TEST_ADD_BOTH(Desk, "clerk-desk-verbs", cases[i].name, desk_set_up, cases[i].test,
                         desk_tear_down);
    return sk_test_postgres_run_tests();
}
