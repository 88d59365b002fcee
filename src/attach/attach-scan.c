/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-scan.h"

#include <stdarg.h>

#include "attach/attach-file.h"
#include "attach/attach-format.h"

struct SkAttachScan {
    SkBudget *budget;
    SkFindings *findings;
    SkAttachFile last; /* outcome of the last top-level file; no pointers of it are used */
};

SkAttachScan *
sk_attach_scan_new(SkBudget *budget, SkFindings *findings)
{
    SkAttachScan *scan = g_new0(SkAttachScan, 1);

    scan->budget = budget;
    scan->findings = findings;
    return scan;
}

void
sk_attach_scan_free(SkAttachScan *scan)
{
    g_free(scan);
}

SkBudget *
sk_attach_budget(SkAttachScan *scan)
{
    return scan->budget;
}

void
sk_attach_state(SkAttachScan *scan, SkAttachFile *file, SkFindingId id, const char *format, ...)
{
    g_autofree char *detail = NULL;
    va_list args;

    if (format != NULL) {
        va_start(args, format);
        detail = g_strdup_vprintf(format, args);
        va_end(args);
    }
    sk_findings_add(scan->findings, id, file->part, file->shown, detail);
}

void
sk_attach_state_encrypted(SkAttachScan *scan,
                          SkAttachFile *file,
                          SkFindingId id,
                          SkEncrypted how,
                          const char *member,
                          const char *why)
{
    g_autofree char *subject = NULL;

    if (member != NULL)
        subject = g_strdup_printf("%s > %s", file->shown, member);
    sk_findings_add(scan->findings, id, file->part, subject != NULL ? subject : file->shown,
                    why);
    file->encrypted = MAX(file->encrypted, how);
    file->unopened = true;
}

void
sk_attach_broken(SkAttachScan *scan, SkAttachFile *file, const char *format, ...)
{
    g_autofree char *detail = NULL;
    va_list args;

    va_start(args, format);
    detail = g_strdup_vprintf(format, args);
    va_end(args);
    sk_findings_add(scan->findings, SK_FINDING_ATTACH_BROKEN, file->part, file->shown, detail);
    file->unopened = true;
}

void
sk_attach_unopened(SkAttachScan *scan, SkAttachFile *file, const char *why)
{
    sk_findings_add(scan->findings, SK_FINDING_ATTACH_UNOPENED, file->part, file->shown, why);
    file->unopened = true;
}

bool
sk_attach_is_over(SkAttachScan *scan, SkAttachFile *file)
{
    static const SkFindingId ids[] = {
        [SK_BUDGET_DEPTH] = SK_FINDING_ATTACH_LIMIT_DEPTH,
        [SK_BUDGET_PARTS] = SK_FINDING_INSPECT_LIMIT,
        [SK_BUDGET_ENTRIES] = SK_FINDING_ATTACH_LIMIT_ENTRIES,
        [SK_BUDGET_BYTES] = SK_FINDING_ATTACH_LIMIT_SIZE,
        [SK_BUDGET_RATIO] = SK_FINDING_ATTACH_LIMIT_RATIO,
        [SK_BUDGET_TIME] = SK_FINDING_ATTACH_LIMIT_TIME,
    };
    SkBudgetLimit spent = scan->budget->spent;

    if (spent == SK_BUDGET_OK && sk_budget_check_time(scan->budget))
        return false;
    spent = scan->budget->spent;
    sk_findings_add(scan->findings, ids[spent], file->part, file->shown, NULL);
    file->unopened = true;
    return true;
}

/* Judges FILE, whose fields up to `parent` are filled in. */
static void
judge(SkAttachScan *scan, SkAttachFile *file)
{
    const SkAttachFormat *format;

    file->type = sk_attach_type_of(file->bytes, file->name);
    format = sk_attach_format(file->type);
    if (format->reader == NULL)
        return;
    if (!sk_budget_check_depth(scan->budget, file->depth)) {
        (void)sk_attach_is_over(scan, file);
        return;
    }
    format->reader(scan, file);
}

void
sk_attach_member(SkAttachScan *scan, SkAttachFile *file, const char *name, SkBytes bytes)
{
    g_autofree char *shown = g_strdup_printf("%s > %s", file->shown, name != NULL ? name : "?");
    SkAttachFile member = {.bytes = bytes,
                           .name = name,
                           .part = file->part,
                           .shown = shown,
                           .depth = file->depth + 1,
                           .parent = file};

    judge(scan, &member);
    file->unopened |= member.unopened;
    if (member.encrypted != SK_ENCRYPTED_NONE && file->encrypted == SK_ENCRYPTED_NONE)
        file->encrypted = SK_ENCRYPTED_SOME;
}

static void
judge_top(SkAttachScan *scan, const char *part, const char *name, SkBytes bytes)
{
    SkAttachFile file = {.bytes = bytes,
                         .name = name,
                         .part = part,
                         .shown = name != NULL ? name : "attachment",
                         .depth = 1};

    judge(scan, &file);
    scan->last = file;
}

void
sk_attach_scan_part(SkAttachScan *scan, const SkMailPart *part)
{
    if (part->is_attachment)
        sk_findings_add(scan->findings, SK_FINDING_ATTACH_ANY, part->path, part->name, NULL);
    judge_top(scan, part->path, part->name, part->content);
}

void
sk_attach_scan_file(SkAttachScan *scan, const char *name, SkBytes bytes)
{
    judge_top(scan, NULL, name, bytes);
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
