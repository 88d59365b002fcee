/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-backup-blobs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "blob/blob-store.h"
#include "cli/cli-progress.h"

#define CHUNK (256 * 1024)
/* Rows that are asked for at once. */
#define ROWS 500

/* --- Out --- */

typedef struct {
    const SkBlobsOut *with;
    SkFileOut *list;
    char *folder; /* the one that was written to last */
    SkProgress *progress;
    uint64_t seen;
} Saving;

static void
saving_clear(Saving *s)
{
    sk_file_out_free(s->list);
    g_free(s->folder);
    sk_progress_free(s->progress);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Saving, saving_clear)

static bool
sync_folder(Saving *s, GError **error)
{
    return s->folder == NULL || sk_folder_sync(s->folder, error);
}

/* Rows come in the order of their ids: each folder is entered once. */
static bool
enter_folder(Saving *s, const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);

    if (g_strcmp0(folder, s->folder) == 0)
        return true;
    if (!sync_folder(s, error) || !sk_folder_make(folder, error))
        return false;
    g_free(s->folder);
    s->folder = g_steal_pointer(&folder);
    return true;
}

/* RET_TROUBLE is about the blob, the return value about the backup. */
static bool
copy_source(SkBlobSource *source, SkFileOut *out, GError **ret_trouble, GError **error)
{
    g_autofree uint8_t *chunk = g_malloc(CHUNK);
    uint64_t at = 0;
    size_t n = CHUNK;

    while (n == CHUNK) {
        if (!sk_blob_source_read(source, at, chunk, CHUNK, &n, ret_trouble))
            return true;
        if (!sk_file_out_write(out, sk_bytes(chunk, n), error))
            return false;
        at += n;
    }
    return true;
}

static bool
is_as_in_row(const SkFileSum *sum, const SkBlobRow *row)
{
    g_autofree char *digest = sk_text_hex(row->digest, sizeof row->digest);
    SkFileSum wanted = {.size = row->stored_size};

    g_strlcpy(wanted.digest, digest, sizeof wanted.digest);
    return sk_file_sum_equal(sum, &wanted);
}

static bool
save_file(Saving *s,
          const SkBlobRow *row,
          const char *path,
          SkFileSum *ret_sum,
          GError **ret_trouble,
          GError **error)
{
    g_autoptr(SkBlobSource) source = sk_blob_place_open(s->with->place, row->id, ret_trouble);
    g_autoptr(SkFileOut) out = NULL;

    if (source == NULL)
        return true;
    if (!enter_folder(s, path, error))
        return false;
    out = sk_file_out_new(path, error);
    if (out == NULL || !copy_source(source, out, ret_trouble, error))
        return false;
    if (*ret_trouble != NULL)
        return true;
    if (!sk_file_out_finish(out, ret_sum, error))
        return false;
    if (is_as_in_row(ret_sum, row))
        return true;
    (void)unlink(path);
    g_set_error(ret_trouble, SK_ERROR, SK_ERROR_PROTOCOL,
                "it is damaged: not what its row in the database says");
    return true;
}

/* What somebody has removed since is no loss. */
static bool
note_trouble(Saving *s, const SkBlobRow *row, const GError *trouble, GError **error)
{
    bool named = true;

    if (s->with->live != NULL && !sk_blob_store_names(s->with->live, row->id, &named, error))
        return false;
    if (!named)
        return true;
    s->with->manifest->missing++;
    sk_progress_hide(s->progress);
    s->with->complain(row->id, trouble->message, s->with->data);
    return true;
}

static bool
save_one(Saving *s, const SkBlobRow *row, GError **error)
{
    SkManifest *manifest = s->with->manifest;
    g_autofree char *inside = NULL, *path = NULL, *text = NULL;
    g_autoptr(GError) trouble = NULL;
    SkBlobLine line = {{0}, {0}};
    SkFileSum sum;

    g_strlcpy(line.id, row->id, sizeof line.id);
    inside = sk_blob_line_path(&line);
    path = g_build_filename(s->with->dir, inside, NULL);
    if (!save_file(s, row, path, &sum, &trouble, error))
        return false;
    if (trouble != NULL)
        return note_trouble(s, row, trouble, error);
    g_strlcpy(line.digest, sum.digest, sizeof line.digest);
    text = sk_blob_line_format(&line);
    manifest->blobs++;
    manifest->blob_bytes += sum.size;
    return sk_file_out_write(s->list, sk_bytes(text, strlen(text)), error);
}

static bool
save_rows(Saving *s, const GPtrArray *rows, GError **error)
{
    for (guint i = 0; i < rows->len; i++) {
        const SkBlobRow *row = rows->pdata[i];

        sk_progress_set(s->progress, s->seen++);
        if (!row->in_row && !save_one(s, row, error))
            return false;
    }
    return true;
}

static bool
save_all(Saving *s, GError **error)
{
    char after[SK_BLOB_ID_LEN + 1] = "";

    for (;;) {
        g_autoptr(GPtrArray) rows = NULL;

        if (!sk_blob_store_list(s->with->rows, after, ROWS, &rows, error))
            return false;
        if (rows->len == 0)
            return sync_folder(s, error);
        if (!save_rows(s, rows, error))
            return false;
        g_strlcpy(after, ((SkBlobRow *)rows->pdata[rows->len - 1])->id, sizeof after);
    }
}

bool
sk_backup_blobs_save(const SkBlobsOut *out, GError **error)
{
    g_autofree char *folder = g_build_filename(out->dir, "blobs", NULL);
    g_autofree char *list = g_build_filename(out->dir, SK_BACKUP_BLOBS, NULL);
    g_auto(Saving) s = {.with = out};
    int64_t n = 0, bytes;
    SkFileSum sum;

    if (!sk_folder_make(folder, error) ||
        (out->rows != NULL && !sk_blob_store_count(out->rows, NULL, &n, &bytes, error)))
        return false;
    s.progress = sk_progress_new("blobs", (uint64_t)n);
    s.list = sk_file_out_new(list, error);
    if (s.list == NULL || (out->rows != NULL && !save_all(&s, error)) ||
        !sk_file_out_finish(s.list, &sum, error) || !sk_folder_sync(folder, error))
        return false;
    sk_manifest_add_file(out->manifest, SK_BACKUP_BLOBS, &sum);
    return true;
}

/* --- Back --- */

/* False: enough, with the reason. */
typedef bool (*LineFunc)(const SkBlobLine *line, const char *path, void *data, GError **error);

static bool
refuse_list(const char *path, GError **error)
{
    g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL, "%s is damaged", path);
    return false;
}

/* Each line names another blob than all before it. */
static bool
walk_lines(const char *dir,
           FILE *list,
           LineFunc func,
           void *data,
           uint64_t *ret_n,
           GError **error)
{
    char text[SK_BLOB_LINE_LEN];
    SkBlobLine line, before = {{0}, {0}};
    size_t n;

    *ret_n = 0;
    while ((n = fread(text, 1, sizeof text, list)) > 0) {
        g_autofree char *inside = NULL, *path = NULL;

        if (!sk_blob_line_parse(sk_bytes(text, n), &line) || strcmp(line.id, before.id) <= 0)
            return refuse_list(SK_BACKUP_BLOBS, error);
        inside = sk_blob_line_path(&line);
        path = g_build_filename(dir, inside, NULL);
        if (!func(&line, path, data, error))
            return false;
        before = line;
        (*ret_n)++;
    }
    return !ferror(list) || refuse_list(SK_BACKUP_BLOBS, error);
}

static bool
for_each_line(const char *dir,
              const SkManifest *manifest,
              LineFunc func,
              void *data,
              GError **error)
{
    g_autofree char *path = g_build_filename(dir, SK_BACKUP_BLOBS, NULL);
    FILE *list = fopen(path, "re");
    uint64_t n;
    bool ok;

    if (list == NULL)
        return sk_error_set_errno(error, errno, "cannot read %s", path);
    ok = walk_lines(dir, list, func, data, &n, error);
    fclose(list);
    return ok && (n == manifest->blobs || refuse_list(path, error));
}

typedef struct {
    SkBlobPlace *place;
    SkProgress *progress;
    uint64_t done;
} Bringing;

static bool
check_one(const SkBlobLine *line, const char *path, void *data, GError **error)
{
    Bringing *b = data;
    SkFileSum sum;

    sk_progress_set(b->progress, b->done++);
    if (!sk_file_sum(path, NULL, NULL, &sum, error))
        return false;
    return strcmp(sum.digest, line->digest) == 0 || refuse_list(path, error);
}

bool
sk_backup_blobs_check(const char *dir, const SkManifest *manifest, GError **error)
{
    Bringing b = {.progress = sk_progress_new("blobs checked", manifest->blobs)};
    bool ok = for_each_line(dir, manifest, check_one, &b, error);

    sk_progress_free(b.progress);
    return ok;
}

typedef struct {
    const char *dir;
    char stranger[SK_BLOB_ID_LEN + 1];
} Search;

static bool
look_for_stranger(const char *id, uint64_t size, int64_t made_us, void *data)
{
    Search *search = data;
    SkBlobLine line = {{0}, {0}};
    g_autofree char *inside = NULL, *path = NULL;

    g_strlcpy(line.id, id, sizeof line.id);
    inside = sk_blob_line_path(&line);
    path = g_build_filename(search->dir, inside, NULL);
    if (access(path, F_OK) == 0)
        return true;
    g_strlcpy(search->stranger, id, sizeof search->stranger);
    return false;
}

bool
sk_backup_blobs_check_free(const char *dir, SkBlobPlace *place, GError **error)
{
    Search search = {.dir = dir};

    if (!sk_blob_place_list(place, "", INT64_MAX, look_for_stranger, &search, error))
        return false;
    if (*search.stranger == '\0')
        return true;
    g_set_error(
        error, SK_ERROR, SK_ERROR_CONFLICT,
        "blob %s is stored already and not in the backup, and nothing is restored into "
        "a store that is in use: stop all programs and move the folder of [store] blobs "
        "away",
        search.stranger);
    return false;
}

static bool
sum_source(SkBlobSource *source, SkFileSum *ret_sum, GError **error)
{
    g_autoptr(SkSummer) summer = sk_summer_new();
    g_autofree uint8_t *chunk = g_malloc(CHUNK);
    uint64_t at = 0;
    size_t n = CHUNK;

    while (n == CHUNK) {
        if (!sk_blob_source_read(source, at, chunk, CHUNK, &n, error))
            return false;
        sk_summer_add(summer, sk_bytes(chunk, n));
        at += n;
    }
    sk_summer_finish(summer, ret_sum);
    return true;
}

/* Of a restore that did not come to its end. */
static bool
is_put(Bringing *b, const SkBlobLine *line)
{
    g_autoptr(SkBlobSource) source = sk_blob_place_open(b->place, line->id, NULL);
    SkFileSum sum;

    return source != NULL && sum_source(source, &sum, NULL) &&
           strcmp(sum.digest, line->digest) == 0;
}

static bool
write_sink(SkBlobSink *sink, FILE *file, SkFileSum *ret_sum, GError **error)
{
    g_autoptr(SkSummer) summer = sk_summer_new();
    g_autofree uint8_t *chunk = g_malloc(CHUNK);
    size_t n;

    while ((n = fread(chunk, 1, CHUNK, file)) > 0) {
        sk_summer_add(summer, sk_bytes(chunk, n));
        if (!sk_blob_sink_write(sink, sk_bytes(chunk, n), error))
            return false;
    }
    sk_summer_finish(summer, ret_sum);
    return true;
}

static bool
put_file(Bringing *b, const SkBlobLine *line, const char *path, GError **error)
{
    g_autoptr(SkBlobSink) sink = sk_blob_place_create(b->place, line->id, error);
    FILE *file = sink != NULL ? fopen(path, "re") : NULL;
    SkFileSum sum;
    bool ok;

    if (sink == NULL)
        return false;
    if (file == NULL)
        return sk_error_set_errno(error, errno, "cannot read %s", path);
    ok = write_sink(sink, file, &sum, error);
    fclose(file);
    if (!ok)
        return false;
    if (strcmp(sum.digest, line->digest) != 0)
        return refuse_list(path, error);
    return sk_blob_sink_commit(sink, error);
}

static bool
put_one(const SkBlobLine *line, const char *path, void *data, GError **error)
{
    Bringing *b = data;

    sk_progress_set(b->progress, b->done++);
    return is_put(b, line) ||
           (sk_blob_place_remove(b->place, line->id, error) && put_file(b, line, path, error));
}

bool
sk_backup_blobs_put(const char *dir,
                    const SkManifest *manifest,
                    SkBlobPlace *place,
                    GError **error)
{
    Bringing b = {.place = place, .progress = sk_progress_new("blobs", manifest->blobs)};
    bool ok = for_each_line(dir, manifest, put_one, &b, error);

    sk_progress_free(b.progress);
    return ok;
}
