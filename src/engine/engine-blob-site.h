/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-blob-site - what a program needs that stores files: the active site key's public half,
 * and the key of content digests
 *
 * To be loaded anew at least daily: after a rotation the old site key lives on for a day.
 *
 * Errors: NOT_FOUND: no site key yet, or no file, and what to do; CONFIG: a file that is no
 * such key; DENIED; those of port/db.h.
 */

#include "blob/blob-writer.h"

/* KEEP: the database; PATH: of [store] hash_key. */
bool sk_engine_blob_site_load(SkDb *keep,
                              const char *path,
                              SkBlobSite *ret_site,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The key of content digests alone. */
bool sk_engine_hash_key_read(const char *path,
                             uint8_t ret_key[SK_BLOB_HASH_KEY_LEN],
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
