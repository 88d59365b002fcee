/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * login-store - takes the machines that people logged in from out of old passages
 *
 * Where somebody was when he sent a mail is needed while an incident is looked into, and
 * nobody's business after that. Address, name and HELO of the client go; the login stays with
 * the passage.
 *
 * Errors: those of port/db.h.
 */

#include "port/tables.h"

/* For SkRetention, in the caller's transaction. */
bool sk_login_store_forget(SkDb *know,
                           int64_t before_us,
                           unsigned max,
                           int64_t *ret_rows,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
