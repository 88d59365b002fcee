/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-top - who was counted most often, in bounded memory
 *
 * Up to a number of keys the counts are exact. Beyond it, all counts go down by one whenever
 * there is no room for a new key, and those at zero leave (Misra and Gries): whoever was
 * counted often stays, and a count is too low by sk_top_get_cut() at most.
 *
 * Errors: none.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct SkTop SkTop;

typedef struct {
    char *key;
    bool own; /* one of ours */
    uint64_t count;
} SkTopEntry;

SkTop *sk_top_new(guint capacity);
void sk_top_free(SkTop *top);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkTop, sk_top_free)

void sk_top_add(SkTop *top, const char *key, bool own);
/* Adds all counts of FROM. */
void sk_top_merge(SkTop *top, const SkTop *from);
/* How much less than the truth a count may be; 0: all are exact, nobody is missing. */
uint64_t sk_top_get_cut(const SkTop *top);
/* All that are left (const SkTopEntry *, borrowed): ours first, then by count, then by key. The
 * caller owns the array. */
GPtrArray *sk_top_list(const SkTop *top);
