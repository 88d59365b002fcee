/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* unshare, setresuid */
#include "process/process-sandbox.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

#define DESCRIPTORS 16

/* restart_syscall: a poll goes on after the process was stopped and continued. sysinfo: glibc's
 * qsort asks once how much memory there is. */
static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(recvmsg),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(close),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(sysinfo),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(sched_yield),
    SCMP_SYS(exit),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit_group),
#if SK_SANDBOX_ASAN
    SCMP_SYS(mprotect),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(prctl),
    SCMP_SYS(writev),
#endif
};

/* What serving sockets takes beyond that; memory for secrets is locked. */
static const int allowed_server[] = {
    SCMP_SYS(accept4),   SCMP_SYS(getsockopt), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_ctl), SCMP_SYS(mlock),      SCMP_SYS(mlock2),     SCMP_SYS(munlock),
};

static const int refused[] = {
    SCMP_SYS(open),     SCMP_SYS(openat),     SCMP_SYS(openat2),    SCMP_SYS(creat),
    SCMP_SYS(stat),     SCMP_SYS(lstat),      SCMP_SYS(fstat),      SCMP_SYS(newfstatat),
    SCMP_SYS(statx),    SCMP_SYS(access),     SCMP_SYS(faccessat),  SCMP_SYS(faccessat2),
    SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getdents64), SCMP_SYS(getcwd),
};

static int
add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t n)
{
    int failed = 0;

    for (size_t i = 0; i < n && failed == 0; i++)
        failed = seccomp_rule_add(filter, action, calls[i], 0);
    return failed;
}

/* Calls that are harmless with some arguments only. */
static int
add_conditional(scmp_filter_ctx filter)
{
    int failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                                  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

    /* isatty() of a library that wants to print. */
    if (failed == 0)
        failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 1,
                                  SCMP_A1(SCMP_CMP_EQ, TCGETS));
    /* abort(): a signal to ourselves. */
    if (failed == 0)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                                  SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    return failed;
}

static int
add_server(scmp_filter_ctx filter)
{
    int failed = add_all(filter, SCMP_ACT_ALLOW, allowed_server, G_N_ELEMENTS(allowed_server));

    /* The guard pages around secrets. */
#if !SK_SANDBOX_ASAN
    if (failed == 0)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                                  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
#endif
    return failed;
}

static bool
load_filter(bool server, GError **error)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int failed = filter != NULL ? 0 : -ENOMEM;

    if (failed == 0)
        failed = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (failed == 0)
        failed = add_all(filter, SCMP_ACT_ALLOW, allowed, G_N_ELEMENTS(allowed));
    if (failed == 0)
        failed = add_all(filter, SCMP_ACT_ERRNO(EACCES), refused, G_N_ELEMENTS(refused));
    if (failed == 0)
        failed = add_conditional(filter);
    if (failed == 0 && server)
        failed = add_server(filter);
    if (failed == 0)
        failed = seccomp_load(filter);
    seccomp_release(filter);
    if (failed != 0)
        return sk_error_set_errno(error, -failed, "loading the system call filter");
    return true;
}

/* Address space of this process in bytes; 0 when it cannot be read. */
static uint64_t
own_size(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");

    if (file == NULL)
        return 0;
    if (fscanf(file, "%lu", &pages) != 1)
        pages = 0;
    fclose(file);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool
set_limit(int what, uint64_t value, GError **error)
{
    struct rlimit limit = {value, value};

    if (setrlimit((__rlimit_resource_t)what, &limit) < 0)
        return sk_error_set_errno(error, errno, "setting a resource limit");
    return true;
}

static bool
set_limits(const SkSandboxLimits *limits, GError **error)
{
    uint64_t size = own_size();

    if (size == 0)
        return sk_error_set_errno(error, EIO, "reading /proc/self/statm");
    return set_limit(RLIMIT_AS, size + limits->memory, error) &&
           set_limit(RLIMIT_CPU, limits->cpu_s, error) &&
           set_limit(RLIMIT_NOFILE, DESCRIPTORS, error) && set_limit(RLIMIT_FSIZE, 0, error) &&
           set_limit(RLIMIT_CORE, 0, error);
}

static bool
give_up(bool server, GError **error)
{
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return sk_error_set_errno(error, errno, "giving up privileges");
    return load_filter(server, error);
}

bool
sk_sandbox_enter(const SkSandboxLimits *limits, GError **error)
{
    return set_limits(limits, error) && give_up(false, error);
}

bool
sk_sandbox_enter_server(unsigned descriptors, GError **error)
{
    return set_limit(RLIMIT_NOFILE, descriptors, error) && set_limit(RLIMIT_CORE, 0, error) &&
           give_up(true, error);
}

void
sk_sandbox_leave_network(void)
{
    (void)!unshare(CLONE_NEWNET | CLONE_NEWIPC);
}

bool
sk_sandbox_become(const char *user, GError **error)
{
    const struct passwd *entry;

    errno = 0;
    entry = getpwnam(user);
    if (entry == NULL)
        return sk_error_set_errno(error, errno != 0 ? errno : ENOENT, "user %s", user);
    if (initgroups(user, entry->pw_gid) < 0 ||
        setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) < 0 ||
        setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) < 0)
        return sk_error_set_errno(error, errno, "becoming user %s", user);
    return true;
}
