/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * notice-page - the text of a notice, line by line, in one language or both
 *
 * Security: what is foreign goes through sk_notice_quote() or sk_notice_line(): one line,
 * quoted, cut, without a link that a mail program would make one of.
 */

#include <glib.h>
#include <stdint.h>

#include "notice/notice.h"

typedef struct {
    GString *text; /* lines end in LF */
    unsigned languages;
    int64_t now_us;
    GTimeZone *zone;
} SkNoticePage;

/* A sentence of ours in each language of the page, each on its line. Both take the same
 * arguments. */
void sk_notice_say(SkNoticePage *page, const char *ja, const char *en, ...) G_GNUC_PRINTF(2, 4)
    G_GNUC_PRINTF(3, 4);
/* The same with a time, which each has one %s for; nothing when it is 0. */
void sk_notice_say_when(SkNoticePage *page, const char *ja, const char *en, int64_t time_us);
/* An empty line, if there is none yet. */
void sk_notice_gap(SkNoticePage *page);
/* "件名 / Subject: 「…」"; nothing for NULL and "". */
void sk_notice_line(SkNoticePage *page, const char *ja, const char *en, const char *foreign);
/* The same with a text of ours. */
void sk_notice_plain(SkNoticePage *page, const char *ja, const char *en, const char *ours);
/* An address of a page of ours, on a line of its own. */
void sk_notice_link(SkNoticePage *page, const char *url);

/* 「…」, in English alone "…"; at most MAX bytes of it. Caller owns. */
char *sk_notice_quote(unsigned languages, const char *foreign, size_t max);
/* An address inside a sentence of ours: safe, cut, unquoted. Caller owns. */
char *sk_notice_person(const char *address);
