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

char *
sk_cli_postconf(const char *parameter)
{
    char *argv[] = {(char *)"postconf", (char *)"-h", (char *)parameter, NULL};
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
