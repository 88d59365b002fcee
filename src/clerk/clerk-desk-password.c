/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/autofree.h"
#include "base/log.h"
#include "clerk/clerk-desk-private.h"
#include "engine/engine-hold.h"
#include "engine/engine-judge.h"
#include "engine/engine-notice.h"
#include "engine/engine-policy-load.h"
#include "ledger/passage-json.h"

/* The event of a password, and what it came to. */
#define PASSWORD  "password"
#define TRIED     "tried"
#define NOT_TRIED "could not be tried"
#define RIGHT     "right"

/* What a copy has seen of passwords. */
typedef struct {
    const char *copy;
    unsigned tried;
    int64_t last_us;
} Tries;

/* One try at one copy. */
typedef struct {
    SkDeskCall *call;
    const SkHeldCopy *copy;
    SkDeskResult result; /* OK: go on */
    int64_t now_us;
    const char *what;
    const char *found; /* why an administrator has to look; NULL: nobody has */
} Try;

static bool
count_try(const SkHoldEvent *event, void *data)
{
    Tries *tries = data;

    if (strcmp(event->what, PASSWORD) != 0 || g_strcmp0(event->copy, tries->copy) != 0)
        return true;
    if (g_strcmp0(event->text, TRIED) == 0) {
        tries->tried++;
        tries->last_us = event->at_us;
    } else if (g_strcmp0(event->text, NOT_TRIED) == 0 && tries->tried > 0) {
        tries->tried--;
    }
    return true;
}

static bool
is_too_often(const Tries *tries, int64_t now_us)
{
    return tries->tried >= SK_DESK_TRIES_MAX || (tries->tried >= SK_DESK_TRIES_AT_ONCE &&
                                                 now_us < tries->last_us + SK_DESK_PAUSE_US);
}

static bool
note(SkDb *keep, const Try *try, const char *text, GError **error)
{
    SkHoldEvent event = {.at_us = try->now_us,
                         .copy = try->copy->id,
                         .what = PASSWORD,
                         .who = try->call->by,
                         .text = text};

    return sk_hold_event_add(keep, try->call->c->message->id, &event, error);
}

static SkDeskResult
state_result(const SkHeldCopy *copy)
{
    if (copy->state == SK_COPY_WAITING)
        return (copy->open & SK_WAIT_PASSWORD) != 0 ? SK_DESK_OK : SK_DESK_NOT_OPEN;
    return copy->state == SK_COPY_RELEASING || copy->state == SK_COPY_SENT ? SK_DESK_TOO_LATE
                                                                           : SK_DESK_ENDED;
}

/* A try is counted before it is made, so that who asks twice at a time has asked twice. */
static bool
begin_try(SkDb *keep, void *data, GError **error)
{
    Try *try = data;
    Tries tries = {.copy = try->copy->id};
    g_autoptr(SkHeldCopy) now = NULL;

    if (!sk_hold_load_copy(keep, try->copy->id, &now, error) ||
        !sk_db_now_us(keep, &try->now_us, error))
        return false;
    try->result = now != NULL ? state_result(now) : SK_DESK_UNKNOWN;
    if (try->result != SK_DESK_OK)
        return true;
    if (!sk_hold_event_list(keep, try->call->c->message->id, count_try, &tries, error))
        return false;
    if (is_too_often(&tries, try->now_us))
        try->result = SK_DESK_LATER;
    return try->result != SK_DESK_OK || note(keep, try, TRIED, error);
}

static bool
count(SkDeskCall *call, Try *try, GError **error)
{
    bool ok;

    g_mutex_lock(call->world->counting);
    ok = sk_db_transact(call->world->keep, begin_try, try, error);
    g_mutex_unlock(call->world->counting);
    return ok;
}

static bool
tell_admins(SkDb *keep, const Try *try, GError **error)
{
    SkNoticeOrder order = {.kind = SK_NOTICE_ASKED,
                           .message = try->copy->message,
                           .copy = try->copy->id,
                           .text = (char *)try->found};
    int64_t now = 0;

    return sk_db_now_us(keep, &now, error) && sk_engine_notice_add(keep, &order, now, error);
}

/* ---- what was opened ---- */

/* The passage again, as if nothing in it had been encrypted. Caller owns. */
static SkPassage *
open_passage(const SkClerkCase *c, const SkFindings *opened)
{
    SkPassage *passage = sk_passage_json_read(c->message->document, NULL);
    SkFindings *findings = sk_findings_new();

    for (size_t i = 0; i < sk_findings_count(passage->findings); i++) {
        const SkFinding *one = sk_findings_peek(passage->findings, i);

        if (sk_finding_id_below(one->id, "attach.encrypted"))
            continue;
        if (one->recipient != NULL)
            sk_findings_add_for(findings, one->id, one->recipient, one->subject, one->detail);
        else
            sk_findings_add(findings, one->id, one->part, one->subject, one->detail);
    }
    for (size_t i = 0; i < sk_findings_count(opened); i++) {
        const SkFinding *one = sk_findings_peek(opened, i);

        sk_findings_add(findings, one->id, one->part, one->subject, one->detail);
    }
    sk_findings_free(passage->findings);
    passage->findings = findings;
    return passage;
}

static SkPolicy *
fetch_policy(const SkDeskCall *call, int64_t now_us, GError **error)
{
    g_autofree char *today = sk_site_today(call->world->site, now_us);
    g_autoptr(GPtrArray) complaints =
        g_ptr_array_new_with_free_func((GDestroyNotify)sk_complaint_free);
    const SkPolicyReading reading = {.today = today, .complaints = complaints};
    SkPolicyInForce in_force = {0};

    if (!sk_policy_store_in_force(call->world->keep, &in_force, error))
        return NULL;
    return sk_engine_policy_fetch(call->world->keep, in_force.version, &reading, NULL, error);
}

/* Whether more is to be taken out than at receipt: this copy leaves whole. */
static bool
strips_more(const SkDecision *now, const SkDecision *then)
{
    bool more = now->strip_all && !then->strip_all;

    for (guint i = 0; !more && !then->strip_all && i < now->parts->len; i++)
        more = !g_ptr_array_find_with_equal_func(then->parts, now->parts->pdata[i], g_str_equal,
                                                 NULL);
    return more;
}

/* Why what was opened may not simply leave; NULL: it may. THEN: what was decided at receipt. */
static const char *
find_objection(const SkHeldCopy *copy, const SkPassage *passage, const SkDecision *then)
{
    const SkDecision *decision = sk_engine_hold_decision(passage, copy);
    unsigned known = copy->waits | SK_WAIT_TIME | SK_WAIT_PASSWORD;

    if (sk_findings_find(passage->findings, "malware.found", NULL) != NULL)
        return "malware.found";
    if (decision == NULL || decision->fate != SK_FATE_DELIVER)
        return decision != NULL && decision->finding != NULL ? decision->finding : "policy";
    if ((decision->waits & ~known) != 0 ||
        (decision->review == SK_REVIEW_ADMIN && copy->review != SK_REVIEW_ADMIN) ||
        then == NULL || strips_more(decision, then))
        return "policy";
    return NULL;
}

static bool
judge(const SkDeskCall *call, Try *try, const SkFindings *opened, GError **error)
{
    g_autoptr(SkPassage) passage = open_passage(call->c, opened);
    g_autoptr(SkPolicy) policy = fetch_policy(call, try->now_us, error);
    const char *found;

    if (policy == NULL)
        return false;
    for (guint i = 0; i < passage->recipients->len; i++) {
        SkPassageRecipient *recipient = passage->recipients->pdata[i];

        g_clear_pointer(&recipient->decision, sk_decision_free);
        g_clear_pointer(&recipient->observed, sk_decision_free);
    }
    sk_engine_decide(call->world->site, policy, try->now_us, passage);
    found = find_objection(try->copy, passage,
                           sk_engine_hold_decision(call->c->passage, try->copy));
    try->found = found != NULL ? g_intern_string(found) : NULL;
    return true;
}

/* ---- what comes of it ---- */

static bool
settle(SkDb *keep, void *data, GError **error)
{
    Try *try = data;
    const SkDeskCall *call = try->call;
    SkHoldOutcome outcome = SK_HOLD_DONE;

    try->now_us = 0;
    if (!note(keep, try, try->what, error))
        return false;
    if (try->found != NULL) {
        if (!sk_hold_refer(keep, try->copy->id, try->found, &outcome, error))
            return false;
        try->result = SK_DESK_ASKED;
        return outcome != SK_HOLD_DONE || tell_admins(keep, try, error);
    }
    if (strcmp(try->what, RIGHT) != 0)
        return true;
    if (!sk_hold_answer(keep, try->copy->id, SK_WAIT_PASSWORD, call->by, NULL, &outcome, error))
        return false;
    try->result = outcome == SK_HOLD_DONE       ? SK_DESK_OK
                  : outcome == SK_HOLD_TOO_LATE ? SK_DESK_TOO_LATE
                  : outcome == SK_HOLD_ENDED    ? SK_DESK_ENDED
                                                : SK_DESK_NOT_OPEN;
    return true;
}

/* What a worker died of is a finding as well: nobody has seen what is inside. */
static bool
weigh(const SkDeskCall *call,
      Try *try,
      SkEditOutcome outcome,
      const SkFindings *opened,
      GError **error)
{
    switch (outcome) {
    case SK_EDIT_DONE:
        try->what = RIGHT;
        return judge(call, try, opened, error);
    case SK_EDIT_FAILED:
        try->what = NOT_TRIED;
        try->found = "what is encrypted could not be inspected";
        return true;
    case SK_EDIT_WRONG_PASSWORD:
        try->what = "wrong";
        try->result = SK_DESK_WRONG;
        return true;
    case SK_EDIT_SEALED:
    case SK_EDIT_NO_SUCH_PART:
    case SK_EDIT_UNSUPPORTED:
        break;
    }
    try->what = NOT_TRIED;
    try->result = SK_DESK_REFUSED;
    sk_clerk_desk_say((SkDeskCall *)call, SK_DESK_REFUSED,
                      "passwords of this kind of file cannot be tried here");
    return true;
}

static bool
make_try(SkDeskCall *call, Try *try, GError **error)
{
    const SkDeskWorld *world = call->world;
    g_autoptr(SkFindings) opened = NULL;
    SkEditOutcome outcome = SK_EDIT_FAILED;
    sk_autofd int fd =
        world->hands->copy(world, call->c->message, "a password for held mail", error);

    return fd >= 0 &&
           world->hands->try_password(
               sk_settings_peek_text(world->settings, "inspector", "socket"), fd,
               call->question->text, &outcome, &opened, error) &&
           weigh(call, try, outcome, opened, error);
}

/* Our trouble is none of his tries. */
static void
take_back(SkDeskCall *call, Try *try)
{
    g_autoptr(GError) ignored = NULL;

    try->what = NOT_TRIED;
    try->found = NULL;
    if (!sk_db_transact(call->world->keep, settle, try, &ignored))
        sk_log_error(SK_LOG_WARNING, "a try that was none stays counted", ignored);
}

static bool
try_copy(SkDeskCall *call, Try *try, GError **error)
{
    if (!count(call, try, error))
        return false;
    call->answer->result = try->result;
    if (try->result == SK_DESK_LATER)
        sk_clerk_desk_say(call, SK_DESK_LATER, "too many wrong passwords");
    if (try->result != SK_DESK_OK)
        return true;
    if (!make_try(call, try, error)) {
        take_back(call, try);
        return false;
    }
    if (!sk_db_transact(call->world->keep, settle, try, error))
        return false;
    call->answer->result = try->result;
    return true;
}

/* The one that waits for a password; of several, which is rare, the first. */
static const SkHeldCopy *
choose_copy(const GPtrArray *copies)
{
    for (guint i = 0; i < copies->len; i++) {
        const SkHeldCopy *copy = copies->pdata[i];

        if (state_result(copy) == SK_DESK_OK)
            return copy;
    }
    return copies->pdata[0];
}

bool
sk_clerk_desk_password(SkDeskCall *call, GError **error)
{
    Try try = {.call = call, .copy = choose_copy(call->c->copies)};

    if (call->question->text == NULL || *call->question->text == '\0')
        return sk_clerk_desk_say(call, SK_DESK_REFUSED, "no password was given");
    if (call->c->message->blob == NULL || call->c->passage == NULL)
        return sk_clerk_desk_say(call, SK_DESK_ENDED, "its content is gone");
    return try_copy(call, &try, error);
}
