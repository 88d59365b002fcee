/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-backup-restore.h"

#include <string.h>

#include "base/error.h"
#include "cli/cli-backup-blobs.h"
#include "cli/cli-progress.h"
#include "store/store-backup.h"
#include "store/store-dump.h"
#include "store/store-sqlite.h"

static const char *const names[] = {[SK_KEEP] = SK_BACKUP_KEEP, [SK_KNOW] = SK_BACKUP_KNOW};

static SkManifest *
read_manifest(const char *dir, GError **error)
{
    g_autofree char *path = g_build_filename(dir, SK_BACKUP_MANIFEST, NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) trouble = NULL;
    gsize len;

    if (g_file_get_contents(path, &text, &len, &trouble))
        return sk_manifest_parse(path, sk_bytes(text, len), error);
    g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND,
                "%s is not a finished backup of sekisho, its manifest cannot be read: %s", dir,
                trouble->message);
    return NULL;
}

static bool
check_engine(const SkRestoreOrder *order, const SkManifest *manifest, GError **error)
{
    if (manifest->shared == sk_store_is_shared(order->store))
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                "%s is the backup of a store %s, and [store] store names %s", order->dir,
                manifest->shared ? "on a PostgreSQL server" : "in SQLite files",
                sk_store_describe(order->store, SK_KEEP));
    return false;
}

typedef struct {
    SkProgress *bar;
    uint64_t done;
} Bar;

static void
on_bytes(uint64_t bytes, void *data)
{
    Bar *bar = data;

    bar->done += bytes;
    sk_progress_set(bar->bar, bar->done);
}

static bool
check_file(const char *dir, const SkBackupFile *file, Bar *bar, GError **error)
{
    g_autofree char *path = g_build_filename(dir, file->name, NULL);
    SkFileSum found;

    if (!sk_file_sum(path, on_bytes, bar, &found, error))
        return false;
    if (sk_file_sum_equal(&found, &file->sum))
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                "%s is damaged: it is not what the manifest says. Take another backup", path);
    return false;
}

static bool
check_files(const char *dir, const SkManifest *manifest, GError **error)
{
    uint64_t total = 0;
    Bar bar = {NULL, 0};
    bool ok = true;

    for (guint i = 0; i < manifest->files->len; i++)
        total += ((SkBackupFile *)manifest->files->pdata[i])->sum.size;
    bar.bar = sk_progress_new("bytes checked", total);
    for (guint i = 0; ok && i < manifest->files->len; i++)
        ok = check_file(dir, manifest->files->pdata[i], &bar, error);
    sk_progress_free(bar.bar);
    return ok;
}

/* The one that was put there by a restore before is DONE. */
static bool
check_free(const SkRestoreOrder *order,
           const SkManifest *manifest,
           bool ret_done[2],
           GError **error)
{
    static const SkFileSum none = {0};

    if (manifest->shared) {
        const SkDumpServer server = {sk_store_describe(order->store, SK_KEEP),
                                     order->password_dir};

        return sk_store_dump_check_free(&server, error);
    }
    for (int which = SK_KEEP; which <= SK_KNOW; which++) {
        const SkFileSum *sum = sk_manifest_peek_file(manifest, names[which]);

        if (!sk_backup_check_free(sk_store_describe(order->store, (SkDatabase)which),
                                  sum != NULL ? sum : &none, &ret_done[which], error))
            return false;
    }
    return true;
}

static bool
bring_one(const SkRestoreOrder *order,
          const SkManifest *manifest,
          SkDatabase which,
          GError **error)
{
    const SkFileSum *sum = sk_manifest_peek_file(manifest, names[which]);
    g_autofree char *from = g_build_filename(order->dir, names[which], NULL);
    Bar bar = {NULL, 0};
    bool ok;

    bar.bar = sk_progress_new("bytes", sum->size);
    ok = sk_backup_bring(from, sk_store_describe(order->store, which), sum, on_bytes, &bar,
                         error);
    sk_progress_free(bar.bar);
    return ok;
}

/* Both lie beside their places before the first one goes there. */
static bool
put_files(const SkRestoreOrder *order,
          const SkManifest *manifest,
          const bool done[2],
          GError **error)
{
    bool wanted[2];

    for (int which = SK_KEEP; which <= SK_KNOW; which++) {
        wanted[which] = !done[which] && sk_manifest_peek_file(manifest, names[which]) != NULL;
        if (wanted[which] && !bring_one(order, manifest, (SkDatabase)which, error))
            return false;
    }
    for (int which = SK_KNOW; which >= SK_KEEP; which--) {
        const char *path = sk_store_describe(order->store, (SkDatabase)which);

        if (wanted[which] && !sk_backup_place(path, error))
            return false;
    }
    return true;
}

/* Opening it as its owner makes the roles that the server may not have, gives them their rights
 * and brings the tables up to date. */
static bool
put_dump(const SkRestoreOrder *order, GError **error)
{
    const SkDumpServer server = {sk_store_describe(order->store, SK_KEEP), order->password_dir};
    g_autofree char *from = g_build_filename(order->dir, SK_BACKUP_DUMP, NULL);

    if (!sk_store_dump_restore(&server, from, error))
        return false;
    for (int which = SK_KEEP; which <= SK_KNOW; which++) {
        g_autoptr(SkDb) db =
            sk_store_open(order->store, (SkDatabase)which, SK_STORE_OWNER, error);

        if (db == NULL) {
            g_prefix_error(error,
                           "everything is restored, but the programs have no rights to "
                           "it yet; remove the cause, then run `sekisho store migrate`: ");
            return false;
        }
    }
    return true;
}

static bool
restore(const SkRestoreOrder *order, const SkManifest *manifest, GError **error)
{
    g_autoptr(SkBlobPlace) place = NULL;
    bool done[2] = {false, false};

    if (!check_engine(order, manifest, error) ||
        !sk_backup_check_modules(manifest, sk_store_peek_tables(order->store), error) ||
        !check_files(order->dir, manifest, error) ||
        !sk_backup_blobs_check(order->dir, manifest, error) ||
        !check_free(order, manifest, done, error))
        return false;
    if (!manifest->shared &&
        !sk_store_sqlite_make_folder(sk_store_describe(order->store, SK_KEEP), error))
        return false;
    place = sk_store_open_blobs(order->store, error);
    return place != NULL && sk_backup_blobs_check_free(order->dir, place, error) &&
           sk_backup_blobs_put(order->dir, manifest, place, error) &&
           (manifest->shared ? put_dump(order, error)
                             : put_files(order, manifest, done, error));
}

SkManifest *
sk_backup_restore(const SkRestoreOrder *order, GError **error)
{
    g_autoptr(SkManifest) manifest = read_manifest(order->dir, error);

    if (manifest == NULL || !restore(order, manifest, error))
        return NULL;
    return g_steal_pointer(&manifest);
}
