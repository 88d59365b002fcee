/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-walk - every part of a message, whatever it is wrapped in, in order
 *
 * Reads the MIME tree, opens message/rfc822 in any transfer encoding, TNEF and uuencoded files
 * inside text, and shows each leaf with its content decoded. What cannot be opened, or will be
 * read differently by different mail programs, is said as trouble; nothing is passed over in
 * silence.
 *
 * The structure is found here and not by GMime: GMime gives up on a message whose first line is
 * no field, drops what stands in a multipart that is itself encoded, picks one of two
 * Content-Types without the other, and aborts when a long field finds no memory. Each of these
 * would hide an attachment. It serves the tests as a second opinion.
 *
 * The visitor is called during the walk; all it is given is borrowed and gone when it returns.
 *
 * Limits: parts and bytes from the budget, SK_LIMIT_MIME_DEPTH levels; what lies beyond is
 * SK_MAIL_TROUBLE_LIMIT.
 * Errors: none: a broken message is a fact.
 * Security: BYTES are hostile. Runs in the inspector only.
 * Standards: RFC 2045, 2046, 2047, 2183, 2231, 5322, 6532; [MS-OXTNEF].
 */

#include "base/budget.h"
#include "base/bytes.h"
#include "mail/mail-trouble.h"

/* Where a part stands in the bytes that were walked: the smallest entity, header and body,
 * around it that lies in no transfer encoding. Several parts share one when it holds them
 * encoded. */
typedef struct {
    SkBytes entity;
    const char *path;    /* of the part that the entity is; a message's: of its only leaf */
    bool is_message;     /* its header is that of a message */
    bool is_alternative; /* directly in a multipart/alternative */
    bool is_sealed;      /* in something signed or encrypted, or is it */
} SkMailSource;

typedef struct {
    const char *path;     /* "1.2", counted from 1; a file inside winmail.dat "1.2.1" */
    const char *type;     /* as claimed, lower case: "application/zip" */
    const char *name;     /* UTF-8, fit for comparing and showing; NULL: none */
    const char *protocol; /* of multipart/encrypted or signed around it, lower case; or NULL */
    const char *smime_type; /* parameter smime-type, lower case; or NULL */
    bool is_attachment;     /* has a name, or a disposition of attachment, or is no text */
    bool is_inside;         /* out of winmail.dat, or written into a text */
    bool is_text;        /* text/plain or text/html without a file name: what a person reads */
    SkBytes content;     /* decoded from its transfer encoding, charset untouched */
    const char *charset; /* as claimed, lower case; or NULL */
    const SkMailSource *source;
} SkMailPart;

typedef struct {
    void (*part)(const SkMailPart *part, void *data);
    /* PATH may be NULL: the whole message. DETAIL is an English sentence without foreign text,
     * or NULL. */
    void (*trouble)(SkMailTrouble what, const char *path, const char *detail, void *data);
    void *data;
} SkMailVisitor;

/* Walks the message in BYTES. PATH_PREFIX (NULL: none) is put before the paths of its parts:
 * for a message inside something else. DEPTH is how many containers it already lies in. */
void sk_mail_walk(SkBytes bytes,
                  const char *path_prefix,
                  uint32_t depth,
                  SkBudget *budget,
                  const SkMailVisitor *visitor);

/* Reads one built-in message, so that everything that is set up late or opens a file has done
 * so: once, by main(), before the process locks itself down. */
void sk_mail_prime(void);
