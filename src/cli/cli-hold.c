/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-hold.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli-hold-ask.h"
#include "cli/cli-hold-content.h"
#include "cli/cli-hold-print.h"
#include "cli/cli.h"

static int64_t
now(void)
{
    return sk_clock_now_us(sk_clock_real());
}

static void
print_json(const SkDeskAnswer *answer)
{
    g_autofree char *json = sk_desk_answer_write(answer);

    puts(json);
}

/* ---- list ---- */

static void
print_page(const SkCliHold *hold, const SkDeskAnswer *answer, bool first)
{
    for (guint i = 0; i < answer->copies->len; i++) {
        const SkDeskCopy *copy = answer->copies->pdata[i];
        g_autofree char *json = hold->json ? sk_desk_copy_write(copy) : NULL;

        if (hold->json) {
            puts(json);
            continue;
        }
        if (!first || i > 0)
            putchar('\n');
        sk_cli_hold_print(copy, now());
    }
}

/* All pages, since what waits is not much, or somebody wants to count it. */
static int
list_pages(SkCliHold *hold, SkDeskQuestion *question)
{
    g_autofree char *after = NULL;
    bool first = true, more = true;

    while (more) {
        g_autoptr(SkDeskAnswer) answer = NULL;
        const SkDeskCopy *last;

        question->after = after;
        answer = sk_cli_hold_ask(hold, question);
        if (answer == NULL)
            return SK_EXIT_TROUBLE;
        if (answer->result != SK_DESK_OK)
            return sk_cli_hold_explain(answer);
        print_page(hold, answer, first);
        more = answer->more && answer->copies->len > 0;
        first = false;
        if (more) {
            last = answer->copies->pdata[answer->copies->len - 1];
            g_free(after);
            after = g_strdup(last->id);
        }
    }
    return SK_EXIT_CLEAN;
}

static int
list(int argc, char **argv)
{
    g_auto(SkCliHold) hold = {0};
    g_autofree char *person = NULL;
    gboolean ended = FALSE;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &hold.config, "Configuration file", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &hold.json, "One object a copy", NULL},
        {"ended", 0, 0, G_OPTION_ARG_NONE, &ended, "What was sent, stopped, returned, too",
         NULL},
        {"person", 0, 0, G_OPTION_ARG_STRING, &person, "Of this sender or recipient only",
         "ADDRESS"},
        {NULL},
    };
    SkDeskQuestion question = {.verb = SK_DESK_LIST_ALL};

    if (!sk_cli_options(&argc, &argv, entries, "hold list [OPTION…]",
                        "Lists mail that waits, the oldest first: from whom, to whom, what "
                        "for, until when."))
        return SK_EXIT_TROUBLE;
    if (argc != 1)
        return sk_cli_fail("hold list takes no argument");
    question.ended = ended;
    question.person = person;
    return list_pages(&hold, &question);
}

/* ---- what is about one mail ---- */

/* The options of most commands; what is left in ARGV is the id, which is returned. */
static const char *
read_one(SkCliHold *hold, int *argc, char ***argv, const char *usage, const char *summary)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &hold->config, "Configuration file", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &hold->json, "The clerk's answer", NULL},
        {"as", 0, 0, G_OPTION_ARG_STRING, &hold->as, "In the name of this person", "ADDRESS"},
        {"reason", 0, 0, G_OPTION_ARG_STRING, &hold->reason, "Why, for those concerned",
         "TEXT"},
        {NULL},
    };

    if (!sk_cli_options(argc, argv, entries, usage, summary))
        return NULL;
    if (*argc == 2)
        return (*argv)[1];
    (void)sk_cli_fail("%.*s takes one id, as `sekisho hold list` shows it",
                      (int)(strstr(usage, " [") - usage), usage);
    return NULL;
}

static int
show(int argc, char **argv)
{
    g_auto(SkCliHold) hold = {0};
    SkDeskQuestion question = {.verb = SK_DESK_SHOW};
    g_autoptr(SkDeskAnswer) answer = NULL;
    const char *id = read_one(&hold, &argc, &argv, "hold show [OPTION…] ID",
                              "Shows a held mail, or one copy of it, and everything that "
                              "happened to it.\nThe beginning of an id is enough.");

    question.target = (char *)id;
    answer = id != NULL ? sk_cli_hold_ask(&hold, &question) : NULL;
    if (answer == NULL)
        return SK_EXIT_TROUBLE;
    if (hold.json)
        print_json(answer);
    else if (answer->result != SK_DESK_OK)
        return sk_cli_hold_explain(answer);
    else
        sk_cli_hold_print_all(answer, now());
    return sk_cli_hold_status(answer);
}

static int
act(SkDeskVerb verb, int argc, char **argv, const char *usage, const char *summary)
{
    g_auto(SkCliHold) hold = {0};
    SkDeskQuestion question = {.verb = verb};
    g_autoptr(SkDeskAnswer) answer = NULL;
    const char *id = read_one(&hold, &argc, &argv, usage, summary);
    int status;

    question.target = (char *)id;
    answer = id != NULL ? sk_cli_hold_ask(&hold, &question) : NULL;
    if (answer == NULL)
        return SK_EXIT_TROUBLE;
    if (hold.json) {
        print_json(answer);
        return sk_cli_hold_status(answer);
    }
    status = sk_cli_hold_explain(answer);
    if (answer->result == SK_DESK_TOO_LATE)
        sk_cli_hold_print_possible(answer);
    for (guint i = 0; i < answer->copies->len; i++)
        sk_cli_hold_print(answer->copies->pdata[i], now());
    return status;
}

static int
stop(int argc, char **argv)
{
    return act(SK_DESK_STOP, argc, argv, "hold stop [OPTION…] ID",
               "Stops a mail before it leaves: all its copies, or the one that is named. Its "
               "sender is told.");
}

static int
release(int argc, char **argv)
{
    return act(SK_DESK_RELEASE, argc, argv, "hold release [OPTION…] ID",
               "Sends a held mail now, whatever it waits for. It is inspected once more; what "
               "is new in it may hold it again.");
}

static int
approve(int argc, char **argv)
{
    return act(SK_DESK_APPROVE, argc, argv, "hold approve --as ADDRESS [OPTION…] ID",
               "Approves a mail in the name of somebody of the group that has to, or of one "
               "who stands in for him.");
}

static int
give_back(int argc, char **argv)
{
    return act(SK_DESK_RETURN, argc, argv, "hold return --reason TEXT [OPTION…] ID",
               "Gives a mail back to its sender, with a reason. Only mail of our own people "
               "can be returned.");
}

static int
confirm(int argc, char **argv)
{
    return act(SK_DESK_CONFIRM, argc, argv, "hold confirm [OPTION…] ID",
               "Confirms a mail for its sender and sends it without further delay; what others "
               "have to answer stays open.");
}

static int
person(int argc, char **argv)
{
    g_auto(SkCliHold) hold = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &hold.config, "Configuration file", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &hold.json, "The clerk's answer", NULL},
        {NULL},
    };
    SkDeskQuestion question = {.verb = SK_DESK_PERSON};
    g_autofree char *text = NULL;
    g_autoptr(SkDeskAnswer) answer = NULL;

    if (!sk_cli_options(&argc, &argv, entries, "hold person [OPTION…] ADDRESS [CHOICE…]",
                        "Shows what one of us chose for his own mail, or changes it: hold=5m, "
                        "tell=at-once|digest|never, language=ja|en, "
                        "away=2027-01-05..2027-01-08, deputy=ADDRESS. \"site\" and \"no\" take "
                        "a choice back."))
        return SK_EXIT_TROUBLE;
    if (argc < 2)
        return sk_cli_fail("hold person takes an address");
    question.person = argv[1];
    question.text = text = argc > 2 ? g_strjoinv(" ", argv + 2) : NULL;
    answer = sk_cli_hold_ask(&hold, &question);
    if (answer == NULL)
        return SK_EXIT_TROUBLE;
    if (hold.json)
        print_json(answer);
    else if (answer->choices == NULL)
        return sk_cli_hold_explain(answer);
    else
        sk_cli_hold_print_choices(answer->person, answer->choices);
    return sk_cli_hold_status(answer);
}

int
sk_cli_hold(int argc, char **argv)
{
    static const SkCommand commands[] = {
        {"list", list, "mail that waits"},
        {"show", show, "one mail, and what happened to it"},
        {"stop", stop, "keep a mail from leaving"},
        {"release", release, "send it now, whatever it waits for"},
        {"approve", approve, "approve it, for a group"},
        {"return", give_back, "give it back to its sender, with a reason"},
        {"confirm", confirm, "confirm it, for its sender"},
        {"content", sk_cli_hold_content, "the original, with a reason"},
        {"person", person, "what one of us chose for his own mail"},
        {NULL, NULL, NULL},
    };

    return sk_cli_dispatch(commands, "hold", argc, argv);
}
