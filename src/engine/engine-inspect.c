/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-inspect.h"

#include "attach/attach-scan.h"
#include "mail/mail-walk.h"

typedef struct {
    SkAttachScan *attach;
    SkInspectResult *result;
} Inspection;

static void
on_part(const SkMailPart *part, void *data)
{
    Inspection *inspection = data;

    sk_attach_scan_part(inspection->attach, part);
    inspection->result->inspected &= sk_attach_scan_inspected(inspection->attach);
}

static void
on_trouble(SkMailTrouble what, const char *path, const char *detail, void *data)
{
    Inspection *inspection = data;

    sk_findings_add_trouble(inspection->result->findings, what, path, detail);
}

static void
inspect_file(Inspection *inspection, const char *name, SkBytes bytes)
{
    SkInspectResult *result = inspection->result;

    sk_attach_scan_file(inspection->attach, name, bytes);
    result->type = g_strdup(sk_attach_scan_type(inspection->attach));
    result->encrypted = sk_attach_scan_encrypted(inspection->attach);
    result->inspected = sk_attach_scan_inspected(inspection->attach);
}

SkInspectResult *
sk_engine_inspect(SkInspectKind kind, const char *name, SkBytes bytes,
                  const SkBudgetLimits *limits)
{
    g_autoptr(SkInspectResult) result = sk_inspect_result_new();
    g_autoptr(SkAttachScan) attach = NULL;
    Inspection inspection;
    SkBudget budget;

    sk_budget_init(&budget, limits);
    attach = sk_attach_scan_new(&budget, result->findings);
    inspection = (Inspection){ attach, result };
    result->inspected = true;
    if (kind == SK_INSPECT_MAIL) {
        SkMailVisitor visitor = { on_part, on_trouble, &inspection };

        sk_mail_walk(bytes, NULL, 0, &budget, &visitor);
    } else {
        inspect_file(&inspection, name, bytes);
    }
    return g_steal_pointer(&result);
}
