/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* FTW_DEPTH */
#include "cli/cli-backup-make.h"

#include <sys/stat.h>

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/cli-progress.h"
#include "store/store-backup.h"
#include "store/store-dump.h"
#include "store/store-sqlite.h"

#define PARTIAL ".partial"

typedef struct {
    const SkBackupOrder *order;
    char *partial;
    SkManifest *manifest;
    /* Of the copy when it is one of SQLite, else of the server. NULL: no tables of blobs. */
    SkDb *rows;
} Making;

static void
making_clear(Making *m)
{
    sk_db_close(m->rows);
    sk_manifest_free(m->manifest);
    g_free(m->partial);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Making, making_clear)

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
has_tables(const SkStore *store, SkDatabase which)
{
    for (const SkTables *const *t = sk_store_peek_tables(store); *t != NULL; t++) {
        if ((*t)->database == which)
            return true;
    }
    return false;
}

static bool
copy_file(Making *m, const char *from, const char *name, const char *to, GError **error)
{
    struct stat st = {0};
    Bar bar = {NULL, 0};
    SkFileSum sum;
    bool ok;

    if (stat(from, &st) != 0)
        return sk_error_set_errno(error, errno, "cannot read database %s", from);
    bar.bar = sk_progress_new("bytes", (uint64_t)st.st_size);
    ok = sk_backup_sqlite(from, to, on_bytes, &bar, &sum, error);
    sk_progress_free(bar.bar);
    if (ok)
        sk_manifest_add_file(m->manifest, name, &sum);
    return ok;
}

/* A database that no table of this version lies in may be missing; no other. */
static bool
copy_database(Making *m, SkDatabase which, const char *name, GError **error)
{
    const char *from = sk_store_describe(m->order->store, which);
    g_autofree char *to = g_build_filename(m->partial, name, NULL);
    g_autoptr(SkDb) copy = NULL;

    if (!has_tables(m->order->store, which) && access(from, F_OK) != 0)
        return true;
    if (!copy_file(m, from, name, to, error))
        return false;
    copy = sk_store_sqlite_open_reader(to, error);
    if (copy == NULL || !sk_backup_note_modules(copy, which, m->manifest, error))
        return false;
    if (which == SK_KEEP)
        m->rows = g_steal_pointer(&copy);
    return true;
}

static bool
copy_databases(Making *m, GError **error)
{
    return copy_database(m, SK_KEEP, SK_BACKUP_KEEP, error) &&
           copy_database(m, SK_KNOW, SK_BACKUP_KNOW, error);
}

static bool
dump_server(Making *m, GError **error)
{
    const SkBackupOrder *order = m->order;
    const SkDumpServer server = {sk_store_describe(order->store, SK_KEEP), order->password_dir};
    g_autofree char *to = g_build_filename(m->partial, SK_BACKUP_DUMP, NULL);
    g_autoptr(SkDb) know = sk_store_open(order->store, SK_KNOW, SK_STORE_BARE, error);
    SkFileSum sum;

    if (know == NULL || !sk_backup_note_modules(know, SK_KNOW, m->manifest, error))
        return false;
    m->rows = sk_store_open(order->store, SK_KEEP, SK_STORE_BARE, error);
    if (m->rows == NULL || !sk_backup_note_modules(m->rows, SK_KEEP, m->manifest, error) ||
        !sk_store_dump(&server, to, &sum, error))
        return false;
    sk_manifest_add_file(m->manifest, SK_BACKUP_DUMP, &sum);
    return true;
}

static bool
knows_blobs(const SkManifest *manifest)
{
    for (guint i = 0; i < manifest->modules->len; i++) {
        const SkBackupModule *module = manifest->modules->pdata[i];

        if (module->database == SK_KEEP && strcmp(module->name, "blob") == 0)
            return true;
    }
    return false;
}

static bool
save_blobs(Making *m, GError **error)
{
    bool any = knows_blobs(m->manifest);
    g_autoptr(SkBlobPlace) place = NULL;
    g_autoptr(SkDb) live = NULL;

    if (any) {
        place = sk_store_open_blobs(m->order->store, error);
        live = sk_store_open(m->order->store, SK_KEEP, SK_STORE_BARE, error);
    }
    if (any && (place == NULL || live == NULL))
        return false;
    return sk_backup_blobs_save(
        &(SkBlobsOut){
            .rows = any ? m->rows : NULL,
            .live = live,
            .place = place,
            .dir = m->partial,
            .manifest = m->manifest,
            .complain = m->order->complain,
            .data = m->order->data,
        },
        error);
}

static bool
write_manifest(Making *m, GError **error)
{
    g_autofree char *path = g_build_filename(m->partial, SK_BACKUP_MANIFEST, NULL);
    g_autofree char *text = sk_manifest_format(m->manifest);
    g_autoptr(SkFileOut) out = sk_file_out_new(path, error);
    SkFileSum sum;

    return out != NULL && sk_file_out_write(out, sk_bytes(text, strlen(text)), error) &&
           sk_file_out_finish(out, &sum, error);
}

static bool
fill(Making *m, GError **error)
{
    return (sk_store_is_shared(m->order->store) ? dump_server(m, error)
                                                : copy_databases(m, error)) &&
           save_blobs(m, error) && write_manifest(m, error) &&
           sk_folder_sync(m->partial, error) && sk_file_place(m->partial, m->order->dir, error);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    return remove(path);
}

static bool
make_partial(Making *m, GError **error)
{
    struct stat st;

    if (lstat(m->order->dir, &st) == 0) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT,
                    "%s is there already: name a folder for the backup that is not",
                    m->order->dir);
        return false;
    }
    if (sk_folder_make(m->partial, error))
        return true;
    if (g_error_matches(*error, SK_ERROR, SK_ERROR_CONFLICT))
        g_prefix_error(error, "a backup is being made, or did not come to its end; remove what "
                              "it left, or name another folder: ");
    return false;
}

SkManifest *
sk_backup_make(const SkBackupOrder *order, GError **error)
{
    g_auto(Making) m = {.order = order};

    m.partial = g_strconcat(order->dir, PARTIAL, NULL);
    m.manifest =
        sk_manifest_new(sk_store_is_shared(order->store), sk_clock_now_us(sk_clock_real()));
    if (!make_partial(&m, error))
        return NULL;
    if (fill(&m, error))
        return g_steal_pointer(&m.manifest);
    (void)nftw(m.partial, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return NULL;
}
