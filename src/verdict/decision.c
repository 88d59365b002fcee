/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/decision.h"

#include <string.h>

SkDecision *
sk_decision_new(void)
{
    SkDecision *decision = g_new0(SkDecision, 1);

    decision->approvers = g_ptr_array_new_with_free_func(g_free);
    decision->parts = g_ptr_array_new_with_free_func(g_free);
    decision->marks = g_ptr_array_new_with_free_func(g_free);
    decision->notify = g_ptr_array_new_with_free_func(g_free);
    decision->rules = g_array_new(FALSE, FALSE, sizeof(SkRuleRef));
    return decision;
}

static GPtrArray *
strings_dup(const GPtrArray *strings)
{
    GPtrArray *copy = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < strings->len; i++)
        g_ptr_array_add(copy, g_strdup(strings->pdata[i]));
    return copy;
}

SkDecision *
sk_decision_dup(const SkDecision *decision)
{
    SkDecision *copy = g_memdup2(decision, sizeof *decision);

    copy->text = g_strdup(decision->text);
    copy->finding = g_strdup(decision->finding);
    copy->approvers = strings_dup(decision->approvers);
    copy->parts = strings_dup(decision->parts);
    copy->marks = strings_dup(decision->marks);
    copy->notify = strings_dup(decision->notify);
    copy->rules = g_array_copy(decision->rules);
    return copy;
}

void
sk_decision_free(SkDecision *decision)
{
    if (decision == NULL)
        return;
    g_free(decision->text);
    g_free(decision->finding);
    g_ptr_array_unref(decision->approvers);
    g_ptr_array_unref(decision->parts);
    g_ptr_array_unref(decision->marks);
    g_ptr_array_unref(decision->notify);
    g_array_unref(decision->rules);
    g_free(decision);
}

static bool
strings_equal(const GPtrArray *a, const GPtrArray *b)
{
    if (a->len != b->len)
        return false;
    for (guint i = 0; i < a->len; i++) {
        if (strcmp(a->pdata[i], b->pdata[i]) != 0)
            return false;
    }
    return true;
}

static bool
waits_equal(const SkDecision *a, const SkDecision *b)
{
    return a->waits == b->waits && a->hold_s == b->hold_s && a->hold_min_s == b->hold_min_s &&
           a->hold_max_s == b->hold_max_s && a->review == b->review &&
           strings_equal(a->approvers, b->approvers);
}

static bool
edits_equal(const SkDecision *a, const SkDecision *b)
{
    return a->edits == b->edits && a->strip_all == b->strip_all &&
           a->rest_waits == b->rest_waits && strings_equal(a->parts, b->parts) &&
           a->link_body == b->link_body && a->link_s == b->link_s &&
           a->link_level == b->link_level && strings_equal(a->marks, b->marks);
}

bool
sk_decision_equal(const SkDecision *a, const SkDecision *b)
{
    return a->fate == b->fate &&
           (a->fate == SK_FATE_DELIVER || g_strcmp0(a->text, b->text) == 0) &&
           waits_equal(a, b) && edits_equal(a, b) && strings_equal(a->notify, b->notify);
}

bool
sk_decision_is_same(const SkDecision *a, const SkDecision *b)
{
    if (a->fate == b->fate && a->fate != SK_FATE_DELIVER)
        return g_strcmp0(a->text, b->text) == 0;
    return sk_decision_equal(a, b);
}

const char *
sk_fate_name(SkFate fate)
{
    static const char *const names[] = {"deliver", "defer", "reject"};

    g_assert(fate < G_N_ELEMENTS(names));
    return names[fate];
}

static const char *
bit_name(unsigned bit, const char *const *names, unsigned n)
{
    unsigned i = (unsigned)g_bit_nth_lsf(bit, -1);

    g_assert(bit != 0 && (bit & (bit - 1)) == 0 && i < n);
    return names[i];
}

const char *
sk_wait_name(SkWait wait)
{
    static const char *const names[] = {"time", "confirm", "approval", "review", "password"};

    return bit_name(wait, names, G_N_ELEMENTS(names));
}

const char *
sk_edit_name(SkEdit edit)
{
    static const char *const names[] = {"decrypt", "strip", "bcc",    "link",
                                        "mark",    "sign",  "encrypt"};

    return bit_name(edit, names, G_N_ELEMENTS(names));
}

static void
append_names(GString *text, unsigned set, const char *before, const char *(*name)(unsigned))
{
    for (unsigned bit = 1; bit != 0 && bit <= set; bit <<= 1) {
        if ((set & bit) == 0)
            continue;
        g_string_append_printf(text, "%s%s%s", text->len > 0 ? ", " : "", before, name(bit));
    }
}

static const char *
wait_name(unsigned bit)
{
    return sk_wait_name((SkWait)bit);
}

static const char *
edit_name(unsigned bit)
{
    return sk_edit_name((SkEdit)bit);
}

char *
sk_decision_format(const SkDecision *decision)
{
    GString *text = g_string_new(NULL);

    if (decision->fate == SK_FATE_DELIVER) {
        append_names(text, decision->waits, "hold for ", wait_name);
        append_names(text, decision->edits, "", edit_name);
        if (decision->notify->len > 0)
            g_string_append_printf(text, "%snotify", text->len > 0 ? ", " : "");
    }
    if (text->len == 0)
        g_string_append(text, sk_fate_name(decision->fate));
    return g_string_free(text, FALSE);
}
