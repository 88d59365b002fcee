/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * autofree - the scope clean-ups that GLib 2.74 lacks
 */

#include <unistd.h>

/* An owned file descriptor that is closed at the end of its scope; -1 owns nothing. */
#define sk_autofd __attribute__((cleanup(sk_autofd_close)))

static inline void
sk_autofd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* Hands the descriptor over: returns it and owns it no longer. */
static inline int
sk_fd_steal(int *fd)
{
    int stolen = *fd;

    *fd = -1;
    return stolen;
}

/* Closes it if it is open, and marks it closed. */
static inline void
sk_fd_clear(int *fd)
{
    sk_autofd_close(fd);
    *fd = -1;
}
