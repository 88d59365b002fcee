/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-tally.h"

typedef struct {
    const char *what;
    int64_t n;
} Count;

struct SkClerkTally {
    GArray *counts; /* of Count, in the order in which they came */
};

SkClerkTally *
sk_clerk_tally_new(void)
{
    SkClerkTally *tally = g_new0(SkClerkTally, 1);

    tally->counts = g_array_new(FALSE, TRUE, sizeof(Count));
    return tally;
}

void
sk_clerk_tally_free(SkClerkTally *tally)
{
    if (tally == NULL)
        return;
    g_array_unref(tally->counts);
    g_free(tally);
}

static Count *
find(SkClerkTally *tally, const char *what)
{
    Count fresh = {what, 0};

    for (guint i = 0; i < tally->counts->len; i++) {
        Count *count = &g_array_index(tally->counts, Count, i);

        if (g_str_equal(count->what, what))
            return count;
    }
    g_array_append_val(tally->counts, fresh);
    return &g_array_index(tally->counts, Count, tally->counts->len - 1);
}

void
sk_clerk_tally_add(SkClerkTally *tally, const char *what, int64_t n)
{
    if (n > 0)
        find(tally, what)->n += n;
}

char *
sk_clerk_tally_text(const SkClerkTally *tally)
{
    GString *text;

    if (tally->counts->len == 0)
        return NULL;
    text = g_string_new(NULL);
    for (guint i = 0; i < tally->counts->len; i++) {
        const Count *count = &g_array_index(tally->counts, Count, i);

        g_string_append_printf(text, "%s%" G_GINT64_FORMAT " %s", i > 0 ? ", " : "", count->n,
                               count->what);
    }
    return g_string_free(text, FALSE);
}

void
sk_clerk_tally_clear(SkClerkTally *tally)
{
    g_array_set_size(tally->counts, 0);
}
