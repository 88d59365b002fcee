/* SPDX-License-Identifier: Apache-2.0 */
#include "base/budget.h"

#include "base/clock.h"
#include "base/limit.h"

SkBudgetLimits
sk_budget_limits_default(void)
{
    return (SkBudgetLimits){
        .bytes = SK_LIMIT_UNPACKED,
        .entries = SK_LIMIT_ENTRIES,
        .unpacked_entries = SK_LIMIT_UNPACKED_ENTRIES,
        .parts = SK_LIMIT_PARTS,
        .depth = SK_LIMIT_DEPTH,
        .ratio = SK_LIMIT_RATIO,
        .cpu_ms = SK_LIMIT_INSPECT_CPU_MS,
    };
}

void
sk_budget_init(SkBudget *budget, const SkBudgetLimits *limits)
{
    *budget = (SkBudget){.left = *limits, .cpu_deadline = sk_clock_cpu_ms() + limits->cpu_ms};
}

static bool
spend(SkBudget *budget, bool enough, SkBudgetLimit limit)
{
    if (!enough && budget->spent == SK_BUDGET_OK)
        budget->spent = limit;
    return enough;
}

static bool
take(SkBudget *budget, uint32_t *left, SkBudgetLimit limit)
{
    bool enough = *left > 0;

    if (enough)
        (*left)--;
    return spend(budget, enough, limit);
}

bool
sk_budget_take_part(SkBudget *budget)
{
    return take(budget, &budget->left.parts, SK_BUDGET_PARTS);
}

bool
sk_budget_take_entry(SkBudget *budget)
{
    return take(budget, &budget->left.entries, SK_BUDGET_ENTRIES);
}

bool
sk_budget_take_unpacked(SkBudget *budget)
{
    return take(budget, &budget->left.unpacked_entries, SK_BUDGET_ENTRIES);
}

bool
sk_budget_take_bytes(SkBudget *budget, uint64_t n, uint64_t packed, uint64_t unpacked)
{
    uint64_t total = unpacked + n;

    if (!spend(budget, n <= budget->left.bytes, SK_BUDGET_BYTES))
        return false;
    if (!spend(budget, total <= SK_MIB || (total - SK_MIB) / budget->left.ratio <= packed,
               SK_BUDGET_RATIO))
        return false;
    budget->left.bytes -= n;
    return true;
}

bool
sk_budget_check_depth(SkBudget *budget, uint32_t depth)
{
    return spend(budget, depth <= budget->left.depth, SK_BUDGET_DEPTH);
}

bool
sk_budget_check_time(SkBudget *budget)
{
    int64_t tick = sk_clock_tick_ms();

    if (tick == budget->asked)
        return budget->spent != SK_BUDGET_TIME;
    budget->asked = tick;
    return spend(budget, sk_clock_cpu_ms() <= budget->cpu_deadline, SK_BUDGET_TIME);
}
