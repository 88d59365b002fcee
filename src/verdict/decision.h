/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * decision - what the policy wants done with a message for one recipient
 *
 * Fate, waits and edits add up over the rules that matched: the strictest fate, the union of
 * waits and edits. Two recipients with equal decisions share a copy.
 *
 * Errors: none.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Ordered: the greatest wins. */
typedef enum {
    SK_FATE_DELIVER,
    SK_FATE_DEFER,
    SK_FATE_REJECT,
} SkFate;

/* What a copy waits for; a set. */
typedef enum {
    SK_WAIT_TIME = 1 << 0,
    SK_WAIT_CONFIRM = 1 << 1,
    SK_WAIT_APPROVAL = 1 << 2,
    SK_WAIT_REVIEW = 1 << 3,
    SK_WAIT_PASSWORD = 1 << 4,
} SkWait;

/* Changes to a copy; a set, applied in this order. */
typedef enum {
    SK_EDIT_DECRYPT = 1 << 0,
    SK_EDIT_STRIP = 1 << 1,
    SK_EDIT_BCC = 1 << 2,
    SK_EDIT_LINK = 1 << 3,
    SK_EDIT_MARK = 1 << 4,
    SK_EDIT_SIGN = 1 << 5,
    SK_EDIT_ENCRYPT = 1 << 6,
} SkEdit;

/* Who reviews; the strictest wins. */
typedef enum {
    SK_REVIEW_NONE,
    SK_REVIEW_RECIPIENT,
    SK_REVIEW_ADMIN,
} SkReview;

/* Letters of a rule's identity: the first of the SHA-256 of its normalised text. */
#define SK_RULE_ID_LEN 12

/* A rule that matched. */
typedef struct {
    char id[SK_RULE_ID_LEN + 1];
    unsigned line; /* of the policy file when it was read; 0: the built-in floor */
} SkRuleRef;

typedef struct {
    SkFate fate;
    char *text;     /* of the rule that set the fate, for the sender; NULL: none given */
    char *finding;  /* the finding by which that rule matched first; NULL: none */
    unsigned waits; /* of SkWait */
    int64_t hold_s; /* with SK_WAIT_TIME: the longest */
    int64_t hold_min_s, hold_max_s; /* bounds of the sender's choice; 0: none */
    SkReview review;                /* with SK_WAIT_REVIEW */
    GPtrArray *approvers;           /* of char *: groups; may be empty */
    unsigned edits;                 /* of SkEdit */
    GPtrArray *parts;    /* of char *: MIME paths that are stripped, sorted, each once */
    bool strip_all;      /* all attachments are, whatever `parts` says */
    unsigned rest_waits; /* with SK_EDIT_STRIP: what is asked for what is left */
    GPtrArray *marks;    /* of char *, in rule order */
    bool link_body;
    int64_t link_s;      /* shortest life asked for; 0: the default */
    unsigned link_level; /* highest */
    GPtrArray *notify;   /* of char *: "sender", "recipient" or an address */
    GArray *rules;       /* of SkRuleRef, in the order of the policy */
} SkDecision;

/* Deliver, no waits, no edits, no rules. */
SkDecision *sk_decision_new(void);
SkDecision *sk_decision_dup(const SkDecision *decision);
void sk_decision_free(SkDecision *decision);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkDecision, sk_decision_free)

/* Whether the same is to be done (rules and texts of delivered mail do not count). */
bool sk_decision_equal(const SkDecision *a, const SkDecision *b);
/* Whether the same comes of it: what else would be done to mail that is refused or deferred
 * makes no difference. */
bool sk_decision_is_same(const SkDecision *a, const SkDecision *b);

/* What is to be done, in the words of the policy: "reject", "hold for password, mark",
 * "deliver". Caller owns. */
char *sk_decision_format(const SkDecision *decision);

/* "deliver", "time", "mark" … Static. The bit names take exactly one bit. */
const char *sk_fate_name(SkFate fate);
const char *sk_wait_name(SkWait wait);
const char *sk_edit_name(SkEdit edit);
