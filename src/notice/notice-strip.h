/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * notice-strip - the text that stands in a mail where a part was taken out
 *
 * "%NAME%", "%SIZE%" and "%NUMBER%" stand for the part's, as process-edit fills them in.
 */

#include "notice/notice.h"

typedef struct {
    unsigned languages; /* of SkLanguage */
    bool inbound;       /* to one of us, who can have the original; else to somebody outside */
    const char *id;     /* what people call the mail by */
    const SkFindings *findings; /* why; or NULL */
    const char *help_url;       /* or NULL */
} SkNoticeStrip;

/* UTF-8, lines end in LF. Caller owns. */
char *sk_notice_strip_text(const SkNoticeStrip *strip);
/* The file name of that text: of "attachment.txt"'s kind, ASCII. Static. */
const char *sk_notice_strip_name(void);
