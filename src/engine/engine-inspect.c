/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-inspect.h"

#include "engine/engine-registry.h"
#include "mail/mail-walk.h"

/* Capabilities there may be; the registry's length is checked against it. */
#define MAX_CHECKS 32

typedef struct {
    SkInspectResult *result;
    const SkContentCheck *checks[MAX_CHECKS];
    void *states[MAX_CHECKS];
    unsigned n;
} Inspection;

static void
on_part(const SkMailPart *part, void *data)
{
    Inspection *inspection = data;

    for (unsigned i = 0; i < inspection->n; i++) {
        if (!inspection->checks[i]->part(inspection->states[i], part))
            inspection->result->inspected = false;
    }
}

static void
on_trouble(SkMailTrouble what, const char *path, const char *detail, void *data)
{
    Inspection *inspection = data;

    sk_findings_add_trouble(inspection->result->findings, what, path, detail);
}

static void
begin(Inspection *inspection, SkBudget *budget)
{
    for (const SkCapability *c = sk_engine_registry; c->name != NULL; c++) {
        if (c->content == NULL)
            continue;
        g_assert(inspection->n < MAX_CHECKS);
        inspection->checks[inspection->n] = c->content;
        inspection->states[inspection->n++] =
            c->content->begin(budget, inspection->result->findings);
    }
}

static void
hand_password(Inspection *inspection, SkInspectTry *try)
{
    for (unsigned i = 0; i < inspection->n; i++) {
        if (inspection->checks[i]->password != NULL)
            inspection->checks[i]->password(inspection->states[i], try);
    }
}

static void
inspect_file(Inspection *inspection, const char *name, SkBytes bytes)
{
    for (unsigned i = 0; i < inspection->n; i++) {
        if (inspection->checks[i]->file != NULL)
            inspection->checks[i]->file(inspection->states[i], name, bytes, inspection->result);
    }
}

static void
end(Inspection *inspection)
{
    for (unsigned i = 0; i < inspection->n; i++)
        inspection->checks[i]->end(inspection->states[i]);
}

static void
hand_scanner(Inspection *inspection, SkScanNow *scanner)
{
    for (unsigned i = 0; i < inspection->n; i++) {
        if (inspection->checks[i]->scanner != NULL)
            inspection->checks[i]->scanner(inspection->states[i], scanner);
    }
}

/* SCANNER and TRY may be NULL. */
static SkInspectResult *
run(SkInspectKind kind,
    const char *name,
    SkBytes bytes,
    SkScanNow *scanner,
    SkInspectTry *try,
    const SkBudgetLimits *limits)
{
    g_autoptr(SkInspectResult) result = sk_inspect_result_new();
    Inspection inspection = {.result = result};
    SkMailVisitor visitor = {on_part, on_trouble, &inspection};
    SkBudget budget;

    sk_budget_init(&budget, limits);
    result->inspected = true;
    begin(&inspection, &budget);
    if (scanner != NULL)
        hand_scanner(&inspection, scanner);
    if (try != NULL)
        hand_password(&inspection, try);
    if (kind == SK_INSPECT_MAIL)
        sk_mail_walk(bytes, NULL, 0, &budget, &visitor);
    else
        inspect_file(&inspection, name, bytes);
    end(&inspection);
    return g_steal_pointer(&result);
}

SkInspectResult *
sk_engine_inspect(SkInspectKind kind,
                  const char *name,
                  SkBytes bytes,
                  SkScanNow *scanner,
                  const SkBudgetLimits *limits)
{
    return run(kind, name, bytes, scanner, NULL, limits);
}

SkInspectResult *
sk_engine_try_password(SkBytes message, SkInspectTry *try, const SkBudgetLimits *limits)
{
    return run(SK_INSPECT_MAIL, NULL, message, NULL, try, limits);
}
