/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Edits by a whole inspector with real workers, in the build that does what it is told.
 * SK_INSPECTOR_TRIAL names the program.
 */

#define _GNU_SOURCE /* memfd_create */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/autofree.h"
#include "base/error.h"
#include "process/process-edit.h"
#include "process/process-socket.h"

typedef struct {
    char *dir;
    char *config;
    char *socket;
    pid_t pid;
} Fixture;

static void
set_up(Fixture *f)
{
    g_autofree char *text = NULL;

    f->dir = g_dir_make_tmp("sekisho-XXXXXX", NULL);
    f->config = g_build_filename(f->dir, "conf", NULL);
    f->socket = g_build_filename(f->dir, "socket", NULL);
    text = g_strdup_printf("[inspector]\nsocket = %s\nwall_time = 1s\nmemory = 64M\n"
                           "[limits]\ncpu_time = 1s\n",
                           f->socket);
    g_assert_true(g_file_set_contents(f->config, text, -1, NULL));
    f->pid = fork();
    g_assert_cmpint(f->pid, >=, 0);
    if (f->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execl(g_getenv("SK_INSPECTOR_TRIAL"), "sekisho-inspector-trial", "-c", f->config,
              (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 1000 && !sk_socket_is_alive(f->socket); i++)
        g_usleep(10000);
}

static void
tear_down(Fixture *f)
{
    int status;

    kill(f->pid, SIGTERM);
    g_assert_cmpint(waitpid(f->pid, &status, 0), ==, f->pid);
    g_assert_cmpint(status, ==, 0);
    g_unlink(f->socket);
    g_unlink(f->config);
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    g_free(f->dir);
    g_free(f->config);
    g_free(f->socket);
}

static int
make_message(const char *text)
{
    int fd = memfd_create("message", MFD_ALLOW_SEALING);

    g_assert_cmpint(write(fd, text, strlen(text)), ==, strlen(text));
    g_assert_cmpint(
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL), ==,
        0);
    return fd;
}

static char *
read_back(int fd)
{
    char *text = g_malloc0(4096);

    g_assert_cmpint(pread(fd, text, 4095, 0), >=, 0);
    g_assert_cmpint(write(fd, "x", 1), ==, -1);
    g_assert_cmpint(ftruncate(fd, 0), ==, -1);
    return text;
}

#define MAIL(more)                                                                             \
    "Subject: " more "\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"        \
    "hello\r\n--b\r\nContent-Type: application/zip\r\n\r\nPK\r\n--b--\r\n"

/* What comes of stripping TEXT; the first finding's id in RET_FINDING, or "". */
static SkEditOutcome
strip(const Fixture *f, const char *text, char **ret_result, const char **ret_finding)
{
    const char *parts[] = {NULL};
    SkStripOrder order = {parts, "gone", NULL};
    g_autoptr(SkFindings) findings = NULL;
    g_autoptr(GError) error = NULL;
    sk_autofd int fd = make_message(text), changed = -1;
    SkEditOutcome outcome;

    g_assert_true(
        sk_process_strip(f->socket, fd, &order, &outcome, &changed, &findings, &error));
    g_assert_no_error(error);
    g_assert_cmpint(changed >= 0, ==, outcome == SK_EDIT_DONE);
    *ret_result = changed >= 0 ? read_back(changed) : NULL;
    *ret_finding = sk_findings_count(findings) > 0
                       ? sk_finding_id_name(sk_findings_peek(findings, 0)->id)
                       : "";
    return outcome;
}

static void
test_outcomes(void)
{
    static const struct {
        const char *mail;
        SkEditOutcome outcome;
        const char *finding;
    } cases[] = {
        {MAIL("x"), SK_EDIT_DONE, ""},
        {"Subject: x\r\n\r\nhello\r\n", SK_EDIT_NO_SUCH_PART, ""},
        {"", SK_EDIT_NO_SUCH_PART, ""},
        {"Content-Type: application/pkcs7-mime\r\n\r\nx", SK_EDIT_SEALED, ""},
        {"Content-Type: text/plain\r\n" MAIL("x"), SK_EDIT_FAILED, "mime.ambiguous"},
        {MAIL("SK-TRIAL crash"), SK_EDIT_FAILED, "inspect.crashed"},
        {MAIL("SK-TRIAL exit"), SK_EDIT_FAILED, "inspect.crashed"},
        {MAIL("SK-TRIAL socket"), SK_EDIT_FAILED, "inspect.crashed"},
        {MAIL("SK-TRIAL hang"), SK_EDIT_FAILED, "inspect.timeout"},
        {MAIL("SK-TRIAL spin"), SK_EDIT_FAILED, "inspect.timeout"},
        {MAIL("SK-TRIAL eat"), SK_EDIT_FAILED, "inspect.limit"},
        {MAIL("SK-TRIAL half"), SK_EDIT_FAILED, "inspect.crashed"},
        {MAIL("SK-TRIAL open"), SK_EDIT_DONE, ""},
    };
    Fixture f;

    set_up(&f);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *result = NULL;
        const char *finding;

        g_test_message("case %zu", i);
        g_assert_cmpint(strip(&f, cases[i].mail, &result, &finding), ==, cases[i].outcome);
        g_assert_cmpstr(finding, ==, cases[i].finding);
    }
    tear_down(&f);
}

static void
test_result(void)
{
    g_autofree char *result = NULL;
    const char *finding;
    Fixture f;

    set_up(&f);
    g_assert_cmpint(strip(&f, MAIL("x"), &result, &finding), ==, SK_EDIT_DONE);
    g_assert_cmpstr(result, ==,
                    "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
                    "hello\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
                    "Content-Transfer-Encoding: base64\r\nContent-Disposition: inline\r\n\r\n"
                    "Z29uZQ==\r\n--b--\r\n");
    tear_down(&f);
}

static void
test_password(void)
{
    g_autoptr(SkFindings) findings = NULL;
    g_autoptr(GError) error = NULL;
    sk_autofd int fd = make_message(MAIL("x"));
    sk_autofd int crash = make_message(MAIL("SK-TRIAL crash"));
    SkEditOutcome outcome;
    Fixture f;

    set_up(&f);
    g_assert_true(sk_process_try_password(f.socket, fd, "secret", &outcome, NULL, &error));
    g_assert_cmpint(outcome, ==, SK_EDIT_NO_SUCH_PART);
    g_assert_true(
        sk_process_try_password(f.socket, crash, "secret", &outcome, &findings, &error));
    g_assert_cmpint(outcome, ==, SK_EDIT_FAILED);
    g_assert_nonnull(sk_findings_find(findings, "inspect.crashed", NULL));
    tear_down(&f);
}

static void
test_no_inspector(void)
{
    sk_autofd int fd = make_message(MAIL("x"));
    g_autofree char *long_password = g_strnfill(100000, 'x');
    g_autoptr(GError) error = NULL;
    SkEditOutcome outcome;

    g_assert_false(
        sk_process_try_password("/nowhere/socket", fd, "secret", &outcome, NULL, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_false(
        sk_process_try_password("/nowhere/socket", fd, long_password, &outcome, NULL, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_LIMIT);
}

int
main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/inspector-edit/outcomes", test_outcomes);
    g_test_add_func("/inspector-edit/result", test_result);
    g_test_add_func("/inspector-edit/password", test_password);
    g_test_add_func("/inspector-edit/no-inspector", test_no_inspector);
    return g_test_run();
}
