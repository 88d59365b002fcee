/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-sqlite - port/db.h over one SQLite file
 *
 * Write-ahead log, foreign keys on. A write transaction takes the lock when it begins, so that
 * it either has it or says TIMEOUT, and never finds out half way; all who write to the file get
 * their turn (store-turn), those who only read wait for nobody. Schemas are the business of
 * store-migrate, tables that of their owners.
 *
 * Limits: SK_LIMIT_DB_WAIT_MS for others who write, all in all; 32 binds a statement.
 * Errors: those of port/db.h; on opening NOT_FOUND and DENIED too. IO when the file is damaged:
 * it stays as it is, for a restore or an expert.
 * Security: the file is made with mode 0640, in a folder that is made with 0750 if only that
 * one is missing; made by root it belongs to whom the folder belongs. It is not opened through
 * a symbolic link; SQL in the file (views, triggers, defaults) is not trusted; SQLite's
 * extensions cannot be loaded.
 */

#include "port/db.h"

typedef enum {
    SK_STORE_NORMAL, /* a power cut may take the last transactions, never the order: `know` */
    SK_STORE_FULL,   /* what was committed is on the disk: `keep` */
} SkStoreDurability;

/* Opens PATH, makes the file if there is none. */
SkDb *sk_store_sqlite_open(const char *path,
                           SkStoreDurability durability,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Opens a file that must exist, and refuses to write to it: for commands that only look, which
 * may be run by root and must not leave files of root's behind. */
SkDb *sk_store_sqlite_open_reader(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Looks through the whole file; IO when it is damaged. Changes nothing. */
bool sk_store_sqlite_check(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Milliseconds instead of SK_LIMIT_DB_WAIT_MS, for tests. */
void sk_store_sqlite_set_wait(SkDb *db, int ms);

/* What opening does for a file it makes, for who puts one there: the folder of PATH, if only
 * that one is missing, and mode and owner. */
bool sk_store_sqlite_make_folder(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool sk_store_sqlite_hand_over(int fd,
                               const char *path,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
