/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-postgres-testing.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "store/store-postgres.h"
#include "store/store-sqlite.h"

#define ROOT_OF_ALL "/usr/lib/postgresql"

static struct {
    char *folder; /* NULL: never started */
    GPid pid;     /* 0: does not run */
    int databases;
} server;

/* The folder of programs of the newest version, or NULL. Caller owns. */
static char *
find_programs(void)
{
    g_autoptr(GDir) list = g_dir_open(ROOT_OF_ALL, 0, NULL);
    const char *name;
    int64_t newest = 0;

    while (list != NULL && (name = g_dir_read_name(list)) != NULL) {
        g_autofree char *path = g_build_filename(ROOT_OF_ALL, name, "bin", "postgres", NULL);

        if (g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
            newest = MAX(newest, g_ascii_strtoll(name, NULL, 10));
    }
    return newest > 0 ? g_strdup_printf(ROOT_OF_ALL "/%d/bin", (int)newest) : NULL;
}

bool
sk_test_postgres_is_installed(void)
{
    g_autofree char *programs = find_programs();

    return programs != NULL;
}

bool
sk_test_postgres_or_skip(void)
{
    if (sk_test_postgres_is_installed())
        return true;
    g_test_skip("no PostgreSQL is installed in " ROOT_OF_ALL);
    return false;
}

static char *
in_folder(const char *name)
{
    return g_build_filename(server.folder, name, NULL);
}

/* PROGRAM with its arguments as the user who may run it, and not for longer than we live. */
static GStrv
command_new(const char *program, const char *const *args)
{
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    g_autofree char *programs = find_programs();
    g_autofree char *path = g_build_filename(programs, program, NULL);

    g_strv_builder_add_many(words, "/usr/bin/setpriv", "--pdeathsig", "QUIT", NULL);
    if (geteuid() == 0)
        g_strv_builder_add_many(words, "--reuid=postgres", "--regid=postgres", "--clear-groups",
                                NULL);
    g_strv_builder_add(words, path);
    g_strv_builder_addv(words, (const char **)args);
    return g_strv_builder_end(words);
}

static void
make_cluster(void)
{
    static const char hba[] = "local secret all scram-sha-256\nlocal all all trust\n";
    g_autofree char *data = in_folder("data");
    g_autofree char *hba_path = g_build_filename(data, "pg_hba.conf", NULL);
    const char *args[] = {"-D",        data,         "-U", "postgres", "-A", "trust",
                          "--no-sync", "--locale=C", "-E", "UTF8",     NULL};
    g_auto(GStrv) command = command_new("initdb", args);
    g_autofree char *said = NULL;
    int status = -1;

    g_assert_true(g_spawn_sync("/", command, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                               &said, &status, NULL));
    if (status != 0)
        g_test_message("initdb: %s", said);
    g_assert_cmpint(status, ==, 0);
    g_assert_true(g_file_set_contents(hba_path, hba, -1, NULL));
    g_assert_cmpint(g_chmod(hba_path, 0644), ==, 0);
}

static void
make_folder(void)
{
    const struct passwd *who = geteuid() == 0 ? getpwnam("postgres") : NULL;

    server.folder = g_dir_make_tmp("sekisho-pg-XXXXXX", NULL);
    g_assert_nonnull(server.folder);
    if (who != NULL)
        g_assert_cmpint(chown(server.folder, who->pw_uid, who->pw_gid), ==, 0);
    g_assert_cmpint(g_chmod(server.folder, 0755), ==, 0);
    make_cluster();
}

/* Without fsync: what a killed server has written the kernel has, and power is cut off by no
 * test. */
static void
spawn_server(void)
{
    g_autofree char *data = in_folder("data");
    const char *args[] = {"-D", data,
                          "-k", server.folder,
                          "-c", "listen_addresses=",
                          "-c", "shared_buffers=32MB",
                          "-c", "deadlock_timeout=100ms",
                          "-c", "fsync=off",
                          NULL};
    g_auto(GStrv) command = command_new("postgres", args);

    g_assert_true(g_spawn_async("/", command, NULL,
                                G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                                    G_SPAWN_STDERR_TO_DEV_NULL,
                                NULL, NULL, &server.pid, NULL));
}

/* After a kill, processes of the old server may still have its memory; then the new one ends
 * at once, and another is started. */
void
sk_test_postgres_start(void)
{
    g_autofree char *info = NULL;

    if (server.folder == NULL)
        make_folder();
    info = g_strdup_printf("host=%s dbname=postgres user=postgres", server.folder);
    spawn_server();
    for (int i = 0; PQping(info) != PQPING_OK; i++) {
        g_assert_cmpint(i, <, 6000);
        g_usleep(10000);
        if (waitpid(server.pid, NULL, WNOHANG) == server.pid)
            spawn_server();
    }
}

static void
end_with(int signal)
{
    g_assert_cmpint(server.pid, >, 0);
    g_assert_cmpint(kill(server.pid, signal), ==, 0);
    g_assert_cmpint(waitpid(server.pid, NULL, 0), ==, server.pid);
    server.pid = 0;
}

void
sk_test_postgres_stop(void)
{
    end_with(SIGINT);
}

void
sk_test_postgres_kill(void)
{
    end_with(SIGKILL);
}

static void
signal_all(int signal)
{
    g_autofree char *path =
        g_strdup_printf("/proc/%d/task/%d/children", server.pid, server.pid);
    g_autofree char *text = NULL;
    g_auto(GStrv) pids = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    pids = g_strsplit(g_strstrip(text), " ", -1);
    g_assert_cmpint(kill(server.pid, signal), ==, 0);
    for (char **pid = pids; *pid != NULL; pid++) {
        if (**pid != '\0')
            (void)kill((pid_t)g_ascii_strtoll(*pid, NULL, 10), signal);
    }
}

void
sk_test_postgres_freeze(void)
{
    signal_all(SIGSTOP);
}

void
sk_test_postgres_thaw(void)
{
    signal_all(SIGCONT);
}

static void
remove_tree(const char *path)
{
    g_autoptr(GDir) list = NULL;
    const char *name;

    if (g_remove(path) == 0)
        return;
    list = g_dir_open(path, 0, NULL);
    while (list != NULL && (name = g_dir_read_name(list)) != NULL) {
        g_autofree char *inner = g_build_filename(path, name, NULL);

        remove_tree(inner);
    }
    (void)g_remove(path);
}

int
sk_test_postgres_run_tests(void)
{
    int result = g_test_run();

    if (server.pid != 0)
        sk_test_postgres_stop();
    if (server.folder != NULL)
        remove_tree(server.folder);
    g_clear_pointer(&server.folder, g_free);
    return result;
}

const char *
sk_test_postgres_folder(void)
{
    return server.folder;
}

static char *
url_new(const char *role, const char *database)
{
    return g_strdup_printf("postgresql://%s@/%s?host=%s", role, database, server.folder);
}

void
sk_test_postgres_run(const char *url, const char *sql)
{
    PGconn *conn = PQconnectdb(url);
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        g_test_message("%s: %s", sql, PQerrorMessage(conn));
    g_assert_true(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
    PQclear(result);
    PQfinish(conn);
}

char *
sk_test_postgres_database(void)
{
    g_autofree char *name = NULL;
    g_autofree char *sql = NULL;
    g_autofree char *first = NULL;

    if (server.pid == 0)
        sk_test_postgres_start();
    name = g_strdup_printf("test%d", ++server.databases);
    /* Copied by the kernel: a fifth of the time that it takes through the log. */
    sql = g_strdup_printf("CREATE DATABASE %s STRATEGY FILE_COPY", name);
    first = url_new("postgres", "postgres");
    sk_test_postgres_run(first, sql);
    return url_new("postgres", name);
}

char *
sk_test_postgres_url_of(const char *url, const char *role)
{
    const char *rest = strchr(url, '@');

    g_assert_nonnull(rest);
    return g_strdup_printf("postgresql://%s%s", role, *role != '\0' ? rest : rest + 1);
}

char *
sk_test_place_new(SkTestEngine engine, const SkTestDir *dir, const char *name)
{
    return engine == SK_TEST_POSTGRES ? sk_test_postgres_database()
                                      : sk_test_dir_file(dir, name);
}

/* Of both without waiting for the disk: see spawn_server(). */
SkDb *
sk_test_place_open(const char *place, GError **error)
{
    SkPostgresOptions options = {.url = place, .program = "sekisho-test", .schema = "public"};

    if (!g_str_has_prefix(place, "postgresql:"))
        return sk_store_sqlite_open(place, SK_STORE_NORMAL, error);
    return sk_store_postgres_open(&options, error);
}

static void
skip(void)
{
    (void)sk_test_postgres_or_skip();
}

void
sk_test_add_both(const char *name,
                 const char *what,
                 size_t fixture_size,
                 SkTestFunc set_up,
                 SkTestFunc test,
                 SkTestFunc tear_down)
{
    static const SkTestEngine engines[] = {SK_TEST_SQLITE, SK_TEST_POSTGRES};
    g_autofree char *first = g_strdup_printf("/%s/%s", name, what);
    g_autofree char *second = g_strdup_printf("/%s/postgresql/%s", name, what);

    g_test_add_vtable(first, fixture_size, &engines[0], set_up, test, tear_down);
    if (sk_test_postgres_is_installed())
        g_test_add_vtable(second, fixture_size, &engines[1], set_up, test, tear_down);
    else
        g_test_add_func(second, skip);
}

SkStore *
sk_test_store_new(const char *url,
                  const char *password_dir,
                  const char *program,
                  const SkTables *const *tables,
                  GError **error)
{
    static const SkSettingSpec specs[] = {
        {"store", "store", SK_SETTING_TEXT, "", 0, 0, ""},
        {"store", "blobs", SK_SETTING_TEXT, "file:/nowhere", 0, 0, ""},
        {"store", "password_dir", SK_SETTING_TEXT, "", 0, 0, ""},
        {0},
    };
    static const SkSettingSpec *const all[] = {specs, NULL};
    g_autofree char *text = g_strdup_printf("[store]\nstore = %s\npassword_dir = %s\n", url,
                                            password_dir != NULL ? password_dir : "");
    g_autoptr(SkSettings) settings = sk_settings_parse("test", text, strlen(text), all, error);

    g_assert_nonnull(settings);
    return sk_store_new(settings, program, tables, error);
}
