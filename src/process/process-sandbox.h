/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-sandbox - takes everything from a process but memory, time and its open descriptors
 *
 * To be called in a freshly forked, single-threaded process that has initialised all its
 * libraries. Afterwards it can read, write, poll and receive on descriptors it has, allocate
 * memory and ask the clock. Calls that libraries make by habit to look for files (open, stat,
 * readlink, access) fail with EACCES; any other system call, executable memory included, kills
 * the process. There is no way back.
 *
 * Limits: the caller's memory and CPU time; 16 descriptors; no core file; no file grows.
 * Errors: IO: the kernel refused part of it. The caller must then end, not go on.
 * Security: built with AddressSanitizer a process needs more: its calls for memory maps and
 * signals are allowed, and the memory limit is on top of what the sanitizer reserves. Such a
 * build is for tests only.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* GCC names the sanitizer by a macro, clang by a feature. */
#if defined(__SANITIZE_ADDRESS__)
#    define SK_SANDBOX_ASAN 1
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define SK_SANDBOX_ASAN 1
#    endif
#endif
#ifndef SK_SANDBOX_ASAN
#    define SK_SANDBOX_ASAN 0
#endif

typedef struct {
    uint64_t memory; /* bytes of address space above what the process has now */
    uint64_t cpu_s;  /* CPU seconds in its whole life: for the case that nobody else counts */
} SkSandboxLimits;

bool sk_sandbox_enter(const SkSandboxLimits *limits, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for a single-threaded program that serves sockets, which it has opened before, with
 * an event loop: it may accept, wait, and lock memory as well, has up to DESCRIPTORS, and no
 * limits of memory, CPU time and files: it must bound itself what others can ask of it, and
 * writes its log. */
bool sk_sandbox_enter_server(unsigned descriptors, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For a process that starts as root: a network of its own with nothing in it. Where that is
 * not permitted nothing happens: seccomp refuses sockets anyway. */
void sk_sandbox_leave_network(void);

/* Becomes USER with his groups, for good. Error: NOT_FOUND, DENIED, IO. */
bool sk_sandbox_become(const char *user, GError **error) G_GNUC_WARN_UNUSED_RESULT;
