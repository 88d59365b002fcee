/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-dump.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/text.h"
#include "store/store-postgres-private.h"

/* Bytes of what a program says that are shown. */
#define WORDS_MAX 1000

static const char SQL_SCHEMAS[] = "SELECT nspname FROM pg_catalog.pg_namespace"
                                  " WHERE nspname = 'keep' OR nspname = 'know'";

extern char **environ;

/* The owner's connection: it says in clear words what is wrong before a program is started, and
 * knows role and password. */
static SkDb *
open_owner(const SkDumpServer *server, GError **error)
{
    const SkPostgresOptions options = {
        .url = server->url,
        .program = "sekisho store",
        .schema = "pg_catalog",
        .password_dir = server->password_dir,
        .owner = true,
        .read_only = true,
    };

    return sk_store_postgres_open(&options, error);
}

typedef struct {
    const char *const *argv;
    const char *password; /* or NULL */
    int in, out;          /* its standard input and output */
} Child;

static char **
environment_of(const Child *child)
{
    char **copy = g_strdupv(environ);

    if (child->password != NULL && *child->password != '\0')
        copy = g_environ_setenv(copy, "PGPASSWORD", child->password, TRUE);
    return copy;
}

static int
spawn(const Child *child, int words, pid_t *ret_pid)
{
    g_auto(GStrv) env = environment_of(child);
    posix_spawn_file_actions_t actions;
    int failed;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, child->in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, child->out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, words, STDERR_FILENO);
    failed =
        posix_spawnp(ret_pid, child->argv[0], &actions, NULL, (char *const *)child->argv, env);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* All that comes until the child ends; the first part of it is kept. */
static char *
read_words(int fd)
{
    char kept[WORDS_MAX], more[4096];
    size_t len = 0;
    ssize_t n;

    while ((n = read(fd, more, sizeof more)) > 0 || (n < 0 && errno == EINTR)) {
        size_t room = sizeof kept - len, part = MIN(room, (size_t)MAX(n, 0));

        memcpy(kept + len, more, part);
        len += part;
    }
    while (len > 0 && kept[len - 1] == '\n')
        len--;
    for (size_t i = 0; i < len; i++)
        kept[i] = kept[i] == '\n' ? ' ' : kept[i];
    return sk_text_safe(sk_bytes(kept, len), WORDS_MAX);
}

static int
reap(pid_t pid)
{
    int status = -1;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

static bool
run(const Child *child, GError **error)
{
    sk_autofd int out = -1, in = -1;
    g_autofree char *words = NULL;
    pid_t pid = -1;
    int fds[2], failed, status;

    if (pipe(fds) != 0)
        return sk_error_set_errno(error, errno, "cannot start %s", child->argv[0]);
    out = fds[0];
    in = fds[1];
    failed = fcntl(out, F_SETFD, FD_CLOEXEC) != 0 ? errno : spawn(child, in, &pid);
    sk_fd_clear(&in);
    if (failed != 0)
        return sk_error_set_errno(error, failed,
                                  "cannot start %s, of Debian's package postgresql-client: is "
                                  "it installed?",
                                  child->argv[0]);
    words = read_words(out);
    status = reap(pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_IO, "%s failed: %s", child->argv[0],
                *words != '\0' ? words : "it did not say why");
    return false;
}

/* ARGV with where to connect, and as whom, at its places. */
static bool
run_for(const SkDumpServer *server, const char **argv, int in, int out, GError **error)
{
    g_autoptr(SkDb) db = open_owner(server, error);
    const PGconn *conn = db != NULL ? ((SkPostgresDb *)db)->conn : NULL;
    g_autofree char *url = g_strdup_printf("--dbname=%s", server->url);
    g_autofree char *user = NULL;

    if (db == NULL)
        return false;
    user = g_strdup_printf("--username=%s", PQuser(conn));
    argv[1] = url;
    argv[2] = user;
    return run(&(Child){argv, PQpass(conn), in, out}, error);
}

bool
sk_store_dump(const SkDumpServer *server, const char *to, SkFileSum *ret_sum, GError **error)
{
    const char *argv[] = {"pg_dump",
                          "",
                          "",
                          "--no-password",
                          "--format=c",
                          "--schema=keep",
                          "--schema=know",
                          "--no-owner",
                          "--no-privileges",
                          NULL};
    g_autoptr(SkFileOut) out = sk_file_out_new(to, error);
    sk_autofd int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    SkFileSum empty;

    if (out == NULL || !run_for(server, argv, nothing, sk_file_out_get_fd(out), error))
        return false;
    /* The child wrote it, so the sum that OUT made is of nothing. */
    if (sk_file_sum(to, NULL, NULL, ret_sum, error) && sk_file_out_finish(out, &empty, error))
        return true;
    return false;
}

bool
sk_store_dump_check_free(const SkDumpServer *server, GError **error)
{
    g_autoptr(SkDb) db = open_owner(server, error);
    g_autoptr(SkStmt) stmt = NULL;
    bool row;

    if (db != NULL)
        stmt = sk_db_prepare(db, SQL_SCHEMAS, error);
    if (stmt == NULL || !sk_stmt_next(stmt, &row, error))
        return false;
    if (!row)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT,
                "database %s has the schema %s already, and nothing is restored over one: name "
                "a new, empty database in [store] store",
                server->url, sk_stmt_peek_text(stmt, 0));
    return false;
}

bool
sk_store_dump_restore(const SkDumpServer *server, const char *from, GError **error)
{
    const char *argv[] = {"pg_restore",
                          "",
                          "",
                          "--no-password",
                          "--exit-on-error",
                          "--no-owner",
                          "--no-privileges",
                          "--single-transaction",
                          NULL};
    sk_autofd int in = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    sk_autofd int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);

    if (in < 0)
        return sk_error_set_errno(error, errno, "cannot read %s", from);
    return run_for(server, argv, in, nothing, error);
}
