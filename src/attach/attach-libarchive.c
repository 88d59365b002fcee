/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-libarchive.h"

#include <errno.h>

#include "attach/attach-decode.h"
#include "base/buffer.h"
#include "base/limit.h"

/* What libarchive is given at a time; between two such pieces the time is asked. */
#define INPUT_STEP  (64 * SK_KIB)
#define OUTPUT_STEP (64 * SK_KIB)

typedef struct {
    SkAttachScan *scan;
    SkAttachFile *file;
    const SkAttachWalk *walk;
    struct archive *archive;
    uint64_t at; /* next byte libarchive reads */
    uint64_t unpacked;
    bool broken; /* something was */
    bool fatal;  /* libarchive will go no further */
    uint8_t chunk[OUTPUT_STEP];
} Walk;

static la_ssize_t
on_read(struct archive *archive, void *data, const void **ret_bytes)
{
    Walk *w = data;
    SkBytes step = sk_bytes_slice(w->file->bytes, w->at, INPUT_STEP);

    if (!sk_budget_check_time(sk_attach_budget(w->scan))) {
        archive_set_error(archive, EIO, "out of time");
        return ARCHIVE_FATAL;
    }
    *ret_bytes = step.data;
    w->at += step.len;
    return (la_ssize_t)step.len;
}

static la_int64_t
on_seek(struct archive *archive, void *data, la_int64_t offset, int whence)
{
    Walk *w = data;
    la_int64_t base = whence == SEEK_CUR ? (la_int64_t)w->at : 0;
    la_int64_t to;

    if (whence == SEEK_END)
        base = (la_int64_t)w->file->bytes.len;
    if (__builtin_add_overflow(base, offset, &to) || to < 0)
        return ARCHIVE_FATAL;
    w->at = MIN((uint64_t)to, w->file->bytes.len);
    return (la_int64_t)w->at;
}

static la_int64_t
on_skip(struct archive *archive, void *data, la_int64_t n)
{
    Walk *w = data;
    uint64_t left = w->file->bytes.len - w->at;
    uint64_t step = n < 0 ? 0 : MIN((uint64_t)n, left);

    w->at += step;
    return (la_int64_t)step;
}

static bool
open_memory(Walk *w, int (*enable)(struct archive *))
{
    struct archive *a = w->archive;

    if (enable(a) < ARCHIVE_WARN)
        return false;
    archive_read_set_read_callback(a, on_read);
    archive_read_set_seek_callback(a, on_seek);
    archive_read_set_skip_callback(a, on_skip);
    archive_read_set_callback_data(a, w);
    return archive_read_open1(a) == ARCHIVE_OK;
}

/* States damage, unless it was our own running out of time that stopped libarchive. After
 * anything milder than ARCHIVE_FATAL the next entry may still be read. */
static void
state_broken(Walk *w, la_ssize_t result, const char *name)
{
    const char *reason = archive_error_string(w->archive);

    w->broken = true;
    w->fatal |= result <= ARCHIVE_FATAL;
    if (sk_attach_is_over(w->scan, w->file))
        return;
    if (reason == NULL)
        reason = "cannot be read";
    if (name == NULL)
        sk_attach_broken(w->scan, w->file, "%s", reason);
    else
        sk_attach_broken(w->scan, w->file, "%s: %s", name, reason);
}

/* Takes N more bytes from the budget and to CONTENT. */
static bool
keep(Walk *w, SkBuffer *content, size_t n)
{
    SkBudget *budget = sk_attach_budget(w->scan);

    if (!sk_budget_take_bytes(budget, n, w->file->bytes.len, w->unpacked))
        return false;
    w->unpacked += n;
    if (sk_buffer_append(content, w->chunk, n))
        return true;
    sk_attach_broken(w->scan, w->file, "no memory to unpack it");
    return false;
}

/* Unpacks the current entry; what could be read of a damaged one is kept. */
static void
read_content(Walk *w, const char *name, SkBuffer *content)
{
    while (!sk_attach_is_over(w->scan, w->file)) {
        la_ssize_t n = archive_read_data(w->archive, w->chunk, sizeof w->chunk);

        if (n < 0)
            state_broken(w, n, name);
        if (n <= 0)
            return;
        if (!keep(w, content, (size_t)n)) {
            (void)sk_attach_is_over(w->scan, w->file);
            return;
        }
    }
}

static char *
name_of(struct archive_entry *entry)
{
    const char *utf8 = archive_entry_pathname_utf8(entry);
    const char *raw = utf8 != NULL ? utf8 : archive_entry_pathname(entry);

    return raw != NULL ? sk_attach_decode_name(sk_bytes(raw, strlen(raw))) : NULL;
}

static void
take_entry(Walk *w, struct archive_entry *entry, const char *better_name)
{
    g_auto(SkBuffer) content;
    g_autofree char *own_name = better_name == NULL ? name_of(entry) : NULL;
    const char *name = better_name != NULL ? better_name : own_name;

    sk_buffer_init(&content, (size_t)MIN(sk_attach_budget(w->scan)->left.bytes, SIZE_MAX));
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return;
    if (w->walk->pick == NULL && archive_entry_is_encrypted(entry)) {
        sk_attach_state_encrypted(w->scan, w->file, w->walk->encrypted, SK_ENCRYPTED_SOME, name,
                                  NULL);
        return;
    }
    if (!sk_budget_take_unpacked(sk_attach_budget(w->scan)))
        return;
    read_content(w, name, &content);
    sk_attach_member(w->scan, w->file, name, sk_buffer_bytes(&content));
}

/* Whether there is a next entry. Warnings (a name in no charset, say) do not stop. */
static bool
next_entry(Walk *w, struct archive_entry **ret_entry)
{
    int r = archive_read_next_header(w->archive, ret_entry);

    if (r == ARCHIVE_EOF)
        return false;
    if (r >= ARCHIVE_WARN)
        return true;
    state_broken(w, r, NULL);
    return false;
}

static uint32_t
walk_entries(Walk *w)
{
    const SkAttachWalk *walk = w->walk;
    struct archive_entry *entry;
    uint32_t n = 0;

    for (; !sk_attach_is_over(w->scan, w->file) && next_entry(w, &entry); n++) {
        const char *name = NULL;
        SkAttachPick pick = SK_ATTACH_PICK_READ;

        if (walk->pick != NULL)
            pick = walk->pick(n, walk->data, &name);
        else if (!sk_budget_take_entry(sk_attach_budget(w->scan)))
            continue;
        if (pick == SK_ATTACH_PICK_STOP)
            break;
        if (pick == SK_ATTACH_PICK_READ)
            take_entry(w, entry, name);
        if (w->fatal)
            break;
    }
    return n;
}

uint32_t
sk_attach_libarchive_walk(SkAttachScan *scan,
                          SkAttachFile *file,
                          int (*enable)(struct archive *),
                          const SkAttachWalk *walk,
                          bool *ret_broken)
{
    g_autofree Walk *w = g_new0(Walk, 1);
    uint32_t n = 0;

    *w = (Walk){.scan = scan, .file = file, .walk = walk, .archive = archive_read_new()};
    if (w->archive == NULL || !open_memory(w, enable))
        sk_attach_broken(scan, file, "cannot be unpacked");
    else
        n = walk_entries(w);
    archive_read_free(w->archive);
    if (ret_broken != NULL)
        *ret_broken = w->broken;
    return n;
}
