/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * keeper-serve - the two sockets and everybody who has connected
 *
 * Limits: SK_SERVE_VISITS connections a socket: when one more comes, the one that has been
 * silent for the longest time is closed, so that nobody can shut others out by connecting.
 * Clients connect again.
 */

#include "keeper/keeper-visit.h"

#define SK_SERVE_VISITS 256

typedef struct SkServe SkServe;

/* FDS, two listening sockets by SkDoor, stay the caller's. */
SkServe *sk_serve_new(SkLoop *loop,
                      const SkClock *clock,
                      SkDesk *desk,
                      const int fds[SK_N_DOORS],
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_serve_free(SkServe *serve);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkServe, sk_serve_free)

/* Closes those that have been silent for too long; called by a timer of its own. */
void sk_serve_sweep(SkServe *serve);
unsigned sk_serve_count(const SkServe *serve, SkDoor door);
