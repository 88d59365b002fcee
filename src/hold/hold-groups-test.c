/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-groups.h"

#include <string.h>

#include "base/error.h"
#include "base/limit.h"

static SkHoldGroups *
parse(const char *text, GError **error)
{
    size_t len = strlen(text);
    g_autofree char *exact = g_memdup2(text, len);

    return sk_hold_groups_parse("groups", sk_bytes(exact, len), error);
}

static void
test_good(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkHoldGroups) groups =
        parse("# who may let mail out\n"
              "\n"
              "sales: anna@ours.example,ben@ours.example ; deputy carol@ours.example\n"
              "  legal.2 :\tdora@ours.example  \r\n"
              "both:a@ours.example;deputy b@ours.example, 部長@例え.example",
              &error);
    const SkHoldGroup *sales, *legal, *both;

    g_assert_no_error(error);
    g_assert_true(g_strv_equal(sk_hold_groups_names(groups),
                               (const char *const[]){"sales", "legal.2", "both", NULL}));
    sales = sk_hold_groups_find(groups, "sales");
    legal = sk_hold_groups_find(groups, "legal.2");
    both = sk_hold_groups_find(groups, "both");
    g_assert_cmpuint(g_strv_length(sales->members), ==, 2);
    g_assert_true(sk_hold_group_is_member(sales, "BEN@ours.example"));
    g_assert_false(sk_hold_group_is_member(sales, "carol@ours.example"));
    g_assert_true(sk_hold_group_is_deputy(sales, "carol@Ours.Example"));
    g_assert_false(sk_hold_group_is_deputy(sales, "anna@ours.example"));
    g_assert_true(sk_hold_group_is_member(legal, "dora@ours.example"));
    g_assert_cmpuint(g_strv_length(legal->deputies), ==, 0);
    g_assert_cmpuint(g_strv_length(both->deputies), ==, 2);
    g_assert_null(sk_hold_groups_find(groups, "Sales"));
}

static void
test_empty(void)
{
    g_autoptr(SkHoldGroups) none = sk_hold_groups_parse("groups", sk_bytes(NULL, 0), NULL);
    g_autoptr(SkHoldGroups) comment = parse("# nobody\n\n", NULL);

    g_assert_null(sk_hold_groups_names(none)[0]);
    g_assert_null(sk_hold_groups_names(comment)[0]);
}

static void
test_bad(void)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"sales", "groups:1: a line is a name, a colon and addresses"},
        {"# x\n\n: a@ours.example",
         "groups:3: \"\" is no name of a group: letters of ASCII, digits, \"-\", \"_\" and "
         "\".\""},
        {"die da: a@ours.example", "groups:1: \"die da\" is no name of a group*"},
        {"sales:", "groups:1: this group has no members"},
        {"sales: ; deputy a@ours.example", "groups:1: this group has no members"},
        {"sales: anna", "groups:1: \"anna\" is no address; write them with commas between"},
        {"sales: a@ours.example b@ours.example", "groups:1: \"a@ours.example b@* is no addr*"},
        {"sales: a@ours.example,", "groups:1: \"\" is no address*"},
        {"sales: @ours.example", "groups:1: \"@ours.example\" is no address*"},
        {"sales: a@", "groups:1: \"a@\" is no address*"},
        {"sales: Anna <a@ours.example>", "groups:1: *is no address*"},
        {"sales: a@ours.example; b@ours.example", "groups:1: after a \";\" come the word*"},
        {"sales: a@ours.example; deputy", "groups:1: after a \";\" come the word*"},
        {"sales: a@ours.example; deputyb@ours.example", "groups:1: after a \";\" come*"},
        {"sales: a@ours.example; deputy b@ours.example; deputy c@ours.example",
         "groups:1: after a \";\" come*"},
        {"sales: a@ours.example\nsales: b@ours.example",
         "groups:2: \"sales\" was named before"},
        {"sales: a\xff@ours.example", "groups:1: *is no UTF-8"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("case %zu", i);
        g_assert_null(parse(cases[i].text, &error));
        g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
        if (!g_pattern_match_simple(cases[i].expected, error->message))
            g_error("%s", error->message);
    }
}

static void
test_limits(void)
{
    g_autoptr(GString) people = g_string_new("sales: a@ours.example");
    g_autoptr(GString) many = g_string_new(NULL);
    g_autoptr(SkHoldGroups) fits = NULL;
    g_autofree char *large = g_strnfill(SK_LIMIT_CONFIG + 1, '\n');

    for (unsigned i = 1; i < SK_HOLD_GROUP_PEOPLE; i++)
        g_string_append_printf(people, ", a%u@ours.example", i);
    fits = parse(people->str, NULL);
    g_assert_nonnull(fits);
    g_string_append(people, ", one@more.example");
    g_assert_null(parse(people->str, NULL));
    for (unsigned i = 0; i <= SK_HOLD_GROUPS; i++)
        g_string_append_printf(many, "g%u: a@ours.example\n", i);
    g_assert_null(parse(many->str, NULL));
    g_assert_null(parse(large, NULL));
    g_assert_null(sk_hold_groups_parse("groups", sk_bytes("a\0b", 3), NULL));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hold/groups/good", test_good);
    g_test_add_func("/hold/groups/empty", test_empty);
    g_test_add_func("/hold/groups/bad", test_bad);
    g_test_add_func("/hold/groups/limits", test_limits);
    return g_test_run();
}
