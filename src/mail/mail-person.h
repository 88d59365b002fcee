/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-person - the ways in which one address is written, found in other text
 *
 * For requests of a person: what he asks about by one address may be stored in another form of
 * it. The same are letters of either case (ASCII), a domain as A-label and as U-label, a local
 * part with and without quotes, ESMTP's xtext, and the form "local=domain" inside bounce
 * addresses. An address that only contains his ("joanna@", "anna@example.net.example") is
 * somebody else's. Not recognised are forms that cannot be told without their maker (SRS,
 * digests) and addresses that a limit has cut.
 *
 * Limits: SK_LIMIT_ADDRESS.
 * Errors: USAGE for what is no address.
 * Standards: RFC 5321 2.4, 4.1.2; RFC 3461 4; RFC 5891.
 */

#include <glib.h>
#include <stdbool.h>

typedef struct SkMailPerson SkMailPerson;

SkMailPerson *sk_mail_person_new(const char *address, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_mail_person_free(SkMailPerson *person);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkMailPerson, sk_mail_person_free)

/* Where a text comes from decides what a character beyond ASCII beside the address means. */
typedef enum {
    SK_PERSON_ADDRESS, /* part of another address */
    SK_PERSON_FREE,    /* nothing: sentences in Japanese have no blanks */
} SkPersonText;

/* Whether TEXT (NULL: no) has his address in it. */
bool sk_mail_person_in(const SkMailPerson *person, const char *text, SkPersonText kind);
/* Whether mail to ADDRESS (NULL: no) is mail to him: it is his, perhaps behind the signature
 * that BATV puts before it. A bounce address that only says his is somebody else's. */
bool sk_mail_person_is(const SkMailPerson *person, const char *address);
/* TEXT with PLACEHOLDER for each of them; NULL when there is none. Caller owns. */
char *sk_mail_person_replace(const SkMailPerson *person,
                             const char *text,
                             SkPersonText kind,
                             const char *placeholder);
/* A pattern of LIKE, with "\" as its escape, for text in lower case: all that has his address
 * in it fits, plain or in JSON, and little else. Borrowed. */
const char *sk_mail_person_pattern(const SkMailPerson *person);
/* The domain of his address, as it was given. Borrowed. */
const char *sk_mail_person_domain(const SkMailPerson *person);
