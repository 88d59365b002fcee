/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-edit - has a fresh inspector worker change a message, or try a password on it
 *
 * Blocking, for worker threads of the clerk: one connection, one worker, one job. The original
 * is a memfd sealed against change; what comes of it is a memfd of ours, sealed after the
 * worker is done, whose untouched bytes are the original's.
 *
 * Limits: those of the inspector; output of SK_EDIT_GROWTH bytes more than the original.
 * Errors: IO, TIMEOUT, PROTOCOL: no inspector. What the job itself came to is a result: a
 * worker that died of it is SK_EDIT_FAILED with the finding that says so.
 */

#include <glib.h>
#include <stdbool.h>

#include "base/limit.h"
#include "port/inspect.h"

#define SK_EDIT_GROWTH (1 * SK_MIB)

typedef enum {
    SK_EDIT_DONE,
    SK_EDIT_SEALED,       /* it is signed or encrypted: nothing in it may be changed */
    SK_EDIT_NO_SUCH_PART, /* nothing was there to be changed */
    SK_EDIT_FAILED,       /* see the findings */
    SK_EDIT_WRONG_PASSWORD,
    SK_EDIT_UNSUPPORTED, /* passwords of this format cannot be tried here */
} SkEditOutcome;

typedef struct {
    /* MIME paths ("1.2") to be replaced; "*", or an empty list: all attachments.
     * NULL-terminated. */
    const char *const *parts;
    /* Text of the notice put in place of each, UTF-8; "%NAME%", "%SIZE%" and "%NUMBER%" stand
     * for the part's. */
    const char *notice;
    const char *notice_name; /* file name of the notice, or NULL */
} SkStripOrder;

/* RET_FD: the caller's, -1 unless DONE. RET_FINDINGS may be NULL. */
bool sk_process_strip(const char *socket,
                      int fd,
                      const SkStripOrder *order,
                      SkEditOutcome *ret_outcome,
                      int *ret_fd,
                      SkFindings **ret_findings,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether PASSWORD opens everything in the message that needs one; RET_FINDINGS: of what it
 * opened, as if it had not been encrypted. */
bool sk_process_try_password(const char *socket,
                             int fd,
                             const char *password,
                             SkEditOutcome *ret_outcome,
                             SkFindings **ret_findings,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
