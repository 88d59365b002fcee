/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger-learn.h"

#include <string.h>

#include "known/known-reference.h"

static void
add_once(GHashTable *people, const char *address)
{
    if (address != NULL && *address != '\0')
        g_hash_table_add(people, (char *)address);
}

/* Everybody who is on it, and whom the others may know of or not: he may answer, too. */
static GPtrArray *
list_people(const SkPassage *passage)
{
    g_autoptr(GHashTable) people = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *list = g_ptr_array_new();
    GHashTableIter iter;
    void *key;

    add_once(people, passage->from);
    for (guint i = 0; i < passage->recipients->len; i++)
        add_once(people, ((const SkPassageRecipient *)passage->recipients->pdata[i])->address);
    if (passage->visible != NULL) {
        g_hash_table_iter_init(&iter, passage->visible);
        while (g_hash_table_iter_next(&iter, &key, NULL))
            add_once(people, key);
    }
    g_hash_table_iter_init(&iter, people);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        g_ptr_array_add(list, key);
    g_ptr_array_add(list, NULL);
    return list;
}

bool
sk_ledger_learn(SkKnownAdder *adder, const SkPassage *passage, SkBytes hash_key, GError **error)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) people = NULL;
    SkKnownMessage message;

    if (passage->smtp != NULL || passage->held != NULL || passage->message_id == NULL)
        return true;
    sk_known_references(sk_bytes(passage->message_id, strlen(passage->message_id)), false, 1,
                        ids);
    if (ids->len == 0)
        return true;
    people = list_people(passage);
    message = (SkKnownMessage){.message_id = ids->pdata[0],
                               .people = (const char *const *)people->pdata,
                               .at_us = passage->received_us};
    return sk_known_conversation_add(adder, &message, hash_key, error);
}
