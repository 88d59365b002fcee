/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-supervise - keeps a table of programs running, in order
 *
 * Starts each when the one before it is ready, starts it again when it ends, each time waiting
 * longer, hands SIGHUP on, and stops them in the opposite order. For trying, containers and
 * tests; systemd does it on a mail server.
 *
 * Limits: a program has 30 s to become ready, 30 s to end before it is killed; restarts come
 * after 0.1 s at first, at most 10 s, again 0.1 s when it ran for a minute.
 * Errors: a program that ends, or does not become ready, in the first start stops all: what is
 * wrong then is the installation. It has said on its standard error what.
 * Security: programs end with the supervisor, however that ends (PDEATHSIG).
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/loop.h"

/* All borrowed until the supervisor is freed. */
typedef struct {
    const char *name;
    const char *const *argv; /* NULL-terminated; the first is the path */
    const char *socket;      /* ready when somebody listens there; NULL: at once */
} SkProgram;

typedef struct SkSupervise SkSupervise;

/* All programs are ready. */
typedef void (*SkSuperviseFunc)(void *data);

/* Starts the first at once. Handles SIGCHLD on LOOP; to be called by a process without threads
 * and other children. READY may be NULL. */
SkSupervise *sk_supervise_new(SkLoop *loop,
                              const SkProgram *programs,
                              size_t n,
                              SkSuperviseFunc ready,
                              void *data,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Kills what still runs. */
void sk_supervise_free(SkSupervise *supervise);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkSupervise, sk_supervise_free)

/* SIGHUP to every program. */
void sk_supervise_reload(SkSupervise *supervise);
/* Stops one after the other, then the loop. */
void sk_supervise_stop(SkSupervise *supervise);
/* Whether the first start failed. */
bool sk_supervise_has_failed(const SkSupervise *supervise);
