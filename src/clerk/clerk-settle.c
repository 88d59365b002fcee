/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-settle.h"

#include "base/error.h"
#include "base/log.h"
#include "blob/blob-store.h"
#include "engine/engine-notice.h"
#include "hold/hold-store.h"
#include "job/job-store.h"

#define TEND_JOB "hold.tend"

/* One of them. */
typedef struct {
    const SkClerkSent *sent;
    SkClerkPlan plan;
} Matter;

/* What the log calls each plan. */
static const char *
name_of(const SkClerkPlan *plan)
{
    if (plan->kind == SK_PLAN_FINISH)
        return plan->end == SK_COPY_SENT ? "released" : "not released, returned";
    if (plan->kind == SK_PLAN_AGAIN)
        return "not released, held again";
    return "not released, tried again later";
}

/* ---- in a transaction ---- */

static bool
order_notice(SkDb *keep,
             const Matter *m,
             SkNoticeKind kind,
             const char *text,
             int64_t now_us,
             GError **error)
{
    const SkNoticeOrder order = {.kind = kind,
                                 .message = m->sent->copy->message,
                                 .copy = m->sent->copy->id,
                                 .who = m->sent->message->owner,
                                 .text = (char *)text};

    return sk_engine_notice_add(keep, &order, now_us, error);
}

static bool
tell_owner(SkDb *keep, const Matter *m, int64_t now_us, GError **error)
{
    const SkClerkPlan *plan = &m->plan;

    if (plan->report != NULL &&
        !order_notice(keep, m, SK_NOTICE_REFUSED, plan->report, now_us, error))
        return false;
    return !plan->returned ||
           order_notice(keep, m, SK_NOTICE_RETURNED, plan->why, now_us, error);
}

bool
sk_clerk_drop_content(SkDb *keep, const char *message, GError **error)
{
    g_autofree char *blob = NULL;

    return sk_hold_drop_content(keep, message, &blob, error) &&
           (blob == NULL || sk_blob_store_remove(keep, blob, error));
}

static bool
finish(SkDb *keep, const Matter *m, GError **error)
{
    const SkHeldCopy *copy = m->sent->copy;
    /* A report on those who were refused quotes the header, and drops it then. */
    bool needed = m->plan.end != SK_COPY_SENT || m->plan.report != NULL;

    return sk_hold_finish(keep, copy, m->plan.end, NULL, m->plan.why, error) &&
           (needed || sk_clerk_drop_content(keep, copy->message, error));
}

static bool
hold_again(SkDb *keep, const Matter *m, int64_t now_us, GError **error)
{
    const SkHeldCopy *copy = m->sent->copy;
    const SkClerkPlan *plan = &m->plan;
    g_autofree char *job = g_strdup_printf("tend-%s", copy->id);

    return sk_hold_again(keep, copy, plan->left, plan->waits, plan->review,
                         now_us + plan->expire_us, plan->why, error) &&
           sk_job_add(keep, job, TEND_JOB, copy->id, now_us, error) &&
           sk_job_hasten(keep, job, now_us, error) &&
           order_notice(keep, m, SK_NOTICE_HELD, NULL, now_us, error);
}

static bool
try_later(SkDb *keep, const Matter *m, int64_t retry_us, GError **error)
{
    const SkHeldCopy *copy = m->sent->copy;
    const SkClerkPlan *plan = &m->plan;

    if (plan->gone)
        return sk_hold_doubt(keep, copy, retry_us, plan->why, error);
    return sk_hold_retry(keep, copy, plan->left, retry_us, plan->why, error);
}

static bool
carry_out(SkDb *keep, const Matter *m, int64_t now_us, GError **error)
{
    const SkHeldCopy *copy = m->sent->copy;
    const SkClerkPlan *plan = &m->plan;

    switch (plan->kind) {
    case SK_PLAN_GIVE_BACK:
        return sk_hold_give_back(keep, copy, error);
    case SK_PLAN_RETRY:
        return try_later(keep, m, now_us + plan->delay_us, error);
    case SK_PLAN_AGAIN:
        return hold_again(keep, m, now_us, error);
    default:
        return finish(keep, m, error);
    }
}

static bool
settle_one(SkDb *keep, const Matter *m, GError **error)
{
    int64_t now_us = 0;

    return sk_db_now_us(keep, &now_us, error) && carry_out(keep, m, now_us, error) &&
           tell_owner(keep, m, now_us, error);
}

static bool
settle_in_turn(SkDb *keep, void *data, GError **error)
{
    const GArray *matters = data;

    for (guint i = 0; i < matters->len; i++) {
        if (!settle_one(keep, &g_array_index(matters, Matter, i), error))
            return false;
    }
    return true;
}

static bool
settle_alone(SkDb *keep, void *data, GError **error)
{
    return settle_one(keep, data, error);
}

/* ---- and around it ---- */

static void
log_matter(const Matter *m)
{
    const SkClerkSent *sent = m->sent;
    g_autofree char *ms = g_strdup_printf("%" G_GINT64_FORMAT, sent->took_us / 1000);
    g_autofree char *recipients = g_strdup_printf("%u", sent->copy->recipients->len);
    bool well = m->plan.kind == SK_PLAN_FINISH && m->plan.end == SK_COPY_SENT;

    if (m->plan.kind == SK_PLAN_GIVE_BACK)
        return;
    sk_log(well ? SK_LOG_INFO : SK_LOG_WARNING, name_of(&m->plan), "copy", sent->copy->id,
           "recipients", recipients, "reply", well ? sent->answers[0].reply : m->plan.why, "ms",
           ms, NULL);
}

/* WHY it cannot be written: CONFLICT, the copy has another holder or the commit that was
 * uncertain did happen. */
static bool
settle_separately(SkDb *keep, GArray *matters, GError **error)
{
    for (guint i = matters->len; i-- > 0;) {
        Matter *m = &g_array_index(matters, Matter, i);
        g_autoptr(GError) trouble = NULL;

        if (sk_db_transact(keep, settle_alone, m, &trouble))
            continue;
        if (!g_error_matches(trouble, SK_ERROR, SK_ERROR_CONFLICT)) {
            g_propagate_error(error, g_steal_pointer(&trouble));
            return false;
        }
        sk_log(SK_LOG_WARNING, "copy was settled before, or its lease was lost", "copy",
               m->sent->copy->id, "error", trouble->message, NULL);
        g_array_remove_index(matters, i);
    }
    return true;
}

static void
clear_matter(void *data)
{
    sk_clerk_plan_clear(&((Matter *)data)->plan);
}

static GArray *
plan_all(const SkSettings *settings, const GPtrArray *sent)
{
    GArray *matters = g_array_new(FALSE, TRUE, sizeof(Matter));

    g_array_set_clear_func(matters, clear_matter);
    for (guint i = 0; i < sent->len; i++) {
        Matter m = {.sent = sent->pdata[i]};

        sk_clerk_plan(settings, m.sent, &m.plan);
        g_array_append_val(matters, m);
    }
    return matters;
}

bool
sk_clerk_settle(SkDb *keep,
                const SkSettings *settings,
                const GPtrArray *sent,
                unsigned *ret_gone,
                GError **error)
{
    g_autoptr(GArray) matters = plan_all(settings, sent);
    g_autoptr(GError) trouble = NULL;
    unsigned gone = 0;

    if (!sk_db_transact(keep, settle_in_turn, matters, &trouble)) {
        if (!g_error_matches(trouble, SK_ERROR, SK_ERROR_CONFLICT)) {
            g_propagate_error(error, g_steal_pointer(&trouble));
            return false;
        }
        if (!settle_separately(keep, matters, error))
            return false;
    }
    for (guint i = 0; i < matters->len; i++) {
        const Matter *m = &g_array_index(matters, Matter, i);

        log_matter(m);
        gone += m->plan.kind == SK_PLAN_FINISH && m->plan.end == SK_COPY_SENT;
    }
    *ret_gone = gone;
    return true;
}
