/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-text.h"

#include "policy/policy-fixture.h"
#include "policy/policy-tree.h"

#define RULE   "inbound when attach.any and size > 10M then reject \"no\", mark \"a b\""
#define HOLD   "inbound when not (attach or mime) then hold for 5m within 1m..10m"
#define OTHERS "any when from partner \"x\" then link body for 1d level 2"

static SkPolicy *
read_rule(const char *text)
{
    SkPolicyWorld world = fixture_full_world();
    g_autofree char *complaints = NULL;
    SkPolicy *policy;

    /* What chance puts together may wait for nobody. */
    world.trying = true;
    policy = fixture_policy_new(text, &world, &complaints);
    if (policy == NULL)
        g_error("%s: %s", text, complaints);
    return policy;
}

static const SkRule *
first_rule(const SkPolicy *policy)
{
    return policy->rules->pdata[0];
}

static void
test_normal(void)
{
    static const char *const cases[][2] = {
        {"inbound  when attach.any\tand size>010M then reject \"no\" ,mark \"a b\" # c", RULE},
        {"observe inbound when attach.any and size > 10M then reject \"no\", mark \"a b\" "
         "until 2027-03-31",
         RULE},
        {"inbound when not( attach or mime )then hold for 05m within 1m .. 10m", HOLD},
        {"any when from partner \"x\" then link body for 01d level 02\r", OTHERS},
        {"any when size>=00 and recipients<=1 then reject \"\\\"\\\\\"",
         "any when size >= 0 and recipients <= 1 then reject \"\\\"\\\\\""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SkPolicy) policy = read_rule(cases[i][0]);

        g_assert_cmpstr(first_rule(policy)->normal, ==, cases[i][1]);
    }
}

static void
test_written(void)
{
    g_autoptr(SkPolicy) policy =
        read_rule("  observe  any when attach then reject until 2027-03-31 # why \n");
    const SkRule *rule = first_rule(policy);

    g_assert_cmpstr(sk_policy_peek_rule(policy, rule->ref.id), ==,
                    "observe  any when attach then reject until 2027-03-31");
    g_assert_null(sk_policy_peek_rule(policy, "000000000000"));
    g_assert_cmpuint(sk_policy_count(policy), ==, 1);
}

/* The digest was made by sha256sum(1). An identity is written into ledgers: it never changes.
 */
static void
test_identity(void)
{
    g_autoptr(SkPolicy) policy = read_rule("any when attach.any then reject");
    char id[SK_RULE_ID_LEN + 1];

    sk_policy_text_identity("any when attach.any then reject", id);
    g_assert_cmpstr(id, ==, "fc79b84384bd");
    g_assert_cmpstr(first_rule(policy)->ref.id, ==, id);
    g_assert_cmpstr(sk_policy_peek_rule(policy, "86ce0e90943f"), ==,
                    "any when inspect or attach.limit then hold for review by admin");
}

/* What stays the same rule, and what is another one. */
static void
test_sameness(void)
{
    static const char *const same[] = {
        RULE,
        "observe " RULE,
        RULE " until 2027-03-31",
        RULE " # comment",
        "\t" RULE "  \r",
        "inbound when attach.any and size>010M then reject \"no\",mark \"a b\"",
    };
    static const char *const other[] = {
        "outbound when attach.any and size > 10M then reject \"no\", mark \"a b\"",
        "inbound when attach and size > 10M then reject \"no\", mark \"a b\"",
        "inbound when attach.any or size > 10M then reject \"no\", mark \"a b\"",
        "inbound when size > 10M and attach.any then reject \"no\", mark \"a b\"",
        "inbound when (attach.any and size > 10M) then reject \"no\", mark \"a b\"",
        "inbound when attach.any and size >= 10M then reject \"no\", mark \"a b\"",
        "inbound when attach.any and size > 10k then reject \"no\", mark \"a b\"",
        "inbound when attach.any and size > 10485760 then reject \"no\", mark \"a b\"",
        "inbound when attach.any and size > 10M then reject \"No\", mark \"a b\"",
        "inbound when attach.any and size > 10M then reject \"no\", mark \"a  b\"",
        "inbound when attach.any and size > 10M then reject \"no\"",
        "inbound when attach.any and size > 10M then mark \"a b\", reject \"no\"",
    };
    g_autoptr(SkPolicy) first = read_rule(RULE);

    for (size_t i = 0; i < G_N_ELEMENTS(same); i++) {
        g_autoptr(SkPolicy) policy = read_rule(same[i]);

        g_test_message("%s", same[i]);
        g_assert_cmpstr(first_rule(policy)->ref.id, ==, first_rule(first)->ref.id);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(other); i++) {
        g_autoptr(SkPolicy) policy = read_rule(other[i]);

        g_test_message("%s", other[i]);
        g_assert_cmpstr(first_rule(policy)->ref.id, !=, first_rule(first)->ref.id);
    }
}

static const char *
pick(const char *const *words, size_t n)
{
    return words[g_test_rand_int_range(0, (gint32)n)];
}

#define PICK(words) pick(words, G_N_ELEMENTS(words))

/* Blanks, where some may stand. */
static void
put(GString *out, const char *word)
{
    static const char *const blanks[] = {" ", "  ", "\t", " \t "};

    g_string_append(out, PICK(blanks));
    g_string_append(out, word);
}

static void
put_condition(GString *out, int depth)
{
    static const char *const tests[] = {
        "attach",
        "attach.encrypted.zip",
        "smime.encrypted",
        "verified from partner",
        "from internal",
        "verified from \"a@example.com\"",
        "to partner \"\\\"x\\\\\"",
        "to \"@example.com\"",
        "size>007k",
        "recipients <=0100",
        "external-domains=2",
        "from list \"/lists/friends\"",
        "to external",
        "size >= 1G",
    };

    do {
        if (g_test_rand_int_range(0, 4) == 0)
            put(out, "not");
        if (depth < 5 && g_test_rand_int_range(0, 3) == 0) {
            put(out, "(");
            put_condition(out, depth + 1);
            g_string_append(out, ")");
        } else {
            put(out, PICK(tests));
        }
        if (g_test_rand_int_range(0, 2) == 0)
            return;
        put(out, g_test_rand_bit() ? "and" : "or");
    } while (true);
}

static char *
random_rule(void)
{
    static const char *const directions[] = {"inbound", "outbound", "internal", "forward",
                                             "any"};
    static const char *const actions[] = {
        "reject",
        "reject \"a # b\"",
        "defer\t\"x\"",
        "deliver",
        "hold for 05m",
        "hold for 5m within 1m ..\t010m",
        "hold for confirm",
        "hold for approval",
        "hold for approval of \"g\"",
        "hold for review by recipient",
        "hold for password",
        "decrypt",
        "strip",
        "bcc",
        "link",
        "link body for 14d level 2",
        "link level 0",
        "mark \"関所\"",
        "sign",
        "encrypt",
        "notify sender",
        "notify \"a@example.com\"",
        "waive attach.encrypted",
        "waive inspect",
    };
    GString *out = g_string_new(g_test_rand_bit() ? "observe " : "");

    put(out, PICK(directions));
    put(out, "when");
    put_condition(out, 0);
    put(out, "then");
    put(out, PICK(actions));
    while (g_test_rand_bit()) {
        g_string_append(out, g_test_rand_bit() ? " ," : ",");
        put(out, PICK(actions));
    }
    if (g_test_rand_bit())
        put(out, "until 2027-03-31");
    if (g_test_rand_bit())
        put(out, "# until then");
    return g_string_free(out, FALSE);
}

/* Whatever the grammar allows is read, and its normalised text reads back as itself. */
static void
test_any_rule(void)
{
    SkPolicyWorld world = fixture_full_world();

    world.trying = true;
    for (int i = 0; i < 2000; i++) {
        g_autofree char *text = random_rule();
        g_autofree char *complaints = NULL;
        g_autoptr(SkPolicy) policy = fixture_policy_new(text, &world, &complaints);
        g_autoptr(SkPolicy) again = NULL;

        if (policy == NULL)
            g_error("%s: %s", text, complaints);
        again = read_rule(first_rule(policy)->normal);
        g_assert_cmpstr(first_rule(again)->normal, ==, first_rule(policy)->normal);
        g_assert_cmpstr(first_rule(again)->ref.id, ==, first_rule(policy)->ref.id);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/policy-text/normal", test_normal);
    g_test_add_func("/policy-text/written", test_written);
    g_test_add_func("/policy-text/identity", test_identity);
    g_test_add_func("/policy-text/sameness", test_sameness);
    g_test_add_func("/policy-text/any-rule", test_any_rule);
    return g_test_run();
}
