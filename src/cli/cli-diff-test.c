/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-diff.h"

#include <stdlib.h>
#include <string.h>

static char *
diff(const char *a, const char *b)
{
    GString *out = g_string_new(NULL);
    g_autofree char *left = g_memdup2(a, strlen(a)), *right = g_memdup2(b, strlen(b));
    bool differ =
        sk_cli_diff(out, "a", sk_bytes(left, strlen(a)), "b", sk_bytes(right, strlen(b)));

    g_assert_true(differ == (out->len > 0));
    return g_string_free(out, FALSE);
}

static void
test_cases(void)
{
    static const struct {
        const char *a, *b, *want;
    } cases[] = {
        {"", "", ""},
        {"a\nb\n", "a\nb\n", ""},
        {"", "a\n", "--- a\n+++ b\n@@ -0,0 +1,1 @@\n+a\n"},
        {"a\n", "", "--- a\n+++ b\n@@ -1,1 +0,0 @@\n-a\n"},
        {"a\nb\nc\n", "a\nx\nc\n", "--- a\n+++ b\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"},
        {"a\nb", "a\nb\n",
         "--- a\n+++ b\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
        {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n6\n7\n8\n9\n",
         "--- a\n+++ b\n@@ -2,7 +2,6 @@\n 2\n 3\n 4\n-5\n 6\n 7\n 8\n"},
        /* Six unchanged lines between two changes join them, seven do not. */
        {"x\n1\n2\n3\n4\n5\n6\ny\n", "1\n2\n3\n4\n5\n6\n",
         "--- a\n+++ b\n@@ -1,8 +1,6 @@\n-x\n 1\n 2\n 3\n 4\n 5\n 6\n-y\n"},
        {"x\n1\n2\n3\n4\n5\n6\n7\ny\n", "1\n2\n3\n4\n5\n6\n7\n",
         "--- a\n+++ b\n@@ -1,4 +1,3 @@\n-x\n 1\n 2\n 3\n@@ -6,4 +5,3 @@\n 5\n 6\n 7\n-y\n"},
        {"\x1b[2J\n", "\xff\n", "--- a\n+++ b\n@@ -1,1 +1,1 @@\n-\\x1b[2J\n+\\xff\n"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *got = diff(cases[i].a, cases[i].b);

        g_test_message("case %zu", i);
        g_assert_cmpstr(got, ==, cases[i].want);
    }
}

static char *
random_text(gint lines)
{
    GString *text = g_string_new(NULL);

    for (gint i = 0; i < lines; i++)
        g_string_append_printf(text, "%c\n", 'a' + g_test_rand_int_range(0, 4));
    return g_string_free(text, FALSE);
}

/* What stands after LINE_NO lines of TEXT. */
static const char *
skip(const char *text, unsigned lines)
{
    while (lines-- > 0)
        text = strchr(text, '\n') + 1;
    return text;
}

/* Does to A what PATCH says, checking that it is true of A. */
static char *
apply(const char *a, const char *patch)
{
    GString *out = g_string_new(NULL);
    const char *at = a;

    for (const char *line = skip(patch, *patch != '\0' ? 2 : 0); *line != '\0';
         line = skip(line, 1)) {
        unsigned first = 0;

        if (*line == '@') {
            unsigned n = 0;

            first = (unsigned)strtoul(line + 4, NULL, 10);
            n = (unsigned)strtoul(strchr(line, ',') + 1, NULL, 10);
            first -= n > 0;
            g_string_append_len(out, at, skip(a, first) - at);
            at = skip(a, first);
            continue;
        }
        if (*line != '+') {
            g_assert_cmpint(at[0], ==, line[1]);
            at = skip(at, 1);
        }
        if (*line != '-')
            g_string_append_printf(out, "%c\n", line[1]);
    }
    g_string_append(out, at);
    return g_string_free(out, FALSE);
}

/* The difference leads from the one to the other, whatever they are. */
static void
test_property(void)
{
    for (int i = 0; i < 3000; i++) {
        g_autofree char *a = random_text(g_test_rand_int_range(0, 30));
        g_autofree char *b = random_text(g_test_rand_int_range(0, 30));
        g_autofree char *patch = diff(a, b);
        g_autofree char *got = apply(a, patch);

        g_assert_cmpstr(got, ==, b);
    }
}

/* Too different to find the shortest way: still true. */
static void
test_large(void)
{
    g_autofree char *a = random_text(20000), *b = random_text(20000);
    g_autofree char *patch = diff(a, b);
    g_autofree char *got = apply(a, patch);

    g_assert_cmpstr(got, ==, b);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/diff/cases", test_cases);
    g_test_add_func("/cli/diff/property", test_property);
    g_test_add_func("/cli/diff/large", test_large);
    return g_test_run();
}
