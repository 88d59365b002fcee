/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-backup - copies of SQLite databases that are in use, and their way back
 *
 * A copy shows the database at one moment, whoever writes to it meanwhile: nobody is kept
 * waiting, but the write-ahead log grows until the copy is done. It is one file in itself,
 * looked through to the end, so that no copy of a damaged database passes for a backup.
 *
 * Errors: those of port/db.h and store-copy; IO: the database is damaged.
 * Security: files of mode 0600 in the backup; a database put back has the mode that
 * store-sqlite gives, and belongs to whom its folder belongs.
 */

#include "port/tables.h"
#include "store/store-copy.h"
#include "store/store-manifest.h"

/* FROM is the path of a database, TO of a new file. FUNC may be NULL. */
bool sk_backup_sqlite(const char *from,
                      const char *to,
                      SkCopyFunc func,
                      void *data,
                      SkFileSum *ret_sum,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Notes which tables DB has, and of which version. */
bool sk_backup_note_modules(SkDb *db, SkDatabase which, SkManifest *manifest, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Whether this program knows all of them: CONFIG if not. */
bool sk_backup_check_modules(const SkManifest *manifest,
                             const SkTables *const *tables,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* CONFLICT if something of a database is at PATH, unless it is exactly what SUM says: put there
 * by a restore that did not come to its end. RET_DONE: so it is. */
bool sk_backup_check_free(const char *path,
                          const SkFileSum *sum,
                          bool *ret_done,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Copies FROM to beside PATH, compares it with SUM; nothing is at PATH yet. */
bool sk_backup_bring(const char *from,
                     const char *path,
                     const SkFileSum *sum,
                     SkCopyFunc func,
                     void *data,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What was brought is at PATH now. */
bool sk_backup_place(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
