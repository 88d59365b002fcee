/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-manifest - what a backup consists of, in manifest.json beside it
 *
 *     {"format": 1, "sekisho": "0.1.0", "made": "2026-11-21T09:30:00Z", "engine": "sqlite",
 *      "modules": [{"database": "know", "name": "ledger", "version": 2}],
 *      "files": [{"name": "keep.db", "size": 4096, "sha256": "…"}],
 *      "blobs": 12, "blob_bytes": 3400000, "missing": 0}
 *
 * The blobs themselves are one line each in a file of their own, SK_BACKUP_BLOBS, as
 * sha256sum(1) reads it: there may be millions of them. The digest of that file is in the
 * manifest.
 *
 * Limits: 1 MiB, 100 modules, 8 files.
 * Errors: PROTOCOL: it is none, or not one of this program's; CONFIG: of a newer one.
 * Security: a name of a file is one of those below, and an id is an id, so nothing outside the
 * backup can be named. The digests show damage, not forgery.
 */

#include <glib.h>

#include "base/bytes.h"
#include "port/blob.h"
#include "port/tables.h"
#include "store/store-copy.h"

#define SK_BACKUP_MANIFEST "manifest.json"
#define SK_BACKUP_KEEP     "keep.db"
#define SK_BACKUP_KNOW     "know.db"
#define SK_BACKUP_DUMP     "store.dump"
#define SK_BACKUP_BLOBS    "blobs.sha256"

typedef struct {
    SkDatabase database;
    char *name;
    int version;
} SkBackupModule;

typedef struct {
    char *name;
    SkFileSum sum;
} SkBackupFile;

typedef struct {
    char *sekisho;      /* the version that made it */
    char *made;         /* when, for people */
    bool shared;        /* a dump of PostgreSQL; else two files of SQLite */
    GPtrArray *modules; /* of SkBackupModule */
    GPtrArray *files;   /* of SkBackupFile */
    uint64_t blobs, blob_bytes;
    uint64_t missing; /* blobs that were not there when it was made, or damaged */
} SkManifest;

SkManifest *sk_manifest_new(bool shared, int64_t now_us);
void sk_manifest_free(SkManifest *manifest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkManifest, sk_manifest_free)

void sk_manifest_add_module(SkManifest *manifest,
                            SkDatabase database,
                            const char *name,
                            int version);
void sk_manifest_add_file(SkManifest *manifest, const char *name, const SkFileSum *sum);
/* NULL: it has none of that name. */
const SkFileSum *sk_manifest_peek_file(const SkManifest *manifest, const char *name);

/* Caller owns the text. */
char *sk_manifest_format(const SkManifest *manifest);
/* NAME stands for the file in errors. */
SkManifest *sk_manifest_parse(const char *name,
                              SkBytes text,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One line of SK_BACKUP_BLOBS: "DIGEST  blobs/ab/abcd…" and the end of the line. */
#define SK_BLOB_LINE_LEN (SK_DIGEST_HEX + 2 + 6 + 3 + SK_BLOB_ID_LEN + 1)

typedef struct {
    char id[SK_BLOB_ID_LEN + 1];
    char digest[SK_DIGEST_HEX + 1];
} SkBlobLine;

/* Caller owns; the same for the path inside the backup. */
char *sk_blob_line_format(const SkBlobLine *line);
char *sk_blob_line_path(const SkBlobLine *line);
/* False: it is none. */
bool sk_blob_line_parse(SkBytes text, SkBlobLine *ret_line);
