/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-parser - the tokens of one line, read one by one
 *
 * Whatever was asked for in vain at a place is remembered until a token is taken, so that an
 * error names everything that could have stood there. For the policy's own parsers.
 */

#include "policy/policy-complaint.h"
#include "policy/policy-lex.h"
#include "policy/policy-tree.h"

#define SK_PARSER_EXPECTED 24

typedef struct {
    SkComplaints *complaints;
    GArray *tokens; /* of SkToken, owned by the caller of the parser */
    guint next;
    unsigned depth;
    const char *expected[SK_PARSER_EXPECTED];
    unsigned n_expected;
} SkParser;

/* The token that is next; and taking it. */
const SkToken *sk_parser_peek(const SkParser *parser);
const SkToken *sk_parser_take(SkParser *parser);

/* Takes the keyword or mark WORD if it is next. */
bool sk_parser_accept(SkParser *parser, const char *word);
/* Takes a string if it is next; NULL if not. Borrowed. */
const SkToken *sk_parser_accept_string(SkParser *parser);
/* Takes a word that starts with a digit; WHAT it stands for: "a time". */
const SkToken *sk_parser_accept_number(SkParser *parser, const char *what);
/* Remembers that WHAT could have stood here. */
void sk_parser_miss(SkParser *parser, const char *what);

/* Complains that nothing that could stand here does. Returns false, to be returned. */
bool sk_parser_fail(SkParser *parser);
/* Complains about TOKEN. Returns false, to be returned. */
bool sk_parser_fail_at(SkParser *parser, const SkToken *token, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* Accept, or fail. */
bool sk_parser_expect(SkParser *parser, const char *word);
const SkToken *sk_parser_expect_string(SkParser *parser);

/* A time of at most ten years and at least a second. */
bool sk_parser_expect_time(SkParser *parser, int64_t *ret_seconds);
/* Digits, at most MAX. */
bool sk_parser_expect_count(SkParser *parser, uint64_t max, uint64_t *ret_value);
/* The name of a finding, or of several. */
bool sk_parser_expect_finding(SkParser *parser, SkIdSet *ret_ids);
