/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-backup-restore - a backup back into a store that has nothing
 *
 * Everything is checked before anything is changed. Blobs come first and the databases last, so
 * that an interrupted restore leaves no store that programs would start with, and can be
 * repeated.
 *
 * Errors: those of store-backup, store-dump and cli-backup-blobs. CONFLICT: the store is not
 * empty. CONFIG: the backup is of a newer version, or of the other engine.
 */

#include "store/store-manifest.h"
#include "store/store-open.h"

typedef struct {
    const SkStore *store;
    const char *password_dir; /* [store] password_dir, or NULL */
    const char *dir;
} SkRestoreOrder;

/* Caller owns the manifest. */
SkManifest *sk_backup_restore(const SkRestoreOrder *order,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
