/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-answer.h"

#include <string.h>

#include "base/limit.h"
#include "base/text.h"
#include "hold/hold-ticket.h"

/* Recipients named in an answer; of more the number is said. */
#define NAMED_RECIPIENTS 3

typedef struct {
    const char *below;
    const char *text;
} DefaultText;

/* What to say when the rule says nothing: the first that fits. */
static const DefaultText default_texts[] = {
    {"attach.any", "Mail with attachments is not accepted here"},
    {"attach.encrypted", "Encrypted attachments are not accepted here because they cannot be "
                         "checked: please send the file without a password"},
    {"attach.danger", "This kind of attachment is not accepted here because it can run a "
                      "program when opened"},
    {"attach.limit", "An attachment could not be checked completely: please send it in another "
                     "form"},
    {"attach.broken", "An attachment is damaged and cannot be checked: please send it again"},
    {"attach.inconsistent", "An archive contradicts itself and cannot be checked: please pack "
                            "the files again"},
    {"attach.split", "Archives in several volumes are not accepted here because they cannot "
                     "be checked: please send one archive"},
    {"attach", "An attachment cannot be checked: please send it in another form"},
    {"mime.partial", "Messages in fragments are not accepted here because they cannot be "
                     "checked: please send the message as a whole"},
    {"mime.external", "Messages whose content lies elsewhere are not accepted here: please "
                      "attach the file"},
    {"mime", "The message is built in a way that is not accepted here: please send it again "
             "with an ordinary mail program"},
    {"smime.encrypted", "Encrypted mail is not accepted here"},
    {"pgp.encrypted", "Encrypted mail is not accepted here"},
};

static const char *
text_for(const SkDecision *decision)
{
    bool reject = decision->fate == SK_FATE_REJECT;
    SkFindingId id;

    if (decision->text != NULL)
        return decision->text;
    if (decision->finding == NULL || !sk_finding_id_parse(decision->finding, &id))
        return reject ? "The message is not accepted here" : "The message cannot be taken now";
    if (sk_finding_id_below(id, "inspect"))
        return reject ? "The message cannot be checked"
                      : "The message could not be checked now: please try again later";
    for (size_t i = 0; i < G_N_ELEMENTS(default_texts); i++) {
        if (sk_finding_id_below(id, default_texts[i].below))
            return default_texts[i].text;
    }
    return reject ? "The message is not accepted here" : "The message cannot be taken now";
}

bool
sk_engine_rejects_some(const SkPassage *passage)
{
    unsigned n = 0;

    for (guint i = 0; i < passage->recipients->len; i++) {
        const SkPassageRecipient *recipient = passage->recipients->pdata[i];

        n += recipient->decision->fate == SK_FATE_REJECT;
    }
    return passage->origin == SK_ORIGIN_INBOUND && n > 0 && n < passage->recipients->len;
}

/* The strictest decision that is answered, and those it holds for. */
static const SkDecision *
strictest(const SkPassage *passage, GPtrArray *ret_recipients)
{
    bool holds_instead = sk_engine_rejects_some(passage);
    const SkDecision *worst = NULL;

    for (guint i = 0; i < passage->recipients->len; i++) {
        const SkPassageRecipient *recipient = passage->recipients->pdata[i];

        if (holds_instead && recipient->decision->fate == SK_FATE_REJECT)
            continue;
        if (worst == NULL || recipient->decision->fate > worst->fate) {
            worst = recipient->decision;
            g_ptr_array_set_size(ret_recipients, 0);
        }
        if (recipient->decision->fate == worst->fate)
            g_ptr_array_add(ret_recipients, recipient->address);
    }
    return worst;
}

static void
append_subject(GString *out, const SkPassage *passage, const SkDecision *decision)
{
    const SkFinding *finding = NULL;
    g_autofree char *ascii = NULL;

    if (decision->finding != NULL)
        finding = sk_findings_find(passage->findings, decision->finding, NULL);
    if (finding == NULL || finding->subject == NULL)
        return;
    ascii = sk_text_ascii(finding->subject, 80);
    /* A name that is only question marks in ASCII tells nobody anything. */
    if (strspn(ascii, "?>. ") < strlen(ascii))
        g_string_append_printf(out, " (%s)", ascii);
}

/* When some recipients would have been fine, the sender must know which ones were not. */
static void
append_recipients(GString *out, const SkPassage *passage, const GPtrArray *recipients)
{
    if (recipients->len == passage->recipients->len)
        return;
    g_string_append(out, " for ");
    for (guint i = 0; i < recipients->len && i < NAMED_RECIPIENTS; i++) {
        g_autofree char *ascii = sk_text_ascii(recipients->pdata[i], 60);

        g_string_append_printf(out, "%s%s", i > 0 ? ", " : "", *ascii != '\0' ? ascii : "<>");
    }
    if (recipients->len > NAMED_RECIPIENTS)
        g_string_append_printf(out, " and %u more", recipients->len - NAMED_RECIPIENTS);
}

/* Appends TEXT in ASCII, in at most MAX bytes; what is cut ends in "...". */
static void
append_ascii(GString *out, const char *text, size_t max)
{
    g_autofree char *ascii = sk_text_ascii(text, max + 1);

    if (strlen(ascii) <= max)
        g_string_append(out, ascii);
    else if (max >= 3)
        g_string_append_printf(out, "%.*s...", (int)max - 3, ascii);
}

/* The id and the help must arrive whole; then the text, then what it is about. */
static char *
compose(const SkPassage *passage,
        const char *code,
        const char *text,
        const char *about,
        const char *help_url)
{
    GString *out = g_string_new(code);
    g_autoptr(GString) tail = g_string_new(NULL);

    g_string_append_printf(tail, " [%s]", passage->id);
    if (help_url != NULL)
        g_string_append_printf(tail, " see %s", help_url);
    g_assert(out->len + 1 + SK_LIMIT_ANSWER_TEXT + tail->len <= SK_ANSWER_MAX);
    g_string_append_c(out, ' ');
    append_ascii(out, text, SK_LIMIT_ANSWER_TEXT);
    append_ascii(out, about, SK_ANSWER_MAX - out->len - tail->len);
    g_string_append(out, tail->str);
    return g_string_free(out, FALSE);
}

void
sk_engine_answer(const SkSite *site, SkPassage *passage)
{
    g_autoptr(GPtrArray) recipients = g_ptr_array_new();
    g_autoptr(GString) about = g_string_new(NULL);
    const SkDecision *worst = strictest(passage, recipients);

    g_clear_pointer(&passage->smtp, g_free);
    passage->fate = worst != NULL ? worst->fate : SK_FATE_DELIVER;
    if (passage->fate == SK_FATE_DELIVER)
        return;
    append_subject(about, passage, worst);
    append_recipients(about, passage, recipients);
    passage->smtp =
        compose(passage, passage->fate == SK_FATE_REJECT ? "550 5.7.1" : "451 4.7.1",
                text_for(worst), about->str, sk_site_peek_help_url(site));
}

static void
answer_later(SkPassage *passage, const char *text)
{
    passage->fate = SK_FATE_DEFER;
    g_free(passage->smtp);
    passage->smtp = compose(passage, "451 4.3.0", text, "", NULL);
}

void
sk_engine_answer_unavailable(SkPassage *passage)
{
    answer_later(passage, "The message could not be checked now: please try again later");
}

void
sk_engine_answer_unkept(SkPassage *passage)
{
    answer_later(passage, "The message could not be taken now: please try again later");
}

void
sk_engine_answer_stale(SkPassage *passage)
{
    answer_later(passage, "This copy is not being released now");
}

void
sk_engine_answer_unrecorded(SkPassage *passage)
{
    passage->fate = SK_FATE_DEFER;
    g_free(passage->smtp);
    passage->smtp = g_strdup(SK_ANSWER_UNRECORDED);
}

void
sk_engine_answer_no_release(SkPassage *passage)
{
    passage->fate = SK_FATE_REJECT;
    g_free(passage->smtp);
    passage->smtp = compose(passage, "550 5.7.1", SK_TICKET_STRANGER, "", NULL);
}
