/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-simulate - what another policy would have made of the passages in the ledger
 *
 * Each passage is judged under the other policy and under the one in force (or taken as it was
 * recorded), on the day it came; what differs is counted: by kind, by rule, by person. A change
 * is put down to every rule that matches under one of the two policies only. What a rule cannot
 * tell of a passage, because nobody looked for a finding then or no check of this installation
 * can tell, is counted as that, never as "did not match".
 *
 * One belongs to one thread; several can be added up.
 *
 * Limits: SK_SIMULATION_PEOPLE addresses and domains each are counted exactly; memory does not
 * grow with the passages.
 */

#include "base/random.h"
#include "engine/engine-site.h"
#include "engine/engine-top.h"
#include "policy/policy.h"
#include "verdict/direction.h"

#define SK_SIMULATION_PEOPLE   10000
#define SK_SIMULATION_EXAMPLES 3

/* What becomes of a copy, as people count; ordered, the strictest of a message is its answer.
 */
typedef enum {
    SK_OUTCOME_DELIVERED,
    SK_OUTCOME_MARKED, /* delivered, with edits or notices */
    SK_OUTCOME_HELD,
    SK_OUTCOME_DEFERRED,
    SK_OUTCOME_REFUSED,
    SK_N_OUTCOMES
} SkOutcome;

/* "delivered" … Static. */
const char *sk_outcome_name(SkOutcome outcome);

typedef struct {
    uint64_t passages;
    uint64_t recipients;
} SkTally;

typedef enum {
    SK_RULE_KEPT,         /* in both, with the same effect */
    SK_RULE_ADDED,        /* in the other policy only */
    SK_RULE_SWITCHED_ON,  /* observed in the policy in force */
    SK_RULE_SWITCHED_OFF, /* observed in the other policy */
    SK_RULE_GONE,         /* in the policy in force only */
} SkRuleState;

/* "kept", "added" … Static. */
const char *sk_rule_state_name(SkRuleState state);

typedef struct {
    char id[SK_RULE_ID_LEN + 1];
    unsigned line;    /* of the other policy; gone: of the one in force; 0: the floor */
    const char *text; /* NULL: nobody knows it any more */
    bool observe;
    SkRuleState state;
    SkTally matched; /* gone: under the policy in force */
    SkTally changed;
    SkTally would;   /* observed: what it would change if it were switched on with the others */
    SkTally unknown; /* nobody can tell whether it matches */
    /* Recipients. */
    uint64_t matched_in[SK_N_DIRECTIONS], changed_in[SK_N_DIRECTIONS];
    char *gaps; /* what cannot be judged or done here, one sentence a line; NULL: nothing */
    /* Of those that changed or would; if there are none, of those it matched. The newest. */
    struct {
        char id[SK_ID_LEN + 1];
        bool changed;
    } examples[SK_SIMULATION_EXAMPLES];
} SkSimulatedRule;

typedef struct {
    SkTally all;
    SkTally changed;
    /* From the policy in force to the other: for each recipient his own, for each passage the
     * strictest of it. On the diagonal: the same kind, done otherwise. */
    SkTally kinds[SK_N_OUTCOMES][SK_N_OUTCOMES];
    SkTally would; /* what observed rules of the other policy would change in addition */
    uint64_t never_judged; /* passages no policy ever saw: the inspector was away, a release */
    uint64_t unreadable;   /* documents */
    uint64_t unexplained;  /* recipients for whom the order of rules alone makes a difference */
    int64_t first_us, last_us; /* of those judged; 0: none */
    GPtrArray *rules; /* of SkSimulatedRule: the other policy's in order, then those gone */
    SkTop *senders, *recipients, *domains; /* whose mail changes; domains of others */
} SkSimulated;

typedef struct {
    const SkSite *site;
    const SkPolicy *other;
    const SkPolicy *in_force; /* NULL: what was recorded */
    const int64_t *since_us;  /* since when each finding is looked for; NULL: always */
    int direction;            /* of SkDirection; -1: all */
} SkSimulationOptions;

typedef struct SkSimulation SkSimulation;

/* What OPTIONS points to is borrowed. */
SkSimulation *sk_simulation_new(const SkSimulationOptions *options);
void sk_simulation_free(SkSimulation *simulation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkSimulation, sk_simulation_free)

/* The document of one passage. */
void sk_simulation_add(SkSimulation *simulation, const char *document);
/* Adds what FROM, with the same options, has counted. */
void sk_simulation_merge(SkSimulation *simulation, const SkSimulation *from);
/* Which findings that a rule asks for were not looked for in all of these passages; NULL: all
 * were. Caller owns. */
char *sk_simulation_describe_late(const SkSimulation *simulation, guint rule);
/* Borrowed. */
const SkSimulated *sk_simulation_peek(const SkSimulation *simulation);
