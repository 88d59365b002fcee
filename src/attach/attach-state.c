/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What readers say of the files they are given.
 */

#include <stdarg.h>

#include "attach/attach-file.h"

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
    sk_findings_add(sk_attach_findings(scan), id, file->part, file->shown, detail);
}

void
sk_attach_state_encrypted(SkAttachScan *scan,
                          SkAttachFile *file,
                          SkFindingId id,
                          SkEncrypted how,
                          const char *member,
                          const char *why)
{
    SkInspectTry *try = sk_attach_try(scan, file);
    g_autofree char *subject = NULL;

    if (try != NULL && !file->tried)
        try->unsupported++;
    if (member != NULL)
        subject = g_strdup_printf("%s > %s", file->shown, member);
    sk_findings_add(sk_attach_findings(scan), id, file->part,
                    subject != NULL ? subject : file->shown, why);
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
    sk_findings_add(sk_attach_findings(scan), SK_FINDING_ATTACH_BROKEN, file->part, file->shown,
                    detail);
    file->unopened = true;
}

void
sk_attach_unopened(SkAttachScan *scan, SkAttachFile *file, const char *why)
{
    sk_findings_add(sk_attach_findings(scan), SK_FINDING_ATTACH_UNOPENED, file->part,
                    file->shown, why);
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
    SkBudgetLimit spent = sk_attach_budget(scan)->spent;

    if (spent == SK_BUDGET_OK && sk_budget_check_time(sk_attach_budget(scan)))
        return false;
    spent = sk_attach_budget(scan)->spent;
    sk_findings_add(sk_attach_findings(scan), ids[spent], file->part, file->shown, NULL);
    file->unopened = true;
    return true;
}
