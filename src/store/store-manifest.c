/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-manifest.h"

#include <jansson.h>
#include <string.h>

#include "base/error.h"
#include "base/limit.h"

#define FORMAT      1
#define MAX_TEXT    (1 * SK_MIB)
#define MAX_MODULES 100
#define MAX_FILES   8
#define MAX_VERSION 1000000

static void
module_free(void *data)
{
    g_free(((SkBackupModule *)data)->name);
    g_free(data);
}

static void
file_free(void *data)
{
    g_free(((SkBackupFile *)data)->name);
    g_free(data);
}

static SkManifest *
make_empty(void)
{
    SkManifest *manifest = g_new0(SkManifest, 1);

    manifest->modules = g_ptr_array_new_with_free_func(module_free);
    manifest->files = g_ptr_array_new_with_free_func(file_free);
    return manifest;
}

SkManifest *
sk_manifest_new(bool shared, int64_t now_us)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(now_us / G_USEC_PER_SEC);
    SkManifest *manifest = make_empty();

    manifest->sekisho = g_strdup(SK_VERSION);
    manifest->made = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
    manifest->shared = shared;
    return manifest;
}

void
sk_manifest_free(SkManifest *manifest)
{
    if (manifest == NULL)
        return;
    g_free(manifest->sekisho);
    g_free(manifest->made);
    g_ptr_array_unref(manifest->modules);
    g_ptr_array_unref(manifest->files);
    g_free(manifest);
}

void
sk_manifest_add_module(SkManifest *manifest, SkDatabase database, const char *name, int version)
{
    SkBackupModule *module = g_new0(SkBackupModule, 1);

    *module = (SkBackupModule){database, g_strdup(name), version};
    g_ptr_array_add(manifest->modules, module);
}

void
sk_manifest_add_file(SkManifest *manifest, const char *name, const SkFileSum *sum)
{
    SkBackupFile *file = g_new0(SkBackupFile, 1);

    *file = (SkBackupFile){g_strdup(name), *sum};
    g_ptr_array_add(manifest->files, file);
}

const SkFileSum *
sk_manifest_peek_file(const SkManifest *manifest, const char *name)
{
    for (guint i = 0; i < manifest->files->len; i++) {
        const SkBackupFile *file = manifest->files->pdata[i];

        if (strcmp(file->name, name) == 0)
            return &file->sum;
    }
    return NULL;
}

/* --- Writing --- */

static const char *
name_of(SkDatabase database)
{
    return database == SK_KEEP ? "keep" : "know";
}

static json_t *
modules_out(const SkManifest *manifest)
{
    json_t *list = json_array();

    for (guint i = 0; i < manifest->modules->len; i++) {
        const SkBackupModule *module = manifest->modules->pdata[i];

        json_array_append_new(list, json_pack("{s:s, s:s, s:i}", "database",
                                              name_of(module->database), "name", module->name,
                                              "version", module->version));
    }
    return list;
}

static json_t *
files_out(const SkManifest *manifest)
{
    json_t *list = json_array();

    for (guint i = 0; i < manifest->files->len; i++) {
        const SkBackupFile *file = manifest->files->pdata[i];

        json_array_append_new(list, json_pack("{s:s, s:I, s:s}", "name", file->name, "size",
                                              (json_int_t)file->sum.size, "sha256",
                                              file->sum.digest));
    }
    return list;
}

char *
sk_manifest_format(const SkManifest *manifest)
{
    json_t *root = json_pack(
        "{s:i, s:s, s:s, s:s, s:o, s:o, s:I, s:I, s:I}", "format", FORMAT, "sekisho",
        manifest->sekisho, "made", manifest->made, "engine",
        manifest->shared ? "postgresql" : "sqlite", "modules", modules_out(manifest), "files",
        files_out(manifest), "blobs", (json_int_t)manifest->blobs, "blob_bytes",
        (json_int_t)manifest->blob_bytes, "missing", (json_int_t)manifest->missing);
    char *text, *copy;

    /* Our own values: they are UTF-8 and in range. */
    g_assert(root != NULL);
    text = json_dumps(root, JSON_INDENT(1));
    g_assert(text != NULL);
    copy = g_strconcat(text, "\n", NULL);
    free(text);
    json_decref(root);
    return copy;
}

/* --- Reading --- */

/* The first member that is not what it should be. */
typedef struct {
    const char *bad;
} In;

static void
complain(In *in, const char *key)
{
    if (in->bad == NULL)
        in->bad = key;
}

static const char *
peek_text(In *in, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    if (text == NULL)
        complain(in, key);
    return text != NULL ? text : "";
}

static int64_t
get_int(In *in, const json_t *object, const char *key, int64_t max)
{
    json_t *value = json_object_get(object, key);
    int64_t number = json_integer_value(value);

    if (json_is_integer(value) && number >= 0 && number <= max)
        return number;
    complain(in, key);
    return 0;
}

static const json_t *
peek_list(In *in, const json_t *object, const char *key, size_t max)
{
    const json_t *list = json_object_get(object, key);

    if (!json_is_array(list) || json_array_size(list) > max)
        complain(in, key);
    return list;
}

static bool
is_digest(const char *text)
{
    return strlen(text) == SK_DIGEST_HEX && strspn(text, "0123456789abcdef") == SK_DIGEST_HEX;
}

static bool
is_file_of_ours(const char *name)
{
    static const char *const names[] = {SK_BACKUP_KEEP, SK_BACKUP_KNOW, SK_BACKUP_DUMP,
                                        SK_BACKUP_BLOBS, NULL};

    return g_strv_contains(names, name);
}

static void
read_file(In *in, SkManifest *manifest, const json_t *object)
{
    const char *name = peek_text(in, object, "name");
    const char *digest = peek_text(in, object, "sha256");
    SkFileSum sum = {.size = (uint64_t)get_int(in, object, "size", INT64_MAX)};

    if (!is_file_of_ours(name) || sk_manifest_peek_file(manifest, name) != NULL)
        complain(in, "name");
    if (!is_digest(digest))
        complain(in, "sha256");
    g_strlcpy(sum.digest, digest, sizeof sum.digest);
    sk_manifest_add_file(manifest, name, &sum);
}

static void
read_module(In *in, SkManifest *manifest, const json_t *object)
{
    const char *database = peek_text(in, object, "database");
    SkDatabase which = strcmp(database, "keep") == 0 ? SK_KEEP : SK_KNOW;

    if (strcmp(database, name_of(which)) != 0)
        complain(in, "database");
    sk_manifest_add_module(manifest, which, peek_text(in, object, "name"),
                           (int)get_int(in, object, "version", MAX_VERSION));
}

static bool
has(const SkManifest *manifest, const char *name)
{
    return sk_manifest_peek_file(manifest, name) != NULL;
}

/* A database of SQLite may be missing, when nothing lies in it in this version. */
static void
read_engine(In *in, SkManifest *manifest, const json_t *root)
{
    const char *engine = peek_text(in, root, "engine");
    bool dump = has(manifest, SK_BACKUP_DUMP);
    bool lite = has(manifest, SK_BACKUP_KEEP) || has(manifest, SK_BACKUP_KNOW);

    manifest->shared = strcmp(engine, "postgresql") == 0;
    if (!manifest->shared && strcmp(engine, "sqlite") != 0)
        complain(in, "engine");
    if (dump != manifest->shared || lite == manifest->shared || !has(manifest, SK_BACKUP_BLOBS))
        complain(in, "files");
}

static void
read_root(In *in, SkManifest *manifest, const json_t *root)
{
    const json_t *files = peek_list(in, root, "files", MAX_FILES);
    const json_t *modules = peek_list(in, root, "modules", MAX_MODULES);

    manifest->sekisho = g_strdup(peek_text(in, root, "sekisho"));
    manifest->made = g_strdup(peek_text(in, root, "made"));
    for (size_t i = 0; in->bad == NULL && i < json_array_size(files); i++)
        read_file(in, manifest, json_array_get(files, i));
    for (size_t i = 0; in->bad == NULL && i < json_array_size(modules); i++)
        read_module(in, manifest, json_array_get(modules, i));
    read_engine(in, manifest, root);
    manifest->blobs = (uint64_t)get_int(in, root, "blobs", INT64_MAX);
    manifest->blob_bytes = (uint64_t)get_int(in, root, "blob_bytes", INT64_MAX);
    manifest->missing = (uint64_t)get_int(in, root, "missing", INT64_MAX);
}

static SkManifest *
refuse(const char *name, const char *why, const char *key, GError **error)
{
    g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                "%s is not the manifest of a backup of sekisho, or damaged: %s%s", name, why,
                key);
    return NULL;
}

static SkManifest *
read_manifest(const char *name, const json_t *root, GError **error)
{
    g_autoptr(SkManifest) manifest = make_empty();
    In in = {NULL};
    int64_t format = get_int(&in, root, "format", INT64_MAX);

    if (in.bad == NULL && format > FORMAT) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                    "%s is of a newer version of sekisho: install that one to restore it",
                    name);
        return NULL;
    }
    read_root(&in, manifest, root);
    if (in.bad != NULL)
        return refuse(name, "wrong or missing: ", in.bad, error);
    return g_steal_pointer(&manifest);
}

SkManifest *
sk_manifest_parse(const char *name, SkBytes text, GError **error)
{
    SkManifest *manifest;
    json_error_t trouble;
    json_t *root;

    if (text.len > MAX_TEXT)
        return refuse(name, "it is too large", "", error);
    root = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &trouble);
    if (root == NULL)
        return refuse(name, trouble.text, "", error);
    manifest = read_manifest(name, root, error);
    json_decref(root);
    return manifest;
}

/* --- Lines of blobs --- */

char *
sk_blob_line_path(const SkBlobLine *line)
{
    return g_strdup_printf("blobs/%.2s/%s", line->id, line->id);
}

char *
sk_blob_line_format(const SkBlobLine *line)
{
    g_autofree char *path = sk_blob_line_path(line);

    return g_strdup_printf("%s  %s\n", line->digest, path);
}

bool
sk_blob_line_parse(SkBytes text, SkBlobLine *ret_line)
{
    SkBlobLine line = {{0}, {0}};
    SkBytes id = sk_bytes_slice(text, SK_BLOB_LINE_LEN - 1 - SK_BLOB_ID_LEN, SK_BLOB_ID_LEN);
    g_autofree char *again = NULL;

    if (text.len != SK_BLOB_LINE_LEN)
        return false;
    memcpy(line.digest, text.data, SK_DIGEST_HEX);
    memcpy(line.id, id.data, SK_BLOB_ID_LEN);
    if (!is_digest(line.digest) ||
        strspn(line.id, "0123456789abcdefghijklmnopqrstuvwxyz") != SK_BLOB_ID_LEN)
        return false;
    again = sk_blob_line_format(&line);
    if (memcmp(again, text.data, SK_BLOB_LINE_LEN) != 0)
        return false;
    *ret_line = line;
    return true;
}
