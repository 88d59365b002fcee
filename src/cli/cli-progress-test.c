/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* posix_openpt */
#include "cli/cli-progress.h"

#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What FUNC writes to a standard error that is a terminal, or a pipe. */
static char *
standard_error_of(void (*func)(void), bool terminal)
{
    char said[4096];
    int fds[2], old = dup(STDERR_FILENO);
    ssize_t n;

    if (terminal) {
        fds[0] = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
        g_assert_true(fds[0] >= 0 && grantpt(fds[0]) == 0 && unlockpt(fds[0]) == 0);
        fds[1] = open(ptsname(fds[0]), O_RDWR | O_NOCTTY);
    } else {
        g_assert_cmpint(pipe2(fds, O_NONBLOCK), ==, 0);
    }
    g_assert_cmpint(dup2(fds[1], STDERR_FILENO), ==, STDERR_FILENO);
    func();
    n = read(fds[0], said, sizeof said);
    g_assert_cmpint(dup2(old, STDERR_FILENO), ==, STDERR_FILENO);
    close(old);
    close(fds[0]);
    close(fds[1]);
    return g_strndup(said, n > 0 ? (size_t)n : 0);
}

static void
work_long(void)
{
    SkProgress *progress = sk_progress_new("messages", 200);

    sk_progress_set(progress, 1);
    g_usleep(1100 * 1000);
    sk_progress_set(progress, 100);
    /* Too soon after the last. */
    sk_progress_set(progress, 101);
    sk_progress_hide(progress);
    sk_progress_hide(progress);
    sk_progress_free(progress);
}

static void
work_shortly(void)
{
    SkProgress *progress = sk_progress_new("files", 0);

    sk_progress_set(progress, 0);
    sk_progress_free(progress);
}

static void
test_progress(void)
{
    g_autofree char *terminal = standard_error_of(work_long, true);
    g_autofree char *file = standard_error_of(work_long, false);
    g_autofree char *shortly = standard_error_of(work_shortly, true);

    g_assert_true(
        g_str_has_prefix(terminal, "\r[===============               ] 100/200 messages, "));
    g_assert_true(g_str_has_suffix(terminal, "/s \r\x1b[K"));
    g_assert_null(strstr(terminal, "101"));
    g_assert_cmpstr(file, ==, "");
    g_assert_cmpstr(shortly, ==, "");
    sk_progress_free(NULL);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/progress", test_progress);
    return g_test_run();
}
