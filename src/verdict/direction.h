/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * direction - where a message came in, and which way it goes for one recipient
 */

#include <stdbool.h>

/* Which gate socket it came through; nothing else decides it, except that own networks on the
 * inbound socket count as outbound. */
typedef enum {
    SK_ORIGIN_INBOUND,  /* from outside: port 25 */
    SK_ORIGIN_OUTBOUND, /* from our people: submission, sendmail(1) */
    SK_ORIGIN_FORWARD,  /* what mailbox rules send */
    SK_ORIGIN_RELEASE,  /* our own re-injection of held copies */
    SK_N_ORIGINS
} SkOrigin;

typedef enum {
    SK_DIRECTION_INBOUND,
    SK_DIRECTION_OUTBOUND, /* ours to outside */
    SK_DIRECTION_INTERNAL, /* ours to ours */
    SK_DIRECTION_FORWARD,
    SK_N_DIRECTIONS
} SkDirection;

/* The words of the policy: "inbound" … Static. */
const char *sk_origin_name(SkOrigin origin);
const char *sk_direction_name(SkDirection direction);
bool sk_origin_parse(const char *name, SkOrigin *ret_origin);
bool sk_direction_parse(const char *name, SkDirection *ret_direction);

/* The direction for one recipient. */
SkDirection sk_direction_of(SkOrigin origin, bool recipient_is_ours);
