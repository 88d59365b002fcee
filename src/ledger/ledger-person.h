/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ledger-person - what the document of a passage says about a person, and the document without
 * him
 *
 * For person-store, which finds the documents and writes them back. All texts of a document are
 * gone through, whatever their names: what a later version adds is not forgotten.
 *
 * Errors: PROTOCOL for a document that cannot be read.
 * Standards: GDPR 15 (4) and APPI 33: what he is given has no other recipients in it.
 */

#include "mail/mail-person.h"

/* Stands where his address stood. A domain that cannot exist (RFC 2606). */
#define SK_LEDGER_ERASED "erased@invalid"

/* The document, without the other recipients and what holds for them (and, when he only got the
 * mail, the sender's login and machine), with `is` ("sender",
 * "from", "login", "recipient") and the number of `other_recipients`; NULL, and true, when he
 * is none of these. Caller owns, g_free(). */
bool sk_ledger_person_show(const SkMailPerson *person,
                           const char *document,
                           char **ret_shown,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The document without his address; NULL, and true, when it is not in it. When he sent the
 * mail, or nobody else got it, everything goes that was written by people (subject, Message-ID,
 * names of files), and what leads to him by way of another log (queue id; with a login the
 * client, too, and the login if it is his address or its local part): RET_EMPTIED. Decisions,
 * ids of findings and times stay. Caller owns, g_free().
 */
bool sk_ledger_person_erase(const SkMailPerson *person,
                            const char *document,
                            char **ret_erased,
                            bool *ret_emptied,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
