/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * finding - a fact about a message, in the words of findings.def
 *
 * Checks state findings, the policy reads them; neither knows the other. An id is dotted, and a
 * prefix of whole words stands for everything below it: "attach.encrypted" for
 * "attach.encrypted.zip". A check that could not be carried out states that as a finding too.
 *
 * Limits: SK_LIMIT_FINDINGS findings a message; what comes after them is dropped and one
 * inspect.limit added. Subjects and details are cut at SK_LIMIT_FINDING_TEXT bytes.
 * Errors: none.
 * Security: all texts pass sk_text_safe(): a name inside an archive cannot forge a line.
 */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "mail/mail-trouble.h"

typedef enum {
#define SK_FINDING_DEF(symbol, id, state, check, meaning) SK_FINDING_##symbol,
#include "verdict/findings.def"
#undef SK_FINDING_DEF
    SK_N_FINDINGS
} SkFindingId;

typedef enum {
    SK_FINDING_BUILT,    /* some check of this version states it */
    SK_FINDING_RESERVED, /* the name is taken, nothing states it yet */
} SkFindingState;

typedef struct {
    SkFindingId id;
    char *part;    /* MIME part, "1.2"; NULL: the message as a whole */
    char *subject; /* what it is about, as a person would say: "a.zip > b.doc"; NULL: nothing */
    char *detail;  /* the reason, in English; NULL: the id says it all */
    char *recipient; /* the one recipient it holds for; NULL: all */
} SkFinding;

typedef struct SkFindings SkFindings;

const char *sk_finding_id_name(SkFindingId id);
const char *sk_finding_id_check(SkFindingId id);
const char *sk_finding_id_meaning(SkFindingId id);
SkFindingState sk_finding_id_state(SkFindingId id);
bool sk_finding_id_parse(const char *name, SkFindingId *ret_id);
/* Whether ID is NAME or below it. */
bool sk_finding_id_below(SkFindingId id, const char *name);

SkFindings *sk_findings_new(void);
void sk_findings_free(SkFindings *findings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkFindings, sk_findings_free)

/* Adds one; the texts are copied and may be NULL. The same id, part and subject are kept once.
 */
void sk_findings_add(SkFindings *findings,
                     SkFindingId id,
                     const char *part,
                     const char *subject,
                     const char *detail);
void sk_findings_add_for(SkFindings *findings,
                         SkFindingId id,
                         const char *recipient,
                         const char *subject,
                         const char *detail);
/* What the MIME walk stumbled over, as a finding. */
void sk_findings_add_trouble(SkFindings *findings,
                             SkMailTrouble trouble,
                             const char *part,
                             const char *detail);

size_t sk_findings_count(const SkFindings *findings);
const SkFinding *sk_findings_peek(const SkFindings *findings, size_t i);
/* The first at or below NAME that holds for RECIPIENT (NULL: any), or NULL. */
const SkFinding *sk_findings_find(const SkFindings *findings,
                                  const char *name,
                                  const char *recipient);
