/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-7z-header.h"
#include "attach/attach-decode.h"
#include "attach/attach-tally.h"
#include "attach/attach-walk.h"

/* libarchive gives up for good at the first encrypted folder it has to pass, so an archive that
 * mixes them is opened once for each run of readable folders. Two runs are what one gets by
 * adding files under a password; the rest is somebody's joke. */
#define MAX_RUNS 16

/* Steps through the files of the list; libarchive shows them in the same order. */
typedef struct {
    const SkAttach7zHeader *header;
    uint32_t next;      /* file */
    uint64_t name_at;   /* of it, in header->names */
    uint32_t folder;    /* that the last stepped-to file lies in */
    uint32_t in_folder; /* files of it stepped over */
    char *name;         /* of the last stepped-to file */
    bool has_stream;    /* the same file has content */
    bool astray;        /* it has content, but lies in no folder */
    /* the run of folders that is wanted */
    uint32_t first, end;
    uint32_t offered; /* files of it that came */
} Steps;

static void
clear_steps(Steps *s)
{
    g_free(s->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Steps, clear_steps)

static char *
next_name(Steps *s)
{
    SkBytes names = s->header->names;
    uint64_t at = s->name_at;
    uint64_t len = 0;

    if (!sk_bytes_has(names, at, 2))
        return NULL;
    while (sk_bytes_has(names, at + len, 2) && sk_bytes_le16(names, at + len) != 0)
        len += 2;
    s->name_at = at + len + 2;
    return sk_attach_decode_utf16le(sk_bytes_slice(names, at, len));
}

static void
step_folder(Steps *s)
{
    while (s->folder < s->header->n_folders &&
           s->in_folder >= sk_attach_7z_header_folder(s->header, s->folder)->n_files) {
        s->folder++;
        s->in_folder = 0;
    }
    s->in_folder++;
    s->astray = s->folder >= s->header->n_folders;
}

static void
step(Steps *s)
{
    g_free(s->name);
    s->name = next_name(s);
    s->has_stream = sk_attach_7z_header_has_stream(s->header, s->next++);
    if (s->has_stream)
        step_folder(s);
}

static const SkAttach7zFolder *
folder_of(const Steps *s)
{
    if (!s->has_stream || s->astray)
        return NULL;
    return sk_attach_7z_header_folder(s->header, s->folder);
}

static SkAttachPick
pick(uint32_t index, void *data, const char **ret_name)
{
    Steps *s = data;

    if (index >= s->header->n_files)
        return SK_ATTACH_PICK_STOP;
    step(s);
    if (folder_of(s) == NULL || s->folder < s->first)
        return SK_ATTACH_PICK_SKIP;
    if (s->folder >= s->end)
        return SK_ATTACH_PICK_STOP;
    s->offered++;
    *ret_name = s->name;
    return SK_ATTACH_PICK_READ;
}

static bool
is_readable(const SkAttach7zHeader *header, uint32_t i)
{
    const SkAttach7zFolder *folder = sk_attach_7z_header_folder(header, i);

    return !folder->encrypted && !folder->unknown && folder->n_files > 0;
}

/* Opens the files in folders FIRST up to END. */
static void
open_run(SkAttachScan *scan,
         SkAttachFile *file,
         const SkAttach7zHeader *header,
         uint32_t first,
         uint32_t end)
{
    g_auto(Steps) s = {.header = header, .first = first, .end = end};
    SkAttachWalk walk = {.format = archive_read_support_format_7zip,
                         .pick = pick,
                         .data = &s,
                         .persistent = true};
    uint64_t want = 0;
    bool is_broken = false;

    for (uint32_t i = first; i < end; i++)
        want += sk_attach_7z_header_folder(header, i)->n_files;
    sk_attach_walk(scan, file, &walk, &is_broken);
    if (s.offered == want || is_broken || sk_attach_is_over(scan, file))
        return;
    sk_attach_state(scan, file, SK_FINDING_ATTACH_INCONSISTENT,
                    "it has more files for one reader than for another");
    file->unopened = true;
}

static void
open_contents(SkAttachScan *scan, SkAttachFile *file, const SkAttach7zHeader *header)
{
    uint32_t runs = 0;

    for (uint32_t i = 0; i < header->n_folders && !sk_attach_is_over(scan, file);) {
        uint32_t first = i;

        while (i < header->n_folders && is_readable(header, i))
            i++;
        if (i == first) {
            i++;
            continue;
        }
        if (runs++ == MAX_RUNS) {
            sk_attach_unopened(scan, file, "too many encrypted files between readable ones");
            return;
        }
        open_run(scan, file, header, first, i);
    }
}

/* Names every file, and says what of it all cannot be read. */
static void
list_files(SkAttachScan *scan, SkAttachFile *file, const SkAttach7zHeader *header)
{
    g_auto(SkAttachTally) tally = {.id = SK_FINDING_ATTACH_ENCRYPTED_7Z};
    g_auto(Steps) s = {.header = header};

    while (s.next < header->n_files && sk_budget_take_entry(sk_attach_budget(scan))) {
        const SkAttach7zFolder *folder;

        step(&s);
        folder = folder_of(&s);
        if (folder != NULL)
            sk_attach_tally_add(&tally, s.name, folder->encrypted ? "AES-256" : NULL);
    }
    if (s.astray)
        sk_attach_broken(scan, file, "it has more files than contents");
    for (uint32_t i = 0; i < header->n_folders && tally.encrypted == 0; i++) {
        if (sk_attach_7z_header_folder(header, i)->encrypted) {
            sk_attach_tally_add_other(&tally, "?", "AES-256");
            break;
        }
    }
    sk_attach_tally_state(&tally, scan, file);
}

static void
say_unknown(SkAttachScan *scan, SkAttachFile *file, const SkAttach7zHeader *header)
{
    for (uint32_t i = 0; i < header->n_folders; i++) {
        const SkAttach7zFolder *folder = sk_attach_7z_header_folder(header, i);

        if (folder->unknown && !folder->encrypted) {
            sk_attach_unopened(scan, file, "packed with a method that is not read here");
            return;
        }
    }
}

/* A first volume names a list that only the last one has. */
static void
say_cut(SkAttachScan *scan, SkAttachFile *file, const char *wrong)
{
    if (file->name != NULL && g_str_has_suffix(file->name, ".001")) {
        sk_attach_state(scan, file, SK_FINDING_ATTACH_SPLIT, "the first volume");
        file->unopened = true;
        return;
    }
    sk_attach_broken(scan, file, "%s", wrong);
}

void
sk_attach_7z_open(SkAttachScan *scan, SkAttachFile *file)
{
    g_auto(SkAttach7zHeader) header;
    SkAttach7zResult result;

    sk_attach_7z_header_init(&header);
    result = sk_attach_7z_header_read(&header, file->bytes, sk_attach_budget(scan));
    if (result == SK_ATTACH_7Z_ENCRYPTED)
        sk_attach_state_encrypted(scan, file, SK_FINDING_ATTACH_ENCRYPTED_7Z,
                                  SK_ENCRYPTED_HEADERS, NULL, "AES-256, file names too");
    if (result == SK_ATTACH_7Z_CUT)
        say_cut(scan, file, header.wrong);
    if (result == SK_ATTACH_7Z_BROKEN)
        sk_attach_broken(scan, file, "%s", header.wrong);
    if (result != SK_ATTACH_7Z_OK) {
        (void)sk_attach_is_over(scan, file);
        return;
    }
    list_files(scan, file, &header);
    say_unknown(scan, file, &header);
    open_contents(scan, file, &header);
}
