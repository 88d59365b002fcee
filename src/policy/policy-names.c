/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-names.h"

#include <string.h>

/* Longer than any id; what is longer is no slip of the finger. */
#define NAME_MAX_LEN 48

bool
sk_policy_names_find(const char *name, SkIdSet *ret_ids)
{
    SkIdSet ids = {0};

    if (*name == '\0')
        return false;
    for (int id = 0; id < SK_N_FINDINGS; id++) {
        if (sk_finding_id_below((SkFindingId)id, name))
            sk_idset_add(&ids, (SkFindingId)id);
    }
    if (sk_idset_is_empty(&ids))
        return false;
    *ret_ids = ids;
    return true;
}

/* Levenshtein distance of A to the first B_LEN bytes of B. */
static unsigned
distance(const char *a, const char *b, size_t b_len)
{
    unsigned row[NAME_MAX_LEN + 1];

    for (size_t j = 0; j <= b_len; j++)
        row[j] = (unsigned)j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        unsigned diagonal = row[0];

        row[0] = (unsigned)i + 1;
        for (size_t j = 0; j < b_len; j++) {
            unsigned change = diagonal + (a[i] != b[j]);

            diagonal = row[j + 1];
            row[j + 1] = MIN(change, 1 + MIN(diagonal, row[j]));
        }
    }
    return row[b_len];
}

/* Whether a prefix of LEN letters of NAME ends with a whole word. */
static bool
is_prefix_end(const char *name, size_t len)
{
    return name[len] == '.' || name[len] == '\0';
}

char *
sk_policy_names_suggest(const char *name)
{
    unsigned best = (unsigned)(strlen(name) / 6 + 1) + 1;
    char *found = NULL;

    if (strlen(name) > NAME_MAX_LEN)
        return NULL;
    for (int id = 0; id < SK_N_FINDINGS; id++) {
        const char *whole = sk_finding_id_name((SkFindingId)id);

        for (size_t len = 1; len <= strlen(whole) && len <= NAME_MAX_LEN; len++) {
            if (!is_prefix_end(whole, len) || distance(name, whole, len) >= best)
                continue;
            best = distance(name, whole, len);
            g_free(found);
            found = g_strndup(whole, len);
        }
    }
    return found;
}

char *
sk_policy_names_list(const SkIdSet *ids, unsigned max)
{
    GString *out = g_string_new(NULL);
    unsigned n = 0;

    for (int id = 0; id < SK_N_FINDINGS; id++) {
        if (!sk_idset_has(ids, (SkFindingId)id) || n++ >= max)
            continue;
        g_string_append_printf(out, "%s%s", out->len > 0 ? ", " : "",
                               sk_finding_id_name((SkFindingId)id));
    }
    if (n > max)
        g_string_append_printf(out, " and %u more", n - max);
    return g_string_free(out, FALSE);
}

static bool
is_told(const SkPolicyWorld *world, SkFindingId id)
{
    return sk_finding_id_state(id) == SK_FINDING_BUILT &&
           (world->disabled_checks == NULL ||
            !g_strv_contains(world->disabled_checks, sk_finding_id_check(id)));
}

SkIdSet
sk_policy_names_untold(const SkPolicyWorld *world, const SkIdSet *ids)
{
    SkIdSet untold = {0};

    for (int id = 0; id < SK_N_FINDINGS; id++) {
        if (sk_idset_has(ids, (SkFindingId)id) && !is_told(world, (SkFindingId)id))
            sk_idset_add(&untold, (SkFindingId)id);
    }
    return untold;
}
