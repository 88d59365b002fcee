/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-replay.h"

#include <string.h>

#include "engine/engine-judge.h"
#include "engine/engine-settings.h"
#include "ledger/passage-store.h"
#include "store/store-migrate.h"
#include "store/store-postgres-testing.h"

#define MANY 12000

typedef struct {
    SkTestDir dir;
    SkSite *site;
    SkPolicy *before, *other;
    SkDb *know;
} Fixture;

static SkPolicy *
policy_new(const char *text)
{
    const SkPolicyWorld world = {.built_edits = SK_EDIT_MARK};

    return sk_policy_new("t", text, strlen(text), &world, NULL);
}

static void
set_up(Fixture *f, const void *data)
{
    const char *text = "[site]\nown_domains = ours.example\n";
    g_autoptr(SkSettings) settings =
        sk_settings_parse("t", text, strlen(text), sk_engine_setting_tables, NULL);
    const SkTestEngine *engine = data;
    g_autofree char *place = NULL;

    sk_test_dir_init(&f->dir);
    place = sk_test_place_new(*engine, &f->dir, "know.db");
    f->site = sk_site_new(settings, NULL);
    f->before = policy_new("");
    f->other = policy_new("inbound when size > 500 then reject\n");
    f->know = sk_test_place_open(place, NULL);
    g_assert_true(
        sk_store_migrate(f->know, sk_passage_tables.name, sk_passage_tables.steps, NULL));
}

static void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_db_close(f->know);
    sk_policy_unref(f->before);
    sk_policy_unref(f->other);
    sk_site_free(f->site);
    sk_test_dir_clear(&f->dir);
}

static SkPassage *
passage_new(Fixture *f, int i, int64_t at_us)
{
    SkPassage *passage = sk_passage_new();

    passage->id = g_strdup_printf("%020d", i);
    passage->received_us = at_us;
    passage->envelope = sk_envelope_new();
    g_assert_true(sk_envelope_set_sender(passage->envelope, "taro@theirs.example", NULL));
    g_assert_true(sk_envelope_add_recipient(passage->envelope, "hanako@ours.example", NULL));
    passage->size = (uint64_t)(i % 1000);
    sk_engine_judge(f->site, f->before, at_us, passage);
    return passage;
}

/* I at the time that TIME_OF says. */
static void
fill(Fixture *f, int64_t (*time_of)(int i))
{
    g_autoptr(SkPassageAdder) adder = sk_passage_adder_new(f->know, NULL);

    g_assert_true(sk_db_begin(f->know, NULL));
    for (int i = 0; i < MANY; i++) {
        g_autoptr(SkPassage) passage = passage_new(f, i, time_of(i));

        g_assert_true(sk_passage_adder_add(adder, passage, NULL));
    }
    g_assert_true(sk_db_commit(f->know, NULL));
}

static int64_t
apart(int i)
{
    return 1000 + i;
}

static int64_t
in_pairs(int i)
{
    return 1000 + i / 2;
}

static int64_t
at_once(int i)
{
    return 1000 + i / (MANY / 2 + 1);
}

static void
expect(Fixture *f, int64_t since_us, uint64_t passages, uint64_t changed)
{
    const SkSimulationOptions options = {
        .site = f->site, .other = f->other, .in_force = f->before, .direction = -1};
    g_autoptr(GError) error = NULL;
    g_autoptr(SkSimulation) simulation = sk_cli_replay(f->know, &options, since_us, &error);

    g_assert_no_error(error);
    g_assert_cmpuint(sk_simulation_peek(simulation)->all.passages, ==, passages);
    g_assert_cmpuint(sk_simulation_peek(simulation)->changed.passages, ==, changed);
}

/* Each passage is judged once, however many came at one time. */
static void
judge_each_once(Fixture *f, int64_t (*time_of)(int i))
{
    fill(f, time_of);
    expect(f, 0, MANY, MANY / 1000 * 499);
}

static void
test_apart(Fixture *f, const void *data)
{
    (void)data;
    judge_each_once(f, apart);
}

static void
test_in_pairs(Fixture *f, const void *data)
{
    (void)data;
    judge_each_once(f, in_pairs);
}

static void
test_at_once(Fixture *f, const void *data)
{
    (void)data;
    judge_each_once(f, at_once);
}

static void
test_since(Fixture *f, const void *data)
{
    (void)data;
    fill(f, apart);
    expect(f, 1000 + MANY - 1000, 1000, 499);
    expect(f, 1000 + MANY, 0, 0);
}

#define ADD(name, func) SK_TEST_ADD_BOTH(Fixture, "cli/replay", name, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("apart", test_apart);
    ADD("in-pairs", test_in_pairs);
    ADD("at-once", test_at_once);
    ADD("since", test_since);
    return sk_test_postgres_run_tests();
}
