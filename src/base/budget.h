/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * budget - what the inspection of one message may still use
 *
 * One budget goes through MIME walk and archive readers alike, so that no nesting of one in the
 * other multiplies a limit. What ran out is remembered: the first answer decides the finding.
 *
 * Limits: those of base/limit.h unless the settings changed them.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
    SK_BUDGET_OK = 0,
    SK_BUDGET_DEPTH,   /* containers in containers */
    SK_BUDGET_PARTS,   /* MIME parts */
    SK_BUDGET_ENTRIES, /* archive entries listed or unpacked */
    SK_BUDGET_BYTES,   /* bytes unpacked */
    SK_BUDGET_RATIO,   /* bytes unpacked for each byte packed */
    SK_BUDGET_TIME,    /* CPU time */
} SkBudgetLimit;

typedef struct {
    uint64_t bytes;
    uint32_t entries;
    uint32_t unpacked_entries;
    uint32_t parts;
    uint32_t depth;
    uint32_t ratio;
    int64_t cpu_ms;
} SkBudgetLimits;

typedef struct {
    SkBudgetLimits left;  /* counts down; depth and ratio stay */
    int64_t cpu_deadline; /* sk_clock_cpu_ms() at which time is over */
    int64_t asked;        /* sk_clock_tick_ms() when the CPU clock was last asked */
    SkBudgetLimit spent;  /* the first that ran out, or SK_BUDGET_OK */
} SkBudget;

/* The built-in limits. */
SkBudgetLimits sk_budget_limits_default(void);
void sk_budget_init(SkBudget *budget, const SkBudgetLimits *limits);

/* Each takes from the budget and says whether there was enough; if not, nothing is taken and
 * the limit is remembered in `spent`. */
bool sk_budget_take_part(SkBudget *budget);
bool sk_budget_take_entry(SkBudget *budget);
bool sk_budget_take_unpacked(SkBudget *budget);
/* N unpacked bytes that came of PACKED bytes in all, of which UNPACKED were made before. */
bool sk_budget_take_bytes(SkBudget *budget, uint64_t n, uint64_t packed, uint64_t unpacked);
bool sk_budget_check_depth(SkBudget *budget, uint32_t depth);
/* Asks the CPU clock (0.3 us; 3 us on a virtual machine) once in a tick of the system, since
 * one thread uses no more CPU time than passes, and otherwise costs 20 ns: call it per entry or
 * per block, not per byte. */
bool sk_budget_check_time(SkBudget *budget);
