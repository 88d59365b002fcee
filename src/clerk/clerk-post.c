/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-post.h"

#include <string.h>

#include "base/error.h"
#include "clerk/clerk-letter.h"
#include "engine/engine-release-key.h"
#include "net/net-smtp.h"

/* NULL: no key. Caller owns. */
static char *
write_head(const SkSettings *settings, const char *id, GError **error)
{
    const char *path = sk_settings_peek_text(settings, "hold", "release_key");
    uint8_t key[SK_TICKET_KEY_LEN];
    g_autoptr(GError) trouble = NULL;
    g_autofree char *value = NULL;
    SkTicket ticket = {.notice = true};

    g_assert(strlen(id) < sizeof ticket.id);
    g_strlcpy(ticket.id, id, sizeof ticket.id);
    if (!sk_engine_release_key_read(path, key, &trouble)) {
        g_set_error_literal(error, SK_ERROR, SK_ERROR_CONFIG, trouble->message);
        return NULL;
    }
    value = sk_ticket_write(&ticket, key);
    return g_strdup_printf(SK_TICKET_FIELD ": %s\r\n", value);
}

/* What the listener answered. */
static bool
check(const SkSmtpRecipient *recipient, GError **error)
{
    if (recipient->code < 300)
        return true;
    g_set_error(error, SK_ERROR, recipient->code < 500 ? SK_ERROR_TIMEOUT : SK_ERROR_DENIED,
                "Postfix answers: %s", recipient->reply);
    return false;
}

bool
sk_clerk_post(const SkSettings *settings,
              const char *id,
              const char *recipient,
              GBytes *message,
              GError **error)
{
    const char *listener = sk_settings_peek_text(settings, "hold", "release");
    g_autofree char *head = write_head(settings, id, error);
    g_autoptr(SkClerkLetter) letter = NULL;
    g_autoptr(SkSmtp) smtp = NULL;
    SkSmtpRecipient to = {.address = recipient};
    SkSmtpMail mail = {.sender = "", .recipients = &to, .n_recipients = 1};
    bool ok;

    if (head == NULL)
        return false;
    letter = sk_clerk_letter_of_bytes(head, message);
    smtp = sk_smtp_new(listener, g_get_host_name());
    mail.size = sk_clerk_letter_size(letter);
    mail.smtputf8 = !g_str_is_ascii(recipient);
    mail.read = sk_clerk_letter_read;
    mail.data = letter;
    ok = sk_clerk_letter_is_8bit(letter, &mail.eight_bit, error) &&
         sk_smtp_send(smtp, &mail, error) && check(&to, error);
    g_free(to.reply);
    return ok;
}
