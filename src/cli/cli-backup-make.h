/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-backup-make - a backup of the whole store, while everything runs
 *
 * First the databases, each as it is at one moment, then the blobs that the copy names: blobs
 * are written before their rows, so none is missed, and what is removed meanwhile is nobody's
 * loss. It is made as DIR.partial, and gets its name when all of it is on the disk.
 *
 * Errors: those of store-backup, store-dump and cli-backup-blobs. CONFLICT: DIR is there. After
 * one there is neither DIR nor DIR.partial.
 */

#include "cli/cli-backup-blobs.h"
#include "store/store-open.h"

typedef struct {
    const SkStore *store;
    const char *password_dir; /* [store] password_dir, or NULL */
    const char *dir;
    SkBlobComplaintFunc complain;
    void *data;
} SkBackupOrder;

/* Caller owns the manifest. */
SkManifest *sk_backup_make(const SkBackupOrder *order,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
