/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/keeper-pairs.h"

#include <string.h>

#include "seal/seal-wrap.h"

typedef struct {
    char id[SK_SEAL_ID_LEN + 1];
    SkSealPair *pair;
} Entry;

struct SkPairs {
    SkSecret *secret;
    Entry entries[SK_PAIRS_MAX]; /* the last used one first */
};

SkPairs *
sk_pairs_new(SkSecret *secret)
{
    SkPairs *pairs = g_new0(SkPairs, 1);

    pairs->secret = secret;
    return pairs;
}

void
sk_pairs_free(SkPairs *pairs)
{
    if (pairs == NULL)
        return;
    for (size_t i = 0; i < SK_PAIRS_MAX; i++)
        sk_seal_pair_free(pairs->entries[i].pair);
    sk_secret_free(pairs->secret);
    g_free(pairs);
}

static bool
holds(const Entry *entry, const char *id)
{
    return entry->pair != NULL && strcmp(entry->id, id) == 0;
}

/* Where ID is; else the last place, whose key goes. */
static size_t
find(const SkPairs *pairs, const char *id)
{
    for (size_t i = 0; i < SK_PAIRS_MAX; i++) {
        if (holds(&pairs->entries[i], id))
            return i;
    }
    return SK_PAIRS_MAX - 1;
}

const SkSealPair *
sk_pairs_open(SkPairs *pairs, const char *id, SkBytes wrapped, GError **error)
{
    size_t at = find(pairs, id);
    Entry entry = pairs->entries[at];

    if (!holds(&entry, id)) {
        SkSealPair *pair = sk_seal_unwrap(wrapped, id, sk_secret_bytes(pairs->secret), error);

        if (pair == NULL)
            return NULL;
        sk_seal_pair_free(entry.pair);
        entry.pair = pair;
        g_strlcpy(entry.id, id, sizeof entry.id);
    }
    memmove(pairs->entries + 1, pairs->entries, at * sizeof(Entry));
    pairs->entries[0] = entry;
    return entry.pair;
}
