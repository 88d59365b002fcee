/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/inspector-edit.h"

#include "engine/engine-inspect.h"
#include "mail/mail-splice.h"

static void
on_trouble(SkMailTrouble what, const char *path, const char *detail, void *data)
{
    sk_findings_add_trouble(data, what, path, detail);
}

static SkEditOutcome
outcome_of_splice(SkSpliceOutcome outcome, SkFindings *findings)
{
    switch (outcome) {
    case SK_SPLICE_DONE:
        return SK_EDIT_DONE;
    case SK_SPLICE_SEALED:
        return SK_EDIT_SEALED;
    case SK_SPLICE_NO_SUCH_PART:
        return SK_EDIT_NO_SUCH_PART;
    case SK_SPLICE_FULL:
        sk_findings_add(findings, SK_FINDING_INSPECT_LIMIT, NULL, NULL,
                        "more parts would be replaced than notices may take room");
        return SK_EDIT_FAILED;
    case SK_SPLICE_UNSAFE:
        return SK_EDIT_FAILED;
    }
    g_assert_not_reached();
}

static SkEditOutcome
strip(const SkWireEdit *wire,
      SkBytes message,
      const SkBudgetLimits *limits,
      SkFindings *findings,
      SkMailCuts *ret_cuts)
{
    SkSpliceOrder order = {(const char *const *)wire->parts, wire->notice, wire->notice_name};
    SkMailVisitor tell = {.trouble = on_trouble, .data = findings};
    SkEditOutcome outcome;
    SkBudget budget;

    sk_budget_init(&budget, limits);
    outcome =
        outcome_of_splice(sk_mail_splice(message, &order, &budget, &tell, ret_cuts), findings);
    if (outcome != SK_EDIT_DONE)
        sk_mail_cuts_clear(ret_cuts);
    return outcome;
}

static SkEditOutcome
outcome_of_try(const SkInspectTry *try)
{
    if (try->wrong > 0)
        return SK_EDIT_WRONG_PASSWORD;
    if (try->over > 0)
        return SK_EDIT_FAILED;
    if (try->unsupported > 0)
        return SK_EDIT_UNSUPPORTED;
    return try->opened > 0 ? SK_EDIT_DONE : SK_EDIT_NO_SUCH_PART;
}

SkInspectResult *
sk_inspector_edit(const SkWireEdit *order,
                  SkBytes message,
                  const SkBudgetLimits *limits,
                  SkEditOutcome *ret_outcome,
                  SkMailCuts *ret_cuts)
{
    SkInspectTry try = {.password = order->password};
    SkInspectResult *result;

    if (order->password != NULL) {
        result = sk_engine_try_password(message, &try, limits);
        *ret_outcome = outcome_of_try(&try);
        return result;
    }
    result = sk_inspect_result_new();
    *ret_outcome = strip(order, message, limits, result->findings, ret_cuts);
    return result;
}
