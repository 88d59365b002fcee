/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-dump - the schemas of a server's database in one file, and back, by pg_dump and
 * pg_restore of PostgreSQL
 *
 * Both databases, as they are at one moment, while everything runs. Roles and rights are not in
 * the file: they are the server's, and made again where it is restored. The programs are
 * started without a shell, as the owner of the database, whom the URL names or who runs this.
 *
 * Errors: those of port/db.h; NOT_FOUND: the programs are not installed; IO with what they
 * said. Security: the password goes to the child in its environment, never on its command line.
 */

#include "store/store-copy.h"

typedef struct {
    const char *url;
    const char *password_dir; /* or NULL */
} SkDumpServer;

/* TO is a new file; after a failure it is not there. */
bool sk_store_dump(const SkDumpServer *server,
                   const char *to,
                   SkFileSum *ret_sum,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* CONFLICT if the database has one of our schemas. */
bool sk_store_dump_check_free(const SkDumpServer *server,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* All of it or, after a failure, nothing. */
bool sk_store_dump_restore(const SkDumpServer *server,
                           const char *from,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
