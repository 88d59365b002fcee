/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * net-smtp-line - a connection to an SMTP server: bytes out, replies in
 *
 * Reads while it writes, so that two sides which both wait for the other to read cannot stand
 * still (RFC 2920 3.1).
 *
 * Limits: silence, as given; replies that nobody has asked for yet, 1 MiB.
 * Errors: NOT_FOUND, IO, TIMEOUT, PROTOCOL, as net-smtp says.
 */

#include "base/bytes.h"
#include "net/net-smtp-reply.h"

typedef struct SkSmtpLine SkSmtpLine;

SkSmtpLine *sk_smtp_line_open(const char *endpoint,
                              int64_t silence_ms,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_smtp_line_free(SkSmtpLine *line);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkSmtpLine, sk_smtp_line_free)

/* Whether the other side has neither closed it nor said something unasked. */
bool sk_smtp_line_is_quiet(SkSmtpLine *line);
/* All of BYTES. */
bool sk_smtp_line_write(SkSmtpLine *line,
                        SkBytes bytes,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool sk_smtp_line_read(SkSmtpLine *line,
                       SkSmtpReply *ret_reply,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
