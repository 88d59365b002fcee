/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * milter-reply - the packets that answer the end of a message
 *
 * Security: whatever the texts hold, no reply has a second line and no edit makes a second
 * header field.
 */

#include "base/buffer.h"
#include "milter/milter-server.h"

/* Appends edits and verdict to OUT. False when they do not fit: the connection must then be
 * closed, as a part may have been appended. */
bool sk_milter_reply_append(SkBuffer *out, const SkMilterReply *reply);
