/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-open.h"

#include <string.h>

#include "base/error.h"
#include "base/limit.h"
#include "store/store-blob-directory.h"
#include "store/store-migrate.h"
#include "store/store-postgres.h"
#include "store/store-roles.h"
#include "store/store-sqlite.h"

#define SQLITE_SCHEME "sqlite:"
#define SERVER_SCHEME "postgresql:"
#define FILE_SCHEME   "file:"

struct SkStore {
    bool is_shared;
    char *where[2]; /* by SkDatabase: path or URL */
    char *blobs;
    char *program;
    char *role;         /* on a server: PROGRAM, in the signs of a name in SQL */
    char *password_dir; /* or NULL */
    const SkTables *const *tables;
};

/* Not what may have a password in it: a URL of another kind, a libpq connection string. */
static bool
may_be_shown(const char *value)
{
    return strpbrk(value, "@=") == NULL;
}

static bool
refuse(const char *key, const char *value, const char *wanted, GError **error)
{
    g_autofree char *given =
        may_be_shown(value) ? g_strdup_printf(", not \"%s\"", value) : g_strdup("");

    g_set_error(error, SK_ERROR, SK_ERROR_CONFIG, "[store] %s has to be %s%s", key, wanted,
                given);
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
read_server(SkStore *store, const char *url, GError **error)
{
    if (!sk_store_postgres_check_url(url, error))
        return false;
    store->is_shared = true;
    store->where[SK_KEEP] = g_strdup(url);
    store->where[SK_KNOW] = g_strdup(url);
    return true;
}

static bool
read_database(SkStore *store, const char *value, GError **error)
{
    const char *folder = path_of(value, SQLITE_SCHEME);

    if (g_str_has_prefix(value, SERVER_SCHEME))
        return read_server(store, value, error);
    if (folder == NULL)
        return refuse("store", value,
                      "sqlite: and the absolute path of a folder, or a postgresql:// URL",
                      error);
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
    const char *password_dir = sk_settings_peek_text(settings, "store", "password_dir");

    store->tables = tables;
    store->program = g_strdup(program);
    store->role = g_strdelimit(g_strdup(program), "-", '_');
    store->password_dir = *password_dir != '\0' ? g_strdup(password_dir) : NULL;
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
    g_free(store->program);
    g_free(store->role);
    g_free(store->password_dir);
    g_free(store);
}

/* The owner is a person, who comes in as himself if the URL does not say otherwise. */
static SkDb *
connect_to_server(const SkStore *store, SkDatabase which, SkStoreAccess access, GError **error)
{
    bool owner = access == SK_STORE_OWNER;
    SkPostgresOptions options = {
        .url = store->where[which],
        .user = owner ? NULL : store->role,
        .program = store->program,
        .schema = sk_store_schema_name(which),
        .password_dir = store->password_dir,
        .owner = owner,
        .read_only = access == SK_STORE_READ || access == SK_STORE_BARE,
        .statement_ms = owner ? SK_LIMIT_DB_MIGRATE_MS : 0,
        .wait_ms = owner ? SK_LIMIT_DB_STATEMENT_MS : 0,
    };

    return sk_store_postgres_open(&options, error);
}

static SkDb *
connect_to(const SkStore *store, SkDatabase which, SkStoreAccess access, GError **error)
{
    if (store->is_shared)
        return connect_to_server(store, which, access, error);
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
may_migrate(const SkStore *store, SkStoreAccess access)
{
    return access == SK_STORE_OWNER || (access == SK_STORE_WRITE && !store->is_shared);
}

static bool
prepare_tables(const SkStore *store,
               SkDb *db,
               SkDatabase which,
               SkStoreAccess access,
               const Told *told,
               GError **error)
{
    bool migrate = may_migrate(store, access);

    for (const SkTables *const *t = store->tables; *t != NULL; t++) {
        if ((*t)->database == which &&
            !(migrate ? sk_store_migrate_told(db, (*t)->name, (*t)->steps, told->func,
                                              told->data, error)
                      : sk_store_check(db, (*t)->name, (*t)->steps, error)))
            return false;
    }
    return true;
}

static bool
prepare_server(const SkStore *store,
               SkDb *db,
               SkDatabase which,
               SkStoreAccess access,
               const Told *told,
               GError **error)
{
    if (access != SK_STORE_OWNER)
        return sk_store_check_made(db, which, error) &&
               prepare_tables(store, db, which, access, told, error);
    return sk_store_make_schema(db, which, error) &&
           prepare_tables(store, db, which, access, told, error) &&
           sk_store_grant(db, which, store->tables, error);
}

static SkDb *
open_told(const SkStore *store,
          SkDatabase which,
          SkStoreAccess access,
          const Told *told,
          GError **error)
{
    g_autoptr(SkDb) db = connect_to(store, which, access, error);

    if (db == NULL)
        return NULL;
    if (access != SK_STORE_BARE && !(store->is_shared ? prepare_server : prepare_tables)(
                                       store, db, which, access, told, error))
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

SkBlobPlace *
sk_store_open_blobs(const SkStore *store, GError **error)
{
    return sk_store_blob_directory_open(store->blobs, SK_DIRECTORY_UNNAMED, error);
}

bool
sk_store_is_shared(const SkStore *store)
{
    return store->is_shared;
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
