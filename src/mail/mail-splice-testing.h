/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-splice-testing - whether a spliced message, read again, is what was asked for
 */

#include "mail/mail-splice.h"

/* Stands in every notice of the tests. */
#define TEST_NOTICE "%NUMBER%: %NAME% (%SIZE%) was here"

typedef struct {
    GHashTable *leaves; /* "path type digest" → path */
    GPtrArray *notices; /* their paths */
} SkTestLeaves;

static inline void
sk_test_leaves_part(const SkMailPart *part, void *data)
{
    SkTestLeaves *leaves = data;
    g_autofree char *digest = g_compute_checksum_for_data(
        G_CHECKSUM_SHA1, (const unsigned char *)part->content.data, part->content.len);

    if (sk_bytes_find(part->content, ") was here", 10, 0) != SK_BYTES_NONE)
        g_ptr_array_add(leaves->notices, g_strdup(part->path));
    else
        g_hash_table_replace(leaves->leaves,
                             g_strdup_printf("%s %s %s", part->path, part->type, digest),
                             g_strdup(part->path));
}

static inline void
sk_test_leaves_trouble(SkMailTrouble what, const char *path, const char *detail, void *data)
{
    (void)what;
    (void)path;
    (void)detail;
    (void)data;
}

static inline SkTestLeaves
sk_test_leaves_read(SkBytes bytes)
{
    SkBudgetLimits limits = sk_budget_limits_default();
    SkTestLeaves leaves = {g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
                           g_ptr_array_new_with_free_func(g_free)};
    SkMailVisitor visitor = {sk_test_leaves_part, sk_test_leaves_trouble, &leaves};
    SkBudget budget;

    sk_budget_init(&budget, &limits);
    sk_mail_walk(bytes, NULL, 0, &budget, &visitor);
    return leaves;
}

static inline void
sk_test_leaves_clear(SkTestLeaves *leaves)
{
    g_hash_table_unref(leaves->leaves);
    g_ptr_array_unref(leaves->notices);
}

static inline bool
sk_test_leaves_is_replaced(const SkTestLeaves *leaves, const char *path)
{
    for (guint i = 0; i < leaves->notices->len; i++) {
        const char *notice = leaves->notices->pdata[i];

        if (g_str_has_prefix(path, notice) && strchr(".", path[strlen(notice)]) != NULL)
            return true;
    }
    return false;
}

/* Every leaf of BEFORE is in AFTER, or a notice stands in its place; AFTER has no others. */
static inline void
sk_test_splice_compare(SkBytes before, SkBytes after)
{
    SkTestLeaves old = sk_test_leaves_read(before), new = sk_test_leaves_read(after);
    GHashTableIter iter;
    void *key, *path;

    g_assert_cmpuint(new.notices->len, >, 0);
    g_hash_table_iter_init(&iter, old.leaves);
    while (g_hash_table_iter_next(&iter, &key, &path))
        g_assert_true(g_hash_table_contains(new.leaves, key) ||
                      sk_test_leaves_is_replaced(&new, path));
    g_hash_table_iter_init(&iter, new.leaves);
    while (g_hash_table_iter_next(&iter, &key, &path))
        g_assert_true(g_hash_table_contains(old.leaves, key));
    sk_test_leaves_clear(&old);
    sk_test_leaves_clear(&new);
}

static inline bool
sk_test_splice_put(SkBytes piece, void *data)
{
    return sk_buffer_append(data, piece.data, piece.len);
}

/* Splices a copy of its exact size; OUT is initialised here. */
static inline SkSpliceOutcome
sk_test_splice(SkBytes bytes, const char *const *parts, SkBuffer *out)
{
    SkBudgetLimits limits = sk_budget_limits_default();
    g_autofree uint8_t *exact = g_memdup2(bytes.data, bytes.len);
    SkSpliceOrder order = {parts, TEST_NOTICE, "removed.txt"};
    SkMailVisitor tell = {.trouble = sk_test_leaves_trouble};
    g_auto(SkMailCuts) cuts = {0};
    SkSpliceOutcome outcome;
    SkBudget budget;

    sk_budget_init(&budget, &limits);
    sk_buffer_init(out, bytes.len + SK_CUT_TEXT);
    outcome = sk_mail_splice(sk_bytes(exact, bytes.len), &order, &budget, &tell, &cuts);
    if (outcome == SK_SPLICE_DONE)
        g_assert_true(
            sk_mail_cuts_apply(&cuts, sk_bytes(exact, bytes.len), sk_test_splice_put, out));
    return outcome;
}
