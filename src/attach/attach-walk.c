/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-walk.h"

#include <archive_entry.h>

#include "attach/attach-decode.h"
#include "attach/attach-library.h"
#include "base/limit.h"

typedef struct {
    SkAttachScan *scan;
    SkAttachFile *file;
    const SkAttachWalk *walk;
    struct archive *archive;
    SkLibraryMeter meter;
    SkBuffer content; /* of the entry */
    bool broken;      /* something was */
    bool ended;       /* nothing more may be asked of libarchive */
} Visit;

/* States damage, unless it was our own limit that stopped libarchive. NAME may be NULL. */
static void
state_broken(Visit *v, const char *name)
{
    v->broken = true;
    v->ended |= !v->walk->persistent;
    if (sk_attach_is_over(v->scan, v->file))
        return;
    if (name == NULL)
        sk_attach_broken(v->scan, v->file, "%s", sk_library_trouble(v->archive));
    else
        sk_attach_broken(v->scan, v->file, "%s: %s", name, sk_library_trouble(v->archive));
}

/* Reads on, and says so if that goes wrong. */
static SkLibraryResult
read_until(Visit *v, const char *name, size_t until)
{
    SkLibraryResult result = sk_library_read(v->archive, &v->meter, until, &v->content);

    if (result == SK_LIBRARY_BROKEN)
        state_broken(v, name);
    v->ended |= result == SK_LIBRARY_OVER;
    if (result == SK_LIBRARY_OVER && !sk_attach_is_over(v->scan, v->file))
        sk_attach_broken(v->scan, v->file, "no memory to unpack it");
    return result;
}

/* What could be read of a damaged entry still tells what it is. */
static void
look_inside(Visit *v, const char *name)
{
    SkLibraryResult result;

    sk_buffer_reset(&v->content, SK_MIB);
    if (!sk_budget_take_unpacked(sk_attach_budget(v->scan)))
        return;
    result = read_until(v, name, v->walk->pick != NULL ? SIZE_MAX : SK_ATTACH_HEAD);
    if (result == SK_LIBRARY_PART) {
        size_t wanted =
            sk_attach_member_by_head(v->scan, v->file, name, sk_buffer_bytes(&v->content),
                                     v->meter.packed, v->meter.made);

        if (wanted == 0)
            return;
        result = read_until(v, name, wanted);
    }
    if (result == SK_LIBRARY_WHOLE || v->content.len > 0)
        sk_attach_member(v->scan, v->file, name, sk_buffer_bytes(&v->content));
}

/* libarchive gives names in the locale's charset if it can, else as they are stored; formats
 * that store Unicode have it too, whatever the locale. */
static char *
name_of(const Visit *v, struct archive_entry *entry)
{
    const char *name;

    if (v->walk->filter != NULL)
        return g_strdup(v->walk->name);
    name = archive_entry_pathname(entry);
    if (name == NULL)
        name = archive_entry_pathname_utf8(entry);
    return name != NULL ? sk_attach_decode_name(sk_bytes(name, strlen(name))) : g_strdup("?");
}

/* What was picked has content, whatever libarchive takes it for. */
static void
visit_entry(Visit *v, struct archive_entry *entry, const char *better_name)
{
    g_autofree char *own_name = better_name == NULL ? name_of(v, entry) : NULL;
    const char *name = better_name != NULL ? better_name : own_name;

    if (v->walk->filter != NULL || v->walk->pick != NULL ||
        archive_entry_filetype(entry) == AE_IFREG)
        look_inside(v, name);
    else
        sk_attach_member_by_name(v->scan, v->file, name);
}

/* Whether there is a next entry. Warnings (a name in no charset, say) do not stop. */
static bool
next_entry(Visit *v, struct archive_entry **ret_entry)
{
    int status = ARCHIVE_RETRY;

    while (status == ARCHIVE_RETRY && !sk_attach_is_over(v->scan, v->file))
        status = archive_read_next_header(v->archive, ret_entry);
    if (status == ARCHIVE_OK || status == ARCHIVE_WARN)
        return true;
    /* After damage that was stated it may go no further. */
    if (status != ARCHIVE_EOF && status != ARCHIVE_RETRY && !v->broken)
        state_broken(v, NULL);
    return false;
}

static SkAttachPick
pick(Visit *v, uint32_t i, const char **ret_name)
{
    if (v->walk->pick != NULL)
        return v->walk->pick(i, v->walk->data, ret_name);
    return sk_budget_take_entry(sk_attach_budget(v->scan)) ? SK_ATTACH_PICK_READ
                                                           : SK_ATTACH_PICK_STOP;
}

static uint32_t
visit_entries(Visit *v)
{
    struct archive_entry *entry = NULL;
    uint32_t n = 0;

    for (; !v->ended && next_entry(v, &entry); n++) {
        const char *name = NULL;
        SkAttachPick wanted = pick(v, n, &name);

        if (wanted == SK_ATTACH_PICK_STOP)
            break;
        if (wanted == SK_ATTACH_PICK_READ)
            visit_entry(v, entry, name);
    }
    (void)sk_attach_is_over(v->scan, v->file);
    return n;
}

/* A filter that this libarchive lacks would be run as a program; it says ARCHIVE_WARN then. */
static bool
enable(struct archive *archive, const SkAttachWalk *walk)
{
    if (walk->filter != NULL && walk->filter(archive) != ARCHIVE_OK)
        return false;
    return walk->format(archive) == ARCHIVE_OK;
}

uint32_t
sk_attach_walk(SkAttachScan *scan,
               SkAttachFile *file,
               const SkAttachWalk *walk,
               bool *ret_broken)
{
    SkBudget *budget = sk_attach_budget(scan);
    SkLibrarySource source = {file->bytes, sk_bytes("", 0), budget, 0};
    sk_autoarchive struct archive *archive = sk_library_new();
    Visit v = {scan, file, walk, archive, {budget, file->bytes.len, 0}, {0}, false, false};
    uint32_t n = 0;

    sk_buffer_init(&v.content, SK_LIMIT_UNPACKED);
    if (archive == NULL || !enable(archive, walk))
        sk_attach_unopened(scan, file, "not supported by this libarchive");
    else if (!sk_library_open(archive, &source))
        state_broken(&v, NULL);
    else
        n = visit_entries(&v);
    sk_buffer_clear(&v.content);
    if (ret_broken != NULL)
        *ret_broken = v.broken;
    return n;
}
