/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-send.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "clerk/clerk-letter.h"
#include "clerk/clerk-strip.h"
#include "hold/hold-store.h"
#include "ledger/passage-json.h"

/* One copy on its way. */
typedef struct {
    const SkClerkSender *sender;
    SkClerkSent *sent;
    SkPassage *passage;
    SkClerkLetter *letter;
    SkClerkNeed at;  /* what is being used */
    bool unreadable; /* the letter broke off while it was sent */
} Way;

static void
way_clear(Way *way)
{
    sk_passage_free(way->passage);
    sk_clerk_letter_free(way->letter);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Way, way_clear)

static SkClerkSent *
sent_new(SkHeldCopy *copy)
{
    SkClerkSent *sent = g_new0(SkClerkSent, 1);

    sent->copy = copy;
    sent->answers = g_new0(SkSmtpRecipient, copy->recipients->len);
    for (guint i = 0; i < copy->recipients->len; i++) {
        const SkRecipient *recipient = copy->recipients->pdata[i];

        sent->answers[i].address = recipient->address;
        sent->answers[i].args = recipient->args;
    }
    return sent;
}

SkClerkSent *
sk_clerk_sent_not(SkHeldCopy *copy)
{
    SkClerkSent *sent = sent_new(copy);

    sent->state = SK_SENT_NOT;
    return sent;
}

void
sk_clerk_sent_free(SkClerkSent *sent)
{
    if (sent == NULL)
        return;
    for (guint i = 0; i < sent->copy->recipients->len; i++)
        g_free(sent->answers[i].reply);
    g_free(sent->answers);
    sk_held_copy_free(sent->copy);
    sk_held_message_free(sent->message);
    g_free(sent->trouble);
    g_free(sent);
}

/* ---- what is sent ---- */

static bool
load(Way *way, GError **error)
{
    SkClerkSent *sent = way->sent;

    way->at = SK_CLERK_KEEP;
    if (!sk_hold_load_message(way->sender->keep, sent->copy->message, &sent->message, error))
        return false;
    if (sent->message == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND, "there is no message %s any more",
                    sent->copy->message);
        return false;
    }
    way->passage = sk_passage_json_read(sent->message->document, error);
    return way->passage != NULL;
}

/* The first of [site] own_domains that names one, and not its subdomains. */
static const char *
find_own_domain(const SkSettings *settings)
{
    const char *const *domains = sk_settings_peek_list(settings, "site", "own_domains");

    while (*domains != NULL && **domains == '.')
        domains++;
    return *domains != NULL ? *domains : g_get_host_name();
}

/* The ticket; and, for a message without a Message-ID, one that is the same on every try, since
 * it is by this that a mail which came twice is known. */
static char *
write_head(const Way *way)
{
    const SkHeldCopy *copy = way->sent->copy;
    const char *message_id = way->sent->message->message_id;
    SkTicket ticket = {.claim = copy->claim};
    g_autofree char *value = NULL;

    g_assert(strlen(copy->id) < sizeof ticket.id);
    g_strlcpy(ticket.id, copy->id, sizeof ticket.id);
    value = sk_ticket_write(&ticket, way->sender->key);
    if (message_id != NULL && *message_id != '\0')
        return g_strdup_printf(SK_TICKET_FIELD ": %s\r\n", value);
    return g_strdup_printf(SK_TICKET_FIELD ": %s\r\nMessage-ID: <%s@%s>\r\n", value, copy->id,
                           find_own_domain(way->sender->settings));
}

static bool
strip(Way *way, const char *head, SkClerkOriginal *original, GError **error)
{
    int fd = sk_clerk_strip(way->sender->settings, original, way->passage, way->sent->copy,
                            &way->at, error);

    if (fd >= 0)
        way->letter = sk_clerk_letter_of_fd(head, fd, error);
    return way->letter != NULL;
}

static bool
prepare(Way *way, GError **error)
{
    const SkClerkSender *sender = way->sender;
    const SkHeldCopy *copy = way->sent->copy;
    g_autofree char *why = g_strdup_printf("release of copy %s", copy->id);
    g_autoptr(SkClerkOriginal) original = NULL;
    g_autofree char *head = NULL;

    if (!load(way, error))
        return false;
    original = sk_clerk_original_open(sender->keep, sender->blobs, sender->keeper,
                                      way->sent->message, why, &way->at, error);
    if (original == NULL)
        return false;
    sk_clerk_note(&sender->notes[SK_CLERK_KEEPER], NULL);
    head = write_head(way);
    if (copy->variant == SK_COPY_STRIPPED)
        return strip(way, head, original, error);
    way->letter = sk_clerk_letter_of_original(head, g_steal_pointer(&original));
    return true;
}

/* ---- how ---- */

static bool
has_argument(const char *args, const char *keyword)
{
    g_auto(GStrv) words = g_strsplit(args != NULL ? args : "", " ", -1);

    for (char **word = words; *word != NULL; word++) {
        if (g_ascii_strncasecmp(*word, keyword, strlen(keyword)) == 0)
            return true;
    }
    return false;
}

static bool
has_utf8_address(const Way *way)
{
    bool has = !g_str_is_ascii(way->sent->message->sender);

    for (guint i = 0; i < way->sent->copy->recipients->len; i++)
        has |= !g_str_is_ascii(way->sent->answers[i].address);
    return has;
}

static bool
read_piece(void *data, SkBytes *ret_piece, GError **error)
{
    Way *way = data;

    way->unreadable = !sk_clerk_letter_read(way->letter, ret_piece, error);
    return !way->unreadable;
}

/* What a client has not said, sendmail(1) among them, is seen by looking: a server that was
 * not told of 8-bit bytes might refuse them, or cut them to 7. */
static bool
describe(Way *way, SkSmtpMail *mail, GError **error)
{
    const char *args = way->passage->envelope->sender_args;

    mail->args = args;
    mail->smtputf8 = args == NULL && has_utf8_address(way);
    if (has_argument(args, "BODY="))
        return true;
    way->at = SK_CLERK_BLOBS;
    return sk_clerk_letter_is_8bit(way->letter, &mail->eight_bit, error);
}

/* The gate has another key than we, and takes us for a stranger: that is no fault of the mail.
 */
static bool
check_known(const Way *way, GError **error)
{
    for (guint i = 0; i < way->sent->copy->recipients->len; i++) {
        const char *reply = way->sent->answers[i].reply;

        if (way->sent->answers[i].code < 500 || strstr(reply, SK_TICKET_STRANGER) == NULL)
            continue;
        g_set_error(
            error, SK_ERROR, SK_ERROR_DENIED,
            "the gate does not know our tickets, because [hold] release_key was changed "
            "(start gate and clerk again) or its listener does not ask the gate of this "
            "host: %s",
            reply);
        return false;
    }
    return true;
}

static bool
deliver(Way *way, bool *ret_begun, GError **error)
{
    SkSmtpMail mail = {.sender = way->sent->message->sender,
                       .size = sk_clerk_letter_size(way->letter),
                       .recipients = way->sent->answers,
                       .n_recipients = way->sent->copy->recipients->len,
                       .read = read_piece,
                       .data = way};
    bool ok;

    if (!describe(way, &mail, error))
        return false;
    way->at = SK_CLERK_POSTFIX;
    ok = sk_smtp_send(way->sender->smtp, &mail, error);
    *ret_begun = mail.begun;
    if (way->unreadable)
        way->at = SK_CLERK_BLOBS;
    if (!ok)
        return false;
    sk_clerk_note(&way->sender->notes[SK_CLERK_POSTFIX], NULL);
    way->at = SK_CLERK_KEY;
    return check_known(way, error);
}

/* ---- what became of it ---- */

static bool
is_code(const GError *trouble, SkError code)
{
    return g_error_matches(trouble, SK_ERROR, (int)code);
}

/* Whether what is wrong at AT is wrong for all copies: a database or keeper that cannot be
 * asked, no Postfix. What lies at the place of blobs, and what an inspector makes of a message,
 * is one copy's affair: no damaged file may keep the others here. */
static bool
is_away(SkClerkNeed at, const GError *trouble)
{
    if (at == SK_CLERK_POSTFIX)
        return true;
    if (at == SK_CLERK_KEEPER)
        return !is_code(trouble, SK_ERROR_DENIED);
    return at == SK_CLERK_KEEP && !is_code(trouble, SK_ERROR_NOT_FOUND) &&
           !is_code(trouble, SK_ERROR_PROTOCOL);
}

static void
note_trouble(const Way *way, bool begun, const GError *trouble)
{
    SkClerkSent *sent = way->sent;

    sent->trouble = g_strdup(trouble->message);
    if (way->at == SK_CLERK_POSTFIX && begun)
        sent->state = SK_SENT_UNKNOWN;
    else
        sent->state = is_away(way->at, trouble) ? SK_SENT_NOT : SK_SENT_TROUBLE;
    if (sent->state == SK_SENT_NOT)
        sk_clerk_note(&way->sender->notes[way->at], trouble);
}

SkClerkSent *
sk_clerk_send(const SkClerkSender *sender, SkHeldCopy *copy)
{
    int64_t began_us = g_get_monotonic_time();
    SkClerkSent *sent = sent_new(copy);
    g_auto(Way) way = {.sender = sender, .sent = sent};
    g_autoptr(GError) trouble = NULL;
    bool begun = false;

    if (!prepare(&way, &trouble) || !deliver(&way, &begun, &trouble))
        note_trouble(&way, begun, trouble);
    sent->took_us = g_get_monotonic_time() - began_us;
    return sent;
}
