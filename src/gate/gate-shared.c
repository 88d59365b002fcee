/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-shared.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/engine-policy.h"
#include "engine/engine-tables.h"
#include "store/store-open.h"

struct SkGateShared {
    SkSite *site;
    char *policy_file;
    SkStore *store;
    SkLedgerWriter *ledger;
    GMutex lock; /* guards policy */
    SkPolicy *policy;
};

/* What is said of a rule that is only observed is for whoever turns it on, not for the log of
 * every start: `policy check` shows it. */
static void
log_complaint(const SkComplaint *complaint)
{
    g_autofree char *where =
        g_strdup_printf("%s:%u:%u", complaint->file, complaint->line, complaint->column);
    SkLogLevel level = complaint->observed ? SK_LOG_DEBUG : SK_LOG_WARNING;

    if (complaint->grade == SK_COMPLAINT_ERROR)
        level = SK_LOG_CRITICAL;
    sk_log(level, "policy", "at", where, "problem", complaint->message, NULL);
}

static SkPolicy *
read_policy(const char *path, const SkSite *site, GError **error)
{
    g_autofree char *today = sk_site_today(site, sk_clock_now_us(sk_clock_real()));
    g_autoptr(GPtrArray) complaints =
        g_ptr_array_new_with_free_func((GDestroyNotify)sk_complaint_free);
    SkPolicy *policy = sk_engine_policy_read(path, today, complaints, error);

    for (guint i = 0; i < complaints->len; i++)
        log_complaint(complaints->pdata[i]);
    return policy;
}

/* For the ledger's writer, in its thread; and once at start, so that a ledger that cannot be
 * opened is said then and not in the middle of the night. */
static SkDb *
open_know(void *data, GError **error)
{
    return sk_store_open(data, SK_KNOW, SK_STORE_WRITE, error);
}

static void
report_ledger(const GError *trouble, unsigned lost, void *data)
{
    g_autofree char *count = lost > 0 ? g_strdup_printf("%u", lost) : NULL;
    const char *where = sk_store_describe(data, SK_KNOW);

    if (trouble != NULL)
        sk_log(SK_LOG_CRITICAL,
               "ledger cannot be written, mail is deferred when its queue is full", "where",
               where, "error", trouble->message, "lost", count, NULL);
    else
        sk_log(SK_LOG_INFO, "ledger works again", "where", where, "lost", count, NULL);
}

static bool
start_ledger(SkGateShared *shared, GError **error)
{
    SkLedgerOptions options = {
        .open = open_know, .report = report_ledger, .data = shared->store};
    g_autoptr(SkDb) know = open_know(shared->store, error);

    if (know == NULL)
        return false;
    shared->ledger = sk_ledger_writer_new(&options);
    return true;
}

SkGateShared *
sk_gate_shared_new(const SkSettings *settings, GError **error)
{
    g_autoptr(SkGateShared) shared = g_new0(SkGateShared, 1);

    g_mutex_init(&shared->lock);
    shared->policy_file = g_strdup(sk_settings_peek_text(settings, "policy", "file"));
    shared->site = sk_site_new(settings, error);
    if (shared->site == NULL)
        return NULL;
    shared->policy = read_policy(shared->policy_file, shared->site, error);
    if (shared->policy == NULL)
        return NULL;
    shared->store = sk_store_new(settings, "sekisho-gate", sk_engine_tables, error);
    if (shared->store == NULL || !start_ledger(shared, error))
        return NULL;
    return g_steal_pointer(&shared);
}

void
sk_gate_shared_free(SkGateShared *shared)
{
    if (shared == NULL)
        return;
    sk_ledger_writer_free(shared->ledger);
    sk_store_free(shared->store);
    g_clear_pointer(&shared->policy, sk_policy_unref);
    sk_site_free(shared->site);
    g_free(shared->policy_file);
    g_mutex_clear(&shared->lock);
    g_free(shared);
}

const SkSite *
sk_gate_shared_peek_site(const SkGateShared *shared)
{
    return shared->site;
}

SkLedgerWriter *
sk_gate_shared_peek_ledger(const SkGateShared *shared)
{
    return shared->ledger;
}

SkPolicy *
sk_gate_shared_ref_policy(SkGateShared *shared)
{
    SkPolicy *policy;

    g_mutex_lock(&shared->lock);
    policy = sk_policy_ref(shared->policy);
    g_mutex_unlock(&shared->lock);
    return policy;
}

void
sk_gate_shared_reload(SkGateShared *shared)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkPolicy) fresh = read_policy(shared->policy_file, shared->site, &error);
    SkPolicy *old;

    if (fresh == NULL) {
        sk_log_error(SK_LOG_CRITICAL, "policy not loaded, the old one stays in force", error);
        return;
    }
    g_mutex_lock(&shared->lock);
    old = shared->policy;
    shared->policy = g_steal_pointer(&fresh);
    g_mutex_unlock(&shared->lock);
    sk_policy_unref(old);
    sk_log(SK_LOG_INFO, "policy loaded", "file", shared->policy_file, NULL);
}
