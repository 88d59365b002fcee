/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/cli-judge.h"
#include "cli/cli-policy.h"
#include "cli/cli-replay.h"
#include "cli/cli-simulated.h"
#include "cli/cli-versions.h"

typedef struct {
    SkCliVersions v;
    gint days;
    gint people;
    gboolean json;
    gboolean recorded;
    char *direction;
    SkDb *know;
    SkPolicyRead other;
    SkPolicy *in_force;
    int64_t version;
    int64_t since_us[SK_N_FINDINGS];
} Simulate;

static void
simulate_clear(Simulate *c)
{
    g_free(c->direction);
    sk_db_close(c->know);
    sk_policy_read_clear(&c->other);
    g_clear_pointer(&c->in_force, sk_policy_unref);
    sk_cli_versions_clear(&c->v);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Simulate, simulate_clear)

/* Where no version is in force yet, what would be: the file. */
static bool
read_in_force(Simulate *c, GError **error)
{
    SkPolicyInForce now;

    if (!sk_policy_store_in_force(c->v.keep, &now, error))
        return false;
    c->version = now.version;
    c->in_force =
        now.version != 0
            ? sk_cli_versions_fetch(&c->v, now.version, SK_WARNINGS_NONE, NULL, error)
            : sk_cli_read_policy(NULL, c->v.settings, c->v.site, SK_WARNINGS_NONE, error);
    return c->in_force != NULL;
}

static bool
prepare(Simulate *c, const char *file, GError **error)
{
    if (!sk_cli_versions_read(&c->v, error) ||
        !sk_cli_read_source(file, c->v.settings, c->v.site, SK_WARNINGS_NONE, true, &c->other,
                            error) ||
        !sk_cli_versions_open(&c->v, SK_STORE_READ, error) ||
        !sk_policy_store_read_findings(c->v.keep, c->since_us, error))
        return false;
    if (!c->recorded && !read_in_force(c, error))
        return false;
    c->know = sk_store_open(c->v.store, SK_KNOW, SK_STORE_READ, error);
    return c->know != NULL;
}

static int
run(Simulate *c, const char *file)
{
    SkDirection direction = SK_DIRECTION_INBOUND;
    bool one = c->direction != NULL && sk_direction_parse(c->direction, &direction);
    g_autoptr(SkSimulation) simulation = NULL;
    g_autoptr(GError) error = NULL;
    SkSimulationOptions options;
    SkSimulatedReport report;

    if (!prepare(c, file, &error))
        return sk_cli_fail_error(error);
    options = (SkSimulationOptions){.site = c->v.site,
                                    .other = c->other.policy,
                                    .in_force = c->in_force,
                                    .since_us = c->since_us,
                                    .direction = one ? (int)direction : -1};
    simulation = sk_cli_replay(
        c->know, &options,
        sk_clock_now_us(sk_clock_real()) - INT64_C(86400) * G_USEC_PER_SEC * c->days, &error);
    if (simulation == NULL)
        return sk_cli_fail_error(error);
    report = (SkSimulatedReport){simulation, c->version, c->recorded, (guint)c->people};
    if (c->json)
        sk_cli_json_simulated(&report);
    else
        sk_cli_print_simulated(&report);
    return sk_simulation_peek(simulation)->changed.recipients > 0 ? SK_EXIT_FOUND
                                                                  : SK_EXIT_CLEAN;
}

int
sk_cli_policy_simulate(int argc, char **argv)
{
    g_auto(Simulate) c = {.days = 30, .people = 10};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &c.v.config, "Configuration file", "FILE"},
        {"days", 0, 0, G_OPTION_ARG_INT, &c.days, "Passages of so many days (30)", "N"},
        {"direction", 0, 0, G_OPTION_ARG_STRING, &c.direction,
         "Only inbound, outbound, internal or forward", "D"},
        {"recorded", 0, 0, G_OPTION_ARG_NONE, &c.recorded,
         "Compare with what was decided then, not with the policy in force", NULL},
        {"people", 0, 0, G_OPTION_ARG_INT, &c.people, "Show so many people of each kind (10)",
         "N"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &c.json, "One JSON object", NULL},
        {NULL},
    };

    if (!sk_cli_options(
            &argc, &argv, entries, "policy simulate [OPTION…] NEWFILE",
            "Judges the passages of the ledger again, by another policy, and says what it "
            "would "
            "have changed: by kind, by rule, by person; and which rules cannot be "
            "judged.\nWhat "
            "this version cannot do yet is judged all the same.\nExit status: 0 nothing would "
            "change, 1 something would, 2 trouble.") ||
        !sk_cli_check_direction(c.direction))
        return SK_EXIT_TROUBLE;
    if (argc != 2)
        return sk_cli_fail("policy simulate takes one policy file");
    if (c.days < 1 || c.days > 36500 || c.people < 0)
        return sk_cli_fail("--days is a number from 1 to 36500, --people one from 0");
    return run(&c, argv[1]);
}
