/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-passage.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/cli-open.h"
#include "cli/cli-print.h"
#include "cli/cli.h"
#include "ledger/passage-json.h"
#include "ledger/passage-store.h"

typedef struct {
    char *config;
    gboolean json;
    gboolean observed;
    char *since;
    char *fate;
    char *address;
    char *finding;
    gint limit;
    SkCliStore store;
    SkDb *know;
} Command;

static void
command_clear(Command *c)
{
    g_free(c->config);
    g_free(c->since);
    g_free(c->fate);
    g_free(c->address);
    g_free(c->finding);
    sk_db_close(c->know);
    sk_cli_store_clear(&c->store);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Command, command_clear)

static bool
open_ledger(Command *c, GError **error)
{
    if (!sk_cli_store_read(&c->store, c->config, SK_CLI_READER, error))
        return false;
    c->know = sk_cli_store_open(&c->store, SK_KNOW, SK_STORE_READ, error);
    return c->know != NULL;
}

static bool
print_json(const SkPassage *passage, GError **error)
{
    g_autofree char *document = sk_passage_json_new(passage, error);

    if (document != NULL)
        puts(document);
    return document != NULL;
}

static int
show(int argc, char **argv)
{
    g_auto(Command) c = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &c.config, "Configuration file", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &c.json, "The stored document", NULL},
        {NULL},
    };
    g_autoptr(SkPassage) passage = NULL;
    g_autoptr(SkPolicy) policy = NULL;
    g_autoptr(SkSite) site = NULL;
    g_autoptr(GError) error = NULL;

    if (!sk_cli_options(
            &argc, &argv, entries, "passage show [OPTION…] ID",
            "Explains the id of an SMTP answer or of an X-Sekisho field: what was "
            "found, which rules matched, what was answered.\nThe beginning of an id "
            "is enough. The texts of the rules are those of the policy file."))
        return SK_EXIT_TROUBLE;
    if (argc != 2)
        return sk_cli_fail("passage show takes one id");
    if (!open_ledger(&c, &error) || !sk_passage_store_load(c.know, argv[1], &passage, &error))
        return sk_cli_fail_error(error);
    if (passage == NULL) {
        (void)sk_cli_fail("there is no passage \"%s\" in the ledger", argv[1]);
        return SK_EXIT_FOUND;
    }
    if (c.json)
        return print_json(passage, &error) ? SK_EXIT_CLEAN : sk_cli_fail_error(error);
    /* The rules as they read today, where they are still there; without a policy, their ids. */
    site = sk_site_new(c.store.settings, NULL);
    if (site != NULL)
        policy = sk_cli_read_policy(NULL, c.store.settings, site, SK_WARNINGS_NONE, NULL);
    sk_cli_print_passage(passage, policy);
    return SK_EXIT_CLEAN;
}

static bool
on_row(const SkPassageRow *row, void *data)
{
    const Command *c = data;

    if (c->json)
        puts(row->document);
    else
        sk_cli_print_row(row);
    return true;
}

static bool
make_filter(const Command *c, SkPassageFilter *filter)
{
    int64_t seconds;

    *filter = (SkPassageFilter){.address = c->address,
                                .finding = c->finding,
                                .fate = c->fate,
                                .observed = c->observed,
                                .limit = c->limit > 0 ? c->limit : 50};
    if (c->since != NULL) {
        if (!sk_text_to_seconds(c->since, &seconds)) {
            (void)sk_cli_fail("--since is a time like 2h or 7d, not \"%s\"", c->since);
            return false;
        }
        filter->since_us = sk_clock_now_us(sk_clock_real()) - seconds * G_USEC_PER_SEC;
    }
    if (g_strcmp0(c->fate, "held") == 0)
        return true;
    for (int fate = SK_FATE_DELIVER; c->fate != NULL && fate <= SK_FATE_REJECT; fate++) {
        if (strcmp(c->fate, sk_fate_name((SkFate)fate)) == 0)
            return true;
    }
    if (c->fate != NULL)
        (void)sk_cli_fail("--fate is deliver, held, defer or reject, not \"%s\"", c->fate);
    return c->fate == NULL;
}

static int
list(int argc, char **argv)
{
    g_auto(Command) c = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &c.config, "Configuration file", "FILE"},
        {"since", 0, 0, G_OPTION_ARG_STRING, &c.since, "Not older than this: 2h, 7d", "TIME"},
        {"fate", 0, 0, G_OPTION_ARG_STRING, &c.fate, "deliver, held, defer or reject", "FATE"},
        {"address", 0, 0, G_OPTION_ARG_STRING, &c.address, "Sender or recipient has this in it",
         "TEXT"},
        {"finding", 0, 0, G_OPTION_ARG_STRING, &c.finding, "With this finding, or one below it",
         "ID"},
        {"observed", 0, 0, G_OPTION_ARG_NONE, &c.observed,
         "Only what observed rules would have treated otherwise", NULL},
        {"limit", 'n', 0, G_OPTION_ARG_INT, &c.limit, "At most so many (50)", "N"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &c.json, "One document a line", NULL},
        {NULL},
    };
    g_autoptr(GError) error = NULL;
    SkPassageFilter filter;

    if (!sk_cli_options(&argc, &argv, entries, "passage list [OPTION…]",
                        "Lists the messages that came through, the newest first.") ||
        !make_filter(&c, &filter))
        return SK_EXIT_TROUBLE;
    if (argc > 1)
        return sk_cli_fail("passage list takes no \"%s\"", argv[1]);
    if (!open_ledger(&c, &error) || !sk_passage_store_list(c.know, &filter, on_row, &c, &error))
        return sk_cli_fail_error(error);
    return SK_EXIT_CLEAN;
}

int
sk_cli_passage(int argc, char **argv)
{
    static const SkCommand commands[] = {
        {"list", list, ""},
        {"show", show, ""},
        {NULL, NULL, NULL},
    };

    return sk_cli_dispatch(commands, "passage", argc, argv);
}
