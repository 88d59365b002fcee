/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-trial - for tests and fuzz targets: one reader, one file, what it states
 */

#include "attach/attach-file.h"

typedef struct {
    SkBudget budget;
    SkFindings *findings;
    SkAttachScan *scan;
    SkAttachFile file;
} SkAttachTrial;

/* LIMITS may be NULL: the built-in ones. BYTES must outlive the trial. */
static inline void
sk_attach_trial_init(SkAttachTrial *t, const SkBudgetLimits *limits, SkBytes bytes)
{
    SkBudgetLimits built_in = sk_budget_limits_default();

    sk_budget_init(&t->budget, limits != NULL ? limits : &built_in);
    t->findings = sk_findings_new();
    t->scan = sk_attach_scan_new(&t->budget, t->findings);
    t->file = (SkAttachFile){.bytes = bytes, .shown = "x", .name = "x", .depth = 1};
}

static inline void
sk_attach_trial_clear(SkAttachTrial *t)
{
    sk_attach_scan_free(t->scan);
    sk_findings_free(t->findings);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkAttachTrial, sk_attach_trial_clear)

/* "attach.broken x, attach.encrypted.7z x > a.txt", in the order stated. Caller owns. */
static inline char *
sk_attach_trial_dup_findings(const SkAttachTrial *t)
{
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < sk_findings_count(t->findings); i++) {
        const SkFinding *one = sk_findings_peek(t->findings, i);

        g_string_append_printf(out, "%s%s %s", i > 0 ? ", " : "", sk_finding_id_name(one->id),
                               one->subject);
    }
    return g_string_free(out, FALSE);
}

/* For fuzz targets: half a second and 4 MiB, so that an input that takes long by right is not
 * called a hang. */
static inline SkBudgetLimits
sk_attach_trial_limits(void)
{
    SkBudgetLimits limits = sk_budget_limits_default();

    limits.bytes = 4 << 20;
    limits.entries = 500;
    limits.cpu_ms = 500;
    return limits;
}

/* Has READER read BYTES, taken for TYPE. */
static inline void
sk_attach_trial_read(SkAttachReader reader, SkAttachType type, SkBytes bytes)
{
    SkBudgetLimits limits = sk_attach_trial_limits();
    g_auto(SkAttachTrial) t;

    sk_attach_trial_init(&t, &limits, bytes);
    t.file.type = type;
    reader(t.scan, &t.file);
}
