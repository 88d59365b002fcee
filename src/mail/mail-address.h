/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-address - the mailboxes in From, Sender, Reply-To, To, Cc
 *
 * Reads what is sent, not only what is allowed: names in raw Japanese, names with commas and no
 * quotes, routes, comments, groups, addresses in UTF-8. What a program could read in another
 * way is a mailbox that says it is malformed; nothing is left out. What a domain looks like is
 * left to others.
 *
 * Limits: SK_LIMIT_ADDRESSES mailboxes a field, then `cut` is set; SK_LIMIT_ADDRESS bytes of
 * each side of an address, beyond which it is malformed; SK_LIMIT_NAME of a name, which is cut.
 * Errors: none.
 * Security: the value is hostile.
 * Standards: RFC 5322 3.4, 4.4; RFC 2047 5; RFC 6532 3.2.
 */

#include <glib.h>
#include <stdbool.h>

#include "base/bytes.h"

typedef struct {
    char *name;    /* display name, UTF-8 without controls; NULL: none */
    char *comment; /* the last comment beside it, likewise; NULL: none */
    char *group;   /* the group it stands in; NULL: none */
    char *local;   /* without quotes and escapes; "" when there is none */
    char *domain;  /* ASCII letters in lower case; "" when there is none */
    char *address; /* local@domain, quoted where it must be; "" when there is no "@" */
    bool malformed;
} SkMailbox;

typedef struct {
    GPtrArray *boxes; /* of SkMailbox */
    guint groups;     /* that were opened, empty ones too: "undisclosed-recipients:;" */
    bool malformed;   /* one of them is, or what stands between them */
    bool cut;         /* there are more */
} SkMailAddresses;

/* Parses the value of a field. Caller owns. */
SkMailAddresses *sk_mail_address_parse(SkBytes value);
void sk_mail_address_free(SkMailAddresses *addresses);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkMailAddresses, sk_mail_address_free)

const SkMailbox *sk_mail_address_peek(const SkMailAddresses *addresses, guint i);
