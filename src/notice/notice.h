/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * notice - what people are told about their mail, as a message to be sent
 *
 * Facts in, a whole message out. The essential stands in the first two lines, since it is read
 * on a phone: what waits, until when, what the reader can do. In Japanese, English or both; in
 * both, each sentence stands in both, and each address and link once.
 *
 * The message is 7-bit, so that nothing on its way has to change it, unless the reader's own
 * address is not ASCII. The same facts give the same bytes, and the same Message-ID.
 *
 * Limits: SK_NOTICE_MAX bytes; foreign texts are cut; SK_NOTICE_LIST mails of a digest.
 * Errors: USAGE: an address that cannot be written into a field; LIMIT: too large, or memory is
 * out.
 * Security: all texts are foreign. Each is shown on one line, behind a label of ours, quoted,
 * without controls, and a link in it is made harmless, so that nobody can write a notice by
 * sending a mail. Who may see which recipient is decided by the caller.
 * Standards: RFC 5322, 2045, 2047, 3834 (Auto-Submitted), 6532.
 */

#include "base/buffer.h"
#include "base/limit.h"
#include "verdict/decision.h"
#include "verdict/finding.h"

#define SK_NOTICE_MAX (64 * SK_MIB)
/* Bytes of an original that is attached: what is larger, people have in their own folder. */
#define SK_NOTICE_ORIGINAL_MAX (40 * SK_MIB)
#define SK_NOTICE_LIST         100

/* To whom, and about what. */
typedef enum {
    SK_LETTER_SENDER,    /* his mail waits */
    SK_LETTER_COLLEAGUE, /* a mail that he got as well waits to leave */
    SK_LETTER_APPROVER,  /* a mail waits for him to approve it */
    SK_LETTER_ADMIN,     /* a mail waits for an administrator */
    SK_LETTER_RECIPIENT, /* mail to him waits */
    SK_LETTER_DIGEST,    /* the same, several in one */
    SK_LETTER_MATCHED,   /* a rule says that he is told */
    SK_LETTER_STOPPED,   /* his mail was stopped by somebody else */
    SK_LETTER_RETURNED,  /* his mail comes back */
    SK_LETTER_EXPIRED,   /* mail to him has not been delivered */
    SK_LETTER_TOO_LATE,  /* what he wanted to stop was sent */
    SK_LETTER_DONE,      /* what he wanted to stop was stopped */
    SK_LETTER_ASKED,     /* somebody wants a mail released */
    SK_N_LETTERS
} SkLetter;

typedef enum {
    SK_LANGUAGE_JA = 1 << 0,
    SK_LANGUAGE_EN = 1 << 1,
} SkLanguage;
/* "ja", "en", anything else: both. */
unsigned sk_language_parse(const char *name);

/* One mail, as far as the reader may know of it; all borrowed, what is not known is NULL or 0.
 */
typedef struct {
    const char *id; /* what people call it by */
    int64_t came_us;
    const char *from;
    const char *subject;
    const char *const *to; /* ends with NULL; those whom this is about */
    const SkFindings *findings;
    unsigned open; /* of SkWait */
    SkReview review;
    bool original;      /* its recipients get the same mail without some parts */
    int64_t leaves_us;  /* when only time is waited for */
    int64_t expires_us; /* when people have not answered */
    bool returns;       /* then it goes back to its sender; else it is not delivered */
    const char *stop_link, *password_link, *ask_link;
} SkNoticeMail;

typedef struct {
    SkLetter letter;
    unsigned languages; /* of SkLanguage */
    bool again;         /* a reminder */
    const char *id;     /* letters, digits, "-": the Message-ID is made of it */
    const char *from, *to;
    const char *reply_to; /* answering stops; or NULL */
    const char *answers;  /* Message-ID of the mail it is about, as written; or NULL */
    int64_t now_us;
    GTimeZone *zone;      /* in which times are told */
    const char *who;      /* did it, wants it */
    const char *why;      /* that person's words */
    const char *groups;   /* who approve: "sales, board" */
    bool unanswered;      /* RETURNED: nobody answered in time */
    const char *became;   /* TOO_LATE: name of the state it had */
    const char *help_url; /* a page that explains; or NULL */
    const SkNoticeMail *mails;
    unsigned n_mails; /* one, but in a digest */
    SkBytes original; /* RETURNED: the whole mail, to be attached; or nothing */
} SkNotice;

/* Whether mail can be sent there: an address that stands in a field as it is. */
bool sk_notice_is_address(const char *address);
/* Appends the message, lines end in CRLF. */
bool sk_notice_write(const SkNotice *notice,
                     SkBuffer *out,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
