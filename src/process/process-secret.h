/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-secret - the opening secret of this host: from systemd, a file, or a person
 *
 * What opens the site key (seal-wrap). The same on every host of a site. A line end behind it
 * does not count, so that a file made with an editor is the passphrase that was typed.
 *
 * Limits: 16 to 4096 bytes.
 * Errors: NOT_FOUND: no file, and what to do; CONFIG: too short, too long, no plain file;
 * DENIED: it is not ours to read, or anybody may read it.
 * Security: read into locked memory by way of nothing else. Of a file that others than its
 * owner and group may read we want to know nothing: it is no secret any more.
 */

#include "seal/seal.h"

#define SK_PROCESS_SECRET_MIN 16
#define SK_PROCESS_SECRET_MAX 4096

/* The systemd credential that is called as the file at PATH, if there is one; else the file.
 * RET_GROUP: whether a group may read it. Caller owns. */
SkSecret *sk_process_secret_read(const char *path,
                                 bool *ret_group,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether there is such a credential, or anything at PATH. */
bool sk_process_secret_is_there(const char *path);
/* One line of standard input; on a terminal PROMPT is shown, and what is typed is not. Ctrl-C
 * takes effect after the line. Caller owns. */
SkSecret *sk_process_passphrase_read(const char *prompt,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
