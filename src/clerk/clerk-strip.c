/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-strip.h"

#include "base/autofree.h"
#include "base/error.h"
#include "engine/engine-hold.h"
#include "notice/notice-strip.h"
#include "process/process-edit.h"

static const char *
describe(SkEditOutcome outcome)
{
    if (outcome == SK_EDIT_SEALED)
        return "it is signed or encrypted, so no part can be taken out of it";
    if (outcome == SK_EDIT_NO_SUCH_PART)
        return "the parts that were to be taken out are not in it";
    return "no inspector could take the parts out of it";
}

/* What stands in the place of each part. Whoever is outside chose no language. */
static char *
write_notice(const SkSettings *settings, const SkPassage *passage, const SkHeldCopy *copy)
{
    bool inbound = copy->direction != SK_DIRECTION_OUTBOUND;
    const char *language = inbound ? sk_settings_peek_text(settings, "notice", "language") : "";
    const char *help_url = sk_settings_peek_text(settings, "site", "help_url");
    const SkNoticeStrip strip = {.languages = sk_language_parse(language),
                                 .inbound = inbound,
                                 .id = copy->message,
                                 .findings = passage->findings,
                                 .help_url = inbound && *help_url != '\0' ? help_url : NULL};

    return sk_notice_strip_text(&strip);
}

/* NULL-terminated, of DECISION's; empty: all. */
static GPtrArray *
list_parts(const SkDecision *decision)
{
    GPtrArray *parts = g_ptr_array_new();

    for (guint i = 0; i < decision->parts->len && !decision->strip_all; i++)
        g_ptr_array_add(parts, decision->parts->pdata[i]);
    g_ptr_array_add(parts, NULL);
    return parts;
}

int
sk_clerk_strip(const SkSettings *settings,
               SkClerkOriginal *original,
               const SkPassage *passage,
               const SkHeldCopy *copy,
               SkClerkNeed *ret_at,
               GError **error)
{
    const char *socket = sk_settings_peek_text(settings, "inspector", "socket");
    const SkDecision *decision = sk_engine_hold_decision(passage, copy);
    g_autofree char *notice = write_notice(settings, passage, copy);
    g_autoptr(GPtrArray) parts = NULL;
    SkEditOutcome outcome = SK_EDIT_FAILED;
    SkStripOrder order = {.notice = notice, .notice_name = sk_notice_strip_name()};
    sk_autofd int fd = -1;
    int stripped = -1;

    if (decision == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_DENIED,
                    "its record names none of the recipients of copy %s", copy->id);
        return -1;
    }
    *ret_at = SK_CLERK_BLOBS;
    fd = sk_clerk_original_copy(original, error);
    if (fd < 0)
        return -1;
    parts = list_parts(decision);
    order.parts = (const char *const *)parts->pdata;
    *ret_at = SK_CLERK_INSPECTOR;
    if (!sk_process_strip(socket, fd, &order, &outcome, &stripped, NULL, error))
        return -1;
    if (outcome == SK_EDIT_DONE)
        return stripped;
    g_set_error(error, SK_ERROR, SK_ERROR_DENIED, "copy %s: %s", copy->id, describe(outcome));
    return -1;
}
