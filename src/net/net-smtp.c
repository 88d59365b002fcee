/* SPDX-License-Identifier: Apache-2.0 */
#include "net/net-smtp.h"

#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/limit.h"
#include "net/net-smtp-args.h"
#include "net/net-smtp-data.h"
#include "net/net-smtp-line.h"
#include "net/net-smtp-reply.h"

/* Commands that are sent before the replies to them are read. */
#define GROUP 100
/* Bytes of a message that are sent at once. */
#define PIECE (64 * SK_KIB)

struct SkSmtp {
    char *endpoint, *helo;
    int64_t silence_ms;
    SkSmtpLine *line; /* NULL: not connected */
    SkSmtpOffer offer;
    bool used;  /* for a mail before this one */
    bool dirty; /* the server may be in the middle of one */
};

/* One mail on its way. Its commands are numbered: RSET, MAIL, RCPT for each recipient, DATA. */
typedef struct {
    SkSmtp *smtp;
    SkSmtpMail *mail;
    unsigned accepted; /* recipients */
    unsigned refused;  /* the code for all, from RSET, MAIL or DATA; 0: none */
    char *refusal;     /* its reply */
    bool data;         /* the server waits for the message */
} Way;

static void
way_clear(Way *way)
{
    g_free(way->refusal);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Way, way_clear)

SkSmtp *
sk_smtp_new(const char *endpoint, const char *helo)
{
    SkSmtp *smtp = g_new0(SkSmtp, 1);

    smtp->endpoint = g_strdup(endpoint);
    smtp->helo = g_strdup(helo);
    smtp->silence_ms = 1000LL * SK_SMTP_SECONDS;
    return smtp;
}

static void
hang_up(SkSmtp *smtp)
{
    g_clear_pointer(&smtp->line, sk_smtp_line_free);
}

void
sk_smtp_free(SkSmtp *smtp)
{
    if (smtp == NULL)
        return;
    sk_smtp_rest(smtp);
    g_free(smtp->endpoint);
    g_free(smtp->helo);
    g_free(smtp);
}

void
sk_smtp_set_silence(SkSmtp *smtp, int64_t ms)
{
    smtp->silence_ms = ms;
}

void
sk_smtp_rest(SkSmtp *smtp)
{
    static const char quit[] = "QUIT\r\n";

    if (smtp->line != NULL)
        (void)!sk_smtp_line_write(smtp->line, sk_bytes(quit, sizeof quit - 1), NULL);
    hang_up(smtp);
}

/* ---- a connection ---- */

/* What a server says before any mail is about the server: whatever it is, later may be better,
 * and no mail is to be given back for it. */
static bool
check_welcome(const SkSmtp *smtp, const SkSmtpReply *reply, GError **error)
{
    g_autofree char *text = NULL;

    if (reply->code < 300)
        return true;
    text = sk_smtp_reply_text(reply);
    g_set_error(error, SK_ERROR, reply->code < 500 ? SK_ERROR_TIMEOUT : SK_ERROR_PROTOCOL,
                "SMTP server at %s takes no mail from us: %s", smtp->endpoint, text);
    return false;
}

static bool
expect_welcome(SkSmtp *smtp, SkSmtpReply *ret_reply, GError **error)
{
    return sk_smtp_line_read(smtp->line, ret_reply, error) &&
           check_welcome(smtp, ret_reply, error);
}

static bool
say_hello(SkSmtp *smtp, GError **error)
{
    g_autofree char *hello = g_strdup_printf("EHLO %s\r\n", smtp->helo);
    g_auto(SkSmtpReply) greeting = {0}, reply = {0};

    if (!expect_welcome(smtp, &greeting, error) ||
        !sk_smtp_line_write(smtp->line, sk_bytes(hello, strlen(hello)), error) ||
        !expect_welcome(smtp, &reply, error))
        return false;
    sk_smtp_offer_read(&reply, &smtp->offer);
    return true;
}

static bool
call(SkSmtp *smtp, GError **error)
{
    smtp->line = sk_smtp_line_open(smtp->endpoint, smtp->silence_ms, error);
    if (smtp->line == NULL)
        return false;
    smtp->used = smtp->dirty = false;
    if (say_hello(smtp, error))
        return true;
    hang_up(smtp);
    return false;
}

/* ---- recipients ---- */

static void
answer(SkSmtpRecipient *recipient, unsigned code, const char *reply)
{
    g_free(recipient->reply);
    recipient->code = code;
    recipient->reply = g_strdup(reply);
}

/* Those that were accepted, or have no answer yet. */
static void
answer_rest(SkSmtpMail *mail, unsigned code, const char *reply)
{
    for (unsigned i = 0; i < mail->n_recipients; i++) {
        if (mail->recipients[i].code < 300)
            answer(&mail->recipients[i], code, reply);
    }
}

static bool
has_control(const char *address)
{
    while (*address != '\0' && !g_ascii_iscntrl(*address))
        address++;
    return *address != '\0';
}

/* Whether anybody is left to send it to. */
static bool
begin(SkSmtpMail *mail)
{
    bool no_sender = has_control(mail->sender), any = false;

    mail->begun = false;
    for (unsigned i = 0; i < mail->n_recipients; i++) {
        SkSmtpRecipient *recipient = &mail->recipients[i];

        answer(recipient, 0, NULL);
        if (no_sender)
            answer(recipient, 553, "553 5.1.7 control characters in the sender's address");
        else if (has_control(recipient->address))
            answer(recipient, 553, "553 5.1.3 control characters in the address");
        any |= recipient->code == 0;
    }
    return any;
}

/* ---- commands ---- */

enum {
    RSET,
    MAIL,
    FIRST_RCPT
};

static unsigned
number_of_data(const Way *way)
{
    return FIRST_RCPT + way->mail->n_recipients;
}

static SkSmtpRecipient *
recipient_of(const Way *way, unsigned command)
{
    return command >= FIRST_RCPT && command < number_of_data(way)
               ? &way->mail->recipients[command - FIRST_RCPT]
               : NULL;
}

/* Recipients that we have refused ourselves have their answer already. */
static bool
is_said(const Way *way, unsigned command)
{
    const SkSmtpRecipient *recipient = recipient_of(way, command);

    if (command == RSET)
        return way->smtp->dirty;
    return recipient == NULL || recipient->code == 0;
}

static void
put_command(const Way *way, unsigned command, GString *out)
{
    const SkSmtpRecipient *recipient = recipient_of(way, command);
    const SkSmtpOffer *offer = &way->smtp->offer;

    if (command == RSET) {
        g_string_append(out, "RSET");
    } else if (command == MAIL) {
        g_string_append_printf(out, "MAIL FROM:<%s>", way->mail->sender);
        sk_smtp_args_add_mail(out, offer, way->mail);
    } else if (recipient != NULL) {
        g_string_append_printf(out, "RCPT TO:<%s>", recipient->address);
        sk_smtp_args_add_rcpt(out, offer, recipient->args);
    } else {
        g_string_append(out, "DATA");
    }
    g_string_append(out, "\r\n");
}

static void
refuse_all(Way *way, unsigned code, const char *text)
{
    if (way->refused != 0)
        return;
    way->refused = code;
    way->refusal = g_strdup(text);
}

static void
note_reply(Way *way, unsigned command, const SkSmtpReply *reply)
{
    g_autofree char *text = sk_smtp_reply_text(reply);
    SkSmtpRecipient *recipient = recipient_of(way, command);
    bool good = reply->code < 300;

    way->data = command == number_of_data(way) && reply->code == 354;
    if (recipient == NULL && !good && !way->data)
        refuse_all(way, reply->code, text);
    if (recipient != NULL && way->refused == 0) {
        answer(recipient, reply->code, text);
        way->accepted += good;
    }
    if (reply->code == 421)
        refuse_all(way, reply->code, text);
}

/* A code that nobody may give here: 3yz but to DATA, 2yz to DATA. */
static bool
check_reply(const Way *way, unsigned command, const SkSmtpReply *reply, GError **error)
{
    bool is_data = command == number_of_data(way);

    if (reply->code >= 400 || (is_data ? reply->code == 354 : reply->code < 300))
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                "SMTP server at %s answers %u where that means nothing", way->smtp->endpoint,
                reply->code);
    return false;
}

/* 421: it closes the connection, and says nothing more. */
static bool
hear(Way *way, unsigned from, unsigned to, bool *ret_closing, GError **error)
{
    for (unsigned i = from; i < to && !*ret_closing; i++) {
        g_auto(SkSmtpReply) reply = {0};

        if (!is_said(way, i))
            continue;
        if (!sk_smtp_line_read(way->smtp->line, &reply, error) ||
            !check_reply(way, i, &reply, error))
            return false;
        note_reply(way, i, &reply);
        *ret_closing = reply.code == 421;
    }
    return true;
}

/* Commands FROM to before TO, in one. */
static bool
say(const Way *way, unsigned from, unsigned to, GError **error)
{
    GString *out = g_string_new(NULL);
    bool ok;

    for (unsigned i = from; i < to; i++) {
        if (is_said(way, i))
            put_command(way, i, out);
    }
    ok = sk_smtp_line_write(way->smtp->line, sk_bytes(out->str, out->len), error);
    g_string_free(out, TRUE);
    return ok;
}

/* Everything up to DATA. */
static bool
converse(Way *way, bool *ret_closing, GError **error)
{
    unsigned step = way->smtp->offer.pipelining ? GROUP : 1;
    unsigned end = number_of_data(way) + 1, next;

    for (unsigned from = RSET; from < end && !*ret_closing; from = next) {
        next = MIN(from + step, end);
        if (!say(way, from, next, error) || !hear(way, from, next, ret_closing, error))
            return false;
    }
    return true;
}

/* ---- the message ---- */

static bool
flush(Way *way, SkBuffer *out, GError **error)
{
    way->mail->begun = true;
    if (!sk_smtp_line_write(way->smtp->line, sk_buffer_bytes(out), error))
        return false;
    sk_buffer_reset(out, out->limit);
    return true;
}

static bool
out_of_memory(GError **error)
{
    g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "out of memory while sending a message");
    return false;
}

static bool
send_piece(Way *way, SkSmtpData *data, SkBytes piece, SkBuffer *out, GError **error)
{
    while (piece.len > 0) {
        SkBytes some = sk_bytes_slice(piece, 0, PIECE);

        piece = sk_bytes_from(piece, some.len);
        if (!sk_smtp_data_add(data, some, out))
            return out_of_memory(error);
        if (out->len >= PIECE && !flush(way, out, error))
            return false;
    }
    return true;
}

static bool
send_message(Way *way, GError **error)
{
    SkBytes piece = {0};
    SkSmtpData data;
    g_auto(SkBuffer) out;

    sk_buffer_init(&out, 4 * PIECE);
    sk_smtp_data_init(&data);
    do {
        if (!way->mail->read(way->mail->data, &piece, error) ||
            !send_piece(way, &data, piece, &out, error))
            return false;
    } while (piece.len > 0);
    return (sk_smtp_data_end(&data, &out) || out_of_memory(error)) && flush(way, &out, error);
}

static bool
finish(Way *way, SkSmtpReply *ret_reply, GError **error)
{
    if (!sk_smtp_line_read(way->smtp->line, ret_reply, error))
        return false;
    if (ret_reply->code < 300 || ret_reply->code >= 400)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL, "SMTP server at %s answers %u to a message",
                way->smtp->endpoint, ret_reply->code);
    return false;
}

static bool
deliver(Way *way, bool *ret_closing, GError **error)
{
    g_auto(SkSmtpReply) reply = {0};
    g_autofree char *text = NULL;

    if (!send_message(way, error) || !finish(way, &reply, error))
        return false;
    text = sk_smtp_reply_text(&reply);
    answer_rest(way->mail, reply.code, text);
    *ret_closing = reply.code == 421;
    return true;
}

/* A server that accepts DATA though it has nobody to send to gets an empty message, which it
 * has to refuse (RFC 2920 3.1). */
static bool
send_nothing(Way *way, GError **error)
{
    static const char dot[] = ".\r\n";
    g_auto(SkSmtpReply) reply = {0};

    return sk_smtp_line_write(way->smtp->line, sk_bytes(dot, sizeof dot - 1), error) &&
           sk_smtp_line_read(way->smtp->line, &reply, error);
}

/* ---- all of it ---- */

static bool
go(Way *way, bool *ret_closing, GError **error)
{
    SkSmtp *smtp = way->smtp;
    bool wanted;

    if (!converse(way, ret_closing, error))
        return false;
    smtp->dirty = true;
    wanted = way->refused == 0 && way->accepted > 0;
    if (way->refused != 0)
        answer_rest(way->mail, way->refused, way->refusal);
    if (*ret_closing || !way->data)
        return true;
    if (!wanted)
        return send_nothing(way, error);
    smtp->dirty = false;
    return deliver(way, ret_closing, error);
}

/* RET_AGAIN: the connection was an old one, and ended before anything of the message: 421 is
 * what Postfix says to one that was idle for too long. */
static bool
try(SkSmtp *smtp, SkSmtpMail *mail, bool *ret_again, GError **error)
{
    g_auto(Way) way = {.smtp = smtp, .mail = mail};
    bool was_used = smtp->used, closing = false, ok;

    smtp->used = true;
    ok = go(&way, &closing, error);
    if (!ok || closing)
        hang_up(smtp);
    *ret_again = was_used && smtp->line == NULL && !mail->begun;
    return ok && !*ret_again;
}

bool
sk_smtp_send(SkSmtp *smtp, SkSmtpMail *mail, GError **error)
{
    g_autoptr(GError) trouble = NULL;
    bool again = false;

    if (!begin(mail))
        return true;
    if (smtp->line != NULL && !sk_smtp_line_is_quiet(smtp->line))
        hang_up(smtp);
    if (smtp->line == NULL && !call(smtp, error))
        return false;
    if (try(smtp, mail, &again, &trouble))
        return true;
    if (!again) {
        g_propagate_error(error, g_steal_pointer(&trouble));
        return false;
    }
    (void)begin(mail);
    return call(smtp, error) && try(smtp, mail, &again, error);
}
