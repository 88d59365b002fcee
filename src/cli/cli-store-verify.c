/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-store-verify.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/cli-json.h"
#include "cli/cli-store-blobs.h"
#include "cli/cli-words.h"
#include "cli/cli.h"
#include "ledger/passage-store.h"
#include "store/store-verify.h"

/* Bytes of one line about a trouble. */
#define LINE_MAX_BYTES 1000

static void
verify_clear(SkVerify *verify)
{
    sk_progress_free(verify->progress);
    sk_db_close(verify->db[SK_KEEP]);
    sk_db_close(verify->db[SK_KNOW]);
    json_decref(verify->checked);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkVerify, verify_clear)

static char *
safe_dup(const char *text)
{
    return sk_text_safe(sk_bytes(text, strlen(text)), LINE_MAX_BYTES);
}

void
sk_verify_trouble(SkVerify *verify, const char *what, const char *trouble)
{
    g_autofree char *safe_what = what != NULL ? safe_dup(what) : NULL;
    g_autofree char *safe = safe_dup(trouble);

    verify->troubles++;
    if (verify->progress != NULL)
        sk_progress_hide(verify->progress);
    if (verify->as_json)
        sk_cli_print_json(json_pack("{s:s, s:s*, s:s}", "where", verify->where, "what",
                                    safe_what, "trouble", safe));
    else
        printf("%s: %s%s%s\n", verify->where, safe_what != NULL ? safe_what : "",
               safe_what != NULL ? ": " : "", safe);
}

void
sk_verify_progress(SkVerify *verify, const char *what, uint64_t done, uint64_t total)
{
    if (verify->progress == NULL)
        verify->progress = sk_progress_new(what, total);
    sk_progress_set(verify->progress, MIN(done, total));
}

void
sk_verify_checked(SkVerify *verify, const char *what, int64_t n)
{
    g_clear_pointer(&verify->progress, sk_progress_free);
    json_object_set_new(verify->checked, what, json_integer(n));
}

static void
on_damage(const char *trouble, void *data)
{
    sk_verify_trouble(data, NULL, trouble);
}

static bool
check_versions(SkVerify *verify, SkDb *db, SkDatabase which, bool *ret_current, GError **error)
{
    const SkStore *store = verify->store->store;

    *ret_current = true;
    for (const SkTables *const *t = sk_store_peek_tables(store); *t != NULL; t++) {
        int known = sk_store_count_steps((*t)->steps), version;
        g_autofree char *trouble = NULL;

        if ((*t)->database != which)
            continue;
        if (!sk_store_read_version(store, db, (*t)->name, &version, error))
            return false;
        if (version == known)
            continue;
        *ret_current = false;
        trouble = g_strdup_printf("the tables have version %d, this program knows %d%s",
                                  version, known,
                                  version < known ? "; run `sekisho store migrate` as the "
                                                    "owner of the database"
                                                  : "");
        sk_verify_trouble(verify, (*t)->name, trouble);
    }
    return true;
}

/* One of several that is not there yet is nothing to be verified; RET_MISSING. */
static bool
check_database(SkVerify *verify, SkDatabase which, GError **ret_missing, GError **error)
{
    g_autoptr(GError) trouble = NULL;
    g_autoptr(SkDb) db = sk_cli_store_open(verify->store, which, SK_STORE_BARE, &trouble);
    uint64_t before = verify->troubles;
    bool current = false;

    if (db == NULL && g_error_matches(trouble, SK_ERROR, SK_ERROR_NOT_FOUND)) {
        g_clear_error(ret_missing);
        *ret_missing = g_steal_pointer(&trouble);
        return true;
    }
    if (db == NULL) {
        g_propagate_error(error, g_steal_pointer(&trouble));
        return false;
    }
    verify->where = sk_cli_database_name(which);
    sk_verify_checked(verify, verify->where, 1);
    if (!sk_store_verify(verify->store->store, db, on_damage, verify, error))
        return sk_cli_store_advise(verify->store, error);
    /* The rows of a damaged file say nothing that would not have been said. */
    if (verify->troubles > before)
        return true;
    if (!check_versions(verify, db, which, &current, error))
        return sk_cli_store_advise(verify->store, error);
    if (current)
        verify->db[which] = g_steal_pointer(&db);
    return true;
}

static bool
check_databases(SkVerify *verify, GError **error)
{
    static const SkDatabase all[] = {SK_KNOW, SK_KEEP};
    g_autoptr(GError) missing = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        if (sk_cli_store_has(verify->store, all[i]) &&
            !check_database(verify, all[i], &missing, error))
            return false;
    }
    if (json_object_size(verify->checked) > 0 || missing == NULL)
        return true;
    g_propagate_error(error, g_steal_pointer(&missing));
    return false;
}

static void
on_passage(const char *id, const char *what, void *data)
{
    g_autofree char *passage = g_strdup_printf("passage %s", id);

    sk_verify_trouble(data, passage, what);
}

static void
on_passages(int64_t done, int64_t total, void *data)
{
    sk_verify_progress(data, "passages", (uint64_t)done, (uint64_t)total);
}

static bool
check_passages(SkVerify *verify, GError **error)
{
    const SkPassageWatcher watcher = {on_passage, on_passages, verify};
    int64_t n;

    if (verify->db[SK_KNOW] == NULL)
        return true;
    verify->where = "ledger";
    if (!sk_passage_store_verify(verify->db[SK_KNOW], &watcher, &n, error))
        return false;
    sk_verify_checked(verify, "passages", n);
    return true;
}

/* What is looked at in the databases, and beside them. */
static bool (*const parts[])(SkVerify *verify, GError **error) = {
    check_passages,
    sk_verify_blobs,
};

static void
say_count(int64_t n, const char *name)
{
    g_autofree char *count =
        sk_cli_count(n, strcmp(name, "blobs") == 0 ? "stored files" : name);

    printf(" %s,", count);
}

static void
say_sums(const SkVerify *verify)
{
    g_autofree char *troubles = sk_cli_count((int64_t)verify->troubles, "troubles");
    const char *name;
    json_t *n;

    if (verify->as_json) {
        sk_cli_print_json(json_pack("{s:O, s:I}", "checked", verify->checked, "troubles",
                                    (json_int_t)verify->troubles));
        return;
    }
    fputs("checked:", stdout);
    json_object_foreach(verify->checked, name, n)
    {
        if (strcmp(name, "keep") == 0 || strcmp(name, "know") == 0)
            printf(" database %s,", name);
        else
            say_count(json_integer_value(n), name);
    }
    if (verify->troubles == 0)
        puts(" all well");
    else
        printf(" %s\n", troubles);
}

static int
verify_all(const SkCliStore *store, bool as_json, GError **error)
{
    g_auto(SkVerify) verify = {.store = store, .as_json = as_json, .checked = json_object()};

    if (!check_databases(&verify, error))
        return SK_EXIT_TROUBLE;
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (!parts[i](&verify, error)) {
            (void)sk_cli_store_advise(store, error);
            return SK_EXIT_TROUBLE;
        }
    }
    say_sums(&verify);
    return verify.troubles > 0 ? SK_EXIT_FOUND : SK_EXIT_CLEAN;
}

int
sk_cli_store_verify(int argc, char **argv)
{
    g_auto(SkCliStore) store = {0};
    g_autofree char *config = NULL;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &config, "Configuration file", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "One document a trouble, then the sums", NULL},
        {NULL},
    };
    g_autoptr(GError) error = NULL;
    int status;

    if (!sk_cli_options(&argc, &argv, entries, "store verify [OPTION…]",
                        "Reads everything that is kept and says what is damaged. Changes "
                        "nothing.\nExit status: 0 all is well, 1 something is damaged, 2 "
                        "trouble."))
        return SK_EXIT_TROUBLE;
    if (argc > 1)
        return sk_cli_fail("store verify takes no \"%s\"", argv[1]);
    if (!sk_cli_store_read(&store, config, SK_CLI_READER, &error))
        return sk_cli_fail_error(error);
    status = verify_all(&store, json, &error);
    return error != NULL ? sk_cli_fail_error(error) : status;
}
