/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-facts.h"

#include <string.h>

#include "base/error.h"
#include "engine/engine-hold.h"
#include "hold/hold-store.h"
#include "hold/hold-token.h"
#include "ledger/passage-json.h"

/* A notice on its way. */
typedef struct {
    const SkClerkWorld *world;
    const SkTelling *telling;
    SkClerkFacts *facts;
} Gathering;

void
sk_clerk_facts_clear(SkClerkFacts *facts)
{
    g_clear_pointer(&facts->site, sk_site_free);
    sk_notice_settings_clear(&facts->settings);
    sk_clerk_case_clear(&facts->held);
    g_clear_pointer(&facts->before, g_array_unref);
    g_clear_pointer(&facts->mails, g_array_unref);
    g_clear_pointer(&facts->owned, g_ptr_array_unref);
    g_clear_pointer(&facts->id, g_free);
}

static char *
own(SkClerkFacts *facts, char *text)
{
    if (text != NULL)
        g_ptr_array_add(facts->owned, text);
    return text;
}

/* ---- what every notice has ---- */

static bool
check_from(const SkClerkFacts *facts, GError **error)
{
    if (facts->settings.from != NULL)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                "notices have no sender: set [notice] from, or [site] own_domains");
    return false;
}

static bool
find_language(const SkClerkWorld *world, SkClerkFacts *facts, const char *to, GError **error)
{
    g_auto(SkHoldPerson) chosen = {0};

    if (!sk_hold_person_load(world->keep, to, &chosen, error))
        return false;
    facts->notice.languages = sk_language_parse(
        chosen.language[0] != '\0' ? chosen.language : facts->settings.language);
    return true;
}

static void
clear_held(void *data)
{
    sk_clerk_case_clear(data);
}

bool
sk_clerk_facts_begin(const SkClerkWorld *world,
                     const SkTelling *telling,
                     SkClerkFacts *facts,
                     GError **error)
{
    facts->owned = g_ptr_array_new_with_free_func(g_free);
    facts->mails = g_array_new(FALSE, TRUE, sizeof(SkNoticeMail));
    facts->before = g_array_new(FALSE, TRUE, sizeof(SkClerkCase));
    g_array_set_clear_func(facts->before, clear_held);
    facts->id = sk_telling_id(telling);
    facts->site = sk_site_new(world->settings, error);
    if (facts->site == NULL ||
        !sk_notice_settings_read(world->settings, &facts->settings, error) ||
        !check_from(facts, error) || !find_language(world, facts, telling->to, error))
        return false;
    facts->notice.from = facts->settings.from;
    facts->notice.id = facts->id;
    facts->notice.to = telling->to;
    facts->notice.zone = sk_site_peek_zone(facts->site);
    facts->notice.help_url = sk_site_peek_help_url(facts->site);
    return sk_db_now_us(world->keep, &facts->notice.now_us, error);
}

/* ---- tokens ---- */

/* So long as somebody can still ask what became of it. */
static int64_t
find_token_end(const Gathering *g, const GPtrArray *copies)
{
    int64_t end = g->facts->notice.now_us;

    for (guint i = 0; i < copies->len; i++) {
        const SkHeldCopy *copy = copies->pdata[i];

        end = MAX(end, MAX(copy->due_us, copy->expires_us));
    }
    return end + sk_settings_get_int(g->world->settings, "retention", "held") * G_USEC_PER_SEC;
}

static bool
add_token(const Gathering *g,
          SkTokenPurpose purpose,
          const char *target,
          int64_t expires_us,
          char **ret_text,
          GError **error)
{
    const SkHoldToken token = {.purpose = purpose,
                               .target = (char *)target,
                               .person = g->telling->to,
                               .expires_us = expires_us};

    return sk_hold_token_add(g->world->keep, &token, ret_text, error);
}

/* NULL: there are no pages. */
static char *
write_link(const Gathering *g, const char *token)
{
    const char *url = sk_settings_peek_text(g->world->settings, "web", "url");
    size_t len = strlen(url);

    while (len > 0 && url[len - 1] == '/')
        len--;
    return len > 0 ? own(g->facts, g_strdup_printf("%.*s/t/%s", (int)len, url, token)) : NULL;
}

/* NULL: answers are not heeded. */
static char *
write_reply_to(const Gathering *g, const char *token)
{
    const SkNoticeSettings *settings = &g->facts->settings;

    return settings->reply_local != NULL
               ? own(g->facts, g_strdup_printf("%s+%s@%s", settings->reply_local, token,
                                               settings->reply_domain))
               : NULL;
}

static bool
has_pages(const Gathering *g)
{
    return *sk_settings_peek_text(g->world->settings, "web", "url") != '\0';
}

/* For whoever can stop it, by a page or by answering. */
static bool
add_stop(const Gathering *g,
         SkNoticeMail *mail,
         const GPtrArray *copies,
         SkTokenPurpose purpose,
         GError **error)
{
    const char *target =
        g->telling->copy != NULL ? g->telling->copy : g->facts->held.message->id;
    g_autofree char *token = NULL;

    if (!has_pages(g) && g->facts->settings.reply_local == NULL)
        return true;
    if (!add_token(g, purpose, target, find_token_end(g, copies), &token, error))
        return false;
    mail->stop_link = write_link(g, token);
    g->facts->notice.reply_to = write_reply_to(g, token);
    return true;
}

/* A page for each wait that the recipient can answer. */
static bool
add_pages(const Gathering *g, SkNoticeMail *mail, const GPtrArray *copies, GError **error)
{
    const char *copy = ((const SkHeldCopy *)copies->pdata[0])->id;
    int64_t end = find_token_end(g, copies);
    g_autofree char *password = NULL;
    g_autofree char *ask = NULL;

    if (!has_pages(g))
        return true;
    if ((mail->open & SK_WAIT_PASSWORD) != 0 &&
        !add_token(g, SK_TOKEN_PASSWORD, copy, end, &password, error))
        return false;
    if ((mail->open & SK_WAIT_REVIEW) != 0 &&
        !add_token(g, SK_TOKEN_ASK, copy, end, &ask, error))
        return false;
    mail->password_link = password != NULL ? write_link(g, password) : NULL;
    mail->ask_link = ask != NULL ? write_link(g, ask) : NULL;
    return true;
}

static bool
add_ways(const Gathering *g, SkNoticeMail *mail, const GPtrArray *copies, GError **error)
{
    switch (g->telling->letter) {
    case SK_LETTER_SENDER:
        return add_stop(g, mail, copies, SK_TOKEN_STOP, error);
    case SK_LETTER_COLLEAGUE:
        return add_stop(g, mail, copies, SK_TOKEN_COLLEAGUE, error);
    case SK_LETTER_RECIPIENT:
    case SK_LETTER_DIGEST:
        return add_pages(g, mail, copies, error);
    default:
        return true;
    }
}

/* ---- which copies it is about ---- */

static bool
is_for(const SkHeldCopy *copy, const char *address)
{
    for (guint i = 0; i < copy->recipients->len; i++) {
        const SkRecipient *recipient = copy->recipients->pdata[i];

        if (g_ascii_strcasecmp(recipient->address, address) == 0)
            return true;
    }
    return false;
}

static bool
has_ended_so(const SkHeldCopy *copy, const char *became)
{
    SkCopyState state;

    if (became == NULL || !sk_copy_state_parse(became, &state))
        state = SK_COPY_SENT;
    if (state == SK_COPY_SENT || state == SK_COPY_RELEASING)
        return copy->state == SK_COPY_SENT || copy->state == SK_COPY_RELEASING;
    return copy->state == state;
}

/* Whether it still is what the letter says. */
static bool
fits_letter(const SkTelling *telling, const SkHeldCopy *copy)
{
    /* Without a wait it leaves at once, and is as good as gone. */
    bool waits = copy->state == SK_COPY_WAITING && copy->open != 0;

    switch (telling->letter) {
    case SK_LETTER_COLLEAGUE:
        return waits && copy->direction == SK_DIRECTION_OUTBOUND;
    case SK_LETTER_APPROVER:
        return waits && (copy->open & SK_WAIT_APPROVAL) != 0;
    case SK_LETTER_ADMIN:
    case SK_LETTER_ASKED:
        return waits && (copy->open & SK_WAITS_OF_PEOPLE) != 0;
    case SK_LETTER_RECIPIENT:
        return waits && (copy->open & SK_WAITS_OF_PEOPLE) != 0 && is_for(copy, telling->to);
    case SK_LETTER_STOPPED:
    case SK_LETTER_DONE:
        return copy->state == SK_COPY_STOPPED;
    case SK_LETTER_RETURNED:
        return copy->state == SK_COPY_RETURNED;
    case SK_LETTER_EXPIRED:
        return copy->state == SK_COPY_EXPIRED && is_for(copy, telling->to);
    case SK_LETTER_TOO_LATE:
        return has_ended_so(copy, telling->text);
    case SK_LETTER_MATCHED:
        return true;
    default:
        return waits;
    }
}

/* Whether he may know of recipients that are in neither To nor Cc: he wrote them, or decides
 * who gets the mail. */
static bool
sees_all(const Gathering *g)
{
    const char *owner = g->facts->held.message->owner;
    int letter = g->telling->letter;

    return letter == SK_LETTER_APPROVER || letter == SK_LETTER_ADMIN ||
           letter == SK_LETTER_ASKED ||
           (owner != NULL && g_ascii_strcasecmp(owner, g->telling->to) == 0);
}

static bool
may_see(const Gathering *g, const char *address)
{
    const SkPassageRecipient *one = sk_clerk_held_find(g->facts->held.passage, address);

    return sees_all(g) || (one != NULL && one->visible) ||
           g_ascii_strcasecmp(address, g->telling->to) == 0;
}

/* That there is a copy for somebody in secret, a colleague who can stop it does not learn. */
static bool
is_secret(const Gathering *g, const SkHeldCopy *copy)
{
    int letter = g->telling->letter;

    if (letter != SK_LETTER_COLLEAGUE && letter != SK_LETTER_TOO_LATE &&
        letter != SK_LETTER_DONE)
        return false;
    for (guint i = 0; i < copy->recipients->len; i++) {
        const SkRecipient *recipient = copy->recipients->pdata[i];

        if (may_see(g, recipient->address))
            return false;
    }
    return true;
}

/* Borrowed ones. */
static GPtrArray *
choose_copies(const Gathering *g)
{
    GPtrArray *chosen = g_ptr_array_new();

    for (guint i = 0; i < g->facts->held.copies->len; i++) {
        SkHeldCopy *copy = g->facts->held.copies->pdata[i];

        if (fits_letter(g->telling, copy) && !is_secret(g, copy) &&
            (g->telling->copy == NULL || strcmp(g->telling->copy, copy->id) == 0))
            g_ptr_array_add(chosen, copy);
    }
    return chosen;
}

/* ---- what is said of them ---- */

/* Only himself, of what is for him. */
static bool
is_about_himself(const Gathering *g)
{
    return g->telling->letter == SK_LETTER_RECIPIENT ||
           g->telling->letter == SK_LETTER_EXPIRED || g->telling->letter == SK_LETTER_DIGEST;
}

static const char *const *
list_recipients(const Gathering *g, const GPtrArray *copies)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new();

    if (is_about_himself(g))
        g_ptr_array_add(list, g->telling->to);
    for (guint i = 0; i < copies->len && !is_about_himself(g); i++) {
        const SkHeldCopy *copy = copies->pdata[i];

        for (guint j = 0; j < copy->recipients->len; j++) {
            const SkRecipient *recipient = copy->recipients->pdata[j];

            if (may_see(g, recipient->address))
                g_ptr_array_add(list, recipient->address);
        }
    }
    g_ptr_array_add(list, NULL);
    return (const char *const *)own(g->facts, (char *)g_ptr_array_steal(list, NULL));
}

static void
add_waits(SkNoticeMail *mail, const SkHeldCopy *copy)
{
    if (copy->state != SK_COPY_WAITING)
        return;
    mail->open |= copy->open;
    mail->review = MAX(mail->review, copy->review);
    if ((copy->open & SK_WAITS_OF_PEOPLE) == 0)
        mail->leaves_us =
            mail->leaves_us == 0 ? copy->due_us : MIN(mail->leaves_us, copy->due_us);
    else if (copy->expires_us != 0)
        mail->expires_us =
            mail->expires_us == 0 ? copy->expires_us : MIN(mail->expires_us, copy->expires_us);
}

static bool
add_mail(const Gathering *g, const GPtrArray *copies, GError **error)
{
    const SkHeldMessage *message = g->facts->held.message;
    SkNoticeMail mail = {
        .id = copies->len == 1 ? ((SkHeldCopy *)copies->pdata[0])->id : message->id,
        .came_us = message->made_us,
        .from = message->from != NULL ? message->from : message->sender,
        .subject = message->subject,
        .to = list_recipients(g, copies),
        .findings = g->facts->held.passage->findings,
        .original = sk_clerk_case_is_original(&g->facts->held, copies->pdata[0]),
        .returns = sk_engine_may_return(message)};

    for (guint i = 0; i < copies->len; i++)
        add_waits(&mail, copies->pdata[i]);
    if (!add_ways(g, &mail, copies, error))
        return false;
    g_array_append_val(g->facts->mails, mail);
    return true;
}

/* ---- of one message ---- */

static const char *
join_groups(const Gathering *g, const SkHeldCopy *copy)
{
    const SkDecision *decision = sk_engine_hold_decision(g->facts->held.passage, copy);
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; decision != NULL && i < decision->approvers->len; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
                               (const char *)decision->approvers->pdata[i]);
    return own(g->facts, g_string_free(g_steal_pointer(&text), FALSE));
}

/* An address; "time" and the like say nothing to people. */
static const char *
find_doer(const Gathering *g, const SkHeldCopy *copy)
{
    const char *who =
        g->telling->letter == SK_LETTER_RETURNED ? copy->ended_by : g->telling->who;

    return who != NULL && strchr(who, '@') != NULL ? who : NULL;
}

static void
add_words(const Gathering *g, const SkHeldCopy *copy)
{
    SkNotice *notice = &g->facts->notice;
    int letter = g->telling->letter;

    notice->answers = g->facts->held.message->message_id;
    notice->who = find_doer(g, copy);
    if (letter == SK_LETTER_STOPPED || letter == SK_LETTER_RETURNED ||
        letter == SK_LETTER_ASKED)
        notice->why = g->telling->text;
    notice->unanswered = letter == SK_LETTER_RETURNED && g_strcmp0(copy->ended_by, "time") == 0;
    if (letter == SK_LETTER_TOO_LATE)
        notice->became = g->telling->text;
    if (letter == SK_LETTER_APPROVER)
        notice->groups = join_groups(g, copy);
}

static bool
gather_held(const Gathering *g, GError **error)
{
    g_autoptr(GPtrArray) copies = choose_copies(g);

    if (copies->len == 0)
        return true;
    add_words(g, copies->pdata[0]);
    return add_mail(g, copies, error);
}

/* Mail that was delivered at once: all that is known is the document that came along. */
static bool
gather_passed(const Gathering *g)
{
    const SkPassage *passage;
    SkNoticeMail mail = {0};

    g->facts->held.passage =
        g->telling->text != NULL ? sk_passage_json_read(g->telling->text, NULL) : NULL;
    passage = g->facts->held.passage;
    if (passage == NULL)
        return true;
    mail = (SkNoticeMail){.id = passage->id,
                          .came_us = passage->received_us,
                          .from = passage->from,
                          .subject = passage->subject,
                          .findings = passage->findings};
    g->facts->notice.answers = passage->message_id;
    g_array_append_val(g->facts->mails, mail);
    return true;
}

/* ---- a digest ---- */

static bool
note_copy(const SkHoldLine *line, void *data)
{
    if (line->copy->direction == SK_DIRECTION_INBOUND && line->copy->state == SK_COPY_WAITING)
        g_ptr_array_add(data, g_strdup(line->copy->id));
    return true;
}

/* One of several: those before it are still borrowed from. */
static bool
add_listed(const Gathering *g, const char *id, GError **error)
{
    g_autofree char *message = g_strndup(id, strcspn(id, "-"));
    g_autoptr(GPtrArray) copies = g_ptr_array_new();

    g_array_append_val(g->facts->before, g->facts->held);
    g->facts->held = (SkClerkCase){0};
    if (!sk_clerk_held_load(g->world->keep, message, &g->facts->held, error))
        return false;
    for (guint i = 0; g->facts->held.message != NULL && i < g->facts->held.copies->len; i++) {
        SkHeldCopy *copy = g->facts->held.copies->pdata[i];

        if (strcmp(copy->id, id) == 0 && copy->state == SK_COPY_WAITING)
            g_ptr_array_add(copies, copy);
    }
    return copies->len == 0 || add_mail(g, copies, error);
}

static bool
gather_digest(const Gathering *g, GError **error)
{
    const SkHoldFilter filter = {.open = SK_WAIT_REVIEW | SK_WAIT_PASSWORD,
                                 .recipient = g->telling->to};
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

    if (!sk_hold_list(g->world->keep, &filter, note_copy, ids, error))
        return false;
    for (guint i = 0; i < MIN(ids->len, SK_NOTICE_LIST); i++) {
        if (!add_listed(g, ids->pdata[i], error))
            return false;
    }
    g->facts->notice.n_mails = ids->len;
    return true;
}

static bool
gather(const Gathering *g, GError **error)
{
    if (g->telling->letter == SK_LETTER_DIGEST)
        return gather_digest(g, error);
    if (!sk_clerk_held_load(g->world->keep, g->telling->message, &g->facts->held, error))
        return false;
    if (g->facts->held.message != NULL)
        return gather_held(g, error);
    return g->telling->letter != SK_LETTER_MATCHED || gather_passed(g);
}

bool
sk_clerk_facts_gather(const SkClerkWorld *world,
                      const SkTelling *telling,
                      SkClerkFacts *ret_facts,
                      GError **error)
{
    g_auto(SkClerkFacts) facts = {0};
    const Gathering g = {world, telling, &facts};

    if (!sk_clerk_facts_begin(world, telling, &facts, error) || !gather(&g, error))
        return false;
    facts.notice.letter = (SkLetter)telling->letter;
    facts.notice.again = telling->again;
    facts.notice.mails = (const SkNoticeMail *)facts.mails->data;
    /* More than are listed are counted. */
    facts.notice.n_mails = facts.mails->len < SK_NOTICE_LIST
                               ? facts.mails->len
                               : MAX(facts.notice.n_mails, facts.mails->len);
    *ret_facts = facts;
    facts = (SkClerkFacts){0};
    return true;
}
