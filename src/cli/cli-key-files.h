/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-key-files - makes the files with secrets that every host of a site has to have
 *
 * Never over one that is there. What is made is on the disk before this returns: a site key
 * that is stored when its secret is lost opens nothing, for ever.
 *
 * Errors: CONFLICT: there is one already; DENIED, IO.
 */

#include <sys/types.h>

#include <glib.h>
#include <stdbool.h>

/* 32 random bytes, as one line of base64, for whoever runs this alone: the keeper gets it as a
 * credential, or reads it before it stops being root, and no other program is to have it. */
bool sk_cli_key_make_secret(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* 32 random bytes, as one line of hexadecimal, for its owner and his group: keys that several
 * programs share. */
bool sk_cli_key_make_shared(const char *path, uid_t uid, gid_t gid, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
