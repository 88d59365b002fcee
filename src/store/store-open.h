/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-open - where everything is kept, out of the settings, and connections to it
 *
 * Section [store]: `store` is sqlite:DIR or postgresql://…, `blobs` is file:DIR. On SQLite,
 * which one host has to itself, whoever opens a database for writing brings its tables up to
 * date; on a server, which several hosts share and where programs may not make tables, `sekisho
 * store migrate` does, and everybody else refuses to start before.
 *
 * A SkStore never changes and may be used by all threads; a connection belongs to one.
 *
 * Errors: CONFIG: a setting that is none, tables of another version; otherwise those of
 * port/db.h and port/blob.h. The text says what to do.
 * Security: a password is never part of the URL: it lies in a file of its own.
 */

#include "base/settings.h"
#include "port/blob.h"
#include "port/tables.h"
#include "store/store-migrate.h"

typedef struct SkStore SkStore;

/* PROGRAM ("sekisho-gate") names the role on a server that the URL does not name; TABLES, a
 * NULL-terminated list, is borrowed. Opens nothing yet. */
SkStore *sk_store_new(const SkSettings *settings,
                      const char *program,
                      const SkTables *const *tables,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_store_free(SkStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkStore, sk_store_free)

typedef enum {
    SK_STORE_WRITE, /* tables as this program knows them; a SQLite file is made if missing */
    SK_STORE_READ,  /* the same, but refuses to write, and makes nothing */
    SK_STORE_BARE,  /* like READ, whatever its tables are: to look at their versions */
    SK_STORE_OWNER, /* like WRITE, and migrates on every engine: for `store migrate` */
} SkStoreAccess;

SkDb *sk_store_open(const SkStore *store,
                    SkDatabase which,
                    SkStoreAccess access,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* SK_STORE_OWNER, and FUNC is told of each step that was taken. */
SkDb *sk_store_open_owner(const SkStore *store,
                          SkDatabase which,
                          SkStoreStepFunc func,
                          void *data,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Makes the directory if it is missing. */
SkBlobPlace *sk_store_open_blobs(const SkStore *store,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether other hosts may use it, too. */
bool sk_store_is_shared(const SkStore *store);
/* Where WHICH is, for people: a path, or a URL. Never a password. Borrowed. */
const char *sk_store_describe(const SkStore *store, SkDatabase which);
const char *sk_store_peek_blobs(const SkStore *store); /* the directory */
const SkTables *const *sk_store_peek_tables(const SkStore *store);
