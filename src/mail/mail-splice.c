/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-splice.h"

#include "mail/mail-belong.h"
#include "mail/mail-header.h"
#include "mail/mail-substitute.h"

/* Bytes of the names of what one entity held; a notice shows no more. */
#define NAMES_MAX 512

/* A part as the walk showed it. */
typedef struct {
    char *path;
    char *name;    /* or NULL */
    char *type;    /* as claimed */
    char *picture; /* Content-ID of what a text may show; or NULL */
    uint64_t size;
    size_t at, len; /* the entity it stands in */
    char *home;     /* path of that */
    bool is_message, is_alternative, is_sealed;
    bool is_attachment; /* and no companion */
} Leaf;

typedef struct {
    SkBytes bytes;
    const SkSpliceOrder *order;
    const SkMailVisitor *tell;
    GPtrArray *leaves;   /* of Leaf */
    GPtrArray *doubtful; /* of char *: paths that are read in different ways; "": the message */
    GHashTable *shown;   /* Content-IDs */
    bool cut_short;      /* not all was read */
    SkMailCuts *cuts;
} Work;

static void
leaf_free(void *data)
{
    Leaf *leaf = data;

    g_free(leaf->path);
    g_free(leaf->name);
    g_free(leaf->type);
    g_free(leaf->picture);
    g_free(leaf->home);
    g_free(leaf);
}

static void
on_part(const SkMailPart *part, void *data)
{
    Work *work = data;
    const SkMailSource *source = part->source;
    Leaf *leaf = g_new0(Leaf, 1);

    leaf->path = g_strdup(part->path);
    leaf->name = g_strdup(part->name);
    leaf->type = g_strdup(part->type);
    leaf->size = part->content.len;
    leaf->at = sk_bytes_offset(work->bytes, source->entity);
    leaf->len = source->entity.len;
    leaf->home = g_strdup(source->path);
    leaf->is_message = source->is_message;
    leaf->is_alternative = source->is_alternative;
    leaf->is_sealed = source->is_sealed;
    leaf->picture = sk_mail_belong_picture_dup(part);
    leaf->is_attachment = part->is_attachment && !sk_mail_belong_is_companion(part);
    g_assert(leaf->at != SK_BYTES_NONE);
    g_ptr_array_add(work->leaves, leaf);
    if (part->is_text && strcmp(part->type, "text/html") == 0)
        sk_mail_belong_gather(part->content, work->shown);
}

static void
on_trouble(SkMailTrouble what, const char *path, const char *detail, void *data)
{
    Work *work = data;

    if (what == SK_MAIL_TROUBLE_AMBIGUOUS)
        g_ptr_array_add(work->doubtful, g_strdup(path != NULL ? path : ""));
    work->cut_short |= what == SK_MAIL_TROUBLE_LIMIT;
    work->tell->trouble(what, path, detail, work->tell->data);
}

static bool
is_attachment(const Work *work, const Leaf *leaf)
{
    return leaf->is_attachment &&
           (leaf->picture == NULL || !g_hash_table_contains(work->shown, leaf->picture));
}

/* Whether PATH is INNER or holds it. */
static bool
holds(const char *path, const char *inner)
{
    size_t len = strlen(path);

    return strncmp(path, inner, len) == 0 && (inner[len] == '\0' || inner[len] == '.');
}

/* The leaves that PATH stands for. False: there is no such part. */
static bool
add_targets(const Work *work, const char *path, GPtrArray *targets)
{
    bool found = false;

    for (guint i = 0; i < work->leaves->len; i++) {
        Leaf *leaf = work->leaves->pdata[i];

        if (!holds(path, leaf->path))
            continue;
        found = true;
        if (strcmp(path, leaf->path) == 0 || strcmp(path, leaf->home) == 0 ||
            is_attachment(work, leaf))
            g_ptr_array_add(targets, leaf);
    }
    return found;
}

static void
add_attachments(const Work *work, GPtrArray *targets)
{
    for (guint i = 0; i < work->leaves->len; i++) {
        if (is_attachment(work, work->leaves->pdata[i]))
            g_ptr_array_add(targets, work->leaves->pdata[i]);
    }
}

static bool
choose(const Work *work, GPtrArray *targets)
{
    const char *const *parts = work->order->parts;

    if (parts[0] == NULL)
        add_attachments(work, targets);
    for (guint i = 0; parts[i] != NULL; i++) {
        if (strcmp(parts[i], "*") == 0)
            add_attachments(work, targets);
        else if (!add_targets(work, parts[i], targets))
            return false;
    }
    return targets->len > 0;
}

/* By their place; of those that begin together the one that holds the others first. */
static int
compare_places(const void *a, const void *b)
{
    const Leaf *x = *(Leaf *const *)a, *y = *(Leaf *const *)b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->len > y->len ? -1 : x->len < y->len;
}

/* Keeps one target for each entity, and none inside another. */
static void
join_targets(GPtrArray *targets)
{
    size_t end = 0;
    guint kept = 0;

    g_ptr_array_sort(targets, compare_places);
    for (guint i = 0; i < targets->len; i++) {
        Leaf *leaf = targets->pdata[i];

        if (kept > 0 && leaf->at + leaf->len <= end)
            continue;
        targets->pdata[kept++] = leaf;
        end = leaf->at + leaf->len;
    }
    g_ptr_array_set_size(targets, (int)kept);
}

static bool
is_cut_out(const char *path, const GPtrArray *targets)
{
    for (guint i = 0; i < targets->len; i++) {
        if (holds(((const Leaf *)targets->pdata[i])->home, path))
            return true;
    }
    return false;
}

static SkSpliceOutcome
judge(const Work *work, const GPtrArray *targets)
{
    for (guint i = 0; i < targets->len; i++) {
        if (((const Leaf *)targets->pdata[i])->is_sealed)
            return SK_SPLICE_SEALED;
    }
    for (guint i = 0; i < work->doubtful->len; i++) {
        if (!is_cut_out(work->doubtful->pdata[i], targets))
            return SK_SPLICE_UNSAFE;
    }
    return SK_SPLICE_DONE;
}

/* What the entity of TARGET held, for people: its attachments, or else all of it. */
static char *
describe(const Work *work, const Leaf *target, uint64_t *ret_size)
{
    GString *names = g_string_new(NULL);

    *ret_size = 0;
    for (guint i = 0; i < work->leaves->len; i++) {
        const Leaf *leaf = work->leaves->pdata[i];

        if (leaf->at < target->at || leaf->at + leaf->len > target->at + target->len ||
            (!leaf->is_attachment && leaf != target))
            continue;
        *ret_size += leaf->size;
        if (names->len < NAMES_MAX)
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "",
                                   leaf->name != NULL ? leaf->name : leaf->type);
    }
    return g_string_free(names, FALSE);
}

static const char *
line_end_of(SkBytes bytes)
{
    size_t lf = sk_bytes_find(bytes, "\n", 1, 0);

    return lf != SK_BYTES_NONE && lf > 0 && bytes.data[lf - 1] == '\r' ? "\r\n" : "\n";
}

static bool
is_content_field(const SkMailField *field)
{
    return field->name.len >= 8 &&
           sk_bytes_equal_nocase(sk_bytes_slice(field->name, 0, 8), "Content-");
}

static bool
ends_line(const SkMailField *field)
{
    return field->raw.data[field->raw.len - 1] == '\n';
}

/* Cuts the content fields out of a message's header; says where its fields end. */
static bool
cut_fields(Work *work, const Leaf *target, const SkMailHeader *header, size_t *ret_end)
{
    SkMailCuts *cuts = work->cuts;

    *ret_end = target->at;
    for (guint i = 0; i < sk_mail_header_count(header); i++) {
        const SkMailField *field = sk_mail_header_get(header, i);
        size_t at = *ret_end;

        *ret_end += field->raw.len;
        if (is_content_field(field) &&
            !sk_mail_cuts_add(cuts, at, field->raw.len, cuts->text.len))
            return false;
    }
    return true;
}

/* Leaves of a message the fields that are not about its content. The last one may have no line
 * end, when nothing follows it. */
static bool
open_message(Work *work, const Leaf *target, const char *line_end, size_t *ret_from)
{
    SkBytes entity = sk_bytes_slice(work->bytes, target->at, target->len);
    SkBuffer *text = &work->cuts->text;
    g_auto(SkMailHeader) header = {0};
    const SkMailField *last;
    guint n;

    sk_mail_header_init(&header);
    sk_mail_header_read(&header, entity);
    n = sk_mail_header_count(&header);
    last = n > 0 ? sk_mail_header_get(&header, n - 1) : NULL;
    if (!cut_fields(work, target, &header, ret_from))
        return false;
    if (last != NULL && !is_content_field(last) && !ends_line(last))
        (void)sk_buffer_append_text(text, line_end);
    if (sk_mail_header_peek(&header, "MIME-Version", 0) == NULL) {
        (void)sk_buffer_append_text(text, "MIME-Version: 1.0");
        (void)sk_buffer_append_text(text, line_end);
    }
    return !text->full;
}

/* Behind a part comes the line end of a boundary, behind a message nothing. */
static bool
close_last(Work *work, const Leaf *target, const char *line_end)
{
    return target->at + target->len < work->bytes.len ||
           sk_buffer_append_text(&work->cuts->text, line_end);
}

static bool
replace(Work *work, const Leaf *target, unsigned number)
{
    SkMailSubstitute substitute = {.notice = work->order->notice,
                                   .notice_name = work->order->notice_name,
                                   .number = number,
                                   .line_end = line_end_of(work->bytes),
                                   .attached = target->is_alternative};
    g_autofree char *names = describe(work, target, &substitute.size);
    size_t text_at = work->cuts->text.len, from = target->at;

    substitute.name = names;
    if (target->is_message && !open_message(work, target, substitute.line_end, &from))
        return false;
    if (!sk_mail_substitute_write(&substitute, &work->cuts->text) ||
        !close_last(work, target, substitute.line_end))
        return false;
    return sk_mail_cuts_add(work->cuts, from, target->at + target->len - from, text_at);
}

static SkSpliceOutcome
cut(Work *work)
{
    g_autoptr(GPtrArray) targets = g_ptr_array_new();
    SkSpliceOutcome outcome;

    if (work->cut_short)
        return SK_SPLICE_UNSAFE;
    if (!choose(work, targets))
        return SK_SPLICE_NO_SUCH_PART;
    join_targets(targets);
    outcome = judge(work, targets);
    for (guint i = 0; i < targets->len && outcome == SK_SPLICE_DONE; i++) {
        if (!replace(work, targets->pdata[i], i + 1))
            outcome = SK_SPLICE_FULL;
    }
    return outcome;
}

SkSpliceOutcome
sk_mail_splice(SkBytes bytes,
               const SkSpliceOrder *order,
               SkBudget *budget,
               const SkMailVisitor *tell,
               SkMailCuts *ret_cuts)
{
    g_autoptr(GPtrArray) leaves = g_ptr_array_new_with_free_func(leaf_free);
    g_autoptr(GPtrArray) doubtful = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) shown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Work work = {bytes, order, tell, leaves, doubtful, shown, false, ret_cuts};
    SkMailVisitor visitor = {on_part, on_trouble, &work};

    sk_mail_cuts_init(ret_cuts);
    sk_mail_walk(bytes, NULL, 0, budget, &visitor);
    return cut(&work);
}
