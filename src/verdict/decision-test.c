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

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/decision/equal", test_equal);
    g_test_add_func("/decision/names", test_names);
    return g_test_run();
}
