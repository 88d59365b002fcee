/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * notice-letter - what each kind of notice says: its subject and its sentences
 */

#include "notice/notice-page.h"

/* Of one of a sender's own mail that waits; which of them, OPEN (of SkWait) says. */
const char *sk_notice_waiting_subject_ja(unsigned open);
const char *sk_notice_waiting_subject_en(unsigned open);

/* Whether what was to be stopped has left. */
bool sk_notice_was_sent(const SkNotice *notice);

/* notice-waiting */
void sk_notice_sender(SkNoticePage *page, const SkNotice *notice);
void sk_notice_colleague(SkNoticePage *page, const SkNotice *notice);
void sk_notice_approver(SkNoticePage *page, const SkNotice *notice);
void sk_notice_admin(SkNoticePage *page, const SkNotice *notice);
void sk_notice_asked(SkNoticePage *page, const SkNotice *notice);
/* notice-inbound */
void sk_notice_recipient(SkNoticePage *page, const SkNotice *notice);
void sk_notice_digest(SkNoticePage *page, const SkNotice *notice);
void sk_notice_expired(SkNoticePage *page, const SkNotice *notice);
/* notice-ended */
void sk_notice_matched(SkNoticePage *page, const SkNotice *notice);
void sk_notice_stopped(SkNoticePage *page, const SkNotice *notice);
void sk_notice_returned(SkNoticePage *page, const SkNotice *notice);
void sk_notice_too_late(SkNoticePage *page, const SkNotice *notice);
void sk_notice_done(SkNoticePage *page, const SkNotice *notice);

/* What they have in common, in notice-facts: who wrote, subject, recipients, what was found,
 * the number; each only when it is known. */
void sk_notice_facts(SkNoticePage *page, const SkNoticeMail *mail);
/* Without sender and number. */
void sk_notice_recipients(SkNoticePage *page, const SkNoticeMail *mail);
void sk_notice_findings(SkNoticePage *page, const SkNoticeMail *mail);
