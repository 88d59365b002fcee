/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-tend.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clerk/clerk-case.h"
#include "clerk/clerk-duties.h"
#include "engine/engine-groups.h"
#include "engine/engine-hold.h"
#include "engine/engine-notice.h"
#include "engine/engine-site.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
/* When the sender of a mail that waits for his word is asked again. */
#define REMIND_FIRST  (10 * MINUTE)
#define REMIND_SECOND (60 * MINUTE)
/* A copy that is on its way may come back. */
#define LOOK_AGAIN MINUTE
/* One that nobody ends, which is none of ours to explain, is looked at daily. */
#define LOOK_RARELY (24 * 60 * MINUTE)

#define OF_PEOPLE (SK_WAIT_CONFIRM | SK_WAIT_APPROVAL | SK_WAIT_REVIEW | SK_WAIT_PASSWORD)

/* What was done about a copy; bits. */
enum {
    DID_REMIND = 1 << 0,
    DID_REMIND_AGAIN = 1 << 1,
    DID_ESCALATE = 1 << 2,
};

/* The payload: since when it waits so, until when, and what was done. */
typedef struct {
    int64_t since_us, expires_us;
    unsigned did;
} Stage;

typedef struct {
    const SkClerkWorld *world;
    const SkJob *job;
    SkClerkCase c;
    const SkHeldCopy *copy;
    Stage stage;
    int64_t now_us, next_us;
    int64_t reminded, escalated, ended; /* for the log */
} Tending;

bool
sk_clerk_worktime_read(const SkSettings *settings,
                       SkWorktime *ret_worktime,
                       GTimeZone **ret_zone,
                       GError **error)
{
    g_autoptr(SkSite) site = sk_site_new(settings, error);

    if (site == NULL ||
        !sk_worktime_parse(sk_settings_peek_list(settings, "hold", "work_days"),
                           sk_settings_peek_text(settings, "hold", "work_hours"), ret_worktime,
                           error))
        return false;
    *ret_zone = g_time_zone_ref(sk_site_peek_zone(site));
    return true;
}

/* One that is none, or is of another holding, begins now. */
static void
read_stage(Tending *t)
{
    const char *payload = t->job->payload != NULL ? t->job->payload : "";
    Stage stage = {0};

    if (sscanf(payload, "%" SCNd64 " %" SCNd64 " %u", &stage.since_us, &stage.expires_us,
               &stage.did) != 3 ||
        stage.expires_us != t->copy->expires_us)
        stage = (Stage){t->now_us, t->copy->expires_us, 0};
    t->stage = stage;
}

static bool
order(SkDb *keep,
      const Tending *t,
      SkNoticeKind kind,
      const char *who,
      const char *text,
      GError **error)
{
    SkNoticeOrder notice = {.kind = kind,
                            .message = t->c.message->id,
                            .copy = t->copy->id,
                            .who = (char *)who,
                            .text = (char *)text};

    return sk_engine_notice_add(keep, &notice, t->now_us, error);
}

static bool
record(SkDb *keep, const Tending *t, const char *what, const char *who, GError **error)
{
    SkHoldEvent event = {.at_us = t->now_us, .copy = t->copy->id, .what = what, .who = who};

    return sk_hold_event_add(keep, t->c.message->id, &event, error);
}

/* Whether something is due that was not done; if it is later, we come again then. */
static bool
is_due(Tending *t, unsigned did, int64_t at_us)
{
    if ((t->stage.did & did) != 0)
        return false;
    if (at_us > t->now_us) {
        t->next_us = MIN(t->next_us, at_us);
        return false;
    }
    t->stage.did |= did;
    return true;
}

/* After a down-time both are due: one notice is enough. */
static bool
remind(SkDb *keep, Tending *t, GError **error)
{
    bool first = is_due(t, DID_REMIND, t->stage.since_us + REMIND_FIRST);
    bool second = is_due(t, DID_REMIND_AGAIN, t->stage.since_us + REMIND_SECOND);

    if (!first && !second)
        return true;
    t->reminded++;
    return order(keep, t, SK_NOTICE_REMINDER, NULL, sk_wait_name(SK_WAIT_CONFIRM), error) &&
           record(keep, t, "reminded", t->c.message->owner, error);
}

static bool
ask_deputies(SkDb *keep, Tending *t, const SkHoldGroup *group, GError **error)
{
    const char *approval = sk_wait_name(SK_WAIT_APPROVAL);

    for (char **deputy = group->deputies; *deputy != NULL; deputy++) {
        if (sk_clerk_is_same(*deputy, t->c.message->owner))
            continue;
        t->escalated++;
        if (!order(keep, t, SK_NOTICE_REMINDER, *deputy, approval, error) ||
            !record(keep, t, "escalated", *deputy, error))
            return false;
    }
    return true;
}

typedef struct {
    const char *copy;
    GHashTable *groups;
} Approved;

static bool
find_approved(const SkHoldEvent *event, void *data)
{
    const Approved *approved = data;

    if (strcmp(event->what, SK_CLERK_APPROVED) == 0 && event->text != NULL &&
        g_strcmp0(event->copy, approved->copy) == 0)
        g_hash_table_add(approved->groups, g_strdup(event->text));
    return true;
}

/* The deputies of the groups that have not approved yet. */
static bool
escalate(SkDb *keep, Tending *t, GError **error)
{
    const SkDecision *decision =
        t->c.passage != NULL ? sk_engine_hold_decision(t->c.passage, t->copy) : NULL;
    g_autoptr(SkHoldGroups) groups = sk_engine_groups_load(t->world->settings, error);
    g_autoptr(GHashTable) done = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Approved approved = {t->copy->id, done};

    if (groups == NULL ||
        !sk_hold_event_list(keep, t->c.message->id, find_approved, &approved, error))
        return false;
    for (guint i = 0; decision != NULL && i < decision->approvers->len; i++) {
        const char *name = decision->approvers->pdata[i];
        const SkHoldGroup *group = sk_hold_groups_find(groups, name);

        if (group != NULL && !g_hash_table_contains(done, name) &&
            !ask_deputies(keep, t, group, error))
            return false;
    }
    return true;
}

static bool
tend_approval(SkDb *keep, Tending *t, GError **error)
{
    int64_t after_s = sk_settings_get_int(t->world->settings, "hold", "escalate_after");
    g_autoptr(GTimeZone) zone = NULL;
    SkWorktime worktime;

    if (!sk_clerk_worktime_read(t->world->settings, &worktime, &zone, error))
        return false;
    return !is_due(t, DID_ESCALATE,
                   sk_worktime_add_span(&worktime, zone, t->stage.since_us, after_s)) ||
           escalate(keep, t, error);
}

/* Nobody answered: back to its sender, if he is known; from outside it ends here, and those it
 * was for are told. Stopped or claimed in this moment: then it has not come to this. */
static bool
end(SkDb *keep, Tending *t, GError **error)
{
    bool back =
        t->copy->direction != SK_DIRECTION_INBOUND && sk_engine_may_return(t->c.message);
    SkCopyState state = back ? SK_COPY_RETURNED : SK_COPY_EXPIRED;
    SkHoldOutcome outcome = SK_HOLD_NOTHING;

    if (!sk_hold_end(keep, t->copy->id, state, "time", "nobody answered in time", &outcome,
                     error))
        return false;
    if (outcome != SK_HOLD_DONE)
        return true;
    t->ended++;
    return order(keep, t, back ? SK_NOTICE_RETURNED : SK_NOTICE_EXPIRED, NULL, NULL, error);
}

static bool
tend_waiting(SkDb *keep, Tending *t, GError **error)
{
    unsigned open = t->copy->open;

    read_stage(t);
    if (t->copy->expires_us != 0 && t->copy->expires_us <= t->now_us)
        return end(keep, t, error);
    if (t->copy->expires_us != 0)
        t->next_us = MIN(t->next_us, t->copy->expires_us);
    return ((open & SK_WAIT_CONFIRM) == 0 || remind(keep, t, error)) &&
           ((open & SK_WAIT_APPROVAL) == 0 || tend_approval(keep, t, error));
}

static bool
come_again(SkDb *keep, const Tending *t, GError **error)
{
    g_autofree char *payload = g_strdup_printf("%" PRId64 " %" PRId64 " %u", t->stage.since_us,
                                               t->stage.expires_us, t->stage.did);

    return sk_job_repeat(keep, t->job, payload, t->next_us, error);
}

static bool
tend(SkDb *keep, Tending *t, GError **error)
{
    if (sk_copy_state_is_end(t->copy->state))
        return sk_job_finish(keep, t->job, error);
    t->next_us = t->now_us + LOOK_RARELY;
    if (t->copy->state == SK_COPY_WAITING && (t->copy->open & OF_PEOPLE) != 0) {
        if (!tend_waiting(keep, t, error))
            return false;
    } else {
        read_stage(t);
        t->next_us = MAX(t->now_us, t->copy->due_us) + LOOK_AGAIN;
    }
    return t->ended > 0 ? sk_job_finish(keep, t->job, error) : come_again(keep, t, error);
}

static bool
tend_in_turn(SkDb *keep, void *data, GError **error)
{
    Tending *t = data;

    sk_clerk_case_clear(&t->c);
    t->reminded = t->escalated = t->ended = 0;
    if (!sk_job_hold(keep, t->job, error) || !sk_db_now_us(keep, &t->now_us, error) ||
        !sk_clerk_case_load(keep, t->job->id + strlen("tend-"), &t->c, error))
        return false;
    if (t->c.message == NULL || t->c.copies->len == 0)
        return sk_job_finish(keep, t->job, error);
    t->copy = t->c.copies->pdata[0];
    return tend(keep, t, error);
}

bool
sk_clerk_tend_step(const SkClerkWorld *world,
                   SkJob *job,
                   SkDutyState *ret_state,
                   GError **error)
{
    Tending t = {.world = world, .job = job};
    bool ok;

    *ret_state = SK_DUTY_DONE;
    if (!g_str_has_prefix(job->id, "tend-"))
        return true;
    ok = sk_db_transact(world->keep, tend_in_turn, &t, error);
    sk_clerk_case_clear(&t.c);
    if (!ok)
        return false;
    sk_clerk_tally_add(world->tally, "reminders", t.reminded);
    sk_clerk_tally_add(world->tally, "deputies asked", t.escalated);
    sk_clerk_tally_add(world->tally, "copies that nobody answered for", t.ended);
    *ret_state = SK_DUTY_GONE;
    return true;
}
