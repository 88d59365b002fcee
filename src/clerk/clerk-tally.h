/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-tally - counts what a job did, for one line of the log: "1500 passages, 3 policies"
 */

#include <glib.h>
#include <stdint.h>

typedef struct SkClerkTally SkClerkTally;

SkClerkTally *sk_clerk_tally_new(void);
void sk_clerk_tally_free(SkClerkTally *tally);

/* WHAT, "passages", is a constant. */
void sk_clerk_tally_add(SkClerkTally *tally, const char *what, int64_t n);
/* NULL: nothing was done. Caller owns. */
char *sk_clerk_tally_text(const SkClerkTally *tally);
void sk_clerk_tally_clear(SkClerkTally *tally);
