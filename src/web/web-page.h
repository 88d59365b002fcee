/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-page - the frame of every page, the plain pages, and the one way foreign text gets in
 *
 * A page is HTML in a GString: words of ours are constants, and everything else (what comes
 * from mail, from the clerk, from the table of texts) goes through sk_web_put().
 *
 * Errors: none.
 * Security: no script anywhere, no text of others in a place where it would be read as more
 * than text: sk_web_put() is for content and for quoted attributes.
 */

#include "web/web-request.h"
#include "web/web-text.h"

/* What is answered, before it is HTTP. */
typedef struct {
    unsigned status;
    const char *type; /* of the body; static */
    SkWebLanguage language;
    char *body; /* NULL: none */
    size_t len;
    char *location;   /* or NULL */
    unsigned retry_s; /* Retry-After; 0: none */
    bool stranger;    /* who asked has shown a token that is none */
} SkWebAnswer;

void sk_web_answer_free(SkWebAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkWebAnswer, sk_web_answer_free)

/* FOREIGN without controls and invisible marks, escaped, and cut when it is absurdly long. */
void sk_web_put(GString *page, const char *foreign);
/* "<TAG>FOREIGN</TAG>"; TAG is ours. */
void sk_web_put_tag(GString *page, const char *tag, const char *foreign);

/* The frame; returns the page that MAIN (HTML) stands in. */
SkWebAnswer *sk_web_page(const SkWebPlace *place,
                         SkWebLanguage language,
                         unsigned status,
                         const char *title,
                         const char *main);
/* A page of a heading and a sentence. */
SkWebAnswer *sk_web_plain(const SkWebPlace *place,
                          SkWebLanguage language,
                          unsigned status,
                          SkWebText heading,
                          SkWebText text);
