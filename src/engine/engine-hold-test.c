/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-hold.h"

#include <string.h>

#include "engine/engine-judge.h"
#include "engine/engine-settings.h"
#include "ledger/passage-json.h"

#define ID  "01j8zk3fa7s4wq9m2xet"
#define NOW (1800000000LL * G_USEC_PER_SEC)

typedef struct {
    SkSettings *settings;
    SkSite *site;
} World;

static void
world_init_from(World *w, const char *config)
{
    w->settings =
        sk_settings_parse("t", config, strlen(config), sk_engine_setting_tables, NULL);
    w->site = sk_site_new(w->settings, NULL);
}

/* People work all the time. */
static void
world_init(World *w)
{
    world_init_from(w, "[site]\nown_domains = ours.example\ntime_zone = UTC\n"
                       "[hold]\nconfirm_for = 1h\napproval_for = 2h\nreview_for = 3h\n"
                       "work_days = mon tue wed thu fri sat sun\nwork_hours = 0:00-24:00\n");
}

static void
world_clear(World *w)
{
    sk_site_free(w->site);
    sk_settings_free(w->settings);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(World, world_clear)

/* One mail: who to whom ("a,b"), what was found, by which rules it is judged. */
typedef struct {
    SkOrigin origin;
    const char *rules, *to;
    SkFindingId finding;
    int64_t chosen_s;
    const char *other, *other_part; /* another finding; NULL: none, or of the whole message */
} Mail;

static SkPolicy *
policy_new(const char *rules)
{
    const SkPolicyWorld world = {.built_edits = ~0U, .built_waits = ~0U, .built_notify = true};
    SkPolicy *policy = sk_policy_new("t", rules, strlen(rules), &world, NULL);

    g_assert_nonnull(policy);
    return policy;
}

static void
add_other(SkPassage *passage, const Mail *mail)
{
    SkFindingId id;

    if (mail->other == NULL)
        return;
    g_assert_true(sk_finding_id_parse(mail->other, &id));
    sk_findings_add(passage->findings, id, mail->other_part, "b.exe", NULL);
}

static SkPassage *
passage_new(const World *w, const Mail *mail)
{
    g_auto(GStrv) to = g_strsplit(mail->to, ",", -1);
    g_autoptr(SkPolicy) policy = policy_new(mail->rules);
    SkPassage *passage = sk_passage_new();

    passage->id = g_strdup(ID);
    passage->origin = mail->origin;
    passage->envelope = sk_envelope_new();
    passage->from = g_strdup("hanako@ours.example");
    g_assert_true(sk_envelope_set_sender(passage->envelope, "hanako@ours.example", NULL));
    for (char **address = to; *address != NULL; address++) {
        if (**address != '\0')
            g_assert_true(
                sk_envelope_add_recipient(passage->envelope, *address, "NOTIFY=NEVER"));
    }
    sk_findings_add(passage->findings, mail->finding, "2", "a.zip", NULL);
    add_other(passage, mail);
    sk_engine_judge(w->site, policy, NOW, passage);
    return passage;
}

static void
append_waits(GString *out, unsigned waits)
{
    for (unsigned bit = SK_WAIT_TIME; bit <= SK_WAIT_PASSWORD; bit <<= 1) {
        if ((waits & bit) != 0)
            g_string_append_printf(out, " %s", sk_wait_name((SkWait)bit));
    }
}

/* "whole outbound time review(admin) due+300 ends+3600 to a@b c@d" */
static void
append_copy(GString *out, const SkHeldCopy *copy)
{
    g_string_append_printf(out, "%s %s", sk_copy_variant_name(copy->variant),
                           sk_direction_name(copy->direction));
    append_waits(out, copy->waits);
    g_assert_cmpuint(copy->open, ==, copy->waits);
    if (copy->review != SK_REVIEW_NONE)
        g_string_append(out, copy->review == SK_REVIEW_ADMIN ? "(admin)" : "(recipient)");
    g_string_append_printf(out, " due+%d", (int)((copy->due_us - NOW) / G_USEC_PER_SEC));
    if (copy->expires_us != 0)
        g_string_append_printf(out, " ends+%d",
                               (int)((copy->expires_us - NOW) / G_USEC_PER_SEC));
    g_string_append(out, " to");
    for (guint i = 0; i < copy->recipients->len; i++) {
        const SkRecipient *recipient = copy->recipients->pdata[i];

        g_assert_cmpstr(recipient->args, ==, "NOTIFY=NEVER");
        g_string_append_printf(out, " %.1s", recipient->address);
    }
    g_string_append_c(out, '\n');
}

static char *
describe(const World *w, const Mail *mail)
{
    g_autoptr(SkPassage) passage = passage_new(w, mail);
    g_autoptr(SkHeldMessage) message = NULL;
    g_autoptr(GPtrArray) copies = NULL;
    GString *out = g_string_new(NULL);

    if (!sk_engine_must_hold(passage))
        return g_string_free(g_string_append(out, "in place\n"), FALSE);
    g_assert_true(sk_engine_hold(w->settings, w->site, passage, mail->chosen_s, NOW, &message,
                                 &copies, NULL));
    for (guint i = 0; i < copies->len; i++) {
        g_autofree char *id = g_strdup_printf(ID "-%u", i + 1);
        const SkHeldCopy *copy = copies->pdata[i];

        g_assert_cmpstr(copy->id, ==, id);
        g_assert_cmpstr(copy->message, ==, ID);
        append_copy(out, copy);
    }
    return g_string_free(out, FALSE);
}

#define A "a@theirs.example"
#define B "b@other.example"
#define I "i@ours.example"
#define J "j@ours.example"

static void
run(const Mail *mails, const char *const *want, size_t n)
{
    g_auto(World) w;

    world_init(&w);
    for (size_t i = 0; i < n; i++) {
        g_autofree char *got = describe(&w, &mails[i]);

        g_test_message("case %zu: %s", i, mails[i].rules);
        g_assert_cmpstr(got, ==, want[i]);
    }
}

#define RUN(mails, want)                                                                       \
    G_STATIC_ASSERT(G_N_ELEMENTS(mails) == G_N_ELEMENTS(want));                                \
    run(mails, want, G_N_ELEMENTS(mails))

/* Which mail is held at all, and who shares a copy. */
static void
test_copies(void)
{
    static const Mail mails[] = {
        {SK_ORIGIN_OUTBOUND, "", A "," I, SK_FINDING_ATTACH_ANY, 0},
        {SK_ORIGIN_OUTBOUND, "any when attach.any then mark \"X\"\n", A "," I,
         SK_FINDING_ATTACH_ANY, 0},
        {SK_ORIGIN_OUTBOUND, "outbound when attach.any then mark \"X\"\n", A "," I "," B,
         SK_FINDING_ATTACH_ANY, 0},
        {SK_ORIGIN_OUTBOUND, "outbound when attach.any then hold for 5m\n", A "," I "," B,
         SK_FINDING_ATTACH_ANY, 0},
        {SK_ORIGIN_OUTBOUND, "any when attach.any then hold for 5m\n", A "," I "," B "," J,
         SK_FINDING_ATTACH_ANY, 0},
        {SK_ORIGIN_OUTBOUND, "any when attach.any then notify sender\n", A,
         SK_FINDING_ATTACH_ANY, 0},
    };
    static const char *const want[] = {
        "in place\n",
        "in place\n",
        "whole outbound due+0 to a b\nwhole internal due+0 to i\n",
        "whole outbound time due+300 to a b\nwhole internal due+0 to i\n",
        "whole outbound time due+300 to a b\nwhole internal time due+300 to i j\n",
        "in place\n",
    };

    RUN(mails, want);
}

static void
test_times(void)
{
    static const char bounded[] = "outbound when attach.any then hold for 5m within 1m..10m\n";
    static const Mail mails[] = {
        {SK_ORIGIN_OUTBOUND, bounded, A, SK_FINDING_ATTACH_ANY, 0},
        {SK_ORIGIN_OUTBOUND, bounded, A, SK_FINDING_ATTACH_ANY, 120},
        {SK_ORIGIN_OUTBOUND, bounded, A, SK_FINDING_ATTACH_ANY, 1},
        {SK_ORIGIN_OUTBOUND, bounded, A, SK_FINDING_ATTACH_ANY, 86400},
        {SK_ORIGIN_OUTBOUND, "outbound when attach.any then hold for 5m\n", A,
         SK_FINDING_ATTACH_ANY, 120},
        {SK_ORIGIN_OUTBOUND, "outbound when attach.any then hold for confirm\n", A,
         SK_FINDING_ATTACH_ANY, 120},
        {SK_ORIGIN_OUTBOUND,
         "outbound when attach.any then hold for approval, hold for confirm, hold for 5m\n", A,
         SK_FINDING_ATTACH_ANY, 0},
        {SK_ORIGIN_OUTBOUND, "outbound when attach.any then hold for confirm, hold for 1d\n", A,
         SK_FINDING_ATTACH_ANY, 0},
        {SK_ORIGIN_INBOUND, "inbound when attach.any then hold for password\n", I,
         SK_FINDING_ATTACH_ANY, 0},
    };
    static const char *const want[] = {
        "whole outbound time due+300 to a\n",
        "whole outbound time due+120 to a\n",
        "whole outbound time due+60 to a\n",
        "whole outbound time due+600 to a\n",
        "whole outbound time due+300 to a\n",
        "whole outbound confirm due+0 ends+3600 to a\n",
        "whole outbound time confirm approval due+300 ends+3600 to a\n",
        "whole outbound time confirm due+86400 ends+86400 to a\n",
        "whole inbound password due+0 ends+10800 to i\n",
    };

    RUN(mails, want);
}

static void
test_review(void)
{
    static const Mail mails[] = {
        {SK_ORIGIN_INBOUND, "inbound when attach.any then hold for review by recipient\n", I,
         SK_FINDING_ATTACH_ANY, 0},
        {SK_ORIGIN_INBOUND, "inbound when attach.any then hold for review\n", I,
         SK_FINDING_ATTACH_ANY, 0},
        {SK_ORIGIN_INBOUND, "inbound when malware then hold for review by recipient\n", I,
         SK_FINDING_MALWARE_FOUND, 0},
        /* Refused for j only: j's is looked at, i gets it. */
        {SK_ORIGIN_INBOUND, "inbound when attach.any and to \"" J "\" then reject\n", I "," J,
         SK_FINDING_ATTACH_ANY, 0},
        /* The floor, without any rule. */
        {SK_ORIGIN_INBOUND, "", I, SK_FINDING_INSPECT_CRASHED, 0},
    };
    static const char *const want[] = {
        "whole inbound review(recipient) due+0 ends+10800 to i\n",
        "whole inbound review(admin) due+0 ends+10800 to i\n",
        "whole inbound review(admin) due+0 ends+10800 to i\n",
        "whole inbound due+0 to i\nwhole inbound review(admin) due+0 ends+10800 to j\n",
        "whole inbound review(admin) due+0 ends+10800 to i\n",
    };

    RUN(mails, want);
}

static void
test_strip(void)
{
    static const Mail mails[] = {
        {SK_ORIGIN_INBOUND, "inbound when attach.encrypted then hold for password, strip\n", I,
         SK_FINDING_ATTACH_ENCRYPTED_ZIP, 0},
        {SK_ORIGIN_INBOUND, "inbound when attach.any then strip\n", I, SK_FINDING_ATTACH_ANY,
         0},
        {SK_ORIGIN_INBOUND, "inbound when malware then strip\n", I, SK_FINDING_MALWARE_FOUND,
         0},
        {SK_ORIGIN_OUTBOUND,
         "outbound when attach.any then strip, hold for 5m, hold for review\n", A,
         SK_FINDING_ATTACH_ANY, 0},
        /* Neither time nor its sender's word lets out what was to be taken out. */
        {SK_ORIGIN_OUTBOUND, "outbound when malware then strip, hold for 5m\n", A,
         SK_FINDING_MALWARE_FOUND, 0},
        {SK_ORIGIN_OUTBOUND, "outbound when attach.any then strip, hold for confirm\n", A,
         SK_FINDING_ATTACH_ANY, 0},
        /* What nobody could look into is not made harmless by taking some of it away. */
        {SK_ORIGIN_INBOUND, "inbound when inspect then strip\n", I, SK_FINDING_INSPECT_TIMEOUT,
         0},
    };
    static const char *const want[] = {
        "stripped inbound due+0 to i\nwhole inbound password due+0 ends+10800 to i\n",
        "stripped inbound due+0 to i\nwhole inbound review(recipient) due+0 ends+10800 to i\n",
        "stripped inbound due+0 to i\nwhole inbound review(admin) due+0 ends+10800 to i\n",
        "stripped outbound time due+300 to a\n"
        "whole outbound time review(admin) due+300 ends+10800 to a\n",
        "stripped outbound time due+300 to a\n"
        "whole outbound time review(admin) due+300 ends+10800 to a\n",
        "stripped outbound confirm due+0 ends+3600 to a\n"
        "whole outbound confirm review(admin) due+0 ends+3600 to a\n",
        "stripped inbound review(admin) due+0 ends+10800 to i\n"
        "whole inbound review(admin) due+0 ends+10800 to i\n",
    };

    RUN(mails, want);
}

/* Rules for any mail may ask for the word of somebody who is none of us. */
static void
test_nobody(void)
{
    static const Mail mails[] = {
        {SK_ORIGIN_INBOUND, "any when attach.any then hold for confirm\n", I,
         SK_FINDING_ATTACH_ANY, 0, NULL, NULL},
        {SK_ORIGIN_OUTBOUND, "any when attach.any then hold for password\n", A "," I,
         SK_FINDING_ATTACH_ANY, 0, NULL, NULL},
        {SK_ORIGIN_OUTBOUND, "any when attach.any then hold for review by recipient\n", A "," I,
         SK_FINDING_ATTACH_ANY, 0, NULL, NULL},
        {SK_ORIGIN_OUTBOUND, "any when attach.any then hold for confirm\n", A "," I,
         SK_FINDING_ATTACH_ANY, 0, NULL, NULL},
        {SK_ORIGIN_FORWARD,
         "any when attach.any then hold for confirm, hold for approval, hold for 5m\n", A,
         SK_FINDING_ATTACH_ANY, 0, NULL, NULL},
        {SK_ORIGIN_OUTBOUND, "outbound when attach.any then strip\n", A, SK_FINDING_ATTACH_ANY,
         0, NULL, NULL},
    };
    static const char *const want[] = {
        "whole inbound review(admin) due+0 ends+10800 to i\n",
        "whole outbound review(admin) due+0 ends+10800 to a\n"
        "whole internal password due+0 ends+10800 to i\n",
        "whole outbound review(admin) due+0 ends+10800 to a\n"
        "whole internal review(recipient) due+0 ends+10800 to i\n",
        "whole outbound confirm due+0 ends+3600 to a\n"
        "whole internal confirm due+0 ends+3600 to i\n",
        "whole forward time approval review(admin) due+300 ends+7200 to a\n",
        "stripped outbound due+0 to a\nwhole outbound review(admin) due+0 ends+10800 to a\n",
    };

    RUN(mails, want);
}

/* What is taken out takes along what was to be looked at because of it, and nothing else. */
static void
test_rest(void)
{
#define STRIP "inbound when attach.encrypted then strip\n"
    static const Mail mails[] = {
        {SK_ORIGIN_INBOUND, STRIP "inbound when attach.danger then hold for review\n", I,
         SK_FINDING_ATTACH_ENCRYPTED_ZIP, 0, "attach.danger.executable", "3"},
        {SK_ORIGIN_INBOUND, STRIP "inbound when malware.found then hold for review\n", I,
         SK_FINDING_ATTACH_ENCRYPTED_ZIP, 0, "malware.found", NULL},
        {SK_ORIGIN_INBOUND, STRIP "inbound when from internal then hold for review\n", I,
         SK_FINDING_ATTACH_ENCRYPTED_ZIP, 0, NULL, NULL},
        {SK_ORIGIN_INBOUND, STRIP "inbound when attach then hold for review by recipient\n", I,
         SK_FINDING_ATTACH_ENCRYPTED_ZIP, 0, "attach.danger.executable", "2.1"},
        {SK_ORIGIN_INBOUND, STRIP "inbound when attach then hold for password\n", I,
         SK_FINDING_ATTACH_ENCRYPTED_ZIP, 0, "attach.danger.executable", "21"},
        /* The floor: an archive that nobody could look into stays in. */
        {SK_ORIGIN_INBOUND, STRIP, I, SK_FINDING_ATTACH_ENCRYPTED_ZIP, 0, "attach.limit.size",
         "3"},
    };
#undef STRIP
#define BOTH(waits)                                                                            \
    "stripped inbound " waits " due+0 ends+10800 to i\n"                                       \
    "whole inbound " waits " due+0 ends+10800 to i\n"
    static const char *const want[] = {
        BOTH("review(admin)"),
        BOTH("review(admin)"),
        BOTH("review(admin)"),
        "stripped inbound due+0 to i\nwhole inbound review(recipient) due+0 ends+10800 to i\n",
        BOTH("password"),
        BOTH("review(admin)"),
    };
#undef BOTH

    RUN(mails, want);
}

/* Nobody to send it to: nothing becomes of it. */
static void
test_no_recipients(void)
{
    static const Mail mails[] = {{SK_ORIGIN_INBOUND,
                                  "inbound when attach.any then hold for review\n", "",
                                  SK_FINDING_ATTACH_ANY, 0}};
    static const char *const want[] = {""};

    RUN(mails, want);
}

static void
test_owner(void)
{
    static const struct {
        SkOrigin origin;
        const char *login, *from, *sender, *owner;
        bool may_return;
    } cases[] = {
        {SK_ORIGIN_OUTBOUND, "taro@ours.example", "hanako@ours.example", "x@ours.example",
         "taro@ours.example", true},
        {SK_ORIGIN_OUTBOUND, "taro", "hanako@ours.example", "x@ours.example",
         "hanako@ours.example", true},
        {SK_ORIGIN_OUTBOUND, NULL, "x@theirs.example", "x@ours.example", "x@ours.example",
         true},
        {SK_ORIGIN_OUTBOUND, NULL, NULL, "x@theirs.example", NULL, false},
        /* Never to the empty sender: that would answer an answer. */
        {SK_ORIGIN_OUTBOUND, NULL, "hanako@ours.example", "", "hanako@ours.example", false},
        /* Whatever it says. */
        {SK_ORIGIN_INBOUND, NULL, "hanako@ours.example", "x@ours.example", NULL, false},
        {SK_ORIGIN_FORWARD, NULL, "hanako@ours.example", "x@ours.example", NULL, false},
    };
    g_auto(World) w;

    world_init(&w);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Mail mail = {cases[i].origin, "any when attach.any then hold for 5m\n", A,
                     SK_FINDING_ATTACH_ANY, 0};
        g_autoptr(SkPassage) passage = passage_new(&w, &mail);
        g_autoptr(SkHeldMessage) message = NULL;
        g_autoptr(GPtrArray) copies = NULL;

        passage->envelope->login = g_strdup(cases[i].login);
        g_free(passage->from);
        passage->from = g_strdup(cases[i].from);
        g_assert_true(sk_envelope_set_sender(passage->envelope, cases[i].sender, NULL));
        g_assert_true(
            sk_engine_hold(w.settings, w.site, passage, 0, NOW, &message, &copies, NULL));
        g_assert_cmpstr(message->owner, ==, cases[i].owner);
        g_assert_true(sk_engine_may_return(message) == cases[i].may_return);
    }
}

/* What the clerk does with a message: reads its document, finds what is to be done to a copy.
 * Addresses are foreign, and stand in the document as they may be shown. */
static void
test_decision(void)
{
    const Mail mail = {SK_ORIGIN_OUTBOUND,
                       "outbound when attach.any then hold for 5m, mark \"X\"\n",
                       I ",\"a\tb\"@theirs.example," B, SK_FINDING_ATTACH_ANY, 0};
    g_auto(World) w;
    g_autoptr(SkPassage) passage = NULL, back = NULL;
    g_autoptr(SkHeldMessage) message = NULL;
    g_autoptr(GPtrArray) copies = NULL;
    g_autoptr(SkHeldCopy) nobody = sk_held_copy_new();

    world_init(&w);
    passage = passage_new(&w, &mail);
    g_assert_true(sk_engine_hold(w.settings, w.site, passage, 0, NOW, &message, &copies, NULL));
    g_assert_cmpstr(message->id, ==, ID);
    g_assert_cmpint(message->made_us, ==, NOW);
    back = sk_passage_json_read(message->document, NULL);
    g_assert_nonnull(back);
    g_assert_cmpuint(copies->len, ==, 2);
    g_assert_cmpuint(sk_engine_hold_decision(back, copies->pdata[0])->edits, ==, 0);
    g_assert_cmpuint(sk_engine_hold_decision(back, copies->pdata[1])->edits, ==, SK_EDIT_MARK);
    sk_held_copy_add_recipient(nobody, "nobody@ours.example", NULL);
    g_assert_null(sk_engine_hold_decision(back, nobody));
}

/* NOW is a Friday, 8:00: three days of work, which begin at 9:00, end on Tuesday at 18:00. */
static void
test_work_days(void)
{
    g_auto(World) w = {0}, wrong = {0};
    const Mail mail = {SK_ORIGIN_OUTBOUND, "outbound when attach.any then hold for approval\n",
                       "a@partner.example", SK_FINDING_ATTACH_ANY, 0};
    g_autoptr(SkPassage) passage = NULL;
    g_autoptr(SkHeldMessage) message = NULL;
    g_autoptr(GPtrArray) copies = NULL;
    g_autoptr(GError) error = NULL;
    const SkHeldCopy *copy;

    world_init_from(&w, "[site]\nown_domains = ours.example\ntime_zone = UTC\n");
    passage = passage_new(&w, &mail);
    g_assert_true(sk_engine_hold(w.settings, w.site, passage, 0, NOW, &message, &copies, NULL));
    copy = copies->pdata[0];
    g_assert_cmpint(copy->expires_us, ==, NOW + (4 * 24 + 10) * INT64_C(3600) * G_USEC_PER_SEC);
    world_init_from(&wrong, "[site]\nown_domains = ours.example\n[hold]\nwork_hours = 9\n");
    g_clear_pointer(&message, sk_held_message_free);
    g_clear_pointer(&copies, g_ptr_array_unref);
    g_assert_false(
        sk_engine_hold(wrong.settings, wrong.site, passage, 0, NOW, &message, &copies, &error));
    g_assert_nonnull(error);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/hold/copies", test_copies);
    g_test_add_func("/engine/hold/times", test_times);
    g_test_add_func("/engine/hold/work-days", test_work_days);
    g_test_add_func("/engine/hold/review", test_review);
    g_test_add_func("/engine/hold/strip", test_strip);
    g_test_add_func("/engine/hold/nobody", test_nobody);
    g_test_add_func("/engine/hold/rest", test_rest);
    g_test_add_func("/engine/hold/no-recipients", test_no_recipients);
    g_test_add_func("/engine/hold/owner", test_owner);
    g_test_add_func("/engine/hold/decision", test_decision);
    return g_test_run();
}
