/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * net-smtp-reply - an answer of an SMTP server, and what it offers after EHLO
 *
 * Limits: SK_SMTP_REPLY_MAX bytes a line, SK_SMTP_REPLY_LINES lines a reply.
 * Errors: none. Security: replies are foreign; texts are made safe to be shown.
 * Standards: RFC 5321 4.1.1.1, 4.2.
 */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define SK_SMTP_REPLY_LINES 100

typedef struct {
    unsigned code;    /* 200 to 599 */
    GPtrArray *lines; /* of char *: what follows code and separator */
} SkSmtpReply;

void sk_smtp_reply_clear(SkSmtpReply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkSmtpReply, sk_smtp_reply_clear)

typedef enum {
    SK_SMTP_REPLY_READY,
    SK_SMTP_REPLY_MORE, /* its end has not come yet */
    SK_SMTP_REPLY_NONE, /* this is no SMTP */
} SkSmtpReading;

/* The reply at the start of IN, USED bytes of it, the caller's to clear. */
SkSmtpReading sk_smtp_reply_next(SkBytes in, size_t *ret_used, SkSmtpReply *ret_reply);
/* "550 5.1.1 no such user", all lines in one. Caller owns. */
char *sk_smtp_reply_text(const SkSmtpReply *reply);

typedef struct {
    bool pipelining, size, eight_bit, dsn, smtputf8;
} SkSmtpOffer;
/* Out of the reply to EHLO. */
void sk_smtp_offer_read(const SkSmtpReply *reply, SkSmtpOffer *ret_offer);
