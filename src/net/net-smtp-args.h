/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * net-smtp-args - which arguments of the first client's MAIL and RCPT are said again
 *
 * BODY, SMTPUTF8, RET and ENVID; NOTIFY and ORCPT; each once, and only where the listener
 * offers the extension. Everything else, AUTH among it, was for the first server; SIZE is ours.
 *
 * Errors: none.
 * Security: the arguments are foreign: what is not KEYWORD or KEYWORD=VALUE without blanks and
 * control characters is dropped, so that none can end the line.
 */

#include "net/net-smtp-reply.h"
#include "net/net-smtp.h"

/* Append " KEYWORD=VALUE"s to OUT. */
void sk_smtp_args_add_mail(GString *out, const SkSmtpOffer *offer, const SkSmtpMail *mail);
void sk_smtp_args_add_rcpt(GString *out, const SkSmtpOffer *offer, const char *args);
