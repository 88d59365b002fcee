/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-open.h"

#include <string.h>

#include "base/error.h"
#include "store/store-migrate.h"
#include "store/store-sqlite.h"

#define SQLITE_SCHEME "sqlite:"
#define FILE_SCHEME   "file:"

struct SkStore {
    char *where[2]; /* by SkDatabase: path or URL */
    char *blobs;
    const SkTables *const *tables;
};

static bool
refuse(const char *key, const char *value, const char *wanted, GError **error)
{
    g_set_error(error, SK_ERROR, SK_ERROR_CONFIG, "[store] %s is %s, not \"%s\"", key, wanted,
                value);
    return false;
}

/* The absolute path behind SCHEME, or NULL. */
static const char *
path_of(const char *value, const char *scheme)
{
    if (!g_str_has_prefix(value, scheme))
        return NULL;
    value += strlen(scheme);
    return *value == '/' ? value : NULL;
}

static bool
read_database(SkStore *store, const char *value, GError **error)
{
    const char *folder = path_of(value, SQLITE_SCHEME);

    if (folder == NULL)
        return refuse("store", value, "sqlite: and the absolute path of a folder", error);
    store->where[SK_KEEP] = g_build_filename(folder, "keep.db", NULL);
    store->where[SK_KNOW] = g_build_filename(folder, "know.db", NULL);
    return true;
}

static bool
read_blobs(SkStore *store, const char *value, GError **error)
{
    const char *folder = path_of(value, FILE_SCHEME);

    if (folder == NULL)
        return refuse("blobs", value, "file: and the absolute path of a folder", error);
    store->blobs = g_strdup(folder);
    return true;
}

SkStore *
sk_store_new(const SkSettings *settings,
             const char *program,
             const SkTables *const *tables,
             GError **error)
{
    g_autoptr(SkStore) store = g_new0(SkStore, 1);

    (void)program;
    store->tables = tables;
    if (!read_database(store, sk_settings_peek_text(settings, "store", "store"), error) ||
        !read_blobs(store, sk_settings_peek_text(settings, "store", "blobs"), error))
        return NULL;
    return g_steal_pointer(&store);
}

void
sk_store_free(SkStore *store)
{
    if (store == NULL)
        return;
    g_free(store->where[SK_KEEP]);
    g_free(store->where[SK_KNOW]);
    g_free(store->blobs);
    g_free(store);
}

static SkDb *
connect_to(const SkStore *store, SkDatabase which, SkStoreAccess access, GError **error)
{
    if (access == SK_STORE_READ || access == SK_STORE_BARE)
        return sk_store_sqlite_open_reader(store->where[which], error);
    return sk_store_sqlite_open(store->where[which],
                                which == SK_KEEP ? SK_STORE_FULL : SK_STORE_NORMAL, error);
}

/* Who wants to know of each step of a migration. */
typedef struct {
    SkStoreStepFunc func;
    void *data;
} Told;

static bool
prepare_tables(const SkStore *store,
               SkDb *db,
               SkDatabase which,
               SkStoreAccess access,
               const Told *told,
               GError **error)
{
    for (const SkTables *const *t = store->tables; *t != NULL; t++) {
        bool ok = true;

        if ((*t)->database != which)
            continue;
        if (access == SK_STORE_READ)
            ok = sk_store_check(db, (*t)->name, (*t)->steps, error);
        else if (access != SK_STORE_BARE)
            ok = sk_store_migrate_told(db, (*t)->name, (*t)->steps, told->func, told->data,
                                       error);
        if (!ok)
            return false;
    }
    return true;
}

static SkDb *
open_told(const SkStore *store,
          SkDatabase which,
          SkStoreAccess access,
          const Told *told,
          GError **error)
{
    g_autoptr(SkDb) db = connect_to(store, which, access, error);

    if (db == NULL || !prepare_tables(store, db, which, access, told, error))
        return NULL;
    return g_steal_pointer(&db);
}

SkDb *
sk_store_open(const SkStore *store, SkDatabase which, SkStoreAccess access, GError **error)
{
    return open_told(store, which, access, &(Told){NULL, NULL}, error);
}

SkDb *
sk_store_open_owner(const SkStore *store,
                    SkDatabase which,
                    SkStoreStepFunc func,
                    void *data,
                    GError **error)
{
    return open_told(store, which, SK_STORE_OWNER, &(Told){func, data}, error);
}

bool
sk_store_is_shared(const SkStore *store)
{
    (void)store;
    return false;
}

const char *
sk_store_describe(const SkStore *store, SkDatabase which)
{
    return store->where[which];
}

const char *
sk_store_peek_blobs(const SkStore *store)
{
    return store->blobs;
}

const SkTables *const *
sk_store_peek_tables(const SkStore *store)
{
    return store->tables;
}
