/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-desk-testing - held mail, a desk that answers about it, and hands that only pretend
 */

#include <fcntl.h>

#include "clerk/clerk-desk-answer.h"
#include "engine/engine-settings.h"
#include "engine/engine-tables.h"
#include "hold/hold-testing.h"
#include "job/job-store.h"
#include "ledger/passage-json.h"
#include "policy/policy-store.h"

#define OWNER "hanako@ours.example"
#define BEN   "ben@ours.example"

static const char desk_groups[] =
    "sales: anna@ours.example, away@ours.example; deputy carol@ours.example\n"
    "legal: dora@ours.example\n";

/* What the pretending hands do. */
static struct {
    SkEditOutcome outcome;
    SkFindingId found; /* in what was opened; SK_N_FINDINGS: nothing */
    bool broken;
    unsigned tried;
    char *password; /* the last one; borrowed */
    uint64_t size;  /* of the original, of which byte N is N % 251 */
} pretend;

static inline int
pretend_copy(const SkDeskWorld *world,
             const SkHeldMessage *message,
             const char *why,
             GError **error)
{
    if (pretend.broken) {
        g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND, "no keeper answers");
        return -1;
    }
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static inline bool
pretend_read(const SkDeskWorld *world,
             const SkHeldMessage *message,
             const char *why,
             uint64_t at,
             void *data,
             size_t n,
             size_t *ret_n,
             GError **error)
{
    *ret_n = at < pretend.size ? (size_t)MIN(n, pretend.size - at) : 0;
    for (size_t i = 0; i < *ret_n; i++)
        ((uint8_t *)data)[i] = (uint8_t)((at + i) % 251);
    return true;
}

static inline bool
pretend_try(const char *socket,
            int fd,
            const char *password,
            SkEditOutcome *ret_outcome,
            SkFindings **ret_findings,
            GError **error)
{
    pretend.tried++;
    *ret_outcome = pretend.outcome;
    *ret_findings = sk_findings_new();
    if (pretend.found != SK_N_FINDINGS)
        sk_findings_add(*ret_findings, pretend.found, "2", "a.zip > setup.exe", NULL);
    return true;
}

static const SkDeskHands pretend_hands = {pretend_copy, pretend_read, pretend_try};

typedef struct {
    Fixture base;
    SkSettings *settings;
    SkSite *site;
    SkHoldGroups *groups;
    GMutex counting;
    SkDeskWorld world;
} Desk;

static inline void
desk_set_up(Desk *d, const void *data)
{
    static const char config[] = "[site]\nown_domains = ours.example\ntime_zone = Asia/Tokyo\n"
                                 "[hold]\nadmins = root@ours.example\n";

    set_up(&d->base, data);
    MUST(sk_store_migrate(d->base.db, sk_job_tables.name, sk_job_tables.steps, &error));
    MUST(sk_store_migrate(d->base.db, sk_policy_tables.name, sk_policy_tables.steps, &error));
    d->settings =
        sk_settings_parse("t", config, strlen(config), sk_engine_setting_tables, NULL);
    d->site = sk_site_new(d->settings, NULL);
    d->groups =
        sk_hold_groups_parse("groups", sk_bytes(desk_groups, strlen(desk_groups)), NULL);
    g_mutex_init(&d->counting);
    d->world = (SkDeskWorld){.keep = d->base.db,
                             .settings = d->settings,
                             .site = d->site,
                             .groups = d->groups,
                             .counting = &d->counting,
                             .hands = &pretend_hands};
    memset(&pretend, 0, sizeof pretend);
    pretend.found = SK_N_FINDINGS;
    pretend.outcome = SK_EDIT_WRONG_PASSWORD;
}

static inline void
desk_tear_down(Desk *d, const void *data)
{
    sk_hold_groups_free(d->groups);
    sk_site_free(d->site);
    sk_settings_free(d->settings);
    g_mutex_clear(&d->counting);
    tear_down(&d->base, data);
}

/* A mail as a test wants it; zeros are plain. */
typedef struct {
    unsigned waits;  /* of each copy; 0: all of them */
    SkReview review; /* NONE: by recipient */
    bool inbound;
    bool malware;
    bool apart;            /* who gets it in secret has a copy of his own, the third */
    const char *groups[3]; /* that approve */
} Mail;

#define ALL_WAITS                                                                              \
    (SK_WAIT_TIME | SK_WAIT_CONFIRM | SK_WAIT_APPROVAL | SK_WAIT_REVIEW | SK_WAIT_PASSWORD)

static inline void
add_to_passage(SkPassage *passage, const Mail *mail, const char *address, bool visible)
{
    SkPassageRecipient *recipient = sk_passage_recipient_new(address);

    recipient->visible = visible;
    recipient->to_internal = g_str_has_suffix(address, "@ours.example");
    recipient->direction = mail->inbound            ? SK_DIRECTION_INBOUND
                           : recipient->to_internal ? SK_DIRECTION_INTERNAL
                                                    : SK_DIRECTION_OUTBOUND;
    recipient->decision = sk_decision_new();
    for (unsigned i = 0; mail->groups[i] != NULL; i++)
        g_ptr_array_add(recipient->decision->approvers, g_strdup(mail->groups[i]));
    g_ptr_array_add(passage->recipients, recipient);
    g_assert_true(sk_envelope_add_recipient(passage->envelope, address, NULL));
}

static inline char *
make_document(const char *id, const Mail *mail)
{
    g_autoptr(SkPassage) passage = sk_passage_new();

    passage->id = g_strdup(id);
    passage->origin = mail->inbound ? SK_ORIGIN_INBOUND : SK_ORIGIN_OUTBOUND;
    passage->envelope = sk_envelope_new();
    sk_findings_add(passage->findings, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "2", "a.zip", NULL);
    sk_findings_add(passage->findings, SK_FINDING_ATTACH_ANY, "2", "a.zip", NULL);
    sk_findings_add_for(passage->findings, SK_FINDING_MISSEND_RED, "secret@partner.example",
                        "secret@partner.example", NULL);
    if (mail->malware)
        sk_findings_add(passage->findings, SK_FINDING_MALWARE_FOUND, "2", "a.zip", NULL);
    add_to_passage(passage, mail, mail->inbound ? BEN : "jiro@partner.example", true);
    if (!mail->inbound) {
        add_to_passage(passage, mail, "secret@partner.example", false);
        add_to_passage(passage, mail, BEN, true);
    }
    return sk_passage_json_new(passage, NULL);
}

static inline SkHeldCopy *
mail_copy(unsigned n, unsigned nr, const Mail *mail, SkDirection direction)
{
    unsigned waits = mail->waits != 0 ? mail->waits : ALL_WAITS;
    SkHeldCopy *copy = copy_new(n, nr, waits, START_US + 300 * SECOND);

    copy->direction = direction;
    copy->review = mail->review != SK_REVIEW_NONE ? mail->review : SK_REVIEW_RECIPIENT;
    g_ptr_array_set_size(copy->recipients, 0);
    return copy;
}

/* Message N: from outside to Ben; or Hanako's, whose copy 1 goes outside, to one in secret, and
 * copy 2 to Ben. Caller owns its id. */
static inline char *
add_mail(Desk *d, unsigned n, const Mail *mail)
{
    g_autoptr(SkHeldMessage) message = message_new(n);
    g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func(free_copy);
    Addition addition = {message, copies};

    g_free(message->document);
    message->document = make_document(message->id, mail);
    if (mail->inbound) {
        message->origin = SK_ORIGIN_INBOUND;
        g_clear_pointer(&message->owner, g_free);
        g_ptr_array_add(copies, mail_copy(n, 1, mail, SK_DIRECTION_INBOUND));
        sk_held_copy_add_recipient(copies->pdata[0], BEN, NULL);
    } else {
        g_ptr_array_add(copies, mail_copy(n, 1, mail, SK_DIRECTION_OUTBOUND));
        sk_held_copy_add_recipient(copies->pdata[0], "jiro@partner.example", NULL);
        g_ptr_array_add(copies, mail_copy(n, 2, mail, SK_DIRECTION_INTERNAL));
        sk_held_copy_add_recipient(copies->pdata[1], BEN, NULL);
        if (mail->apart)
            g_ptr_array_add(copies, mail_copy(n, 3, mail, SK_DIRECTION_OUTBOUND));
        sk_held_copy_add_recipient(copies->pdata[mail->apart ? 2 : 0], "secret@partner.example",
                                   NULL);
    }
    MUST(sk_db_transact(d->base.db, add_all, &addition, &error));
    return g_strdup(message->id);
}

/* Caller owns. */
static inline char *
add_token(Desk *d, SkTokenPurpose purpose, const char *target, const char *person)
{
    const SkHoldToken token = {purpose, (char *)target, (char *)person,
                               START_US + 10000 * LEASE_US};
    char *text = NULL;

    MUST(sk_hold_token_add(d->base.db, &token, &text, &error));
    return text;
}

/* Caller owns. */
static inline SkDeskAnswer *
ask_desk(Desk *d, const SkDeskQuestion *question, bool operator_asks)
{
    return sk_clerk_desk_answer(&d->world, question, operator_asks);
}

static inline SkDeskResult
result_of_desk(Desk *d, const SkDeskQuestion *question, bool operator_asks)
{
    g_autoptr(SkDeskAnswer) answer = ask_desk(d, question, operator_asks);

    if (answer->text != NULL)
        g_test_message("%s: %s", sk_desk_verb_name(question->verb), answer->text);
    return answer->result;
}

#define assert_result(d, question, operator_asks, expected)                                    \
    g_assert_cmpstr(sk_desk_result_name(result_of_desk(d, question, operator_asks)), ==,       \
                    sk_desk_result_name(expected))

static inline int64_t
count_notices(Desk *d, const char *kind)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT count(*) FROM job WHERE id LIKE 'notice-%s-%%'", kind);

    return ask(d->base.db, sql);
}
