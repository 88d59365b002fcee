/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/decision.h"

#include "verdict/direction.h"

static void
test_equal(void)
{
    g_autoptr(SkDecision) a = sk_decision_new();
    g_autoptr(SkDecision) b = sk_decision_dup(a);
    SkRuleRef rule = {"0123456789ab", 3};

    g_assert_true(sk_decision_equal(a, b));
    g_array_append_val(b->rules, rule);
    g_assert_true(sk_decision_equal(a, b));
    g_ptr_array_add(b->marks, g_strdup("EXTERNAL"));
    b->edits |= SK_EDIT_MARK;
    g_assert_false(sk_decision_equal(a, b));
    sk_decision_free(a);
    a = sk_decision_dup(b);
    g_assert_true(sk_decision_equal(a, b));
    a->fate = SK_FATE_REJECT;
    g_assert_false(sk_decision_equal(a, b));
    sk_decision_free(a);
    a = sk_decision_dup(b);
    g_ptr_array_add(a->parts, g_strdup("1.2"));
    g_assert_false(sk_decision_equal(a, b));
    g_ptr_array_add(b->parts, g_strdup("1.2"));
    g_assert_true(sk_decision_equal(a, b));
    a->strip_all = true;
    g_assert_false(sk_decision_equal(a, b));
}

/* Refused mail does not wait as well. */
static void
test_is_same(void)
{
    g_autoptr(SkDecision) a = sk_decision_new(), b = sk_decision_new();

    b->waits = SK_WAIT_TIME;
    g_assert_false(sk_decision_is_same(a, b));
    a->fate = SK_FATE_REJECT;
    g_assert_false(sk_decision_is_same(a, b));
    b->fate = SK_FATE_REJECT;
    g_assert_true(sk_decision_is_same(a, b));
    a->text = g_strdup("send a link");
    g_assert_false(sk_decision_is_same(a, b));
}

static void
test_names(void)
{
    SkDirection direction;

    g_assert_cmpstr(sk_wait_name(SK_WAIT_PASSWORD), ==, "password");
    g_assert_cmpstr(sk_edit_name(SK_EDIT_ENCRYPT), ==, "encrypt");
    g_assert_cmpstr(sk_edit_name(SK_EDIT_DECRYPT), ==, "decrypt");
    g_assert_true(sk_direction_parse("internal", &direction));
    g_assert_cmpint(direction, ==, SK_DIRECTION_INTERNAL);
    g_assert_false(sk_direction_parse("any", &direction));
    g_assert_cmpint(sk_direction_of(SK_ORIGIN_OUTBOUND, true), ==, SK_DIRECTION_INTERNAL);
    g_assert_cmpint(sk_direction_of(SK_ORIGIN_OUTBOUND, false), ==, SK_DIRECTION_OUTBOUND);
    g_assert_cmpint(sk_direction_of(SK_ORIGIN_INBOUND, true), ==, SK_DIRECTION_INBOUND);
}

static void
test_format(void)
{
    static const struct {
        SkFate fate;
        unsigned waits, edits;
        const char *notify;
        const char *want;
    } cases[] = {
        {SK_FATE_DELIVER, 0, 0, NULL, "deliver"},
        {SK_FATE_REJECT, SK_WAIT_PASSWORD, SK_EDIT_MARK, "sender", "reject"},
        {SK_FATE_DELIVER, SK_WAIT_PASSWORD, 0, NULL, "hold for password"},
        {SK_FATE_DELIVER, SK_WAIT_TIME | SK_WAIT_REVIEW, SK_EDIT_DECRYPT | SK_EDIT_ENCRYPT,
         "sender", "hold for time, hold for review, decrypt, encrypt, notify"},
        {SK_FATE_DELIVER, 0, SK_EDIT_LINK, NULL, "link"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SkDecision) decision = sk_decision_new();
        g_autofree char *text = NULL;

        g_test_message("case %zu", i);
        decision->fate = cases[i].fate;
        decision->waits = cases[i].waits;
        decision->edits = cases[i].edits;
        if (cases[i].notify != NULL)
            g_ptr_array_add(decision->notify, g_strdup(cases[i].notify));
        text = sk_decision_format(decision);
        g_assert_cmpstr(text, ==, cases[i].want);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/decision/equal", test_equal);
    g_test_add_func("/decision/is-same", test_is_same);
    g_test_add_func("/decision/names", test_names);
    g_test_add_func("/decision/format", test_format);
    return g_test_run();
}
