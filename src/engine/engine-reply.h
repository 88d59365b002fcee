/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-reply - answers to notices: mail to the address of [notice] reply, with a token
 *
 * A notice says: answer it, and the mail is stopped. Its sender is LOCAL+TOKEN@DOMAIN, so
 * whatever a mail program makes of an answer, the token comes back. Such a recipient is no
 * mailbox: what is sent to it becomes an order for the clerk. Only the token counts, not who
 * writes, nor what.
 *
 * Errors: those of job-store.
 * Security: the token is a right. It is taken out of what is recorded and logged, and stands in
 * the payload of the job only.
 * Standards: RFC 3834 5 (what answers by itself), RFC 5233 (subaddresses).
 */

#include "base/bytes.h"
#include "ledger/passage.h"
#include "port/db.h"

#define SK_REPLY_JOB "hold.reply"

/* Takes the recipients below REPLY ("stop@example.com"; "": none are) out of the envelope of
 * PASSAGE, to which recipients have not been added yet. Their tokens (of char *) are the
 * caller's. */
GPtrArray *sk_engine_reply_take(SkPassage *passage, const char *reply);
/* Whether a program wrote it, out of office for instance: that is nobody's will. */
bool sk_engine_reply_is_automatic(const SkPassage *passage, SkBytes header);
/* Orders what the holder of TOKEN asks for; in the caller's transaction. */
bool sk_engine_reply_add(SkDb *keep,
                         const SkPassage *passage,
                         const char *token,
                         int64_t now_us,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
