/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-shared.h"

#include "base/log.h"
#include "engine/engine-blob-site.h"
#include "engine/engine-settings.h"
#include "engine/engine-tables.h"
#include "store/store-open.h"

struct SkGateShared {
    const SkSettings *settings;
    SkSite *site;
    char *hash_key; /* path */
    SkStore *store;
    SkGateKeep *keep;
    SkLedgerWriter *ledger;
    SkGatePolicy *policy;
};

/* Read for each batch: `sekisho key init` may make it later. Without it nothing is learned, and
 * mail waits as if nobody had ever answered anybody. */
static bool
read_hash_key(uint8_t ret_key[SK_LEDGER_HASH_KEY_LEN], void *data)
{
    SkGateShared *shared = data;

    return sk_engine_hash_key_read(shared->hash_key, ret_key, NULL);
}

/* For the ledger's writer, in its thread; and once at start, so that a ledger that cannot be
 * opened is said then and not in the middle of the night. */
static SkDb *
open_know(void *data, GError **error)
{
    SkGateShared *shared = data;

    return sk_store_open(shared->store, SK_KNOW, SK_STORE_WRITE, error);
}

static void
report_ledger(const GError *trouble, unsigned lost, void *data)
{
    g_autofree char *count = lost > 0 ? g_strdup_printf("%u", lost) : NULL;
    SkGateShared *shared = data;
    const char *where = sk_store_describe(shared->store, SK_KNOW);

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
        .open = open_know, .report = report_ledger, .hash_key = read_hash_key, .data = shared};
    g_autoptr(SkDb) know = open_know(shared, error);

    if (know == NULL)
        return false;
    shared->ledger = sk_ledger_writer_new(&options);
    return true;
}

static SkDb *
open_keep(void *data, GError **error)
{
    return sk_store_open(data, SK_KEEP, SK_STORE_WRITE, error);
}

static bool
start_policy(SkGateShared *shared, const SkSettings *settings, GError **error)
{
    const SkGatePolicyOptions options = {
        .site = shared->site,
        .file = sk_settings_peek_text(settings, "policy", "file"),
        .disabled_checks = sk_engine_settings_disabled(settings),
        .watched = !sk_store_is_shared(shared->store),
        .open = open_keep,
        .data = shared->store,
    };

    shared->policy = sk_gate_policy_new(&options, error);
    return shared->policy != NULL;
}

SkGateShared *
sk_gate_shared_new(const SkSettings *settings, GError **error)
{
    g_autoptr(SkGateShared) shared = g_new0(SkGateShared, 1);

    shared->settings = settings;
    shared->site = sk_site_new(settings, error);
    if (shared->site == NULL)
        return NULL;
    shared->hash_key = g_strdup(sk_settings_peek_text(settings, "store", "hash_key"));
    shared->store = sk_store_new(settings, "sekisho-gate", sk_engine_tables, error);
    if (shared->store == NULL || !start_policy(shared, settings, error) ||
        !start_ledger(shared, error))
        return NULL;
    shared->keep =
        sk_gate_keep_new(shared->store, sk_settings_peek_text(settings, "store", "hash_key"));
    return g_steal_pointer(&shared);
}

void
sk_gate_shared_free(SkGateShared *shared)
{
    if (shared == NULL)
        return;
    sk_gate_keep_free(shared->keep);
    sk_ledger_writer_free(shared->ledger);
    sk_gate_policy_free(shared->policy);
    sk_store_free(shared->store);
    sk_site_free(shared->site);
    g_free(shared->hash_key);
    g_free(shared);
}

const SkSettings *
sk_gate_shared_peek_settings(const SkGateShared *shared)
{
    return shared->settings;
}

SkGateKeep *
sk_gate_shared_peek_keep(const SkGateShared *shared)
{
    return shared->keep;
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

SkGatePolicy *
sk_gate_shared_peek_policy(const SkGateShared *shared)
{
    return shared->policy;
}
