/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-audience.h"

#include <string.h>

#include "base/error.h"
#include "base/limit.h"
#include "base/text.h"
#include "engine/engine-groups.h"
#include "engine/engine-hold.h"
#include "engine/engine-notice-settings.h"
#include "ledger/passage-json.h"
#include "notice/notice-matter.h"

/* An order on its way into tellings. */
typedef struct {
    const SkClerkWorld *world;
    const SkNoticeOrder *order;
    int64_t at_us, now_us;
    SkSite *site;
    SkNoticeSettings settings;
    SkHoldGroups *groups;
    SkClerkCase held;
    GPtrArray *tellings;
    GHashTable *seen; /* "letter address": telling; nobody is told the same twice */
} Audience;

bool
sk_clerk_held_load(SkDb *keep, const char *id, SkClerkCase *ret_held, GError **error)
{
    g_auto(SkClerkCase) held = {0};

    if (!sk_clerk_case_load(keep, id, &held, error))
        return false;
    if (held.message != NULL && held.passage == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                    "the record of mail %s cannot be read by this version", id);
        return false;
    }
    *ret_held = held;
    held = (SkClerkCase){0};
    return true;
}

const SkPassageRecipient *
sk_clerk_held_find(const SkPassage *passage, const char *address)
{
    /* Documents have addresses as they may be shown. */
    g_autofree char *shown =
        sk_text_safe(sk_bytes(address, strlen(address)), SK_LIMIT_PASSAGE_TEXT);

    for (guint i = 0; i < passage->recipients->len; i++) {
        const SkPassageRecipient *recipient = passage->recipients->pdata[i];

        if (strcmp(recipient->address, shown) == 0)
            return recipient;
    }
    return NULL;
}

/* ---- one more of them ---- */

static SkTelling *
telling_new(const Audience *a, int letter, const char *to)
{
    SkTelling *telling = g_new0(SkTelling, 1);

    *telling = (SkTelling){.letter = letter,
                           .again = a->order->kind == SK_NOTICE_REMINDER,
                           .to = g_strdup(to),
                           .message = g_strdup(a->order->message),
                           .copy = g_strdup(a->order->copy),
                           .who = g_strdup(a->order->who),
                           .text = g_strdup(a->order->text),
                           .at_us = a->at_us};
    return telling;
}

static void
telling_free(void *data)
{
    sk_telling_clear(data);
    g_free(data);
}

/* COPY NULL: what the order says. Who is concerned by several copies is told of the message,
 * once. False: he cannot be told. */
static bool
tell(Audience *a, int letter, const char *to, const char *copy)
{
    g_autofree char *lower = to != NULL ? g_ascii_strdown(to, -1) : NULL;
    g_autofree char *key = g_strdup_printf("%d %s", letter, lower);
    const char *about = copy != NULL ? copy : a->order->copy;
    SkTelling *telling = g_hash_table_lookup(a->seen, key);

    if (!sk_site_is_ours(a->site, to))
        return false;
    if (telling == NULL) {
        telling = telling_new(a, letter, to);
        g_ptr_array_add(a->tellings, telling);
        g_hash_table_insert(a->seen, g_steal_pointer(&key), telling);
        g_free(telling->copy);
        telling->copy = g_strdup(about);
    } else if (g_strcmp0(telling->copy, about) != 0) {
        g_clear_pointer(&telling->copy, g_free);
    }
    return true;
}

static void
tell_admins(Audience *a, int letter)
{
    const char *const *admins = sk_settings_peek_list(a->world->settings, "hold", "admins");

    for (; *admins != NULL; admins++)
        tell(a, letter, *admins, NULL);
}

/* ---- what copies are about ---- */

static bool
is_waiting(const Audience *a, const SkHeldCopy *copy)
{
    return copy->state == SK_COPY_WAITING && copy->open != 0 &&
           (a->order->copy == NULL || strcmp(a->order->copy, copy->id) == 0);
}

static bool
asks_to_notify(const SkDecision *decision, const char *whom)
{
    for (guint i = 0; decision != NULL && i < decision->notify->len; i++) {
        if (strcmp(decision->notify->pdata[i], whom) == 0)
            return true;
    }
    return false;
}

static const SkDecision *
decision_of(const Audience *a, const SkHeldCopy *copy)
{
    return sk_engine_hold_decision(a->held.passage, copy);
}

static bool
was_anything_found(const SkPassage *passage)
{
    for (size_t i = 0; i < sk_findings_count(passage->findings); i++) {
        if (sk_notice_matters(sk_findings_peek(passage->findings, i)->id))
            return true;
    }
    return false;
}

/* A notice for each mail that waits a minute would be read by nobody. */
static bool
is_worth_telling(const Audience *a, const SkHeldCopy *copy)
{
    int64_t after_s = sk_settings_get_int(a->world->settings, "notice", "sender_after");

    return (copy->open & SK_WAITS_OF_PEOPLE) != 0 || was_anything_found(a->held.passage) ||
           copy->due_us - a->held.message->made_us >= after_s * G_USEC_PER_SEC ||
           asks_to_notify(decision_of(a, copy), "sender");
}

/* ---- who is told that mail is held ---- */

static void
tell_sender(Audience *a)
{
    for (guint i = 0; i < a->held.copies->len; i++) {
        const SkHeldCopy *copy = a->held.copies->pdata[i];

        if (is_waiting(a, copy) && is_worth_telling(a, copy))
            tell(a, SK_LETTER_SENDER, a->held.message->owner, NULL);
    }
}

/* Those of us in To and Cc, who got it already or wait for other reasons. */
static void
tell_colleagues(Audience *a)
{
    const char *owner = a->held.message->owner;

    for (guint i = 0; i < a->held.passage->recipients->len; i++) {
        const SkPassageRecipient *one = a->held.passage->recipients->pdata[i];

        if (one->visible && owner != NULL && g_ascii_strcasecmp(one->address, owner) != 0)
            tell(a, SK_LETTER_COLLEAGUE, one->address, NULL);
    }
}

/* Whether a copy that leaves is for somebody whom colleagues may know of. */
static bool
is_seen_to_leave(const Audience *a, const SkHeldCopy *copy)
{
    for (guint i = 0; i < copy->recipients->len; i++) {
        const SkRecipient *recipient = copy->recipients->pdata[i];
        const SkPassageRecipient *one = sk_clerk_held_find(a->held.passage, recipient->address);

        if (one != NULL && one->visible && !sk_site_is_ours(a->site, one->address))
            return true;
    }
    return false;
}

/* What the rules name besides sender and recipient: addresses. */
static void
tell_named(Audience *a, const SkDecision *decision)
{
    for (guint i = 0; decision != NULL && i < decision->notify->len; i++)
        tell(a, SK_LETTER_MATCHED, decision->notify->pdata[i], NULL);
}

static bool
load_groups(Audience *a, GError **error)
{
    if (a->groups == NULL)
        a->groups = sk_engine_groups_load(a->world->settings, error);
    return a->groups != NULL;
}

/* Nobody approves his own mail. */
static bool
tell_approver(Audience *a, const char *person, const char *copy)
{
    return !sk_clerk_is_same(person, a->held.message->owner) &&
           tell(a, SK_LETTER_APPROVER, person, copy);
}

/* Whoever stands in for PERSON now, besides him. */
static bool
tell_deputy(Audience *a, const char *person, const char *copy, bool *any, GError **error)
{
    g_auto(SkHoldPerson) chosen = {0};

    if (!sk_hold_person_load(a->world->keep, person, &chosen, error))
        return false;
    if (chosen.away_from_us <= a->now_us && a->now_us < chosen.away_until_us)
        *any |= tell_approver(a, chosen.deputy, copy);
    return true;
}

/* One of whom nobody can approve is its deputies'; then it is the administrators'. */
static bool
tell_group(Audience *a, const char *name, const char *copy, GError **error)
{
    static char *const nobody[] = {NULL};
    const SkHoldGroup *group = sk_hold_groups_find(a->groups, name);
    char *const *members = group != NULL ? group->members : nobody;
    char *const *deputies = group != NULL ? group->deputies : nobody;
    bool any = false;

    for (; *members != NULL; members++) {
        any |= tell_approver(a, *members, copy);
        if (!tell_deputy(a, *members, copy, &any, error))
            return false;
    }
    for (; !any && *deputies != NULL; deputies++)
        any |= tell_approver(a, *deputies, copy);
    if (!any)
        tell_admins(a, SK_LETTER_APPROVER);
    return true;
}

static bool
tell_approvers(Audience *a, const SkHeldCopy *copy, GError **error)
{
    const SkDecision *decision = decision_of(a, copy);

    if ((copy->open & SK_WAIT_APPROVAL) == 0)
        return true;
    if (decision == NULL || decision->approvers->len == 0) {
        tell_admins(a, SK_LETTER_APPROVER);
        return true;
    }
    if (!load_groups(a, error))
        return false;
    for (guint i = 0; i < decision->approvers->len; i++) {
        if (!tell_group(a, decision->approvers->pdata[i], copy->id, error))
            return false;
    }
    return true;
}

bool
sk_clerk_find_choice(SkDb *keep,
                     const char *person,
                     SkTell site,
                     SkTell *ret_choice,
                     GError **error)
{
    g_auto(SkHoldPerson) chosen = {0};

    if (!sk_hold_person_load(keep, person, &chosen, error))
        return false;
    *ret_choice = chosen.tell != SK_TELL_SITE ? chosen.tell : site;
    return true;
}

static bool
tell_recipients(Audience *a, const SkHeldCopy *copy, int letter, GError **error)
{
    for (guint i = 0; i < copy->recipients->len; i++) {
        const SkRecipient *recipient = copy->recipients->pdata[i];
        SkTell choice;

        if (!sk_clerk_find_choice(a->world->keep, recipient->address, a->settings.inbound,
                                  &choice, error))
            return false;
        if (choice == SK_TELL_AT_ONCE ||
            (letter == SK_LETTER_EXPIRED && choice == SK_TELL_DIGEST))
            tell(a, letter, recipient->address, copy->id);
    }
    return true;
}

/* Recipients of ours who can do something about it. */
static bool
concerns_recipients(const Audience *a, const SkHeldCopy *copy)
{
    return (copy->open & (SK_WAIT_REVIEW | SK_WAIT_PASSWORD)) != 0 &&
           (copy->direction == SK_DIRECTION_INBOUND ||
            asks_to_notify(decision_of(a, copy), "recipient"));
}

/* What nobody else can decide. */
static bool
concerns_admins(const SkHeldCopy *copy)
{
    return ((copy->open & SK_WAIT_REVIEW) != 0 && copy->review == SK_REVIEW_ADMIN) ||
           ((copy->open & SK_WAIT_PASSWORD) != 0 && copy->direction != SK_DIRECTION_INBOUND);
}

static bool
tell_of_copy(Audience *a, const SkHeldCopy *copy, GError **error)
{
    if (copy->direction == SK_DIRECTION_OUTBOUND && is_seen_to_leave(a, copy) &&
        asks_to_notify(decision_of(a, copy), "recipient"))
        tell_colleagues(a);
    tell_named(a, decision_of(a, copy));
    if (concerns_admins(copy))
        tell_admins(a, SK_LETTER_ADMIN);
    return tell_approvers(a, copy, error) &&
           (!concerns_recipients(a, copy) ||
            tell_recipients(a, copy, SK_LETTER_RECIPIENT, error));
}

static bool
tell_of_held(Audience *a, GError **error)
{
    tell_sender(a);
    for (guint i = 0; i < a->held.copies->len; i++) {
        const SkHeldCopy *copy = a->held.copies->pdata[i];

        if (is_waiting(a, copy) && !tell_of_copy(a, copy, error))
            return false;
    }
    return true;
}

/* ---- the other orders ---- */

/* Of what the reminder says it waits for. */
static bool
remind_of_copy(Audience *a, const SkHeldCopy *copy, GError **error)
{
    const char *wait = a->order->text != NULL ? a->order->text : "";

    if (strcmp(wait, sk_wait_name(SK_WAIT_CONFIRM)) == 0)
        tell(a, SK_LETTER_SENDER, a->held.message->owner, NULL);
    else if (strcmp(wait, sk_wait_name(SK_WAIT_APPROVAL)) == 0)
        return tell_approvers(a, copy, error);
    else if (concerns_admins(copy))
        tell_admins(a, SK_LETTER_ADMIN);
    else if (concerns_recipients(a, copy))
        return tell_recipients(a, copy, SK_LETTER_RECIPIENT, error);
    return true;
}

static int
letter_of_reminder(const Audience *a, const SkHeldCopy *copy)
{
    const char *wait = a->order->text != NULL ? a->order->text : "";

    if (strcmp(wait, sk_wait_name(SK_WAIT_CONFIRM)) == 0)
        return SK_LETTER_SENDER;
    if (strcmp(wait, sk_wait_name(SK_WAIT_APPROVAL)) == 0)
        return SK_LETTER_APPROVER;
    return concerns_admins(copy) ? SK_LETTER_ADMIN : SK_LETTER_RECIPIENT;
}

static bool
remind(Audience *a, GError **error)
{
    for (guint i = 0; i < a->held.copies->len; i++) {
        const SkHeldCopy *copy = a->held.copies->pdata[i];

        if (!is_waiting(a, copy))
            continue;
        if (a->order->who != NULL)
            tell(a, letter_of_reminder(a, copy), a->order->who, copy->id);
        else if (!remind_of_copy(a, copy, error))
            return false;
    }
    return true;
}

static bool
tell_of_expired(Audience *a, GError **error)
{
    for (guint i = 0; i < a->held.copies->len; i++) {
        const SkHeldCopy *copy = a->held.copies->pdata[i];

        if (copy->state == SK_COPY_EXPIRED &&
            (a->order->copy == NULL || strcmp(a->order->copy, copy->id) == 0) &&
            !tell_recipients(a, copy, SK_LETTER_EXPIRED, error))
            return false;
    }
    return true;
}

/* Mail that was delivered has no rows; the order brought its document along. */
static void
tell_of_matched(Audience *a)
{
    g_autoptr(SkPassage) passage =
        a->order->text != NULL ? sk_passage_json_read(a->order->text, NULL) : NULL;

    for (guint i = 0; passage != NULL && i < passage->recipients->len; i++) {
        const SkPassageRecipient *one = passage->recipients->pdata[i];

        tell_named(a, one->decision);
        if (asks_to_notify(one->decision, "recipient"))
            tell(a, SK_LETTER_MATCHED, one->address, NULL);
        if (asks_to_notify(one->decision, "sender") && passage->origin == SK_ORIGIN_OUTBOUND)
            tell(a, SK_LETTER_MATCHED,
                 passage->envelope->login != NULL && strchr(passage->envelope->login, '@')
                     ? passage->envelope->login
                     : passage->from,
                 NULL);
    }
}

static bool
gather(Audience *a, GError **error)
{
    const char *owner = a->held.message != NULL ? a->held.message->owner : NULL;

    if (a->order->kind == SK_NOTICE_MATCHED) {
        tell_of_matched(a);
        return true;
    }
    if (a->held.message == NULL)
        return true;
    switch (a->order->kind) {
    case SK_NOTICE_HELD:
        return tell_of_held(a, error);
    case SK_NOTICE_REMINDER:
        return remind(a, error);
    case SK_NOTICE_EXPIRED:
        return tell_of_expired(a, error);
    case SK_NOTICE_STOPPED:
        if (owner != NULL && g_strcmp0(owner, a->order->who) != 0)
            tell(a, SK_LETTER_STOPPED, owner, NULL);
        return true;
    case SK_NOTICE_RETURNED:
        tell(a, SK_LETTER_RETURNED, owner, NULL);
        return true;
    case SK_NOTICE_REFUSED:
        tell(a, SK_LETTER_REPORT, owner, NULL);
        return true;
    case SK_NOTICE_TOO_LATE:
        tell(a, SK_LETTER_TOO_LATE, a->order->who, NULL);
        return true;
    case SK_NOTICE_DONE:
        tell(a, SK_LETTER_DONE, a->order->who, NULL);
        return true;
    default:
        tell_admins(a, SK_LETTER_ASKED);
        return true;
    }
}

static void
clear_audience(Audience *a)
{
    sk_site_free(a->site);
    sk_notice_settings_clear(&a->settings);
    sk_hold_groups_free(a->groups);
    sk_clerk_case_clear(&a->held);
    g_clear_pointer(&a->tellings, g_ptr_array_unref);
    g_hash_table_unref(a->seen);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Audience, clear_audience)

bool
sk_clerk_audience(const SkClerkWorld *world,
                  const SkNoticeOrder *order,
                  int64_t at_us,
                  GPtrArray **ret_tellings,
                  GError **error)
{
    g_auto(Audience) a = {.world = world,
                          .order = order,
                          .at_us = at_us,
                          .tellings = g_ptr_array_new_with_free_func(telling_free),
                          .seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};

    a.site = sk_site_new(world->settings, error);
    if (a.site == NULL || !sk_notice_settings_read(world->settings, &a.settings, error) ||
        !sk_db_now_us(world->keep, &a.now_us, error) ||
        (order->kind != SK_NOTICE_MATCHED &&
         !sk_clerk_held_load(world->keep, order->message, &a.held, error)) ||
        !gather(&a, error))
        return false;
    *ret_tellings = g_steal_pointer(&a.tellings);
    return true;
}
