/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-ambiguity - where mail programs will disagree about what a message contains
 *
 * What one program shows as a text another opens as a file: a filter that reads like the first
 * is passed by. Each function tells every such place once, as an English sentence. What
 * ordinary mail does wrong without consequence is not told: identical duplicates, an ASCII file
 * name beside the real one, a missing last boundary.
 *
 * Errors: none.
 * Standards: RFC 2045 to 2049, RFC 5322; M3AAWG and RFC 7103 for what is found in the wild.
 */

#include "mail/mail-head.h"
#include "mail/mail-split.h"

typedef void (*SkMailAmbiguityFunc)(const char *detail, void *data);

/* The fields of one header section. */
void sk_mail_ambiguity_header(const SkMailHeader *header, SkMailAmbiguityFunc tell, void *data);
/* What they say about the content. */
void sk_mail_ambiguity_head(const SkMailHead *head, SkMailAmbiguityFunc tell, void *data);

/* The boundaries of the multiparts around one, innermost first. */
typedef struct SkMailOpen SkMailOpen;
struct SkMailOpen {
    SkBytes boundary;
    const SkMailOpen *outer;
};

/* The boundary of a multipart, inside others. */
void sk_mail_ambiguity_boundary(SkBytes boundary,
                                const SkMailOpen *outer,
                                SkMailAmbiguityFunc tell,
                                void *data);
/* How its body was split; to be called when all parts were taken. ENDED: an outer multipart
 * goes on behind it. */
void sk_mail_ambiguity_split(const SkMailSplit *split,
                             bool ended,
                             SkMailAmbiguityFunc tell,
                             void *data);
/* Whether a program may read the body of this type in another way, although it names a transfer
 * encoding that RFC 2045 6.4 forbids it. */
bool sk_mail_ambiguity_is_encoded(const SkMailHead *head);
