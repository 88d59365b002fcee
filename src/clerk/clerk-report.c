/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-report.h"

#include <string.h>

#include "base/limit.h"
#include "base/text.h"
#include "notice/notice-report.h"

/* Where the address at the start of LINE ends: blanks may stand between quotes. */
static size_t
find_blank(const char *line)
{
    bool quoted = false;
    size_t i = 0;

    for (; line[i] != '\0' && (quoted || line[i] != ' '); i++) {
        if (line[i] == '\\' && line[i + 1] != '\0')
            i++;
        else if (line[i] == '"')
            quoted = !quoted;
    }
    return i;
}

/* As the client gave them, of the recipient with this ADDRESS; or NULL. */
static const char *
find_args(const SkPassage *passage, const char *address)
{
    g_autofree char *shown =
        sk_text_safe(sk_bytes(address, strlen(address)), SK_LIMIT_PASSAGE_TEXT);

    for (guint i = 0; i < sk_envelope_count(passage->envelope); i++) {
        const SkRecipient *recipient = sk_envelope_peek(passage->envelope, i);

        if (strcmp(recipient->address, shown) == 0)
            return recipient->args;
    }
    return NULL;
}

/* "recipient SP reply"; LINE becomes the address. */
static SkReportRecipient
split_line(const SkPassage *passage, char *line)
{
    size_t blank = find_blank(line);
    const char *reply = line[blank] != '\0' ? line + blank + 1 : "";

    line[blank] = '\0';
    return (SkReportRecipient){
        .address = line, .args = find_args(passage, line), .reply = reply};
}

static GArray *
split_lines(const SkPassage *passage, char **lines)
{
    GArray *recipients = g_array_new(FALSE, TRUE, sizeof(SkReportRecipient));

    for (; *lines != NULL; lines++) {
        SkReportRecipient one = split_line(passage, *lines);

        if (*one.address != '\0')
            g_array_append_val(recipients, one);
    }
    return recipients;
}

/* The header, or as much as the sender asked for. */
static uint64_t
count_wanted(const SkPassage *passage)
{
    return sk_report_wants_all(passage->envelope->sender_args) ? SK_NOTICE_ORIGINAL_MAX
                                                               : SK_LIMIT_HEADER;
}

static bool
write_on(const SkClerkFacts *facts,
         const SkTelling *telling,
         GBytes *original,
         SkBuffer *out,
         GError **error)
{
    const SkPassage *passage = facts->held.passage;
    g_auto(GStrv) lines = g_strsplit(telling->text != NULL ? telling->text : "", "\n", -1);
    g_autoptr(GArray) recipients = split_lines(passage, lines);
    gsize len = 0;
    const void *data = original != NULL ? g_bytes_get_data(original, &len) : NULL;
    const SkReport report = {.languages = facts->notice.languages,
                             .id = facts->id,
                             .from = facts->notice.from,
                             .to = telling->to,
                             .answers = facts->held.message->message_id,
                             .now_us = facts->notice.now_us,
                             .came_us = facts->held.message->made_us,
                             .zone = facts->notice.zone,
                             .reporter = g_get_host_name(),
                             .sender_args = passage->envelope->sender_args,
                             .subject = facts->held.message->subject,
                             .help_url = facts->notice.help_url,
                             .recipients = (const SkReportRecipient *)recipients->data,
                             .n_recipients = recipients->len,
                             .original = sk_bytes(data != NULL ? data : "", len)};

    return sk_report_write(&report, out, error);
}

bool
sk_clerk_report_write(const SkClerkWorld *world,
                      const SkClerkTools *tools,
                      const SkTelling *telling,
                      SkBuffer *out,
                      GError **error)
{
    g_auto(SkClerkFacts) facts = {0};
    g_autoptr(GBytes) original = NULL;

    if (!sk_clerk_facts_begin(world, telling, &facts, error) ||
        !sk_clerk_held_load(world->keep, telling->message, &facts.held, error))
        return false;
    if (facts.held.message == NULL)
        return true;
    return sk_clerk_original_part(world, tools, facts.held.message,
                                  count_wanted(facts.held.passage), &original, error) &&
           write_on(&facts, telling, original, out, error);
}
