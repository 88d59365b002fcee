/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-hold-content.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/autofree.h"
#include "cli/cli-hold-ask.h"
#include "cli/cli.h"

static bool
write_all(int fd, const uint8_t *bytes, size_t n)
{
    while (n > 0) {
        ssize_t written = write(fd, bytes, n);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            (void)sk_cli_fail("the content could not be written: %s", g_strerror(errno));
            return false;
        }
        bytes += written;
        n -= (size_t)written;
    }
    return true;
}

/* One piece from AT on, which is counted up; RET_STATUS when it ends. */
static bool
copy_piece(SkCliHold *hold, SkDeskQuestion *question, int fd, uint64_t *at, int *ret_status)
{
    g_autofree char *after = g_strdup_printf("%" PRIu64, *at);
    g_autoptr(SkDeskAnswer) answer = NULL;
    g_autofree uint8_t *bytes = NULL;
    gsize n = 0;

    question->after = after;
    answer = sk_cli_hold_ask(hold, question);
    *ret_status = SK_EXIT_TROUBLE;
    if (answer == NULL)
        return false;
    if (answer->result != SK_DESK_OK || answer->content == NULL) {
        *ret_status = sk_cli_hold_explain(answer);
        return false;
    }
    bytes = g_base64_decode(answer->content, &n);
    if (!write_all(fd, bytes, n))
        return false;
    *at += n;
    *ret_status = SK_EXIT_CLEAN;
    return answer->more && n > 0;
}

static int
open_output(const char *path)
{
    int fd;

    if (path == NULL && isatty(STDOUT_FILENO)) {
        (void)sk_cli_fail("held mail may do harm to a terminal: name a file (--output FILE)");
        return -1;
    }
    if (path == NULL)
        return dup(STDOUT_FILENO);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        (void)sk_cli_fail("%s: %s", path, g_strerror(errno));
    return fd;
}

static int
copy_all(SkCliHold *hold, SkDeskQuestion *question, const char *path)
{
    sk_autofd int fd = open_output(path);
    uint64_t at = 0;
    int status = SK_EXIT_TROUBLE;

    if (fd < 0)
        return SK_EXIT_TROUBLE;
    while (copy_piece(hold, question, fd, &at, &status)) {
    }
    /* Half a mail looks like a whole one. */
    if (status != SK_EXIT_CLEAN && path != NULL)
        (void)unlink(path);
    return status;
}

int
sk_cli_hold_content(int argc, char **argv)
{
    g_auto(SkCliHold) hold = {0};
    g_autofree char *path = NULL;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &hold.config, "Configuration file", "FILE"},
        {"reason", 0, 0, G_OPTION_ARG_STRING, &hold.reason, "Why; it is recorded", "TEXT"},
        {"as", 0, 0, G_OPTION_ARG_STRING, &hold.as, "In the name of this person", "ADDRESS"},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &path, "New file, which only you can read",
         "FILE"},
        {NULL},
    };
    SkDeskQuestion question = {.verb = SK_DESK_CONTENT};

    if (!sk_cli_options(&argc, &argv, entries, "hold content --reason TEXT [OPTION…] ID",
                        "Writes the original of a held mail. That you read it, and why, is "
                        "recorded with the mail."))
        return SK_EXIT_TROUBLE;
    if (argc != 2)
        return sk_cli_fail("hold content takes one id, as `sekisho hold list` shows it");
    question.target = argv[1];
    return copy_all(&hold, &question, path);
}
