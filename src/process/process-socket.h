/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-socket - UNIX sockets that our programs listen on
 *
 * Errors: CONFLICT: another program listens there; IO, DENIED, NOT_FOUND.
 */

#include <sys/types.h>

#include <glib.h>
#include <stdbool.h>

/* Binds and listens, non-blocking; a socket that nobody listens on any more is replaced. The
 * file gets MODE from its birth on. Caller owns the descriptor; -1 with ERROR. */
int sk_socket_listen(const char *path, mode_t mode, GError **error);

/* Connects, blocking, and closes: whether somebody listens at PATH. */
bool sk_socket_is_alive(const char *path);

/* Lets the process have as many descriptors as it may: the usual soft limit is for programs
 * that use select(), and a worker or a connection takes one each. */
void sk_process_raise_descriptors(void);
