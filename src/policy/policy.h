/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy - the rules that turn findings into decisions
 *
 * The language is described in sekisho-policy(5). A policy is read once, then judged any number
 * of times, from any thread: it never changes. Every rule that matches applies, from top to
 * bottom; the built-in floor comes after the last line.
 *
 * Limits: SK_LIMIT_POLICY bytes; conditions nest at most 50 deep; reading stops after 20
 * errors. SK_LIMIT_POLICY_LIST is for the reader of list files to keep.
 * Errors: none; what is wrong with a text is a list of complaints.
 * Security: the text is an administrator's, the facts are foreign; nothing in the facts can
 * change which rules are there.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/policy-idset.h"
#include "verdict/decision.h"
#include "verdict/direction.h"
#include "verdict/finding.h"
#include "verdict/tri.h"

typedef struct SkPolicy SkPolicy;

typedef enum {
    SK_COMPLAINT_WARNING,
    SK_COMPLAINT_ERROR, /* no policy comes of a text with one */
} SkComplaintGrade;

typedef struct {
    SkComplaintGrade grade;
    bool observed; /* of a rule that only observes: it keeps nothing from being decided */
    bool stored;   /* FILE is no file, but what a version in the store is called */
    char *file;
    unsigned line, column; /* from 1; column counts bytes */
    char *message;         /* "expected \"when\", not \"then\"" */
    char *source;          /* the line itself */
} SkComplaint;

void sk_complaint_free(SkComplaint *complaint);
/* "file:line:column", or "policy version 12, line 3, column 7". Caller owns. */
char *sk_complaint_where(const SkComplaint *complaint);
/* "file:line:column: error: message", the line, and a caret below it; three lines, no newline
 * at the end. Caller owns. */
char *sk_complaint_format(const SkComplaint *complaint);

/* What this installation can do; a rule that needs more is complained about. */
typedef struct {
    unsigned built_edits; /* of SkEdit */
    unsigned built_waits; /* of SkWait */
    bool built_notify;
    const char *const *groups; /* that approve, NULL-terminated; NULL: nobody knows them here */
    bool can_verify;           /* some check proves senders: `verified` can be judged */
    bool has_partners;
    const char *const *disabled_checks; /* NULL-terminated names, or NULL */
    /* The entries of a list, for g_strfreev(); NULL and ERROR if it cannot be read. NAME is as
     * the policy has it: what it is relative to is the reader's business. No function: lists
     * are empty. */
    char **(*read_list)(const char *name, void *data, GError **error);
    void *list_data;
    bool stored; /* FILE is no file, but what a version in the store is called */
    /* To see what would be, nothing is done: what is not built or cannot be judged here is no
     * error, but a gap of its rule. */
    bool trying;
    const char *today; /* "2027-03-31": rules that have ended are warned about; NULL: not */
} SkPolicyWorld;

/* Reads a policy. COMPLAINTS (of SkComplaint) gets warnings and errors, in order; NULL is
 * returned if there was an error. FILE is its name in complaints. */
SkPolicy *sk_policy_new(const char *file,
                        const char *text,
                        size_t len,
                        const SkPolicyWorld *world,
                        GPtrArray *complaints) G_GNUC_WARN_UNUSED_RESULT;
SkPolicy *sk_policy_ref(SkPolicy *policy);
void sk_policy_unref(SkPolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkPolicy, sk_policy_unref)

/* Everything a condition can ask, for one recipient. All borrowed. */
typedef struct {
    SkDirection direction;
    const SkFindings *findings;
    const SkIdSet *unsought; /* findings that nobody looked for then; NULL: all were */
    const char *from;        /* address of the From field; NULL: none that can be read */
    const char *recipient;   /* envelope address */
    bool from_internal, to_internal;
    SkTri verified_internal;               /* the login may use this From */
    SkTri verified_domain;                 /* aligned DMARC pass */
    SkTri verified_address;                /* a signature bound to the From address */
    const char *from_partner, *to_partner; /* names of agreements, or NULL */
    SkTri verified_partner;
    uint64_t size;             /* bytes of the message */
    unsigned recipients;       /* of the envelope */
    unsigned external_domains; /* among them */
    const char *today; /* "2027-03-31" in the site's time zone: for `until`; NULL: long ago */
} SkPolicyFacts;

/* Whether some rule asks whom a message goes to. If not, recipients of one direction get equal
 * decisions, provided that no finding is for one recipient only: one judgement will do. */
bool sk_policy_depends_on_recipient(const SkPolicy *policy);

/* Judges once. RET_DECISION is what is to be done; RET_OBSERVED what would be done without the
 * prefix `observe` (NULL: not wanted). The caller owns both. */
void sk_policy_judge(const SkPolicy *policy,
                     const SkPolicyFacts *facts,
                     SkDecision **ret_decision,
                     SkDecision **ret_observed);

/* What each rule, the floor included, in order, makes of these facts: matches, does not, or
 * nobody can tell. RET_TRUTHS has room for sk_policy_count() + 1. Observed rules are judged as
 * if they were in force. */
void sk_policy_weigh(const SkPolicy *policy, const SkPolicyFacts *facts, SkTri *ret_truths);

/* One rule in an explanation. */
typedef struct {
    SkRuleRef rule;
    const char *text; /* the rule as written, borrowed from the policy */
    bool observe;
    bool matched;
    char *why; /* matched: by which facts; not matched: the part that failed; English */
} SkExplained;

void sk_explained_free(SkExplained *explained);
/* Every rule, the floor included, in order: what it made of these facts. Caller owns. */
GPtrArray *sk_policy_explain(const SkPolicy *policy, const SkPolicyFacts *facts);

/* Rules, without the floor. */
guint sk_policy_count(const SkPolicy *policy);
/* The text of the rule with this identity, as written, or NULL. The floor has one, too. */
const char *sk_policy_peek_rule(const SkPolicy *policy, const char *id);
/* Rule I (from 0) in order; the floor is the one at sk_policy_count(). RET_TEXT, as written,
 * and RET_OBSERVE may not be NULL. Borrowed. */
const SkRuleRef *sk_policy_peek_nth(const SkPolicy *policy,
                                    guint i,
                                    const char **ret_text,
                                    bool *ret_observe);

/* The Nth rule. Its direction; false: any. */
bool sk_policy_get_direction(const SkPolicy *policy, guint i, SkDirection *ret_direction);
/* The findings it asks for, waived ones included. */
SkIdSet sk_policy_get_asked(const SkPolicy *policy, guint i);
/* What of it cannot be judged or carried out here, in English, one sentence a line; NULL:
 * nothing. Caller owns. */
char *sk_policy_describe_gaps(const SkPolicy *policy, guint i);
