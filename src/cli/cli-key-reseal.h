/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-key-reseal - after a rotation: what is sealed to which site key, and has to be sealed
 * anew
 *
 * The clerk does it, by the keeper; here it is asked to, counted and waited for.
 *
 * Errors: those of port/db.h.
 */

#include "port/db.h"

/* Asks the clerk for it; in the transaction that makes the key ID the active one. */
bool sk_cli_key_reseal_add(SkDb *keep,
                           const char *id,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Stored files that the key ID opens. */
bool sk_cli_key_reseal_count(SkDb *keep, const char *id, int64_t *ret_n, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Stored files that the active key, ID, does not open. */
bool sk_cli_key_reseal_left(SkDb *keep, const char *id, int64_t *ret_n, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Until there are none of those, with a progress bar on a terminal. IO: the clerk has given up.
 */
bool sk_cli_key_reseal_wait(SkDb *keep,
                            const char *id,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
