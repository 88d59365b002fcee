/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-policy.h"

#include <string.h>

#include "base/error.h"
#include "engine/engine-policy-load.h"
#include "engine/engine-settings.h"
#include "port/faulty-db.h"
#include "store/store-migrate.h"
#include "store/store-postgres-testing.h"

#define ATTACHED "any when attach.any then reject\n"
#define BROKEN   "any when attach.any then frobnicate\n"

typedef struct {
    SkTestDir dir;
    char *path, *place;
    SkSite *site;
    SkFaults faults;
    SkDb *keep; /* the test's own look at the store */
    SkGatePolicy *policy;
} Fixture;

static SkDb *
open_plain(Fixture *f, GError **error)
{
    g_autoptr(SkDb) db = sk_test_place_open(f->place, error);

    if (db == NULL ||
        !sk_store_migrate(db, sk_policy_tables.name, sk_policy_tables.steps, error))
        return NULL;
    return g_steal_pointer(&db);
}

static SkDb *
open_keep(void *data, GError **error)
{
    Fixture *f = data;
    SkDb *db = open_plain(f, error);

    return db != NULL ? sk_faulty_db_new(db, &f->faults) : NULL;
}

static void
set_up(Fixture *f, const void *data)
{
    const SkTestEngine *engine = data;
    const char *text = "[site]\nown_domains = ours.example\n";
    g_autoptr(SkSettings) settings =
        sk_settings_parse("t", text, strlen(text), sk_engine_setting_tables, NULL);

    sk_test_dir_init(&f->dir);
    f->path = sk_test_dir_file(&f->dir, "policy");
    f->place = sk_test_place_new(*engine, &f->dir, "keep.db");
    f->site = sk_site_new(settings, NULL);
    f->keep = open_plain(f, NULL);
    g_assert_nonnull(f->keep);
}

static void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_gate_policy_free(f->policy);
    sk_db_close(f->keep);
    sk_site_free(f->site);
    sk_test_dir_clear(&f->dir);
    g_free(f->path);
    g_free(f->place);
}

static void
put(const char *path, const char *text)
{
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static SkGatePolicy *
policy_new(Fixture *f, bool watched, GError **error)
{
    const SkGatePolicyOptions options = {.site = f->site,
                                         .file = f->path,
                                         .watched = watched,
                                         .open = open_keep,
                                         .data = f,
                                         .look_ms = 5};

    return sk_gate_policy_new(&options, error);
}

static void
begin(Fixture *f, bool watched)
{
    g_autoptr(GError) error = NULL;

    f->policy = policy_new(f, watched, &error);
    g_assert_no_error(error);
}

static guint
count_rules(Fixture *f)
{
    g_autoptr(SkPolicy) policy = sk_gate_policy_ref(f->policy);

    return sk_policy_count(policy);
}

/* As long as it takes: a test that never ends is one that fails. */
static void
wait_for_version(Fixture *f, int64_t version)
{
    while (sk_gate_policy_get_version(f->policy) != version)
        g_usleep(1000);
}

static void
reload(Fixture *f)
{
    sk_gate_policy_reload(f->policy);
    sk_gate_policy_settle(f->policy);
}

static int64_t
load_by_another(Fixture *f, const char *text)
{
    g_autofree char *other = sk_test_dir_file(&f->dir, "other");
    const SkPolicyReading reading = {0};
    const SkPolicyLoading loading = {.by = "hanako"};
    g_autoptr(SkPolicy) policy = NULL;
    g_autoptr(GError) error = NULL;
    int64_t version = 0;
    bool is_new = false;

    put(other, text);
    policy =
        sk_engine_policy_load(f->keep, other, &loading, &reading, &version, &is_new, &error);
    g_assert_no_error(error);
    g_assert_true(is_new);
    return version;
}

static SkPolicyVersion *
stored(Fixture *f, int64_t number)
{
    SkPolicyVersion *version = NULL;

    g_assert_true(sk_policy_store_get(f->keep, number, &version, NULL));
    return version;
}

static void
test_start_stores(Fixture *f, const void *data)
{
    g_autoptr(SkPolicyVersion) one = NULL;
    int64_t since[SK_N_FINDINGS];

    (void)data;
    put(f->path, ATTACHED);
    begin(f, true);
    g_assert_cmpint(sk_gate_policy_get_version(f->policy), ==, 1);
    one = stored(f, 1);
    g_assert_true(one->in_force);
    g_assert_nonnull(strstr(one->loaded_by, "sekisho-gate"));
    g_assert_nonnull(strstr(one->note, f->path));
    g_assert_true(sk_policy_store_read_findings(f->keep, since, NULL));
    g_assert_true(since[SK_FINDING_ATTACH_ANY] < INT64_MAX);
    /* Again with the same file: no new version. */
    g_clear_pointer(&f->policy, sk_gate_policy_free);
    begin(f, true);
    g_assert_cmpint(sk_gate_policy_get_version(f->policy), ==, 1);
}

static void
expect_no_start(Fixture *f, bool watched, const char *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(policy_new(f, watched, &error));
    g_assert_nonnull(error);
    g_assert_nonnull(strstr(error->message, words));
}

static void
test_no_start(Fixture *f, const void *data)
{
    (void)data;
    expect_no_start(f, false, "no policy has been loaded: `sekisho policy load`");
    expect_no_start(f, true, "No such file");
    put(f->path, BROKEN);
    expect_no_start(f, true, "has errors");
    load_by_another(f, ATTACHED);
    expect_no_start(f, true, "has errors");
    f->faults.every = 1;
    expect_no_start(f, false, "failed on purpose");
}

static void
test_file_is_watched(Fixture *f, const void *data)
{
    (void)data;
    put(f->path, ATTACHED);
    begin(f, true);
    put(f->path, ATTACHED ATTACHED);
    wait_for_version(f, 2);
    g_assert_cmpuint(count_rules(f), ==, 2);
}

/* Lists are watched as well, also those that are not there yet. */
static void
test_lists_are_watched(Fixture *f, const void *data)
{
    g_autofree char *list = sk_test_dir_file(&f->dir, "blocked");
    g_autoptr(SkPolicyVersion) two = NULL;

    (void)data;
    put(f->path, ATTACHED);
    begin(f, true);
    put(f->path, "any when from list \"blocked\" then reject\n");
    reload(f);
    g_assert_cmpint(sk_gate_policy_get_version(f->policy), ==, 1);
    put(list, "@worse.example\n");
    wait_for_version(f, 2);
    two = stored(f, 2);
    g_assert_nonnull(sk_policy_source_find(two->source, "blocked"));
    put(list, "@worse.example\nbad@theirs.example\n");
    wait_for_version(f, 3);
}

static void
test_errors_keep_the_old_one(Fixture *f, const void *data)
{
    (void)data;
    put(f->path, ATTACHED);
    begin(f, true);
    put(f->path, BROKEN);
    reload(f);
    g_assert_cmpint(sk_gate_policy_get_version(f->policy), ==, 1);
    g_assert_cmpuint(count_rules(f), ==, 1);
    put(f->path, ATTACHED ATTACHED);
    wait_for_version(f, 2);
}

/* A reload of what has not changed makes no version. */
static void
test_reload_of_the_same(Fixture *f, const void *data)
{
    (void)data;
    put(f->path, ATTACHED);
    begin(f, true);
    reload(f);
    put(f->path, ATTACHED);
    reload(f);
    g_assert_cmpint(sk_gate_policy_get_version(f->policy), ==, 1);
}

static void
another_loads(Fixture *f, bool watched)
{
    put(f->path, ATTACHED);
    if (!watched)
        load_by_another(f, ATTACHED);
    begin(f, watched);
    g_assert_cmpint(load_by_another(f, ATTACHED ATTACHED), ==, 2);
    wait_for_version(f, 2);
    g_assert_cmpuint(count_rules(f), ==, 2);
}

static void
test_another_loads_watched(Fixture *f, const void *data)
{
    (void)data;
    another_loads(f, true);
}

static void
test_another_loads_shared(Fixture *f, const void *data)
{
    (void)data;
    another_loads(f, false);
}

/* On a shared store the file is nobody's business, not even on a reload. */
static void
test_shared_ignores_the_file(Fixture *f, const void *data)
{
    (void)data;
    put(f->path, ATTACHED ATTACHED);
    load_by_another(f, ATTACHED);
    begin(f, false);
    reload(f);
    g_assert_cmpint(sk_gate_policy_get_version(f->policy), ==, 1);
    g_assert_cmpuint(count_rules(f), ==, 1);
}

/* Stored by a program that knows more than this one: the policy of last goes on. */
static void
test_unreadable_version(Fixture *f, const void *data)
{
    g_autoptr(SkPolicySource) source =
        sk_policy_source_new(g_bytes_new_static(BROKEN, strlen(BROKEN)));
    const SkPolicyEntry entry = {.source = source, .by = "a newer program"};
    int64_t version = 0;

    (void)data;
    load_by_another(f, ATTACHED);
    begin(f, false);
    g_assert_true(sk_policy_store_load(f->keep, &entry, 1, &version, NULL));
    reload(f);
    g_assert_cmpint(sk_gate_policy_get_version(f->policy), ==, 1);
    g_assert_cmpint(load_by_another(f, ATTACHED ATTACHED), ==, 3);
    wait_for_version(f, 3);
}

/* Nothing can be read or stored: what is in force stays; afterwards everything is made up. */
static void
store_is_away(Fixture *f, bool watched)
{
    put(f->path, ATTACHED);
    if (!watched)
        load_by_another(f, ATTACHED);
    begin(f, watched);
    f->faults.every = 1;
    put(f->path, ATTACHED ATTACHED);
    for (int i = 0; i < 3; i++)
        reload(f);
    g_assert_cmpint(sk_gate_policy_get_version(f->policy), ==, 1);
    g_assert_cmpuint(count_rules(f), ==, 1);
    f->faults.every = 0;
    if (!watched)
        load_by_another(f, ATTACHED ATTACHED);
    wait_for_version(f, 2);
    g_assert_cmpuint(count_rules(f), ==, 2);
}

static void
test_store_is_away_watched(Fixture *f, const void *data)
{
    (void)data;
    store_is_away(f, true);
}

static void
test_store_is_away_shared(Fixture *f, const void *data)
{
    (void)data;
    store_is_away(f, false);
}

/* Now and then a call fails, some after their effect: nothing is stored twice. */
static void
test_store_stumbles(Fixture *f, const void *data)
{
    g_autoptr(GPtrArray) versions = NULL;

    (void)data;
    put(f->path, ATTACHED);
    begin(f, true);
    for (int i = 0; i < 20; i++) {
        g_autofree char *text = g_strdup_printf("# %d\n" ATTACHED, i);

        f->faults.every = 13 + (unsigned)i % 11;
        put(f->path, text);
        wait_for_version(f, 2 + i);
    }
    g_assert_true(sk_policy_store_list(f->keep, 0, &versions, NULL));
    g_assert_cmpuint(versions->len, ==, 21);
    g_assert_cmpuint(f->faults.failed, >, 0);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*func)(Fixture *f, const void *data);
    } tests[] = {
        {"start-stores", test_start_stores},
        {"no-start", test_no_start},
        {"file-is-watched", test_file_is_watched},
        {"lists-are-watched", test_lists_are_watched},
        {"errors-keep-the-old-one", test_errors_keep_the_old_one},
        {"reload-of-the-same", test_reload_of_the_same},
        {"shared-ignores-the-file", test_shared_ignores_the_file},
        {"unreadable-version", test_unreadable_version},
        {"store-stumbles", test_store_stumbles},
        {"another-loads/watched", test_another_loads_watched},
        {"another-loads/shared", test_another_loads_shared},
        {"store-is-away/watched", test_store_is_away_watched},
        {"store-is-away/shared", test_store_is_away_shared},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        SK_TEST_ADD_BOTH(Fixture, "gate/policy", tests[i].name, set_up, tests[i].func,
                         tear_down);
    return sk_test_postgres_run_tests();
}
