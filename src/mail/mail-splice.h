/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-splice - where a message has to be cut so that a notice stands in place of a part
 *
 * Says which ranges of the bytes go and what stands there instead: everything else stays as it
 * is, byte for byte. Whoever has the message carries it out. A notice is a part of its own, in
 * base64, so that no charset, line length or boundary around it matters.
 *
 * A part is replaced with its header; of a message that is nothing but the part, only the
 * content fields of the header go. What cannot be cut out is replaced with what holds it:
 * - a file in winmail.dat: all of winmail.dat;
 * - a uuencoded file: all of the text it stands in. A notice put into a text of another charset
 *   would garble it, and a file that vanishes without notice is worse than a text that can be
 *   read in the original;
 * - a part of a forwarded message that is itself in base64: all of that message.
 *
 * "All attachments" leaves what belongs to the text: pictures that an HTML text shows by their
 * Content-ID, invitations (text/calendar) and the signature of what is signed; each only if its
 * bytes are what it claims to be.
 *
 * Limits: the budget; those of mail-cut.
 * Errors: none.
 * Security: bytes are hostile: runs in the inspector. A message is not touched where programs
 * would disagree about what is in it, unless all of the disagreement is cut out; nor inside
 * what is signed or encrypted.
 * Standards: RFC 2045, 2046, 2183, 2231, 2392.
 */

#include "mail/mail-cut.h"
#include "mail/mail-walk.h"

typedef struct {
    /* MIME paths as mail-walk numbers them; one that holds others stands for the attachments in
     * it. "*", or an empty list: all attachments. Ends with NULL. */
    const char *const *parts;
    /* UTF-8; "%NAME%", "%SIZE%" and "%NUMBER%" stand for what the replaced part had. */
    const char *notice;
    const char *notice_name; /* file name of the notice, UTF-8; or NULL */
} SkSpliceOrder;

typedef enum {
    SK_SPLICE_DONE,
    SK_SPLICE_SEALED,       /* it is signed or encrypted */
    SK_SPLICE_NO_SUCH_PART, /* a path is none, or there is nothing to be replaced */
    SK_SPLICE_UNSAFE, /* programs will disagree about it, or it was not read whole; told */
    SK_SPLICE_FULL,   /* more would be put in, or cut, than may be; or memory is out */
} SkSpliceOutcome;

/* TELL is told what reading the message stumbles over, as a visitor of mail-walk is. RET_CUTS
 * is initialised here, and the caller's to clear, whatever the outcome. */
SkSpliceOutcome sk_mail_splice(SkBytes bytes,
                               const SkSpliceOrder *order,
                               SkBudget *budget,
                               const SkMailVisitor *tell,
                               SkMailCuts *ret_cuts);
