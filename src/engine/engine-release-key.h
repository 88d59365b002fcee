/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-release-key - the key by which the gate knows what the clerk of its host releases
 *
 * Errors: NOT_FOUND, DENIED, IO: the file; CONFIG: no key in it. The text says what to do.
 */

#include <glib.h>
#include <stdbool.h>

#include "hold/hold-ticket.h"

/* PATH: of [hold] release_key. */
bool sk_engine_release_key_read(const char *path,
                                uint8_t ret_key[SK_TICKET_KEY_LEN],
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
