/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-user - how a program that root started gets its sockets, and stops being root
 *
 * USER is whom it becomes; NULL: "sekisho", if there is one, else it stays who it is. A program
 * that somebody else started stays who it is, too.
 *
 * Errors: those of process-socket; DENIED: USER was named, and we are not root.
 */

#include <sys/types.h>

#include <glib.h>
#include <stdbool.h>

/* Gives what is at PATH now to UID and GID, if it is of that TYPE (S_IFSOCK, S_IFDIR) and has
 * no other name; never what a link leads to. */
bool sk_process_give(const char *path, mode_t type, uid_t uid, gid_t gid)
    G_GNUC_WARN_UNUSED_RESULT;
/* As sk_socket_listen(); makes the last folder of PATH if it is missing, and gives both to
 * USER, who must be able to replace them. */
int sk_process_open_socket(const char *path, mode_t mode, const char *user, GError **error);
/* For good, into a network with nothing in it. What was asked of the kernel for the case that
 * our parent ends still holds. */
bool sk_process_become(const char *user, GError **error) G_GNUC_WARN_UNUSED_RESULT;
