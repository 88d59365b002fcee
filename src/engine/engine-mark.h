/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-mark - the marks of the policy, put into the header of a message
 *
 * "[MARK] " before the Subject; on signed or encrypted mail a field X-Sekisho-Mark instead,
 * since a changed Subject would break what protects it (RFC 9788). A message that is accepted
 * in place is one copy: it bears the marks of all its recipients.
 *
 * Standards: RFC 2047 for marks that are not ASCII.
 */

#include <glib.h>

#include "ledger/passage.h"
#include "mail/mail-header.h"

/* Appends to EDITS (of SkHeaderEdit) what the marks need; nothing when there are none. */
void sk_engine_mark(GPtrArray *edits, const SkPassage *passage, const SkMailHeader *header);
