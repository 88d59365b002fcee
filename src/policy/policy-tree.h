/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-tree - a policy as the parser leaves it and the judge reads it
 *
 * The shape is the grammar's: a condition is alternatives of conjunctions of units, so that no
 * chain of "and" makes the tree deep; only parentheses do.
 *
 * Limits: SK_POLICY_DEPTH parentheses in one another.
 */

#include <glib.h>
#include <stdint.h>

#include "policy/policy-idset.h"
#include "policy/policy.h"

#define SK_POLICY_DEPTH 50

typedef enum {
    SK_SUBJECT_FINDING,
    SK_SUBJECT_FROM,
    SK_SUBJECT_TO,
    SK_SUBJECT_SIZE,
    SK_SUBJECT_RECIPIENTS,
    SK_SUBJECT_EXTERNAL_DOMAINS,
} SkSubject;

typedef enum {
    SK_WHO_INTERNAL,
    SK_WHO_EXTERNAL,
    SK_WHO_PARTNER,
    SK_WHO_ADDRESS,
    SK_WHO_DOMAIN,
    SK_WHO_LIST,
} SkWhoKind;

typedef enum {
    SK_CMP_LESS,
    SK_CMP_LESS_EQUAL,
    SK_CMP_EQUAL,
    SK_CMP_GREATER_EQUAL,
    SK_CMP_GREATER,
} SkCmp;

typedef struct {
    SkWhoKind kind;
    /* The address, or "@domain", in lower case; the partner (NULL: any); the list's file. */
    char *name;
    GHashTable *list; /* addresses and "@domain"s in lower case; filled by the check */
    size_t at;        /* of the string */
} SkWho;

typedef struct {
    SkSubject subject;
    size_t at;
    char *text;  /* normalised */
    SkIdSet ids; /* FINDING: those that make it true */
    /* FINDING: those of them that no check of this installation states. Absent is not false:
     * while one of these could be there, nobody knows that the test is false. */
    SkIdSet untold;
    bool verified;
    bool untellable; /* FROM, TO: what it asks for is not known here */
    SkWho who;
    SkCmp cmp;
    uint64_t number;
} SkTest;

typedef struct {
    bool negated;
    SkTest *test;     /* or NULL, and then: */
    GPtrArray *inner; /* a condition in parentheses */
} SkUnit;

typedef enum {
    SK_ACTION_FATE,
    SK_ACTION_HOLD,
    SK_ACTION_EDIT,
    SK_ACTION_NOTIFY,
    SK_ACTION_WAIVE,
} SkActionKind;

typedef struct {
    SkActionKind kind;
    bool unbuilt; /* this installation cannot do it */
    size_t at;
    SkFate fate;
    SkWait wait;
    SkReview review;
    SkEdit edit;
    int64_t seconds;      /* of hold, or the life of a link; 0: not said */
    int64_t min_s, max_s; /* `within`; without it both are SECONDS */
    bool body;
    unsigned level;
    char *text;  /* the answer, group, mark, address; NULL: not said */
    SkIdSet ids; /* WAIVE */
} SkAction;

typedef struct {
    SkRuleRef ref;
    char *text;   /* as written, without comment */
    char *normal; /* what the identity is made of */
    bool observe;
    bool any;
    SkDirection direction;
    /* A condition is an array of and-parts, an and-part an array of SkUnit. */
    GPtrArray *condition;
    GPtrArray *actions; /* of SkAction */
    char until[11];     /* "2027-03-31"; "": for ever */
    size_t until_at;
    char *skipped; /* why it cannot be judged; NULL: it can */
    bool is_floor;
} SkRule;

struct SkPolicy {
    gatomicrefcount refs;
    GPtrArray *rules;    /* of SkRule, the floor last */
    GHashTable *by_id;   /* identity -> SkRule, borrowed */
    bool floor_defers;   /* nobody can review yet */
    bool asks_addresses; /* some test compares From or recipient with a text */
    bool asks_recipient;
    bool observes; /* some rule has the prefix */
};

SkUnit *sk_unit_new(void);
SkAction *sk_action_new(SkActionKind kind, size_t at);
SkRule *sk_rule_new(void);
void sk_rule_free(SkRule *rule);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkRule, sk_rule_free)
/* Arrays of the condition's two levels. */
GPtrArray *sk_condition_new(void);
GPtrArray *sk_and_part_new(void);
