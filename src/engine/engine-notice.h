/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-notice - that somebody is to be told something: an order, as a job of the clerk
 *
 * Whoever changes held mail adds the order in the same transaction; the clerk writes the notice
 * and sends it (clerk-notice). Ordering the same twice is one notice.
 *
 * Errors: those of job-store.
 */

#include "port/db.h"

#define SK_NOTICE_JOB "notice"

typedef enum {
    SK_NOTICE_HELD, /* a message was held: the clerk tells whom the policy and their choice say
                     */
    SK_NOTICE_MATCHED,  /* `notify` of a rule on mail that was delivered; TEXT: a passage
                           document */
    SK_NOTICE_REMINDER, /* a copy still waits for somebody; TEXT: "confirm", "approval" … */
    SK_NOTICE_STOPPED,  /* to the owner: WHO, not he, stopped it; TEXT: why */
    SK_NOTICE_RETURNED, /* to the owner, with the original; TEXT: why */
    SK_NOTICE_EXPIRED,  /* to the recipients of an inbound copy */
    SK_NOTICE_REFUSED,  /* to the owner, a delivery status report (RFC 3464); TEXT: lines
                         * "recipient SP smtp reply" of those it could not be delivered to */
    SK_NOTICE_TOO_LATE, /* to WHO, who answered a notice to stop it; TEXT: what became of it */
    SK_NOTICE_DONE,     /* to WHO, who answered a notice: it was stopped */
    SK_NOTICE_ASKED,    /* to administrators: WHO wants a copy released; TEXT: why. WHO NULL:
                         * TEXT was found in it behind its password */
    SK_N_NOTICE_KINDS
} SkNoticeKind;
const char *sk_notice_kind_name(SkNoticeKind kind);
bool sk_notice_kind_parse(const char *name, SkNoticeKind *ret_kind);

typedef struct {
    SkNoticeKind kind;
    char *message; /* id of the held message, or of the passage */
    char *copy;    /* or NULL */
    char *who;     /* address, or NULL */
    char *text;    /* or NULL */
} SkNoticeOrder;
void sk_notice_order_clear(SkNoticeOrder *order);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkNoticeOrder, sk_notice_order_clear)

/* In the caller's transaction. */
bool sk_engine_notice_add(SkDb *keep,
                          const SkNoticeOrder *order,
                          int64_t due_us,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* From the payload of such a job; false: it is none. */
bool sk_engine_notice_read(const char *payload, SkNoticeOrder *ret_order);
