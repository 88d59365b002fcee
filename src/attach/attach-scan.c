/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-scan.h"

#include "attach/attach-danger.h"
#include "attach/attach-decode.h"
#include "attach/attach-embedded.h"
#include "attach/attach-extension.h"
#include "attach/attach-file.h"
#include "attach/attach-format.h"
#include "attach/attach-magic.h"
#include "attach/attach-malware.h"
#include "attach/attach-text.h"
#include "attach/attach-written.h"
#include "base/limit.h"

struct SkAttachScan {
    SkBudget *budget;
    SkFindings *findings;
    uint64_t reserve;  /* bytes of the budget that are not for looking behind harmless files */
    SkInspectTry *try; /* or NULL */
    SkAttachMalware malware;
    SkAttachFile last; /* outcome of the last top-level file; no pointers of it are used */
};

SkAttachScan *
sk_attach_scan_new(SkBudget *budget, SkFindings *findings)
{
    SkAttachScan *scan = g_new0(SkAttachScan, 1);

    scan->budget = budget;
    scan->findings = findings;
    scan->reserve = budget->left.bytes - MIN(budget->left.bytes / 2, SK_LIMIT_BEHIND_HARMLESS);
    return scan;
}

void
sk_attach_scan_free(SkAttachScan *scan)
{
    g_free(scan);
}

void
sk_attach_scan_set_scanner(SkAttachScan *scan, SkScanNow *scanner)
{
    scan->malware.scanner = scanner;
}

void
sk_attach_scan_set_try(SkAttachScan *scan, SkInspectTry *try)
{
    scan->try = try;
}

SkInspectTry *
sk_attach_try(SkAttachScan *scan, const SkAttachFile *file)
{
    for (; file != NULL; file = file->parent) {
        if (file->opened)
            return NULL;
    }
    return scan->try;
}

SkBudget *
sk_attach_budget(SkAttachScan *scan)
{
    return scan->budget;
}

SkFindings *
sk_attach_findings(SkAttachScan *scan)
{
    return scan->findings;
}

/* What is known of no format, or of one that is not opened here. */
static void
state_closed(SkAttachScan *scan, SkAttachFile *file, const SkAttachFormat *format)
{
    if ((format->traits & SK_FORMAT_CLOSED) != 0)
        sk_attach_unopened(scan, file, format->name);
    if (file->type != SK_ATTACH_UNKNOWN)
        return;
    if (sk_extension_is_volume(file->name)) {
        sk_attach_state(scan, file, SK_FINDING_ATTACH_SPLIT, NULL);
        file->unopened = true;
    } else if (file->parent == NULL || !file->parent->parts) {
        sk_attach_state(scan, file, SK_FINDING_ATTACH_UNKNOWN, NULL);
        file->unopened = true;
    }
}

static bool
has_stated_limit(const SkAttachScan *scan, size_t since)
{
    for (size_t i = since; i < sk_findings_count(scan->findings); i++) {
        if (sk_finding_id_below(sk_findings_peek(scan->findings, i)->id, "attach.limit"))
            return true;
    }
    return false;
}

/* A reader that found the budget spent before it began has said nothing. */
static void
read_file(SkAttachScan *scan, SkAttachFile *file, SkAttachReader reader)
{
    size_t since = sk_findings_count(scan->findings);

    reader(scan, file);
    if (!has_stated_limit(scan, since))
        (void)sk_attach_is_over(scan, file);
}

/* Depth is the one limit that ends nothing but the file that meets it: what stands beside that
 * is looked at all the same. */
static bool
is_too_deep(SkAttachScan *scan, SkAttachFile *file)
{
    SkBudgetLimit before = scan->budget->spent;

    if (sk_budget_check_depth(scan->budget, file->depth))
        return false;
    (void)sk_attach_is_over(scan, file);
    scan->budget->spent = before;
    return true;
}

static void
open_file(SkAttachScan *scan, SkAttachFile *file)
{
    const SkAttachFormat *format = sk_attach_format(file->type);

    if (format->reader != NULL && (format->traits & SK_FORMAT_WHOLE) != 0 &&
        is_too_deep(scan, file))
        return;
    if (format->reader != NULL)
        read_file(scan, file, format->reader);
    if ((format->traits & SK_FORMAT_STUB) != 0)
        sk_attach_embedded_open(scan, file);
    sk_attach_written_open(scan, file);
}

/* Says of FILE, whose type is known, all that can be said without opening it. Parts of one
 * program are not dangers of their own. */
static void
state_type(SkAttachScan *scan, SkAttachFile *file)
{
    sk_attach_danger_state_name(scan, file);
    if (file->parent == NULL || !file->parent->program)
        sk_attach_danger_state(scan, file);
    state_closed(scan, file, sk_attach_format(file->type));
}

/* Judges FILE, whose fields up to `type` are filled in. A reader may refine the type. */
static void
judge(SkAttachScan *scan, SkAttachFile *file)
{
    open_file(scan, file);
    state_type(scan, file);
}

static void
join(SkAttachFile *file, const SkAttachFile *member)
{
    file->unopened |= member->unopened;
    if (member->encrypted != SK_ENCRYPTED_NONE && file->encrypted == SK_ENCRYPTED_NONE)
        file->encrypted = SK_ENCRYPTED_SOME;
}

static SkAttachFile
member_of(SkAttachFile *file, const char *name, SkBytes bytes)
{
    return (SkAttachFile){.bytes = bytes,
                          .name = name != NULL ? sk_attach_decode_base_peek(name) : NULL,
                          .part = file->part,
                          .depth = file->depth + 1,
                          .parent = file};
}

static char *
show_member(const SkAttachFile *file, const char *name)
{
    return g_strdup_printf("%s > %s", file->shown, name != NULL ? name : "?");
}

SkAttachType
sk_attach_member_as(SkAttachScan *scan,
                    SkAttachFile *file,
                    const char *name,
                    SkBytes bytes,
                    SkAttachType type)
{
    g_autofree char *shown = show_member(file, name);
    SkAttachFile member = member_of(file, name, bytes);

    member.shown = shown;
    member.type = type;
    sk_attach_malware_look(&scan->malware, scan, &member);
    judge(scan, &member);
    join(file, &member);
    return type;
}

SkAttachType
sk_attach_member(SkAttachScan *scan, SkAttachFile *file, const char *name, SkBytes bytes)
{
    const char *base = name != NULL ? sk_attach_decode_base_peek(name) : NULL;

    return sk_attach_member_as(scan, file, name, bytes, sk_attach_type_of(bytes, base));
}

/* How many bytes more may be unpacked in search of what stands behind a harmless file: until so
 * many of the budget are spent, for the rest is for what must be opened; and never so much of
 * so little that it would count as a bomb. */
static uint64_t
spare_bytes(const SkAttachScan *scan, uint64_t packed, uint64_t made)
{
    const SkBudgetLimits *left = &scan->budget->left;
    uint64_t spare = left->bytes > scan->reserve ? left->bytes - scan->reserve : 0;
    uint64_t ratio = packed <= spare ? packed * left->ratio : UINT64_MAX;

    return ratio > made ? MIN(spare, ratio - made) : 0;
}

size_t
sk_attach_member_by_head(SkAttachScan *scan,
                         SkAttachFile *file,
                         const char *name,
                         SkBytes head,
                         uint64_t packed,
                         uint64_t made)
{
    SkAttachFile member = member_of(file, name, head);
    SkFormatTraits traits;
    g_autofree char *shown = NULL;

    member.type = sk_attach_type_of_head(head, member.name);
    traits = sk_attach_format(member.type)->traits;
    if ((traits & SK_FORMAT_WHOLE) != 0)
        return file->parts && member.type == SK_ATTACH_UNKNOWN ? 0 : SIZE_MAX;
    if (sk_attach_written_begins(member.type, head))
        return SIZE_MAX;
    if ((traits & SK_FORMAT_STUB) != 0 && spare_bytes(scan, packed, made) > 0)
        return head.len + (size_t)spare_bytes(scan, packed, made);
    shown = show_member(file, name);
    member.shown = shown;
    state_type(scan, &member);
    join(file, &member);
    return 0;
}

void
sk_attach_member_by_name(SkAttachScan *scan, SkAttachFile *file, const char *name)
{
    g_autofree char *shown = show_member(file, name);
    SkAttachFile member = member_of(file, name, sk_bytes("", 0));

    member.shown = shown;
    sk_attach_danger_state_name(scan, &member);
}

/* What a person reads in the mail program: no script, whatever its text, and no message. */
static bool
is_body(const SkMailPart *part)
{
    return part->is_text && sk_attach_magic_of_head(part->content) == SK_ATTACH_UNKNOWN &&
           sk_attach_text_kind(part->content) != SK_ATTACH_TEXT_NONE;
}

/* Judges the file that PART is; FILE has its place. */
static void
judge_part(SkAttachScan *scan, SkAttachFile *file, const SkMailPart *part)
{
    const char *protocol = part->protocol != NULL ? part->protocol : "";

    file->walked = true;
    if (is_body(part)) {
        file->type = strcmp(part->type, "text/html") == 0 ? SK_ATTACH_HTML : SK_ATTACH_TEXT;
        sk_attach_written_open(scan, file);
        return;
    }
    file->type = part->is_text && part->content.len == 0
                     ? SK_ATTACH_EMPTY
                     : sk_attach_type_of(part->content, file->name);
    judge(scan, file);
    /* PGP/MIME (RFC 3156) has two parts, of which the first only says "Version: 1". */
    if (strcmp(protocol, "application/pgp-encrypted") == 0 && strcmp(part->type, protocol) != 0)
        sk_attach_state_encrypted(scan, file, SK_FINDING_PGP_ENCRYPTED, SK_ENCRYPTED_ALL, NULL,
                                  NULL);
    if (file->type != SK_ATTACH_PKCS7 && part->smime_type != NULL &&
        g_str_has_suffix(part->smime_type, "enveloped-data"))
        sk_attach_state_encrypted(scan, file, SK_FINDING_SMIME_ENCRYPTED, SK_ENCRYPTED_ALL,
                                  NULL, "as its Content-Type says");
}

void
sk_attach_member_part(SkAttachScan *scan, SkAttachFile *file, const SkMailPart *part)
{
    const char *name = part->name != NULL ? part->name : part->path;
    g_autofree char *shown = show_member(file, name);
    SkAttachFile member = member_of(file, part->name, part->content);

    member.shown = shown;
    if (!is_body(part))
        sk_attach_malware_look(&scan->malware, scan, &member);
    judge_part(scan, &member, part);
    join(file, &member);
}

/* A file that lies in nothing. */
static SkAttachFile
top_file(const char *part, const char *name, SkBytes bytes)
{
    return (SkAttachFile){.bytes = bytes,
                          .name = name != NULL ? sk_attach_decode_base_peek(name) : NULL,
                          .part = part,
                          .shown = name != NULL ? name : "attachment",
                          .depth = 1};
}

void
sk_attach_scan_part(SkAttachScan *scan, const SkMailPart *part)
{
    SkAttachFile file = top_file(part->path, part->name, part->content);

    if (part->is_attachment)
        sk_findings_add(scan->findings, SK_FINDING_ATTACH_ANY, part->path, part->name, NULL);
    else if (part->name == NULL)
        file.shown = "text";
    if (part->is_inside)
        sk_attach_malware_look(&scan->malware, scan, &file);
    judge_part(scan, &file, part);
    scan->last = file;
}

void
sk_attach_scan_file(SkAttachScan *scan, const char *name, SkBytes bytes)
{
    SkAttachFile file = top_file(NULL, name, bytes);

    file.type = sk_attach_type_of(bytes, file.name);
    judge(scan, &file);
    scan->last = file;
}

const char *
sk_attach_scan_type(const SkAttachScan *scan)
{
    return sk_attach_format(scan->last.type)->name;
}

SkEncrypted
sk_attach_scan_encrypted(const SkAttachScan *scan)
{
    return scan->last.encrypted;
}

bool
sk_attach_scan_inspected(const SkAttachScan *scan)
{
    return !scan->last.unopened;
}
