/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-state - where a held copy stands, in a sentence
 */

#include "hold/hold-desk.h"
#include "web/web-page.h"

/* The copies that a token is for, counted. */
typedef struct {
    unsigned waiting, gone, stopped, returned, expired; /* gone: sent, or being sent */
    bool inbound;    /* it is delivered to one of us, not sent */
    bool colleague;  /* the reader got a copy of what somebody else sent */
    bool recipient;  /* it is for the reader */
    bool own_review; /* he need not ask anybody for it */
    bool original;   /* he gets it besides, without some parts */
    unsigned open;   /* of SkWait: what somebody still has to answer */
    unsigned can;    /* bits of 1 << SkDeskVerb */
} SkWebSum;
SkWebSum sk_web_state_sum(const SkDeskAnswer *looked);

/* Appends what COPY waits for and until when, or what became of it. */
void sk_web_state_put(GString *page,
                      const SkWebPlace *place,
                      SkWebLanguage language,
                      const SkDeskCopy *copy);
