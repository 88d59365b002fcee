/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * error - the one error domain, with codes by what the caller can do about it
 *
 * A GError in this domain is a failure of our environment. A fact about a message is a finding
 * (verdict/finding.h), a breach of our own contract is g_assert().
 */

#include <glib.h>
#include <stdbool.h>

#define SK_ERROR (sk_error_quark())
GQuark sk_error_quark(void);

typedef enum {
    SK_ERROR_LIMIT,     /* too large, too many: a smaller request may work */
    SK_ERROR_TIMEOUT,   /* no answer in time: later may work */
    SK_ERROR_IO,        /* the system refused: somebody must look */
    SK_ERROR_CONFIG,    /* what an administrator wrote is wrong; the text has file and line */
    SK_ERROR_DENIED,    /* not allowed */
    SK_ERROR_NOT_FOUND, /* what was named does not exist */
    SK_ERROR_CONFLICT,  /* somebody else was first: read again, decide again */
    SK_ERROR_AGAIN,     /* others were in the way, nothing happened: the same once more */
    SK_ERROR_UNCERTAIN, /* a write that may or may not have happened */
    SK_ERROR_PROTOCOL,  /* the other side of a connection does not keep to the protocol */
    SK_ERROR_USAGE,     /* the command line is wrong */
} SkError;

/* Sets ERROR to "WHAT: strerror(ERRNO)" with code IO (TIMEOUT for ETIMEDOUT, NOT_FOUND for
 * ENOENT, DENIED for EACCES and EPERM). Returns false, to be returned. */
bool sk_error_set_errno(GError **error, int errnum, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
