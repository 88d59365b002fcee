/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * net-smtp - hands mail to the release listener of this host's own Postfix, by SMTP
 *
 * Our own, and not libcurl's: that sends no arguments with RCPT (ORCPT, NOTIFY of RFC 3461) and
 * does not say which recipients were refused. Speaks plain SMTP to a listener on loopback or a
 * UNIX socket and nothing else: no TLS, no authentication, no MX. Blocking, for worker threads.
 *
 * Limits: SK_SMTP_SECONDS of silence; reply lines of SK_SMTP_REPLY_MAX bytes.
 * Errors: NOT_FOUND, IO, TIMEOUT: no listener, one that takes no mail now, or it went away in
 * the middle (whether it took the message is not known); PROTOCOL: no SMTP, or none of ours;
 * CONFIG: ENDPOINT. What the listener answers about a message is no error.
 * Security: addresses with control characters are refused by ourselves.
 * Standards: RFC 5321, 1870 (SIZE), 2920 (PIPELINING), 3461 (DSN), 6152 (8BITMIME), 6531.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define SK_SMTP_SECONDS   300
#define SK_SMTP_REPLY_MAX 4096

typedef struct SkSmtp SkSmtp;

typedef struct {
    const char *address;
    const char *args; /* as the first client gave them; or NULL */
    /* Filled in: the reply to RCPT, or, for those accepted there, to the message. */
    unsigned code;
    char *reply; /* "550 5.1.1 no such user", one line; the caller's */
} SkSmtpRecipient;

typedef struct {
    const char *sender; /* "" for <> */
    const char *args; /* ESMTP arguments as the first client gave them, or NULL; those that the
                       * listener does not know, and AUTH and SIZE, are left out */
    bool eight_bit;   /* BODY=8BITMIME even if args say nothing */
    bool smtputf8;    /* SMTPUTF8 even if args say nothing */
    uint64_t size;
    SkSmtpRecipient *recipients;
    unsigned n_recipients;
    /* Gives the message piece by piece, CRLF line ends; empty: the end. Error: the message is
     * not finished, the connection is given up. */
    bool (*read)(void *data, SkBytes *ret_piece, GError **error);
    void *data;
    bool begun; /* filled in: something of the message was sent, so it may have arrived */
} SkSmtpMail;

/* ENDPOINT: "inet:127.0.0.1:10026" or "unix:PATH". Connects when it is first used. */
SkSmtp *sk_smtp_new(const char *endpoint, const char *helo);
void sk_smtp_free(SkSmtp *smtp);
/* SK_SMTP_SECONDS, unless it is set. */
void sk_smtp_set_silence(SkSmtp *smtp, int64_t ms);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkSmtp, sk_smtp_free)
/* True: every recipient has its code and reply. A connection that had ended in the meantime is
 * opened again, as long as nothing of the message was sent. */
bool sk_smtp_send(SkSmtp *smtp, SkSmtpMail *mail, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Says QUIT if a connection is open. */
void sk_smtp_rest(SkSmtp *smtp);
