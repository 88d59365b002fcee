/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-store-status.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "cli/cli-json.h"
#include "cli/cli-store-keep.h"
#include "cli/cli-words.h"
#include "cli/cli.h"
#include "ledger/passage-store.h"
#include "store/store-verify.h"

/* Rows that are counted exactly; beyond, counting takes longer than anybody waits. */
#define MAX_ROWS 1000000

void
sk_status_line(SkStatus *status, const char *label, const char *format, ...)
{
    va_list args;

    g_string_append_printf(status->text, "%-12s", label);
    va_start(args, format);
    g_string_append_vprintf(status->text, format, args);
    va_end(args);
    g_string_append_c(status->text, '\n');
}

void
sk_status_need(SkStatus *status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(status->needs, g_strdup_vprintf(format, args));
    va_end(args);
}

static void
status_init(SkStatus *status, const SkCliStore *store)
{
    *status = (SkStatus){.store = store,
                         .json = json_object(),
                         .text = g_string_new(NULL),
                         .needs = g_ptr_array_new_with_free_func(g_free),
                         .older = g_string_new(NULL)};
}

static void
status_clear(SkStatus *status)
{
    sk_db_close(status->db[SK_KEEP]);
    sk_db_close(status->db[SK_KNOW]);
    json_decref(status->json);
    g_string_free(status->text, TRUE);
    g_ptr_array_unref(status->needs);
    g_string_free(status->older, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkStatus, status_clear)

static bool
count_rows(SkDb *db, const SkCount *count, int64_t *ret_n, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, count->sql, error);
    bool row;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_int(stmt, 1, MAX_ROWS + 1);
    if (!sk_stmt_next(stmt, &row, error))
        return false;
    *ret_n = row ? sk_stmt_get_int(stmt, 0) : 0;
    return true;
}

/* ", 1234 passages, more than 1000000 jobs" and its document. */
static bool
add_counts(SkDb *db, const SkTables *tables, GString *line, json_t *rows, GError **error)
{
    for (const SkCount *count = tables->counts; count != NULL && count->sql != NULL; count++) {
        g_autofree char *said = NULL;
        bool exact;
        int64_t n;

        if (!count_rows(db, count, &n, error))
            return false;
        exact = n <= MAX_ROWS;
        n = MIN(n, MAX_ROWS);
        said = sk_cli_count(n, count->what);
        g_string_append_printf(line, ", %s%s", exact ? "" : "more than ", said);
        json_array_append_new(rows, json_pack("{s:s, s:I, s:b}", "what", count->what, "count",
                                              (json_int_t)n, "exact", (int)exact));
    }
    return true;
}

static void
complain_of_version(SkStatus *status, const SkTables *tables, int version, int known)
{
    if (version > known)
        sk_status_need(status,
                       "the tables of \"%s\" have version %d, this program knows %d: install "
                       "the newer program again",
                       tables->name, version, known);
    else
        g_string_append_printf(status->older, "%s%s", status->older->len > 0 ? ", " : "",
                               tables->name);
}

/* Once for all of them: one command does it. */
static void
complain_of_older(SkStatus *status)
{
    if (status->older->len > 0)
        sk_status_need(
            status,
            "tables that are missing, or of an older version (%s): `sekisho store "
            "migrate`%s makes them what this program needs",
            status->older->str,
            sk_store_is_shared(status->store->store) ? ", as the owner of the database," : "");
}

static bool
add_module(SkStatus *status,
           SkDb *db,
           const SkTables *tables,
           json_t *modules,
           bool *ret_current,
           GError **error)
{
    int known = sk_store_count_steps(tables->steps), version = 0;
    g_autoptr(GString) line = g_string_new(NULL);
    json_t *rows;

    if (!sk_store_read_version(status->store->store, db, tables->name, &version, error))
        return false;
    rows = json_array();
    json_array_append_new(modules, json_pack("{s:s, s:i, s:i, s:o}", "module", tables->name,
                                             "version", version, "known", known, "rows", rows));
    *ret_current = version == known;
    if (version > 0)
        g_string_printf(line, "tables of version %d", version);
    else
        g_string_assign(line, "no tables yet");
    if (version != known)
        complain_of_version(status, tables, version, known);
    else if (!add_counts(db, tables, line, rows, error))
        return false;
    sk_status_line(status, tables->name, "%s", line->str);
    return true;
}

static bool
add_modules(SkStatus *status,
            SkDb *db,
            SkDatabase which,
            json_t *modules,
            bool *ret_current,
            GError **error)
{
    const SkTables *const *all = sk_store_peek_tables(status->store->store);

    *ret_current = true;
    for (const SkTables *const *t = all; *t != NULL; t++) {
        bool current = true;

        if ((*t)->database == which && !add_module(status, db, *t, modules, &current, error))
            return false;
        *ret_current = *ret_current && current;
    }
    return true;
}

static json_t *
add_place(SkStatus *status, SkDatabase which)
{
    const char *where = sk_store_describe(status->store->store, which);
    int64_t size = sk_store_get_size(status->store->store, which);
    g_autofree char *shown = size >= 0 ? g_format_size((guint64)size) : NULL;
    json_t *place = json_pack("{s:s, s:s, s:o}", "database", sk_cli_database_name(which),
                              "where", where, "modules", json_array());

    if (size >= 0)
        json_object_set_new(place, "bytes", json_integer(size));
    sk_status_line(status, sk_cli_database_name(which), "%s%s%s", where,
                   shown != NULL ? ", " : "", shown != NULL ? shown : "");
    json_array_append_new(json_object_get(status->json, "databases"), place);
    return place;
}

/* One that is not there yet is trouble only when none is: RET_MISSING. */
static bool
add_database(SkStatus *status, SkDatabase which, GError **ret_missing, GError **error)
{
    g_autoptr(GError) trouble = NULL;
    g_autoptr(SkDb) db = sk_cli_store_open(status->store, which, SK_STORE_BARE, &trouble);
    bool current;

    if (db == NULL && !g_error_matches(trouble, SK_ERROR, SK_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&trouble));
        return false;
    }
    if (db == NULL) {
        sk_status_need(status, "database %s is not there yet: `sekisho store migrate` makes it",
                       sk_store_describe(status->store->store, which));
        g_clear_error(ret_missing);
        *ret_missing = g_steal_pointer(&trouble);
        return true;
    }
    if (!add_modules(status, db, which, json_object_get(add_place(status, which), "modules"),
                     &current, error))
        return sk_cli_store_advise(status->store, error);
    if (current)
        status->db[which] = g_steal_pointer(&db);
    return true;
}

static bool
add_databases(SkStatus *status, GError **error)
{
    static const SkDatabase all[] = {SK_KNOW, SK_KEEP};
    const char *engine = sk_store_is_shared(status->store->store) ? "postgresql" : "sqlite";
    g_autoptr(GError) missing = NULL;

    sk_status_line(status, "engine", "%s", engine);
    json_object_set_new(status->json, "engine", json_string(engine));
    json_object_set_new(status->json, "databases", json_array());
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        if (sk_cli_store_has(status->store, all[i]) &&
            !add_database(status, all[i], &missing, error))
            return false;
    }
    complain_of_older(status);
    if (json_array_size(json_object_get(status->json, "databases")) > 0 || missing == NULL)
        return true;
    g_propagate_error(error, g_steal_pointer(&missing));
    return false;
}

static bool
add_ledger(SkStatus *status, GError **error)
{
    g_autofree char *from = NULL, *to = NULL;
    int64_t oldest, newest;

    if (status->db[SK_KNOW] == NULL)
        return true;
    if (!sk_passage_store_span(status->db[SK_KNOW], &oldest, &newest, error))
        return false;
    if (newest == 0)
        return true;
    from = sk_cli_time(oldest);
    to = sk_cli_time(newest);
    sk_status_line(status, "passages", "%s to %s", from, to);
    json_object_set_new(status->json, "passages",
                        json_pack("{s:I, s:I}", "oldest_us", (json_int_t)oldest, "newest_us",
                                  (json_int_t)newest));
    return true;
}

static bool
add_retention(SkStatus *status, GError **error)
{
    const SkSettings *settings = status->store->settings;
    g_autoptr(GString) line = g_string_new(NULL);
    json_t *list = json_array();

    (void)error;
    json_object_set_new(status->json, "retention", list);
    for (const SkTables *const *t = sk_store_peek_tables(status->store->store); *t != NULL;
         t++) {
        for (const SkRetention *r = (*t)->retention; r != NULL && r->what != NULL; r++) {
            g_string_append_printf(line, "%s%s: %s", line->len > 0 ? ", " : "", r->what,
                                   sk_settings_peek_text(settings, "retention", r->setting));
            json_array_append_new(
                list,
                json_pack("{s:s, s:s, s:I}", "setting", r->setting, "what", r->what, "seconds",
                          (json_int_t)sk_settings_get_int(settings, "retention", r->setting)));
        }
    }
    sk_status_line(status, "kept for", "%s", line->str);
    return true;
}

/* What is said beside the databases, a line each. */
static bool (*const parts[])(SkStatus *status, GError **error) = {
    add_ledger, sk_status_add_blobs, sk_status_add_jobs, sk_status_add_key, add_retention,
};

static void
say(const SkStatus *status, bool as_json)
{
    json_t *needs = json_array();

    for (guint i = 0; i < status->needs->len; i++)
        json_array_append_new(needs, json_string(status->needs->pdata[i]));
    json_object_set_new(status->json, "needs", needs);
    if (as_json) {
        sk_cli_print_json(json_incref(status->json));
        return;
    }
    fputs(status->text->str, stdout);
    for (guint i = 0; i < status->needs->len; i++)
        printf("needs you:  %s\n", (const char *)status->needs->pdata[i]);
}

static int
look(const SkCliStore *store, bool as_json, GError **error)
{
    g_auto(SkStatus) status;

    status_init(&status, store);
    if (!add_databases(&status, error))
        return SK_EXIT_TROUBLE;
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (!parts[i](&status, error)) {
            (void)sk_cli_store_advise(store, error);
            return SK_EXIT_TROUBLE;
        }
    }
    say(&status, as_json);
    return status.needs->len > 0 ? SK_EXIT_FOUND : SK_EXIT_CLEAN;
}

int
sk_cli_store_status(int argc, char **argv)
{
    g_auto(SkCliStore) store = {0};
    g_autofree char *config = NULL;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &config, "Configuration file", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "One document", NULL},
        {NULL},
    };
    g_autoptr(GError) error = NULL;
    int status;

    if (!sk_cli_options(&argc, &argv, entries, "store status [OPTION…]",
                        "Says where everything is kept, how much it is, how long it is kept, "
                        "and what needs somebody.\nExit status: 0 all is well, 1 something "
                        "needs you, 2 trouble."))
        return SK_EXIT_TROUBLE;
    if (argc > 1)
        return sk_cli_fail("store status takes no \"%s\"", argv[1]);
    if (!sk_cli_store_read(&store, config, SK_CLI_READER, &error))
        return sk_cli_fail_error(error);
    status = look(&store, json, &error);
    return error != NULL ? sk_cli_fail_error(error) : status;
}
