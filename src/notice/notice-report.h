/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * notice-report - to a sender, that his mail could not be delivered: a delivery status report
 *
 * What mail servers send, in their form, since this mail was refused after it had been taken:
 * with the header of the mail, or all of it when the sender asked for that (RET=FULL).
 *
 * Limits: SK_NOTICE_MAX; SK_LIMIT_HEADER bytes of the header.
 * Errors: those of sk_notice_write().
 * Security: addresses, arguments and replies are foreign: each becomes one line of ASCII, or,
 * for addresses that are not, UTF-8 without controls.
 * Standards: RFC 6522 (multipart/report), 3464, 3461 6 (ORCPT, ENVID, RET, NOTIFY), 6533.
 */

#include "notice/notice.h"

typedef struct {
    const char *address;
    const char *args;  /* of RCPT, or NULL */
    const char *reply; /* "550 5.1.1 no such user" */
} SkReportRecipient;

typedef struct {
    unsigned languages;
    const char *id; /* of the report */
    const char *from, *to;
    const char *answers; /* Message-ID of the mail, or NULL */
    int64_t now_us, came_us;
    GTimeZone *zone;
    const char *reporter;    /* name of this host */
    const char *sender_args; /* of MAIL, or NULL */
    const char *subject;     /* of the mail, or NULL */
    const char *help_url;
    const SkReportRecipient *recipients;
    unsigned n_recipients;
    SkBytes original; /* at least its header; or nothing */
} SkReport;

/* Whether the client wants to hear of failures for this one (NOTIFY). */
bool sk_report_is_wanted(const SkReportRecipient *recipient);
/* Whether the client wants all of its mail back, given the arguments of MAIL (RET). */
bool sk_report_wants_all(const char *sender_args);
/* Appends the report on those for whom it is wanted; nothing when there is none. */
bool sk_report_write(const SkReport *report,
                     SkBuffer *out,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
