/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-store.h"

#include <string.h>

#include "base/error.h"
#include "port/faulty-db.h"
#include "store/store-migrate.h"
#include "store/store-postgres-testing.h"

typedef struct {
    SkTestDir dir;
    char *place;
    SkDb *keep;
} Fixture;

static SkDb *
open_keep(const Fixture *f)
{
    g_autoptr(GError) error = NULL;
    SkDb *db = sk_test_place_open(f->place, &error);

    g_assert_no_error(error);
    return db;
}

static void
set_up(Fixture *f, const void *data)
{
    const SkTestEngine *engine = data;
    g_autoptr(GError) error = NULL;

    sk_test_dir_init(&f->dir);
    f->place = sk_test_place_new(*engine, &f->dir, "keep.db");
    f->keep = open_keep(f);
    g_assert_true(
        sk_store_migrate(f->keep, sk_policy_tables.name, sk_policy_tables.steps, &error));
    g_assert_no_error(error);
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_db_close(f->keep);
    sk_test_dir_clear(&f->dir);
    g_free(f->place);
}

static SkPolicySource *
source_new(const char *text, const char *list)
{
    SkPolicySource *source = sk_policy_source_new(g_bytes_new(text, strlen(text)));

    if (list != NULL) {
        sk_policy_source_add(source, "sales", g_bytes_new(list, strlen(list)));
        sk_policy_source_add(source, "/etc/blocked", g_bytes_new("\xe9\0x", 3));
    }
    return source;
}

static bool
try_load(SkDb *keep, const char *text, int64_t expected, int64_t *ret_version, GError **error)
{
    g_autoptr(SkPolicySource) source = source_new(text, "@sales.example\n");
    const SkPolicyEntry entry = {
        .source = source, .by = "hanako", .note = "a note", .rules = 3};

    return sk_policy_store_load(keep, &entry, expected, ret_version, error);
}

static int64_t
load(SkDb *keep, const char *text, int64_t expected)
{
    g_autoptr(GError) error = NULL;
    int64_t version = 0;

    g_assert_true(try_load(keep, text, expected, &version, &error));
    g_assert_no_error(error);
    return version;
}

static SkPolicyInForce
in_force(SkDb *keep)
{
    g_autoptr(GError) error = NULL;
    SkPolicyInForce now = {0};

    g_assert_true(sk_policy_store_in_force(keep, &now, &error));
    g_assert_no_error(error);
    return now;
}

static SkPolicyVersion *
get(SkDb *keep, int64_t number)
{
    g_autoptr(GError) error = NULL;
    SkPolicyVersion *version = NULL;

    g_assert_true(sk_policy_store_get(keep, number, &version, &error));
    g_assert_no_error(error);
    return version;
}

static guint
count(SkDb *keep)
{
    g_autoptr(GPtrArray) versions = NULL;

    g_assert_true(sk_policy_store_list(keep, 0, &versions, NULL));
    return versions->len;
}

static void
test_versions(Fixture *f, const void *data)
{
    g_autoptr(SkPolicyVersion) one = NULL, none = NULL;
    const SkPolicyList *list;
    gsize len = 0;

    g_assert_cmpint(in_force(f->keep).version, ==, 0);
    g_assert_cmpint(load(f->keep, "# one \xe9\n", 0), ==, 1);
    g_assert_cmpint(load(f->keep, "# two\n", 1), ==, 2);
    g_assert_cmpint(in_force(f->keep).version, ==, 2);
    one = get(f->keep, 1);
    g_assert_cmpstr(one->loaded_by, ==, "hanako");
    g_assert_cmpstr(one->note, ==, "a note");
    g_assert_cmpint(one->rules, ==, 3);
    g_assert_cmpint(one->loaded_us, >, 0);
    g_assert_false(one->in_force);
    g_assert_cmpmem(g_bytes_get_data(one->source->text, &len), len, "# one \xe9\n", 8);
    g_assert_cmpuint(one->source->lists->len, ==, 2);
    list = sk_policy_source_find(one->source, "/etc/blocked");
    g_assert_cmpmem(g_bytes_get_data(list->content, &len), len, "\xe9\0x", 3);
    none = get(f->keep, 3);
    g_assert_null(none);
}

/* Deleted between the two looks at it, or damaged: never a version without its lists. */
static void
test_half_a_version(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;
    SkPolicyVersion *version = NULL;

    g_assert_cmpint(load(f->keep, "# one\n", 0), ==, 1);
    g_assert_true(sk_db_run(f->keep, "DELETE FROM policy_list WHERE version = 1", NULL));
    g_assert_false(sk_policy_store_get(f->keep, 1, &version, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "policy version 1 is not what was loaded"));
}

static void
test_list(Fixture *f, const void *data)
{
    g_autoptr(GPtrArray) versions = NULL;
    const SkPolicyVersion *newest;

    load(f->keep, "# one\n", 0);
    load(f->keep, "# two\n", 1);
    load(f->keep, "# three\n", 2);
    g_assert_true(sk_policy_store_list(f->keep, 2, &versions, NULL));
    g_assert_cmpuint(versions->len, ==, 2);
    newest = versions->pdata[0];
    g_assert_cmpint(newest->version, ==, 3);
    g_assert_true(newest->in_force);
    g_assert_false(((const SkPolicyVersion *)versions->pdata[1])->in_force);
    g_assert_cmpuint(count(f->keep), ==, 3);
}

static void
test_save(Fixture *f, const void *data)
{
    g_autoptr(SkPolicySource) source = source_new("# kept\n", NULL);
    const SkPolicyEntry entry = {.source = source, .by = "hanako"};
    uint8_t digest[SK_POLICY_DIGEST_LEN];
    int64_t version = 0, found = 0;

    sk_policy_source_digest(source, digest);
    load(f->keep, "# one\n", 0);
    g_assert_true(sk_policy_store_find(f->keep, digest, &found, NULL));
    g_assert_cmpint(found, ==, 0);
    g_assert_true(sk_policy_store_save(f->keep, &entry, &version, NULL));
    g_assert_cmpint(version, ==, 2);
    g_assert_cmpint(in_force(f->keep).version, ==, 1);
    g_assert_true(sk_policy_store_find(f->keep, digest, &found, NULL));
    g_assert_cmpint(found, ==, 2);
    g_assert_cmpint(load(f->keep, "# three\n", 1), ==, 3);
}

static void
expect_conflict(SkDb *keep, int64_t expected)
{
    g_autoptr(GError) error = NULL;
    int64_t version = 77;

    g_assert_false(try_load(keep, "# late\n", expected, &version, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    g_assert_nonnull(strstr(error->message, "somebody else"));
    g_assert_cmpint(version, ==, 77);
}

/* The second one leaves nothing behind and reads again. */
static void
test_conflict(Fixture *f, const void *data)
{
    g_autoptr(SkDb) other = open_keep(f);

    load(f->keep, "# one\n", 0);
    expect_conflict(other, 0);
    load(other, "# two\n", 1);
    expect_conflict(f->keep, 1);
    g_assert_cmpuint(count(f->keep), ==, 2);
    g_assert_cmpint(in_force(f->keep).version, ==, 2);
    g_assert_cmpint(load(f->keep, "# three\n", 2), ==, 3);
}

typedef struct {
    const Fixture *f;
    unsigned won, lost;
} Racer;

static void *
race(void *data)
{
    Racer *racer = data;
    g_autoptr(SkDb) keep = open_keep(racer->f);

    for (int i = 0; i < 20; i++) {
        g_autoptr(GError) error = NULL;
        int64_t version = 0, expected = in_force(keep).version;

        if (try_load(keep, "# race\n", expected, &version, &error))
            racer->won++;
        else if (g_error_matches(error, SK_ERROR, SK_ERROR_CONFLICT))
            racer->lost++;
        else
            g_assert_no_error(error);
    }
    return NULL;
}

/* Each win is a version of its own that was in force: none is lost, none is there twice. */
static void
test_race(Fixture *f, const void *data)
{
    Racer racers[2];
    GThread *threads[2];

    for (int i = 0; i < 2; i++) {
        racers[i] = (Racer){.f = f};
        threads[i] = g_thread_new("race", race, &racers[i]);
    }
    for (int i = 0; i < 2; i++)
        g_thread_join(threads[i]);
    g_assert_cmpuint(racers[0].won + racers[0].lost, ==, 20);
    g_assert_cmpuint(racers[1].won + racers[1].lost, ==, 20);
    g_assert_cmpuint(count(f->keep), ==, racers[0].won + racers[1].won);
    g_assert_cmpint(in_force(f->keep).version, ==, racers[0].won + racers[1].won);
}

static unsigned
retain(SkDb *keep, int64_t before_us, int64_t limit)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, sk_policy_tables.retention[0].sql, NULL);
    unsigned rows = 0;
    bool row = true;

    sk_stmt_bind_int(stmt, 1, before_us);
    sk_stmt_bind_int(stmt, 2, limit);
    while (row) {
        g_assert_true(sk_stmt_next(stmt, &row, NULL));
        rows += row;
    }
    return rows;
}

static int64_t
count_lists(SkDb *keep)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, "SELECT count(*) FROM policy_list", NULL);
    bool row;

    g_assert_true(sk_stmt_next(stmt, &row, NULL));
    return sk_stmt_get_int(stmt, 0);
}

/* What counts is since when a version is over, not when it began. */
static void
test_retention(Fixture *f, const void *data)
{
    g_autoptr(SkPolicyVersion) two = NULL, three = NULL, first = NULL;

    load(f->keep, "# one\n", 0);
    g_assert_cmpuint(retain(f->keep, INT64_MAX, 10), ==, 0);
    load(f->keep, "# two\n", 1);
    g_usleep(1000);
    load(f->keep, "# three\n", 2);
    g_assert_cmpint(count_lists(f->keep), ==, 6);
    two = get(f->keep, 2);
    g_assert_cmpuint(retain(f->keep, two->loaded_us, 10), ==, 0);
    g_assert_cmpuint(retain(f->keep, two->loaded_us + 1, 10), ==, 1);
    first = get(f->keep, 1);
    g_assert_null(first);
    g_assert_cmpint(count_lists(f->keep), ==, 4);
    g_assert_cmpuint(retain(f->keep, INT64_MAX, 0), ==, 0);
    g_assert_cmpuint(retain(f->keep, INT64_MAX, 10), ==, 1);
    three = get(f->keep, 3);
    g_assert_true(three->in_force);
    g_assert_cmpint(count_lists(f->keep), ==, 2);
    g_assert_cmpint(load(f->keep, "# four\n", 3), ==, 4);
}

/* What is not looked for is not noted until it is. */
static void
test_findings_disabled(Fixture *f, const void *data)
{
    static const char *const disabled[] = {"malware", NULL};
    int64_t since[SK_N_FINDINGS];

    g_assert_true(sk_policy_store_note_findings(f->keep, disabled, NULL));
    g_assert_true(sk_policy_store_read_findings(f->keep, since, NULL));
    g_assert_true(since[SK_FINDING_MALWARE_FOUND] == INT64_MAX);
    g_assert_true(since[SK_FINDING_MALWARE_TEMPERROR] == INT64_MAX);
    g_assert_true(since[SK_FINDING_ATTACH_ANY] < INT64_MAX);
    g_assert_true(sk_policy_store_note_findings(f->keep, NULL, NULL));
    g_assert_true(sk_policy_store_read_findings(f->keep, since, NULL));
    g_assert_true(since[SK_FINDING_MALWARE_FOUND] < INT64_MAX);
}

static void
test_findings(Fixture *f, const void *data)
{
    int64_t before[SK_N_FINDINGS], after[SK_N_FINDINGS];
    SkFindingId reserved;

    g_assert_true(sk_policy_store_read_findings(f->keep, before, NULL));
    g_assert_true(before[SK_FINDING_ATTACH_ANY] == INT64_MAX);
    g_assert_true(sk_policy_store_note_findings(f->keep, NULL, NULL));
    g_assert_true(sk_policy_store_read_findings(f->keep, before, NULL));
    g_assert_cmpint(before[SK_FINDING_ATTACH_ANY], >, 0);
    g_assert_cmpint(before[SK_FINDING_ATTACH_ANY], <, INT64_MAX);
    g_assert_true(sk_finding_id_parse("dmarc.reject", &reserved));
    g_assert_true(before[reserved] == INT64_MAX);
    g_usleep(1000);
    g_assert_true(sk_policy_store_note_findings(f->keep, NULL, NULL));
    g_assert_true(sk_policy_store_read_findings(f->keep, after, NULL));
    g_assert_cmpmem(before, sizeof before, after, sizeof after);
}

/* Whatever call fails: what was acknowledged is there, what was refused is not, and only of an
 * uncertain one nobody knows. */
static void
test_faults(Fixture *f, const void *data)
{
    SkFaults faults = {0};
    g_autoptr(SkDb) faulty = sk_faulty_db_new(open_keep(f), &faults);
    unsigned sure = 0, unsure = 0, refused = 0;

    for (unsigned i = 0; i < 120; i++) {
        g_autoptr(GError) error = NULL;
        int64_t version = 0, before = in_force(f->keep).version;

        faults = (SkFaults){.every = 2 + i % 13, .calls = i};
        faults.failed = i / 13;
        if (try_load(faulty, "# load\n", before, &version, &error)) {
            g_assert_cmpint(version, ==, before + 1);
            sure++;
        } else if (g_error_matches(error, SK_ERROR, SK_ERROR_UNCERTAIN)) {
            unsure += in_force(f->keep).version == before + 1;
            continue;
        } else {
            refused++;
        }
        g_assert_cmpint(in_force(f->keep).version, ==, MAX(version, before));
    }
    g_assert_cmpuint(count(f->keep), ==, sure + unsure);
    g_assert_cmpint(count_lists(f->keep), ==, 2 * (sure + unsure));
    g_assert_cmpuint(sure, >, 0);
    g_assert_cmpuint(refused, >, 0);
}

static void
test_digest(void)
{
    g_autoptr(SkPolicySource) a = source_new("text", NULL), b = source_new("text", NULL);
    uint8_t one[SK_POLICY_DIGEST_LEN], other[SK_POLICY_DIGEST_LEN];

    sk_policy_source_add(a, "ab", g_bytes_new("c", 1));
    sk_policy_source_add(b, "a", g_bytes_new("bc", 2));
    sk_policy_source_digest(a, one);
    sk_policy_source_digest(b, other);
    g_assert_cmpint(memcmp(one, other, sizeof one), !=, 0);
    sk_policy_source_add(a, "a", g_bytes_new("bc", 2));
    sk_policy_source_add(b, "ab", g_bytes_new("c", 1));
    sk_policy_source_add(b, "ab", g_bytes_new("ignored", 7));
    sk_policy_source_add(b, "unreadable", NULL);
    sk_policy_source_digest(a, one);
    sk_policy_source_digest(b, other);
    g_assert_cmpmem(one, sizeof one, other, sizeof other);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*func)(Fixture *f, const void *data);
    } tests[] = {
        {"versions", test_versions}, {"list", test_list},
        {"save", test_save},         {"conflict", test_conflict},
        {"race", test_race},         {"retention", test_retention},
        {"findings", test_findings}, {"findings-disabled", test_findings_disabled},
        {"faults", test_faults},     {"half-a-version", test_half_a_version},
    };

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/policy-store/digest", test_digest);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        SK_TEST_ADD_BOTH(Fixture, "policy-store", tests[i].name, set_up, tests[i].func,
                         tear_down);
    return sk_test_postgres_run_tests();
}
