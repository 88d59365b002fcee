/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-verify - what an engine itself can say about a database, and do for it
 *
 * For `sekisho store`. A server is looked after by its own administrator: of one, only versions
 * are said here.
 *
 * Errors: those of port/db.h.
 */

#include "store/store-open.h"

/* How many steps of MODULE the database has seen; 0: it knows nothing of it, or of us. */
bool sk_store_read_version(const SkStore *store,
                           SkDb *db,
                           const char *module,
                           int *ret_version,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Bytes that WHICH takes on the disk, with its log; -1: not known, or not there. */
int64_t sk_store_get_size(const SkStore *store, SkDatabase which);

/* One sentence about what is damaged. */
typedef void (*SkStoreTroubleFunc)(const char *trouble, void *data);
/* Whether the file keeps to its own format, and its rows to their references. */
bool sk_store_verify(const SkStore *store,
                     SkDb *db,
                     SkStoreTroubleFunc func,
                     void *data,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Has what was changed or deleted leave the write-ahead log. RET_DONE is false when somebody
 * was reading all the time: then the log keeps it until it is used anew. */
bool sk_store_settle(const SkStore *store, SkDb *db, bool *ret_done, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
