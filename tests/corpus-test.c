/* SPDX-License-Identifier: Apache-2.0 */

/*
 * corpus-test - judges stored files and messages, and compares with what is expected of them
 *
 * Arguments are case folders, or folders of them. A case has one input and `expect`: for a file
 * a line "type encrypted inspected", then a line for each finding: id, part and subject. With
 * SK_CORPUS_WRITE set, `expect` is written instead of compared, to be reviewed.
 */

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "attach/attach-scan.h"

static void
on_part(const SkMailPart *part, void *data)
{
    sk_attach_scan_part(data, part);
}

typedef struct {
    SkAttachScan *scan;
    SkFindings *findings;
} Trial;

static void
on_mail_part(const SkMailPart *part, void *data)
{
    on_part(part, ((Trial *)data)->scan);
}

static void
on_trouble(SkMailTrouble what, const char *path, const char *detail, void *data)
{
    sk_findings_add_trouble(((Trial *)data)->findings, what, path, detail);
}

static int
compare_lines(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
append_findings(GString *out, const SkFindings *findings)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

    for (size_t i = 0; i < sk_findings_count(findings); i++) {
        const SkFinding *one = sk_findings_peek(findings, i);

        g_ptr_array_add(lines, g_strdup_printf("%s [%s] %s", sk_finding_id_name(one->id),
                                               one->part != NULL ? one->part : "",
                                               one->subject != NULL ? one->subject : ""));
    }
    g_ptr_array_sort(lines, compare_lines);
    for (guint i = 0; i < lines->len; i++)
        g_string_append_printf(out, "%s\n", (const char *)lines->pdata[i]);
}

/* What we make of the input, as `expect` would say it. */
static char *
judge(const char *name, const char *bytes, gsize len)
{
    g_autofree char *exact = g_memdup2(bytes, len);
    g_autoptr(SkFindings) findings = sk_findings_new();
    SkBudgetLimits limits = sk_budget_limits_default();
    g_autoptr(SkAttachScan) scan = NULL;
    GString *out = g_string_new(NULL);
    SkBudget budget;

    sk_budget_init(&budget, &limits);
    scan = sk_attach_scan_new(&budget, findings);
    if (strcmp(name, "message.eml") == 0) {
        Trial trial = {scan, findings};
        SkMailVisitor visitor = {on_mail_part, on_trouble, &trial};

        sk_mail_walk(sk_bytes(exact, len), NULL, 0, &budget, &visitor);
    } else {
        sk_attach_scan_file(scan, name, sk_bytes(exact, len));
        g_string_append_printf(out, "%s %s %s\n", sk_attach_scan_type(scan),
                               sk_encrypted_name(sk_attach_scan_encrypted(scan)),
                               sk_attach_scan_inspected(scan) ? "inspected" : "not-inspected");
    }
    append_findings(out, findings);
    return g_string_free(out, FALSE);
}

static char *
find_input(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        if (strcmp(name, "expect") != 0 && strcmp(name, "NOTE") != 0)
            return g_strdup(name);
    }
    return NULL;
}

static void
run_case(const void *data)
{
    const char *folder = data;
    g_autofree char *input = find_input(folder);
    g_autofree char *path = NULL, *expect_path = NULL, *bytes = NULL, *got = NULL, *want = NULL;
    gsize len = 0;

    g_assert_nonnull(input);
    path = g_build_filename(folder, input, NULL);
    expect_path = g_build_filename(folder, "expect", NULL);
    g_assert_true(g_file_get_contents(path, &bytes, &len, NULL));
    got = judge(input, bytes, len);
    if (getenv("SK_CORPUS_WRITE") != NULL) {
        g_assert_true(g_file_set_contents(expect_path, got, -1, NULL));
        return;
    }
    g_assert_true(g_file_get_contents(expect_path, &want, NULL, NULL));
    /* Not asserted: with -k one run names all cases that differ. */
    if (strcmp(got, want) != 0) {
        g_test_message("%s\nexpected\n%sgot\n%s", folder, want, got);
        g_test_fail();
    }
}

static void
add_cases(const char *folder)
{
    g_autofree char *expect = g_build_filename(folder, "expect", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    if (dir == NULL)
        return;
    if (g_file_test(expect, G_FILE_TEST_EXISTS) || getenv("SK_CORPUS_WRITE") != NULL) {
        g_autofree char *input = find_input(folder);
        g_autofree char *file = input ? g_build_filename(folder, input, NULL) : NULL;

        if (file != NULL && g_file_test(file, G_FILE_TEST_IS_REGULAR)) {
            g_autofree char *base = g_path_get_basename(folder);
            g_autofree char *test = g_strdup_printf("/corpus/%s", base);

            g_test_add_data_func_full(test, g_strdup(folder), run_case, g_free);
            return;
        }
    }
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *child = g_build_filename(folder, name, NULL);

        add_cases(child);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (int i = 1; i < argc; i++)
        add_cases(argv[i]);
    return g_test_run();
}
