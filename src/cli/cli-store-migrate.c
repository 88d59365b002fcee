/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-store-migrate.h"

#include <stdio.h>

#include "base/error.h"
#include "cli/cli-open.h"
#include "cli/cli.h"
#include "store/store-verify.h"

typedef struct {
    SkCliStore store;
    unsigned steps;
    bool dry; /* only says what would be done */
} Migration;

/* At once, so that it stands before the trouble of the next step. */
static void
on_step(const char *module, const SkMigration *step, void *data)
{
    Migration *m = data;

    printf("%s: %s %d, %s\n", module, m->dry ? "would take step" : "step", step->version,
           step->what);
    fflush(stdout);
    m->steps++;
}

static bool
take_steps(Migration *m, SkDatabase which, GError **error)
{
    g_autoptr(SkDb) db = sk_store_open_owner(m->store.store, which, on_step, m, error);

    if (db != NULL)
        return true;
    /* The advice would be what was just done. */
    return !g_error_matches(*error, SK_ERROR, SK_ERROR_NOT_FOUND) &&
           sk_cli_store_advise(&m->store, error);
}

static bool
foresee_module(Migration *m, SkDb *db, const SkTables *tables, GError **error)
{
    int known = sk_store_count_steps(tables->steps), version = 0;

    if (db != NULL && !sk_store_read_version(m->store.store, db, tables->name, &version, error))
        return sk_cli_store_advise(&m->store, error);
    /* Refuses in the words of a migration. */
    if (version > known)
        return sk_store_check(db, tables->name, tables->steps, error);
    for (int i = version; i < known; i++)
        on_step(tables->name, &tables->steps[i], m);
    return true;
}

static bool
foresee(Migration *m, SkDatabase which, GError **error)
{
    g_autoptr(GError) trouble = NULL;
    g_autoptr(SkDb) db = sk_cli_store_open(&m->store, which, SK_STORE_BARE, &trouble);

    if (db == NULL && !g_error_matches(trouble, SK_ERROR, SK_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&trouble));
        return false;
    }
    for (const SkTables *const *t = sk_store_peek_tables(m->store.store); *t != NULL; t++) {
        if ((*t)->database == which && !foresee_module(m, db, *t, error))
            return false;
    }
    return true;
}

static int
migrate_all(Migration *m)
{
    static const SkDatabase all[] = {SK_KEEP, SK_KNOW};
    g_autoptr(GError) error = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        if (!sk_cli_store_has(&m->store, all[i]))
            continue;
        if (!(m->dry ? foresee : take_steps)(m, all[i], &error))
            return sk_cli_fail_error(error);
    }
    if (m->steps == 0)
        puts("nothing to do: all tables are as this program knows them");
    return SK_EXIT_CLEAN;
}

int
sk_cli_store_migrate(int argc, char **argv)
{
    Migration m = {.steps = 0};
    g_auto(SkCliStore) store = {0};
    g_autofree char *config = NULL;
    gboolean dry = FALSE;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &config, "Configuration file", "FILE"},
        {"dry-run", 0, 0, G_OPTION_ARG_NONE, &dry, "Only say what would be done", NULL},
        {NULL},
    };
    g_autoptr(GError) error = NULL;

    if (!sk_cli_options(
            &argc, &argv, entries, "store migrate [OPTION…]",
            "Makes the tables, or brings them to what this version knows: each step "
            "whole or not at all."))
        return SK_EXIT_TROUBLE;
    if (argc > 1)
        return sk_cli_fail("store migrate takes no \"%s\"", argv[1]);
    if (!sk_cli_store_read(&store, config, dry ? SK_CLI_READER : SK_CLI_OWNER, &error))
        return sk_cli_fail_error(error);
    m.store = store;
    m.dry = dry;
    return migrate_all(&m);
}
