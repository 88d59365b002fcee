/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* getrandom */
#include "process/process-sandbox.h"

#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/limit.h"

/* Where the server of a test has its listening socket, and its epoll. */
#define SERVER_FD 40
#define EPOLL_FD  41

/* Each runs behind the sandbox and returns the exit status. */
static int
try_open(void)
{
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES ? 0 : 1;
}

static int
try_stat(void)
{
    struct stat info;

    return stat("/etc/passwd", &info) < 0 && errno == EACCES ? 0 : 1;
}

static int
try_random(void)
{
    uint8_t bytes[16];

    return getrandom(bytes, sizeof bytes, 0) == sizeof bytes ? 0 : 1;
}

static int
try_memory(void)
{
    void *small = malloc(1000);
    void *large = malloc(10 << 20);
    struct timespec now;
    bool fine = small != NULL && large != NULL && clock_gettime(CLOCK_MONOTONIC, &now) == 0;

    free(small);
    free(large);
    return fine ? 0 : 1;
}

static int
try_too_much_memory(void)
{
    void *map =
        mmap(NULL, 65 * SK_MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return map == MAP_FAILED && errno == ENOMEM ? 0 : 1;
}

static int
try_abort(void)
{
    abort();
}

static int
try_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 0 : 1;
}

static int
try_exec(void)
{
    return execl("/bin/true", "true", (char *)NULL);
}

static int
try_fork(void)
{
    return fork() > 0 ? 0 : 1;
}

static int
try_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) != MAP_FAILED;
}

static int
try_kill_parent(void)
{
    return kill(getppid(), 0);
}

static int
try_unlink(void)
{
    return unlink("/nonexistent");
}

static int
run(int (*what)(void))
{
    SkSandboxLimits limits = {64 * SK_MIB, 5};
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(sk_sandbox_enter(&limits, NULL) ? what() : 77);
    g_assert_cmpint(pid, >, 0);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    return status;
}

static void
test_allowed(void)
{
    static const struct {
        const char *what;
        int (*run)(void);
    } cases[] = {
        {"open says EACCES", try_open},       {"stat says EACCES", try_stat},
        {"getrandom works", try_random},      {"memory and clock work", try_memory},
        {"memory ends", try_too_much_memory},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].what);
        g_assert_cmpint(run(cases[i].run), ==, 0);
    }
}

static void
test_killed(void)
{
    static const struct {
        const char *what;
        int (*run)(void);
        int signum;
    } cases[] = {
        {"socket", try_socket, SIGSYS},
        {"exec", try_exec, SIGSYS},
        {"fork", try_fork, SIGSYS},
        {"kill", try_kill_parent, SIGSYS},
        {"unlink", try_unlink, SIGSYS},
        {"executable memory", try_code, SIGSYS},
        {"abort is an abort", try_abort, SIGABRT},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int status = run(cases[i].run);

        g_test_message("%s", cases[i].what);
        g_assert_true(WIFSIGNALED(status));
        g_assert_cmpint(WTERMSIG(status), ==, cases[i].signum);
        g_assert_false(WCOREDUMP(status));
    }
}

/* What the process cannot ask itself any more: asked of /proc from outside. */
static void
test_seen_from_outside(void)
{
    SkSandboxLimits limits = {64 * SK_MIB, 5};
    g_autofree char *path = NULL, *text = NULL;
    int status, pipes[2];
    char byte;
    pid_t pid;

    g_assert_cmpint(pipe(pipes), ==, 0);
    pid = fork();
    if (pid == 0) {
        if (sk_sandbox_enter(&limits, NULL))
            (void)!write(pipes[1], "", 1);
        for (;;)
            (void)poll(NULL, 0, -1);
    }
    g_assert_cmpint(read(pipes[0], &byte, 1), ==, 1);
    path = g_strdup_printf("/proc/%d/status", pid);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_nonnull(strstr(text, "\nNoNewPrivs:\t1\n"));
    g_assert_nonnull(strstr(text, "\nSeccomp:\t2\n"));
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    close(pipes[0]);
    close(pipes[1]);
}

/* A connection that waits is taken, waited for with epoll, asked who it is, and read. */
static int
try_serve(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    struct ucred who;
    socklen_t len = sizeof who;
    char byte;
    int fd = accept4(SERVER_FD, NULL, NULL, SOCK_CLOEXEC);

    return fd >= 0 && epoll_ctl(EPOLL_FD, EPOLL_CTL_ADD, fd, &event) == 0 &&
                   epoll_wait(EPOLL_FD, &event, 1, 1000) == 1 &&
                   getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
                   read(fd, &byte, 1) == 1
               ? 0
               : 1;
}

static int
try_lock(void)
{
    void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return map != MAP_FAILED && mlock(map, 4096) == 0 && munlock(map, 4096) == 0 ? 0 : 1;
}

static int
try_connect(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/nonexistent"};

    return connect(EPOLL_FD, (struct sockaddr *)&address, sizeof address);
}

static int
run_server(int (*what)(void))
{
    g_autofree char *dir = g_dir_make_tmp("sekisho-XXXXXX", NULL);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    sk_autofd int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sk_autofd int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int status;
    pid_t pid;

    g_snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", dir);
    g_assert_cmpint(bind(listener, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(listen(listener, 1), ==, 0);
    g_assert_cmpint(connect(client, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(write(client, "x", 1), ==, 1);
    pid = fork();
    if (pid == 0) {
        bool ok = dup2(listener, SERVER_FD) >= 0 && dup2(epoll_create1(0), EPOLL_FD) >= 0;

        _exit(ok && sk_sandbox_enter_server(100, NULL) ? what() : 77);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    unlink(address.sun_path);
    rmdir(dir);
    return status;
}

static void
test_server(void)
{
    static const struct {
        const char *what;
        int (*run)(void);
        int status; /* as of waitpid(): 0, or the signal */
    } cases[] = {
        {"serving works", try_serve, 0},
        {"locked memory works", try_lock, 0},
        {"memory and clock work", try_memory, 0},
        {"open says EACCES", try_open, 0},
        {"socket", try_socket, SIGSYS},
        {"connect", try_connect, SIGSYS},
        {"exec", try_exec, SIGSYS},
        {"fork", try_fork, SIGSYS},
        {"kill", try_kill_parent, SIGSYS},
        {"executable memory", try_code, SIGSYS},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].what);
        g_assert_cmpint(run_server(cases[i].run), ==, cases[i].status);
    }
}

static void
test_unknown_user(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(sk_sandbox_become("no-such-user-here", &error));
    g_assert_nonnull(strstr(error->message, "no-such-user-here"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sandbox/allowed", test_allowed);
    g_test_add_func("/sandbox/killed", test_killed);
    g_test_add_func("/sandbox/seen-from-outside", test_seen_from_outside);
    g_test_add_func("/sandbox/server", test_server);
    g_test_add_func("/sandbox/unknown-user", test_unknown_user);
    return g_test_run();
}
