/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-policy.h"

#include <string.h>

#include "base/error.h"
#include "base/limit.h"
#include "engine/engine-settings.h"
#include "store/store-testing.h"

#define TODAY "2026-06-15"

typedef struct {
    SkTestDir dir;
    char *path;
    GPtrArray *complaints;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    (void)data;
    sk_test_dir_init(&f->dir);
    f->path = sk_test_dir_file(&f->dir, "policy");
    f->complaints = g_ptr_array_new_with_free_func((GDestroyNotify)sk_complaint_free);
}

static void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_test_dir_clear(&f->dir);
    g_ptr_array_unref(f->complaints);
    g_free(f->path);
}

static void
put(const char *path, const char *text)
{
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static SkPolicy *
read_policy(Fixture *f, const char *path, GError **error)
{
    const SkPolicyReading reading = {.today = TODAY, .complaints = f->complaints};

    return sk_engine_policy_read(path, &reading, NULL, error);
}

static void
test_reads(Fixture *f, const void *data)
{
    g_autoptr(SkPolicy) policy = NULL;
    g_autoptr(GError) error = NULL;

    (void)data;
    put(f->path,
        "any when attach.any then mark \"FILE\"\nany when attach.danger then reject\n");
    policy = read_policy(f, f->path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(sk_policy_count(policy), ==, 2);
    g_assert_cmpuint(f->complaints->len, ==, 0);
}

static bool
matches(const SkPolicy *policy, const char *from)
{
    g_autoptr(SkFindings) findings = sk_findings_new();
    g_autoptr(SkDecision) decision = NULL;
    g_autoptr(SkDecision) observed = NULL;
    SkPolicyFacts facts = {.direction = SK_DIRECTION_INBOUND,
                           .findings = findings,
                           .from = from,
                           .recipient = "x@ours.example",
                           .to_internal = true,
                           .verified_internal = SK_TRI_UNKNOWN,
                           .verified_domain = SK_TRI_UNKNOWN,
                           .verified_address = SK_TRI_UNKNOWN,
                           .verified_partner = SK_TRI_UNKNOWN,
                           .recipients = 1,
                           .today = TODAY};

    sk_policy_judge(policy, &facts, &decision, &observed);
    return decision->fate == SK_FATE_REJECT;
}

static void
test_list_files(Fixture *f, const void *data)
{
    g_autofree char *list = sk_test_dir_file(&f->dir, "blocked");
    g_autofree char *text =
        g_strdup_printf("inbound when from list \"%s\" then reject\n", list);
    g_autoptr(SkPolicy) policy = NULL;
    g_autoptr(GError) error = NULL;

    (void)data;
    put(list, "# who may not write\n\n  bad@theirs.example  # since June\r\n@worse.example\n");
    put(f->path, text);
    policy = read_policy(f, f->path, &error);
    g_assert_no_error(error);
    g_assert_true(matches(policy, "Bad@theirs.example"));
    g_assert_true(matches(policy, "anyone@worse.example"));
    g_assert_false(matches(policy, "good@theirs.example"));
}

static void
expect_error(Fixture *f, const char *path, SkError code, const char *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(read_policy(f, path, &error));
    g_assert_error(error, SK_ERROR, (int)code);
    g_assert_nonnull(strstr(error->message, words));
    g_assert_nonnull(strstr(error->message, path));
}

/* Without a scanner nobody says that there is no malware. */
static void
test_disabled(Fixture *f, const void *data)
{
    static const char text[] = "[clamd]\nsocket = unix:/run/clamd\n";
    g_autoptr(SkSettings) none = sk_engine_settings_read(NULL, NULL);
    g_autoptr(SkSettings) some =
        sk_settings_parse("test", text, sizeof text - 1, sk_engine_setting_tables, NULL);
    SkPolicyReading reading = {.complaints = f->complaints};
    g_autoptr(SkPolicy) refused = NULL, taken = NULL;

    (void)data;
    put(f->path, "inbound when not malware then mark \"CLEAN\"\n");
    reading.disabled_checks = sk_engine_settings_disabled(none);
    refused = sk_engine_policy_read(f->path, &reading, NULL, NULL);
    g_assert_null(refused);
    g_assert_cmpuint(f->complaints->len, ==, 1);
    reading.disabled_checks = sk_engine_settings_disabled(some);
    taken = sk_engine_policy_read(f->path, &reading, NULL, NULL);
    g_assert_nonnull(taken);
    g_assert_cmpuint(f->complaints->len, ==, 1);
}

/* What is carried out stands in an active rule; what is still to come only in an observed one.
 */
static void
test_built(Fixture *f, const void *data)
{
    static const struct {
        const char *action;
        bool built;
    } cases[] = {
        {"hold for 5m within 1m..10m", true},
        {"hold for confirm", true},
        {"hold for approval of \"sales\"", true},
        {"hold for review by recipient", true},
        {"hold for password", true},
        {"strip", true},
        {"mark \"X\"", true},
        {"notify sender", true},
        {"link", false},
        {"bcc", false},
        {"sign", false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *active =
            g_strdup_printf("internal when attach.any then %s\n", cases[i].action);
        g_autofree char *observed = g_strconcat("observe ", active, NULL);
        g_autoptr(SkPolicy) policy = NULL, watching = NULL;

        put(f->path, active);
        policy = read_policy(f, f->path, NULL);
        g_assert_true((policy != NULL) == cases[i].built);
        put(f->path, observed);
        watching = read_policy(f, f->path, NULL);
        g_assert_nonnull(watching);
    }
}

/* What could not be inspected is held for an administrator, by no rule of the file. */
static void
test_floor(Fixture *f, const void *data)
{
    g_autoptr(SkFindings) findings = sk_findings_new();
    g_autoptr(SkDecision) decision = NULL;
    g_autoptr(SkPolicy) policy = NULL;
    SkPolicyFacts facts = {.direction = SK_DIRECTION_INBOUND,
                           .findings = findings,
                           .recipient = "x@ours.example",
                           .recipients = 1,
                           .today = TODAY};

    put(f->path, "");
    policy = read_policy(f, f->path, NULL);
    sk_findings_add(findings, SK_FINDING_INSPECT_CRASHED, NULL, NULL, NULL);
    sk_policy_judge(policy, &facts, &decision, NULL);
    g_assert_cmpint(decision->fate, ==, SK_FATE_DELIVER);
    g_assert_cmpuint(decision->waits, ==, SK_WAIT_REVIEW);
    g_assert_cmpint(decision->review, ==, SK_REVIEW_ADMIN);
}

static void
test_trouble(Fixture *f, const void *data)
{
    g_autofree char *missing = sk_test_dir_file(&f->dir, "missing");
    g_autofree char *large = g_strnfill(SK_LIMIT_POLICY + 1, '\n');

    (void)data;
    expect_error(f, missing, SK_ERROR_NOT_FOUND, "No such file");
    expect_error(f, f->dir.path, SK_ERROR_LIMIT, "is not a file");
    put(f->path, large);
    expect_error(f, f->path, SK_ERROR_LIMIT, "at most");
    g_assert_cmpuint(f->complaints->len, ==, 0);
    put(f->path, "any when attach.any then frobnicate\n");
    expect_error(f, f->path, SK_ERROR_CONFIG, "has errors");
    g_assert_cmpuint(f->complaints->len, ==, 1);
}

/* What was read can be read again from memory, without the files. */
static void
test_source(Fixture *f, const void *data)
{
    g_autofree char *list = sk_test_dir_file(&f->dir, "blocked");
    const SkPolicyReading reading = {.today = TODAY, .complaints = f->complaints};
    g_autoptr(SkPolicySource) source = NULL;
    g_autoptr(SkPolicy) policy = NULL, again = NULL;
    g_autoptr(GError) error = NULL;

    put(list, "@worse.example\n");
    put(f->path, "inbound when from list \"blocked\" then reject\n"
                 "outbound when to list \"blocked\" then reject\n");
    policy = sk_engine_policy_read(f->path, &reading, &source, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(source->lists->len, ==, 1);
    put(list, "@other.example\n");
    again = sk_engine_policy_parse("policy version 7", source, &reading, &error);
    g_assert_no_error(error);
    g_assert_true(matches(again, "anyone@worse.example"));
    g_assert_false(matches(again, "anyone@other.example"));
}

/* A list that cannot be read is named all the same, so that its coming can be noticed. */
static void
test_source_without_list(Fixture *f, const void *data)
{
    const SkPolicyReading reading = {.today = TODAY, .complaints = f->complaints};
    g_autoptr(SkPolicySource) source = NULL;
    g_autoptr(GError) error = NULL;

    put(f->path, "inbound when from list \"missing\" then reject\n");
    g_assert_null(sk_engine_policy_read(f->path, &reading, &source, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
    g_assert_nonnull(sk_policy_source_find(source, "missing"));
    g_assert_null(sk_policy_source_find(source, "missing")->content);
}

static void
test_stored_errors(Fixture *f, const void *data)
{
    const SkPolicyReading reading = {.today = TODAY, .complaints = f->complaints};
    g_autofree char *name = sk_engine_policy_name(12);
    g_autoptr(SkPolicySource) source =
        sk_policy_source_new(g_bytes_new_static("\n\nany when attach.any then frobnicate", 37));
    g_autoptr(GError) error = NULL;
    g_autofree char *where = NULL;

    g_assert_null(sk_engine_policy_parse(name, source, &reading, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
    g_assert_cmpstr(error->message, ==, "policy version 12 has errors");
    g_assert_cmpuint(f->complaints->len, ==, 1);
    where = sk_complaint_where(f->complaints->pdata[0]);
    g_assert_cmpstr(where, ==, "policy version 12, line 3, column 26");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/engine/policy/reads", Fixture, NULL, set_up, test_reads, tear_down);
    g_test_add("/engine/policy/list-files", Fixture, NULL, set_up, test_list_files, tear_down);
    g_test_add("/engine/policy/built", Fixture, NULL, set_up, test_built, tear_down);
    g_test_add("/engine/policy/disabled", Fixture, NULL, set_up, test_disabled, tear_down);
    g_test_add("/engine/policy/floor", Fixture, NULL, set_up, test_floor, tear_down);
    g_test_add("/engine/policy/trouble", Fixture, NULL, set_up, test_trouble, tear_down);
    g_test_add("/engine/policy/source", Fixture, NULL, set_up, test_source, tear_down);
    g_test_add("/engine/policy/source-without-list", Fixture, NULL, set_up,
               test_source_without_list, tear_down);
    g_test_add("/engine/policy/stored-errors", Fixture, NULL, set_up, test_stored_errors,
               tear_down);
    return g_test_run();
}
