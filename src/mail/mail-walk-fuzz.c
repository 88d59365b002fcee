/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-walk.h"

#include <glib.h>

#include "base/limit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
on_part(const SkMailPart *part, void *data)
{
    g_assert_true(part->path[0] != '\0' && part->type[0] != '\0' && !*(bool *)data);
    g_assert_true(part->name == NULL || g_utf8_validate(part->name, -1, NULL));
}

static void
on_trouble(SkMailTrouble what, const char *path, const char *detail, void *data)
{
    bool *over = data;

    g_assert_true(path == NULL || path[0] != '\0');
    g_assert_false(*over);
    *over = what == SK_MAIL_TROUBLE_LIMIT;
}

/* Nothing is shown behind a limit, and nothing else is told. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBudgetLimits limits = sk_budget_limits_default();
    bool over = false;
    SkMailVisitor visitor = {on_part, on_trouble, &over};
    SkBudget budget;

    sk_budget_init(&budget, &limits);
    sk_mail_walk(sk_bytes(data, size), NULL, 0, &budget, &visitor);
    return 0;
}
