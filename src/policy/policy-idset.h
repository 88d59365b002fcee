/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-idset - a set of finding ids, one bit each
 *
 * A test knows the ids it asks for, a message the ids it has; whether they meet is a few
 * instructions, which is what makes judging cheap.
 */

#include <stdbool.h>
#include <stdint.h>

#include "verdict/finding.h"

#define SK_IDSET_WORDS ((SK_N_FINDINGS + 63) / 64)

typedef struct {
    uint64_t word[SK_IDSET_WORDS];
} SkIdSet;

static inline void
sk_idset_add(SkIdSet *set, SkFindingId id)
{
    set->word[id / 64] |= UINT64_C(1) << id % 64;
}

static inline bool
sk_idset_has(const SkIdSet *set, SkFindingId id)
{
    return (set->word[id / 64] >> id % 64 & 1) != 0;
}

/* Adds everything in OTHER. */
static inline void
sk_idset_join(SkIdSet *set, const SkIdSet *other)
{
    for (unsigned i = 0; i < SK_IDSET_WORDS; i++)
        set->word[i] |= other->word[i];
}

static inline SkIdSet
sk_idset_without(const SkIdSet *set, const SkIdSet *hidden)
{
    SkIdSet left;

    for (unsigned i = 0; i < SK_IDSET_WORDS; i++)
        left.word[i] = set->word[i] & ~hidden->word[i];
    return left;
}

/* Whether an id is in both. */
static inline bool
sk_idset_meets(const SkIdSet *set, const SkIdSet *other)
{
    uint64_t common = 0;

    for (unsigned i = 0; i < SK_IDSET_WORDS; i++)
        common |= set->word[i] & other->word[i];
    return common != 0;
}

static inline bool
sk_idset_is_empty(const SkIdSet *set)
{
    return !sk_idset_meets(set, set);
}

static inline bool
sk_idset_equal(const SkIdSet *set, const SkIdSet *other)
{
    uint64_t differ = 0;

    for (unsigned i = 0; i < SK_IDSET_WORDS; i++)
        differ |= set->word[i] ^ other->word[i];
    return differ == 0;
}
