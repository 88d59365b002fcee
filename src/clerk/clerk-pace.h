/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-pace - how many copies may be claimed now
 *
 * A bucket of tokens keeps to [hold] release_rate. What is claimed at once leaves within a
 * second or two: the longer a copy lies claimed, the longer nobody can stop it. After trouble
 * with something that all copies need nothing is claimed for 1 s, 2 s, … 30 s, and then a
 * single one, to see whether it is over.
 *
 * Errors: none. Belongs to one thread; times are monotonic, in microseconds.
 */

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int64_t rate;     /* a second */
    int64_t credit;   /* in millionths of a copy */
    int64_t at_us;    /* when that was right */
    unsigned fewest;  /* at once, however slow it goes */
    int64_t since_us; /* of the second that is counted */
    unsigned counted; /* copies that were sent in it */
    unsigned speed;   /* in the second before */
    int64_t pause_us; /* the last one; 0: all is well */
    int64_t until_us; /* of a pause */
} SkClerkPace;

void sk_clerk_pace_init(SkClerkPace *pace, int64_t rate, unsigned threads, int64_t now_us);
/* With IN_HAND copies claimed already. */
unsigned sk_clerk_pace_allow(SkClerkPace *pace, unsigned in_hand, int64_t now_us);
/* N were claimed. */
void sk_clerk_pace_take(SkClerkPace *pace, unsigned n);
/* N were sent. */
void sk_clerk_pace_note_sent(SkClerkPace *pace, unsigned n, int64_t now_us);
void sk_clerk_pace_note_trouble(SkClerkPace *pace, int64_t now_us);
