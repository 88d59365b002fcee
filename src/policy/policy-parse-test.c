/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-fixture.h"

/* Everything that could have stood where a test has to begin. */
#define A_TEST                                                                                 \
    "\"(\", \"verified\", \"from\", \"to\", \"size\", \"recipients\", \"external-domains\" "   \
    "or a finding"
#define A_UNIT "\"not\", " A_TEST
#define AN_ACTION                                                                              \
    "\"reject\", \"defer\", \"deliver\", \"hold\", \"decrypt\", \"strip\", \"bcc\", "          \
    "\"link\", \"mark\", \"sign\", \"encrypt\", \"notify\" or \"waive\""
#define THE_END "\",\", \"until\" or the end of the line"

static const char *const productions[] = {
    /* policy: empty, comments, blank lines, line ends */
    "",
    "\n\n",
    "# nothing but a comment",
    "  \t # \"unclosed\n",
    "any when attach.any then reject # why\r\n",
    "any when attach.any then reject\n\n# end\nany when mime.tnef then reject",
    /* rule */
    "observe any when attach.any then reject until 2027-03-31",
    "inbound when attach.any then reject",
    "outbound when attach.any then reject",
    "internal when attach.any then reject",
    "forward when attach.any then reject",
    "any when attach.any then reject, mark \"a\", notify sender",
    /* condition */
    "any when attach.any or mime.tnef or mime.broken then reject",
    "any when attach.any and mime.tnef and mime.broken then reject",
    "any when not attach.any and not (mime.tnef or not mime.broken) then reject",
    /* test */
    "any when attach then reject",
    "any when verified from internal then reject",
    "any when from external then reject",
    "any when from partner then reject",
    "any when from partner \"kanto\" then reject",
    "any when from \"a@example.com\" then reject",
    "any when from \"@example.com\" then reject",
    "any when from list \"friends\" then reject",
    "any when to \"\\\"a b\\\"@example.com\" then reject",
    "any when size<1 and size<=2k and size=3M and size>=4G and size>0 then reject",
    "any when recipients > 10 and external-domains >= 2 then reject",
    /* action */
    "any when attach then reject \"say \\\"why\\\" \\\\ how\"",
    "any when attach then defer \"later\", deliver",
    "any when attach then hold for 5m",
    "any when attach then hold for 5m within 30s..1h",
    "any when attach then hold for confirm, hold for approval, hold for approval of \"g\"",
    "any when attach then hold for review, hold for review by recipient",
    "any when attach then hold for review by admin, hold for password",
    "any when attach then decrypt, strip, bcc, sign, encrypt",
    "any when attach then link, link body, link for 14d, link level 2",
    "any when attach then link body for 14d level 9",
    "any when attach then mark \"外部\"",
    "any when attach then notify sender, notify recipient, notify \"a@example.com\"",
    "any when verified from internal then waive attach.encrypted until 2027-03-31",
    "any when verified from internal then waive attach.any until 2028-02-29",
};

static void
test_productions(void)
{
    SkPolicyWorld world = fixture_full_world();

    for (size_t i = 0; i < G_N_ELEMENTS(productions); i++) {
        g_autofree char *complaints = NULL;
        g_autoptr(SkPolicy) policy = NULL;

        g_test_message("rule %zu", i);
        world.read_list = NULL;
        policy = fixture_policy_new(productions[i], &world, &complaints);
        g_assert_cmpstr(complaints, ==, "");
        g_assert_nonnull(policy);
    }
}

static const struct {
    const char *text;
    const char *want;
} errors[] = {
    {"when attach.any then reject",
     "1:1 error: expected \"observe\", \"inbound\", \"outbound\", \"internal\", "
     "\"forward\" or \"any\", not \"when\""},
    {"Inbound when attach.any then reject",
     "1:1 error: expected \"observe\", \"inbound\", \"outbound\", \"internal\", "
     "\"forward\" or \"any\", not \"Inbound\""},
    {"observe observe any when attach.any then reject",
     "1:9 error: expected \"inbound\", \"outbound\", \"internal\", \"forward\" or "
     "\"any\", not \"observe\""},
    {"any attach.any then reject", "1:5 error: expected \"when\", not \"attach.any\""},
    {"any", "1:4 error: expected \"when\", not the end of the line"},
    {"any when then reject", "1:10 error: expected " A_UNIT ", not \"then\""},
    {"any when not not attach.any then reject", "1:14 error: expected " A_TEST ", not \"not\""},
    {"any when attach.any and then reject", "1:25 error: expected " A_UNIT ", not \"then\""},
    {"any when attach.any or", "1:23 error: expected " A_UNIT ", not the end of the line"},
    {"any when () then reject", "1:11 error: expected " A_UNIT ", not \")\""},
    {"any when (attach.any then reject",
     "1:22 error: expected \"and\", \"or\" or \")\", not \"then\""},
    {"any when attach.any) then reject",
     "1:20 error: expected \"and\", \"or\" or \"then\", not \")\""},
    {"any when attach.any mime.tnef then reject",
     "1:21 error: expected \"and\", \"or\" or \"then\", not \"mime.tnef\""},
    {"any when attach.encryptd then reject",
     "1:10 error: unknown finding \"attach.encryptd\"; did you mean \"attach.encrypted\"?"},
    {"any when form internal then reject", "1:10 error: unknown finding \"form\""},
    {"any when nonsense.of-ours then reject",
     "1:10 error: unknown finding \"nonsense.of-ours\""},
    {"any when attach. then reject",
     "1:10 error: unknown finding \"attach.\"; did you mean \"attach\"?"},
    {"any when verified to internal then reject", "1:19 error: expected \"from\", not \"to\""},
    {"any when from nobody then reject",
     "1:15 error: expected \"internal\", \"external\", \"list\", \"partner\" or a string, "
     "not \"nobody\""},
    {"any when from \"nobody\" then reject", "1:15 error: expected an address or \"@domain\""},
    {"any when to \"a@\" then reject", "1:13 error: expected an address or \"@domain\""},
    {"any when to \"A <a@b.example>\" then reject",
     "1:13 error: expected an address or \"@domain\""},
    {"any when to \"A <a@b.example\" then reject",
     "1:13 error: expected an address or \"@domain\""},
    {"any when to \"taro yamada@b.example\" then reject",
     "1:13 error: expected an address or \"@domain\""},
    {"any when to \"a@b@c.example\" then reject",
     "1:13 error: expected an address or \"@domain\""},
    {"any when from list friends then reject",
     "1:20 error: expected a string, not \"friends\""},
    {"any when from list \"\" then reject", "1:20 error: the string is empty"},
    {"any when from partner kanto then reject",
     "1:23 error: expected a string, \"and\", \"or\" or \"then\", not \"kanto\""},
    {"any when size 5 then reject",
     "1:15 error: expected \"<\", \"<=\", \"=\", \">=\" or \">\", not \"5\""},
    {"any when size > big then reject", "1:17 error: expected a size, not \"big\""},
    {"any when size > 5m then reject",
     "1:17 error: a size is a number of bytes, or of k, M or G, not \"5m\""},
    {"any when recipients > 5k then reject",
     "1:23 error: expected a number up to 4294967295, not \"5k\""},
    {"any when recipients > 4294967296 then reject",
     "1:23 error: expected a number up to 4294967295, not \"4294967296\""},
    {"any when external-domains > then reject", "1:29 error: expected a number, not \"then\""},
    {"any when attach.any", "1:20 error: expected \"and\", \"or\" or \"then\", not the end "
                            "of the line"},
    {"any when attach.any then", "1:25 error: expected " AN_ACTION ", not the end of the "
                                 "line"},
    {"any when attach.any then bounce", "1:26 error: expected " AN_ACTION ", not \"bounce\""},
    {"any when attach.any then reject,",
     "1:33 error: expected " AN_ACTION ", not the end of the line"},
    {"any when attach.any then reject defer",
     "1:33 error: expected a string, " THE_END ", not \"defer\""},
    {"any when attach.any then deliver \"x\"",
     "1:34 error: expected " THE_END ", not the string \"x\""},
    {"any when attach.any then hold 5m", "1:31 error: expected \"for\", not \"5m\""},
    {"any when attach.any then hold for x",
     "1:35 error: expected \"confirm\", \"approval\", \"review\", \"password\" or a time, "
     "not \"x\""},
    {"any when attach.any then hold for 5",
     "1:35 error: a time is a number of s, m, h or d up to 3650d, not \"5\""},
    {"any when attach.any then hold for 0s",
     "1:35 error: a time is a number of s, m, h or d up to 3650d, not \"0s\""},
    {"any when attach.any then hold for 3651d",
     "1:35 error: a time is a number of s, m, h or d up to 3650d, not \"3651d\""},
    {"any when attach.any then hold for 99999999999999999999d",
     "1:35 error: a time is a number of s, m, h or d up to 3650d, not "
     "\"99999999999999999999d\""},
    {"any when attach.any then hold for 5m within 1m",
     "1:47 error: expected \"..\", not the end of the line"},
    {"any when attach.any then hold for 5m within ..1m",
     "1:45 error: expected a time, not \"..\""},
    {"any when attach.any then hold for 5m within 10m..1m",
     "1:45 error: the bounds are in the wrong order"},
    {"any when attach.any then hold for 5m within 6m..10m",
     "1:45 error: the time itself lies outside these bounds"},
    {"any when attach.any then hold for approval of boss",
     "1:47 error: expected a string, not \"boss\""},
    {"any when attach.any then hold for approval of \"\"", "1:47 error: the string is empty"},
    {"any when attach.any then hold for review by me",
     "1:45 error: expected \"recipient\" or \"admin\", not \"me\""},
    {"any when attach.any then link level 10",
     "1:37 error: expected a number up to 9, not \"10\""},
    {"any when attach.any then link for 1d body",
     "1:38 error: expected \"level\", " THE_END ", not \"body\""},
    {"any when attach.any then mark", "1:30 error: expected a string, not the end of the "
                                      "line"},
    {"any when attach.any then mark \"\"", "1:31 error: the string is empty"},
    {"any when attach.any then notify boss",
     "1:33 error: expected \"sender\", \"recipient\" or a string, not \"boss\""},
    {"any when attach.any then notify \"boss\"",
     "1:33 error: expected \"sender\", \"recipient\" or an address"},
    {"any when attach.any then waive", "1:31 error: expected a finding, not the end of the "
                                       "line"},
    {"any when attach.any then waive atach",
     "1:32 error: unknown finding \"atach\"; did you mean \"attach\"?"},
    {"any when attach.any then reject until",
     "1:38 error: expected a date, not the end of the line"},
    {"any when attach.any then reject until 2027-02-29",
     "1:39 error: expected a day there is, like 2027-03-31, not \"2027-02-29\""},
    {"any when attach.any then reject until 2027-3-31",
     "1:39 error: expected a day there is, like 2027-03-31, not \"2027-3-31\""},
    {"any when attach.any then reject until 2027-03-31 until 2028-03-31",
     "1:50 error: expected the end of the line, not \"until\""},
    /* tokens */
    {"any when attach.any then reject \"no", "1:33 error: a string without its closing \""},
    {"any when attach.any then reject \"a\\n\"",
     "1:35 error: in a string only \\\" and \\\\ are known"},
    {"any when attach.any then reject \"a\tb\"",
     "1:35 error: in a string only printable UTF-8 may stand"},
    {"any when attach.any then reject \"\xe9\"",
     "1:34 error: in a string only printable UTF-8 may stand"},
    {"any when attach.any & mime.tnef then reject", "1:21 error: unexpected character \"&\""},
    {"any when attach.any　then reject", "1:20 error: unexpected character \"　\""},
    {"\xef\xbb\xbf", "1:1 error: unexpected character \"\\u{feff}\""},
    {"any when from hanako@example.com then reject",
     "1:15 error: expected \"internal\", \"external\", \"list\", \"partner\" or a string, "
     "not \"hanako\""},
    {"any when attach.any then hold for 5m within 1m...5m",
     "1:49 error: unexpected character \".\""},
    /* several lines */
    {"any\n# fine\nany when attach.any then reject\nany when mime.tnef then\n",
     "1:4 error: expected \"when\", not the end of the line\n"
     "4:24 error: expected " AN_ACTION ", not the end of the line"},
};

static void
test_errors(void)
{
    SkPolicyWorld world = fixture_full_world();

    for (size_t i = 0; i < G_N_ELEMENTS(errors); i++) {
        g_autofree char *complaints = NULL;
        g_autofree char *shown = sk_text_quote(errors[i].text);

        g_test_message("%s", shown);
        g_assert_null(fixture_policy_new(errors[i].text, &world, &complaints));
        g_assert_cmpstr(complaints, ==, errors[i].want);
    }
}

static SkPolicy *
nest(unsigned depth, char **ret_complaints)
{
    SkPolicyWorld world = fixture_full_world();
    g_autofree char *open = g_strnfill(depth, '('), *close = g_strnfill(depth, ')');
    g_autofree char *text = g_strdup_printf("any when %sattach.any%s then reject", open, close);

    return fixture_policy_new(text, &world, ret_complaints);
}

static void
test_depth(void)
{
    g_autofree char *fine = NULL, *deep = NULL, *absurd = NULL;
    g_autoptr(SkPolicy) policy = nest(50, &fine);

    g_assert_nonnull(policy);
    g_assert_null(nest(51, &deep));
    g_assert_cmpstr(deep, ==, "1:61 error: conditions nest at most 50 deep");
    g_assert_null(nest(500000, &absurd));
    g_assert_cmpstr(absurd, ==, "1:61 error: conditions nest at most 50 deep");
}

/* A chain of "and" is long, not deep. */
static void
test_width(void)
{
    SkPolicyWorld world = fixture_full_world();
    GString *text = g_string_new("any when attach.any");
    g_autoptr(SkPolicy) policy = NULL;
    SkPolicyFacts facts = {.today = "2026-06-15"};
    g_autoptr(SkDecision) decision = NULL;

    while (text->len < (1 << 20) - 60)
        g_string_append(text, " and attach.any or mime.tnef");
    g_string_append(text, " then reject");
    policy = sk_policy_new("t", text->str, text->len, &world, NULL);
    g_string_free(text, TRUE);
    g_assert_nonnull(policy);
    sk_policy_judge(policy, &facts, &decision, NULL);
    g_assert_cmpint(decision->fate, ==, SK_FATE_DELIVER);
}

static void
test_too_long(void)
{
    SkPolicyWorld world = fixture_full_world();
    g_autofree char *text = g_strnfill((1 << 20) + 1, '\n');
    g_autofree char *complaints = NULL;

    g_assert_null(fixture_policy_new(text, &world, &complaints));
    g_assert_cmpstr(complaints, ==, "1:1 error: a policy has at most 1048576 bytes");
    text[1 << 20] = '\0';
    sk_policy_unref(fixture_policy_new(text, &world, NULL));
}

static void
test_twenty_errors(void)
{
    SkPolicyWorld world = fixture_full_world();
    g_autofree char *text = g_strnfill(1000, '\n');
    g_autoptr(GPtrArray) complaints = fixture_complaints_new();

    for (int i = 0; i < 1000; i += 2)
        text[i] = '?';
    g_assert_null(sk_policy_new("t", text, 1000, &world, complaints));
    g_assert_cmpuint(complaints->len, ==, 20);
}

static void
test_format(void)
{
    static const struct {
        const char *text;
        const char *want;
    } cases[] = {
        {"any when mime.tnef then rejekt",
         "/etc/t:1:25: error: expected " AN_ACTION ", not \"rejekt\"\n"
         "any when mime.tnef then rejekt\n"
         "                        ^"},
        {"\tany when attach.any\tthen mark \"é\" x",
         "/etc/t:1:37: error: expected " THE_END ", not \"x\"\n"
         "\tany when attach.any\tthen mark \"é\" x\n"
         "\t                   \t              ^"},
        {"any when attach.any then mark \"関所\" x",
         "/etc/t:1:40: error: expected " THE_END ", not \"x\"\n"
         "any when attach.any then mark \"関所\" x\n"
         "                                     ^"},
        {"any when attach.any then reject \"\x1b[2J\xff\"",
         "/etc/t:1:34: error: in a string only printable UTF-8 may stand\n"
         "any when attach.any then reject \"?[2J?\"\n"
         "                                 ^"},
    };
    SkPolicyWorld world = fixture_full_world();

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) complaints = fixture_complaints_new();
        g_autofree char *got = NULL;

        g_assert_null(
            sk_policy_new("/etc/t", cases[i].text, strlen(cases[i].text), &world, complaints));
        g_assert_cmpuint(complaints->len, ==, 1);
        got = sk_complaint_format(complaints->pdata[0]);
        g_assert_cmpstr(got, ==, cases[i].want);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/policy-parse/productions", test_productions);
    g_test_add_func("/policy-parse/errors", test_errors);
    g_test_add_func("/policy-parse/depth", test_depth);
    g_test_add_func("/policy-parse/width", test_width);
    g_test_add_func("/policy-parse/too-long", test_too_long);
    g_test_add_func("/policy-parse/twenty-errors", test_twenty_errors);
    g_test_add_func("/policy-parse/format", test_format);
    return g_test_run();
}
