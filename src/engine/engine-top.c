/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-top.h"

#include <string.h>

struct SkTop {
    GHashTable *entries; /* key -> SkTopEntry */
    guint capacity;
    uint64_t cut;
};

static void
entry_free(void *data)
{
    SkTopEntry *entry = data;

    g_free(entry->key);
    g_free(entry);
}

SkTop *
sk_top_new(guint capacity)
{
    SkTop *top = g_new0(SkTop, 1);

    top->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
    top->capacity = capacity;
    return top;
}

void
sk_top_free(SkTop *top)
{
    if (top == NULL)
        return;
    g_hash_table_unref(top->entries);
    g_free(top);
}

static gboolean
lower(void *key, void *value, void *data)
{
    SkTopEntry *entry = value;
    const uint64_t *by = data;

    entry->count -= MIN(entry->count, *by);
    return entry->count == 0;
}

static void
cut(SkTop *top, uint64_t by)
{
    top->cut += by;
    g_hash_table_foreach_remove(top->entries, lower, &by);
}

static void
insert(SkTop *top, const char *key, bool own, uint64_t count)
{
    SkTopEntry *entry = g_new0(SkTopEntry, 1);

    *entry = (SkTopEntry){g_strdup(key), own, count};
    g_hash_table_insert(top->entries, entry->key, entry);
}

/* The new one goes down with the others, so that it is there only if it is worth more. */
static void
add(SkTop *top, const char *key, bool own, uint64_t count)
{
    SkTopEntry *entry = g_hash_table_lookup(top->entries, key);

    if (entry != NULL)
        entry->count += count;
    while (entry == NULL && count > 0 && g_hash_table_size(top->entries) >= top->capacity) {
        cut(top, 1);
        count--;
    }
    if (entry == NULL && count > 0)
        insert(top, key, own, count);
}

void
sk_top_add(SkTop *top, const char *key, bool own)
{
    add(top, key, own, 1);
}

void
sk_top_merge(SkTop *top, const SkTop *from)
{
    GHashTableIter iter;
    void *value;

    g_hash_table_iter_init(&iter, from->entries);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const SkTopEntry *entry = value;

        add(top, entry->key, entry->own, entry->count);
    }
    top->cut += from->cut;
}

uint64_t
sk_top_get_cut(const SkTop *top)
{
    return top->cut;
}

static int
compare(const void *a, const void *b)
{
    const SkTopEntry *one = *(const SkTopEntry *const *)a;
    const SkTopEntry *other = *(const SkTopEntry *const *)b;

    if (one->own != other->own)
        return one->own ? -1 : 1;
    if (one->count != other->count)
        return one->count > other->count ? -1 : 1;
    return strcmp(one->key, other->key);
}

GPtrArray *
sk_top_list(const SkTop *top)
{
    GPtrArray *list = g_ptr_array_new();
    GHashTableIter iter;
    void *value;

    g_hash_table_iter_init(&iter, top->entries);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        g_ptr_array_add(list, value);
    g_ptr_array_sort(list, compare);
    return list;
}
