/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-postconf.h"

#include <sys/wait.h>

#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/text.h"
#include "cli/cli.h"

extern char **environ;

#define ANSWER_MAX 4096

/* Waits for PID; whether it ended well. */
static bool
reap(pid_t pid)
{
    int status = -1;

    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static size_t
read_answer(int fd, char *answer)
{
    size_t len = 0;
    ssize_t n;

    while (len < ANSWER_MAX && (n = read(fd, answer + len, ANSWER_MAX - len)) > 0)
        len += (size_t)n;
    return len;
}

/* What postconf says to ARGV, or NULL. */
static char *
ask(char **argv)
{
    g_autofree char *answer = g_malloc0(ANSWER_MAX + 1);
    posix_spawn_file_actions_t actions;
    int pipe_fds[2];
    pid_t pid = -1;
    int failed;

    if (pipe(pipe_fds) < 0)
        return NULL;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, pipe_fds[0]);
    /* Its reasons name files of Postfix without saying who asked. */
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    failed = posix_spawnp(&pid, "postconf", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_fds[1]);
    if (failed == 0)
        (void)read_answer(pipe_fds[0], answer);
    close(pipe_fds[0]);
    if (failed != 0 || !reap(pid))
        return NULL;
    return g_strdup(g_strstrip(answer));
}

char *
sk_cli_postconf(const char *parameter)
{
    char *argv[] = {(char *)"postconf", (char *)"-h", (char *)parameter, NULL};

    return ask(argv);
}

char *
sk_cli_postfix_milter(const char *endpoint, const char *queue)
{
    g_autofree char *root = g_strdup_printf("unix:%s/", queue);

    if (g_str_has_prefix(endpoint, root))
        return g_strdup_printf("unix:%s", endpoint + strlen(root));
    return g_strdup(endpoint);
}

/* Whether MILTERS, as Postfix has them, or a service of its master.cf, name the milter. */
static bool
names(const char *milters, const char *services, const char *milter)
{
    g_auto(GStrv) words = g_strsplit_set(milters, ", \t{}", -1);

    return g_strv_contains((const char *const *)words, milter) ||
           (services != NULL && strstr(services, milter) != NULL);
}

/* Settings of services that differ from main.cf: "submission/inet/smtpd_milters = …". */
static char *
ask_services(void)
{
    char *argv[] = {(char *)"postconf", (char *)"-P", (char *)"*/*/smtpd_milters", NULL};

    return ask(argv);
}

static void
check_milter(const SkSettings *settings,
             const char *origin,
             const char *milters,
             const char *services,
             const char *queue)
{
    const char *endpoint = sk_settings_peek_text(settings, "gate", origin);
    g_autofree char *milter = sk_cli_postfix_milter(endpoint, queue);

    if (*endpoint != '\0' && !names(milters, services, milter))
        fprintf(stderr,
                "warning: no smtpd_milters of Postfix names %s: no %s mail comes to the gate; "
                "`sekisho setup postfix --print` shows the lines\n",
                milter, origin);
}

void
sk_cli_postconf_check_milters(const SkSettings *settings)
{
    g_autofree char *milters = sk_cli_postconf("smtpd_milters");
    g_autofree char *action = sk_cli_postconf("milter_default_action");
    g_autofree char *queue = sk_cli_postconf("queue_directory");
    g_autofree char *services = ask_services();

    if (milters == NULL || queue == NULL)
        return;
    check_milter(settings, "inbound", milters, services, queue);
    check_milter(settings, "outbound", milters, services, queue);
    check_milter(settings, "release", milters, services, queue);
    if (g_strcmp0(action, "tempfail") != 0)
        fprintf(stderr,
                "warning: Postfix's milter_default_action is %s: while the gate does not "
                "answer, mail passes or is refused; it should be tempfail\n",
                action);
}

bool
sk_cli_postconf_check(uint64_t message_limit, bool quiet)
{
    g_autofree char *size = sk_cli_postconf("message_size_limit");
    int64_t theirs;

    if (size == NULL || !sk_text_to_int(size, 0, INT64_MAX, &theirs)) {
        if (!quiet)
            fputs("warning: postconf(1) does not say Postfix's message_size_limit (is Postfix "
                  "installed, and is there an /etc/postfix/main.cf?): not compared with "
                  "[gate] message_limit\n",
                  stderr);
        return true;
    }
    if (theirs > 0 && (uint64_t)theirs <= message_limit)
        return true;
    (void)sk_cli_fail(
        "Postfix takes messages of %s bytes (message_size_limit%s), the gate only "
        "%" PRIu64 " ([gate] message_limit): raise ours or lower Postfix's",
        size, theirs == 0 ? ", 0: any size" : "", message_limit);
    return false;
}
