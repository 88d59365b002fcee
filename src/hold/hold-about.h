/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hold-about - requests of a person, on held mail (database keep)
 *
 * All messages are looked at, in the order of their ids, a window at a time: the database
 * sieves by one pattern, then his roles decide. Ended mail that he sent or was to get is
 * forgotten as a whole; in other mail his address is replaced where people stand who did
 * something. Mail that still waits is his or somebody's post: none of it is touched as long as
 * he is its sender or a recipient; after its end retention takes it, or the same request once
 * more.
 *
 * Limits: 1,000 rows a window, 20 messages a transaction.
 * Errors: those of port/db.h; USAGE for what is no address.
 * Standards: GDPR 15 (4) and APPI 33: what he is given has no other recipients in it, and of
 * mail he only was to get, no copies but his.
 */

#include "port/tables.h"

/* Stands where his address stood. A domain that cannot exist (RFC 2606). */
#define SK_HOLD_ERASED "erased@invalid"

bool sk_hold_about_export(SkDb *keep,
                          const SkPersonRequest *request,
                          SkPersonFunc func,
                          void *data,
                          GError **error);

/* Removes a stored file in the caller's transaction: sk_blob_store_remove(). */
typedef bool (*SkHoldDropFunc)(SkDb *keep, const char *blob, GError **error);
bool sk_hold_about_erase(SkDb *keep,
                         const SkPersonRequest *request,
                         SkHoldDropFunc drop,
                         int64_t *ret_rows,
                         GError **error);
