/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-backup-blobs - the stored files of a backup, out of their place and back to it
 *
 * In a backup each lies at blobs/ab/ID, and has a line in SK_BACKUP_BLOBS. What they hold is
 * ciphertext there, too.
 *
 * Errors: those of store-copy and port/blob.h; PROTOCOL: the list is damaged.
 */

#include "port/db.h"
#include "store/store-manifest.h"

/* About one blob that cannot be in the backup. */
typedef void (*SkBlobComplaintFunc)(const char *id, const char *why, void *data);

typedef struct {
    SkDb *rows; /* of the moment that is backed up */
    SkDb *live; /* as they are now: what is gone there may be gone at the place; or NULL */
    SkBlobPlace *place;
    const char *dir; /* of the backup */
    SkManifest *manifest;
    SkBlobComplaintFunc complain;
    void *data;
} SkBlobsOut;

/* Copies what the rows name, each compared with its row; notes the list and the numbers in the
 * manifest. */
bool sk_backup_blobs_save(const SkBlobsOut *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether each blob in the list is there and what it was. */
bool sk_backup_blobs_check(const char *dir,
                           const SkManifest *manifest,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether the place has nothing that the backup has not: CONFLICT if it has. */
bool sk_backup_blobs_check_free(const char *dir,
                                SkBlobPlace *place,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Puts all there, durably. What is there already, and what it was, is left alone. */
bool sk_backup_blobs_put(const char *dir,
                         const SkManifest *manifest,
                         SkBlobPlace *place,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
