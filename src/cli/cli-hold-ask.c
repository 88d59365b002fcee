/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-hold-ask.h"

#include <string.h>

#include "base/error.h"
#include "cli/cli-versions.h"
#include "cli/cli.h"
#include "process/process-desk.h"

void
sk_cli_hold_clear(SkCliHold *hold)
{
    g_free(hold->config);
    g_free(hold->as);
    g_free(hold->reason);
    sk_settings_free(hold->settings);
}

static bool
read_settings(SkCliHold *hold, GError **error)
{
    if (hold->settings == NULL)
        hold->settings = sk_cli_read_settings(hold->config, error);
    return hold->settings != NULL;
}

/* The socket is for the clerk's own user and for root: others learn that from DENIED only. */
static void
complain(const char *socket, const GError *error)
{
    if (g_error_matches(error, SK_ERROR, SK_ERROR_NOT_FOUND))
        (void)sk_cli_fail("no clerk answers at %s, and held mail is the clerk's: start it "
                          "(systemctl start sekisho-clerk, or sekisho serve), or name the "
                          "configuration it was started with (--config)",
                          socket);
    else if (g_error_matches(error, SK_ERROR, SK_ERROR_DENIED))
        (void)sk_cli_fail("only root and the clerk's own user may ask at %s; try sudo", socket);
    else
        (void)sk_cli_fail_error(error);
}

SkDeskAnswer *
sk_cli_hold_ask(SkCliHold *hold, SkDeskQuestion *question)
{
    g_autofree char *who = sk_cli_person(), *asked = NULL, *answered = NULL;
    g_autoptr(GError) error = NULL;
    SkDeskAnswer *answer = NULL;
    const char *socket;

    if (!read_settings(hold, &error)) {
        (void)sk_cli_fail_error(error);
        return NULL;
    }
    socket = sk_settings_peek_text(hold->settings, "clerk", "operator");
    question->who = who;
    question->as = hold->as;
    if (question->text == NULL)
        question->text = hold->reason;
    asked = sk_desk_question_write(question);
    question->who = NULL;
    answered = sk_process_desk_ask(socket, asked, SK_DESK_MAX, &error);
    if (answered != NULL)
        answer = sk_desk_answer_read(answered, &error);
    if (answer == NULL)
        complain(socket, error);
    return answer;
}

int
sk_cli_hold_status(const SkDeskAnswer *answer)
{
    switch (answer->result) {
    case SK_DESK_OK:
    case SK_DESK_ASKED:
        return SK_EXIT_CLEAN;
    case SK_DESK_TOO_LATE:
    case SK_DESK_ENDED:
    case SK_DESK_NOT_OPEN:
    case SK_DESK_UNKNOWN:
        return SK_EXIT_FOUND;
    default:
        return SK_EXIT_TROUBLE;
    }
}

static const char *
words_for(SkDeskResult result)
{
    static const char *const words[SK_N_DESK_RESULTS] = {
        [SK_DESK_TOO_LATE] = "too late: it is being sent, or was",
        [SK_DESK_ENDED] = "it was stopped, returned or has expired before",
        [SK_DESK_NOT_OPEN] = "that is not what it waits for",
        [SK_DESK_UNKNOWN] = "nothing is held under that name",
        [SK_DESK_REFUSED] = "the clerk refuses",
        [SK_DESK_FAILED] = "the clerk could not do it; its log says why",
    };

    return words[result];
}

int
sk_cli_hold_explain(const SkDeskAnswer *answer)
{
    const char *words = answer->text != NULL ? answer->text : words_for(answer->result);

    if (words != NULL)
        (void)sk_cli_fail("%s", words);
    return sk_cli_hold_status(answer);
}
