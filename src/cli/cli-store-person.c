/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-store-person.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "cli/cli-open.h"
#include "cli/cli-progress.h"
#include "cli/cli-words.h"
#include "cli/cli.h"
#include "mail/mail-person.h"
#include "store/store-verify.h"

/* Who has no login of his own in /proc/self/loginuid. */
#define NO_LOGIN "4294967295"

typedef struct {
    SkCliStore store;
    const char *address;
    const char *table; /* that is being gone through */
    SkProgress *progress;
    json_t *counts; /* of records or rows, by table */
    int64_t found;  /* in this table */
    int64_t all;
} Person;

static void
person_clear(Person *p)
{
    sk_progress_free(p->progress);
    json_decref(p->counts);
    sk_cli_store_clear(&p->store);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Person, person_clear)

static void
on_progress(int64_t done, int64_t total, void *data)
{
    Person *p = data;

    if (p->progress == NULL)
        p->progress = sk_progress_new("rows", (uint64_t)total);
    sk_progress_set(p->progress, (uint64_t)MIN(done, total));
}

static void
end_table(Person *p)
{
    g_clear_pointer(&p->progress, sk_progress_free);
    json_object_set_new(p->counts, p->table, json_integer(p->found));
    p->all += p->found;
}

/* Whoever asks in vain must know before he is asked, or waits. */
static bool
check_address(const char *address)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkMailPerson) person = sk_mail_person_new(address, &error);

    if (person == NULL)
        (void)sk_cli_fail_error(error);
    return person != NULL;
}

typedef bool (*TableFunc)(Person *p, SkDb *db, const SkPersonTables *tables, GError **error);

static bool
has_person(const Person *p, SkDatabase which)
{
    for (const SkTables *const *t = sk_store_peek_tables(p->store.store); *t != NULL; t++) {
        if ((*t)->database == which && (*t)->person != NULL)
            return true;
    }
    return false;
}

static bool
each_table(Person *p, SkDb *db, SkDatabase which, TableFunc func, GError **error)
{
    for (const SkTables *const *t = sk_store_peek_tables(p->store.store); *t != NULL; t++) {
        if ((*t)->database != which || (*t)->person == NULL)
            continue;
        p->table = (*t)->name;
        p->found = 0;
        if (!func(p, db, (*t)->person, error))
            return sk_cli_store_advise(&p->store, error);
        end_table(p);
    }
    return true;
}

/* The record is JSON already. A full disk ends it, and main() says so. */
static bool
on_record(const char *json, void *data)
{
    Person *p = data;

    if (p->progress != NULL)
        sk_progress_hide(p->progress);
    printf("{\"table\":\"%s\",\"record\":%s}\n", p->table, json);
    p->found++;
    return ferror(stdout) == 0;
}

static bool
export_table(Person *p, SkDb *db, const SkPersonTables *tables, GError **error)
{
    const SkPersonRequest request = {p->address, on_progress, p};

    return tables->export_to(db, &request, on_record, p, error);
}

static bool
export_all(Person *p, GError **error)
{
    static const SkDatabase all[] = {SK_KNOW, SK_KEEP};

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autoptr(SkDb) db = NULL;

        if (!has_person(p, all[i]))
            continue;
        db = sk_cli_store_open(&p->store, all[i], SK_STORE_READ, error);
        if (db == NULL || !each_table(p, db, all[i], export_table, error))
            return false;
    }
    return true;
}

static void
say_exported(const Person *p, bool as_json)
{
    g_autofree char *records = sk_cli_count(p->all, "records");
    json_t *summary;

    if (!as_json) {
        fprintf(stderr, "%s\n", records);
        return;
    }
    summary = json_pack("{s:s, s:O}", "person", p->address, "records", p->counts);
    json_dumpf(summary, stderr, JSON_COMPACT);
    fputc('\n', stderr);
    json_decref(summary);
}

int
sk_cli_store_export(int argc, char **argv)
{
    g_auto(Person) p = {.counts = json_object()};
    g_autofree char *config = NULL;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &config, "Configuration file", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "The summary as a document, too", NULL},
        {NULL},
    };
    g_autoptr(GError) error = NULL;

    if (!sk_cli_options(&argc, &argv, entries, "store export [OPTION…] PERSON",
                        "Prints everything that is kept about a person, named by address: one "
                        "document a line.\nWhat is about others is left out. A summary goes to "
                        "standard error."))
        return SK_EXIT_TROUBLE;
    if (argc != 2)
        return sk_cli_fail("store export takes one address");
    p.address = argv[1];
    if (!check_address(p.address))
        return SK_EXIT_TROUBLE;
    if (!sk_cli_store_read(&p.store, config, SK_CLI_READER, &error) || !export_all(&p, &error))
        return sk_cli_fail_error(error);
    say_exported(&p, json);
    return SK_EXIT_CLEAN;
}

/* Into the log of the machine, which the one who asks cannot take back, and where there is
 * none, as in a container, to standard error. The address would be what was to be forgotten. */
static void
log_erasure(const char *what, int64_t rows)
{
    g_autofree char *login = NULL, *uid = g_strdup_printf("%u", (unsigned)getuid());
    g_autofree char *n = rows >= 0 ? g_strdup_printf("%" PRId64, rows) : NULL;
    g_autoptr(GString) line = g_string_new(what);

    if (!g_file_get_contents("/proc/self/loginuid", &login, NULL, NULL) ||
        strcmp(g_strstrip(login), NO_LOGIN) == 0)
        g_clear_pointer(&login, g_free);
    sk_log_field(line, "uid", uid);
    sk_log_field(line, "login_uid", login);
    sk_log_field(line, "rows", n);
    syslog(LOG_MAIL | LOG_NOTICE, "%s", line->str);
    if (!isatty(STDERR_FILENO))
        sk_log(SK_LOG_INFO, what, "uid", uid, "login_uid", login, "rows", n, NULL);
}

static bool
erase_table(Person *p, SkDb *db, const SkPersonTables *tables, GError **error)
{
    const SkPersonRequest request = {p->address, on_progress, p};
    g_autofree char *rows = NULL;

    if (!tables->erase(db, &request, &p->found, error))
        return false;
    if (p->progress != NULL)
        sk_progress_hide(p->progress);
    rows = sk_cli_count(p->found, "rows");
    printf("%s: %s changed\n", p->table, rows);
    return true;
}

/* Even when nothing was changed: an earlier call may have been stopped. */
static bool
settle(Person *p, SkDb *db, SkDatabase which, GError **error)
{
    bool done;

    if (!sk_store_settle(p->store.store, db, &done, error))
        return sk_cli_store_advise(&p->store, error);
    if (!done)
        fprintf(stderr,
                "sekisho: somebody is reading, so the log of database %s still holds what was "
                "erased, until it is written anew; the same command once more empties it\n",
                sk_store_describe(p->store.store, which));
    return true;
}

static bool
erase_in(Person *p, SkDatabase which, GError **error)
{
    g_autoptr(SkDb) db = sk_cli_store_open(&p->store, which, SK_STORE_WRITE, error);

    return db != NULL && each_table(p, db, which, erase_table, error) &&
           settle(p, db, which, error);
}

/* Opening to write would make what is missing. */
static bool
check_store(Person *p, GError **error)
{
    for (SkDatabase which = SK_KEEP; which <= SK_KNOW; which++) {
        g_autoptr(SkDb) db = NULL;

        if (!has_person(p, which))
            continue;
        db = sk_cli_store_open(&p->store, which, SK_STORE_READ, error);
        if (db == NULL)
            return false;
    }
    return true;
}

static bool
erase_all(Person *p, GError **error)
{
    for (SkDatabase which = SK_KEEP; which <= SK_KNOW; which++) {
        if (has_person(p, which) && !erase_in(p, which, error))
            return false;
    }
    return true;
}

static bool
confirm(const Person *p)
{
    char answer[16] = "";

    if (!isatty(STDIN_FILENO)) {
        (void)sk_cli_fail("nobody is there to be asked; --yes says that it is meant");
        return false;
    }
    fprintf(stderr,
            "Take %s out of everything that is kept in %s? There is no way back. [yes/no] ",
            p->address, sk_store_describe(p->store.store, SK_KNOW));
    if (fgets(answer, sizeof answer, stdin) != NULL && strcmp(answer, "yes\n") == 0)
        return true;
    (void)sk_cli_fail("nothing was changed");
    return false;
}

static int
erase(Person *p, bool yes)
{
    g_autoptr(GError) error = NULL;

    if (!check_store(p, &error))
        return sk_cli_fail_error(error);
    if (!yes && !confirm(p))
        return SK_EXIT_TROUBLE;
    sk_log_open("sekisho", false);
    log_erasure("a person is to be erased", -1);
    if (!erase_all(p, &error)) {
        log_erasure("a person was not erased everywhere", p->all);
        g_prefix_error(&error, "%s",
                       "not everything was erased, do it again when the cause is removed: ");
        return sk_cli_fail_error(error);
    }
    log_erasure("a person was erased", p->all);
    if (p->all == 0)
        puts("Nothing was kept under this address.");
    puts("Copies of the store made before, and the mail log, still have the address.");
    return SK_EXIT_CLEAN;
}

int
sk_cli_store_erase(int argc, char **argv)
{
    g_auto(Person) p = {.counts = json_object()};
    g_autofree char *config = NULL;
    gboolean yes = FALSE;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &config, "Configuration file", "FILE"},
        {"yes", 0, 0, G_OPTION_ARG_NONE, &yes, "Do not ask", NULL},
        {NULL},
    };
    g_autoptr(GError) error = NULL;

    if (!sk_cli_options(
            &argc, &argv, entries, "store erase [OPTION…] PERSON",
            "Takes a person, named by address, out of everything that is kept. What "
            "was decided stays, without him."))
        return SK_EXIT_TROUBLE;
    if (argc != 2)
        return sk_cli_fail("store erase takes one address");
    p.address = argv[1];
    if (!check_address(p.address))
        return SK_EXIT_TROUBLE;
    if (!sk_cli_store_read(&p.store, config, SK_CLI_WRITER, &error))
        return sk_cli_fail_error(error);
    return erase(&p, yes);
}
