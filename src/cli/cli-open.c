/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-open.h"

#include "base/error.h"
#include "cli/cli.h"
#include "engine/engine-tables.h"

void
sk_cli_store_clear(SkCliStore *s)
{
    sk_store_free(s->store);
    sk_settings_free(s->settings);
}

bool
sk_cli_store_read(SkCliStore *s, const char *config, const char *program, GError **error)
{
    *s = (SkCliStore){0};
    s->settings = sk_cli_read_settings(config, error);
    if (s->settings == NULL)
        return false;
    s->store = sk_store_new(s->settings, program, sk_engine_tables, error);
    return s->store != NULL;
}

/* A server's own words say where to look; of files, who makes and who may read them. */
static const char *
advice_for(const SkCliStore *s, const GError *error)
{
    if (error->domain != SK_ERROR || sk_store_is_shared(s->store))
        return "";
    switch ((SkError)error->code) {
    case SK_ERROR_NOT_FOUND:
        return "no gate has run with this configuration, it makes the ledger (or `sekisho "
               "store migrate` does): ";
    case SK_ERROR_DENIED:
        return "only root and the user of the gate may use the store: ";
    case SK_ERROR_TIMEOUT:
        return "another program is writing for a long time, try again: ";
    default:
        return "";
    }
}

bool
sk_cli_store_advise(const SkCliStore *s, GError **error)
{
    g_prefix_error(error, "%s", advice_for(s, *error));
    return false;
}

SkDb *
sk_cli_store_open(const SkCliStore *s, SkDatabase which, SkStoreAccess access, GError **error)
{
    SkDb *db = sk_store_open(s->store, which, access, error);

    if (db == NULL)
        (void)sk_cli_store_advise(s, error);
    return db;
}

const char *
sk_cli_database_name(SkDatabase which)
{
    return which == SK_KEEP ? "keep" : "know";
}

bool
sk_cli_store_has(const SkCliStore *s, SkDatabase which)
{
    for (const SkTables *const *t = sk_store_peek_tables(s->store); *t != NULL; t++) {
        if ((*t)->database == which)
            return true;
    }
    return false;
}
