/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-trouble - what reading a message can stumble over; facts, not errors
 */

typedef enum {
    SK_MAIL_TROUBLE_AMBIGUOUS, /* readers will disagree: two boundaries, NUL, bare CR or LF … */
    SK_MAIL_TROUBLE_BROKEN,  /* an encoding that is damaged: text in base64, cut uuencode … */
    SK_MAIL_TROUBLE_PARTIAL, /* message/partial, RFC 2046 5.2.2 */
    SK_MAIL_TROUBLE_EXTERNAL, /* message/external-body, RFC 2046 5.2.3 */
    SK_MAIL_TROUBLE_TNEF,     /* winmail.dat */
    SK_MAIL_TROUBLE_UUENCODE, /* uuencoded file inside a text */
    SK_MAIL_TROUBLE_CHARSET,  /* unknown or untrue charset */
    SK_MAIL_TROUBLE_LIMIT,    /* not all was read: too deep, too many, too large */
} SkMailTrouble;
