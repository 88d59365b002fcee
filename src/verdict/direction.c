/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/direction.h"

#include <glib.h>
#include <string.h>

static const char *const origin_names[SK_N_ORIGINS] = {"inbound", "outbound", "forward",
                                                       "release"};
static const char *const direction_names[SK_N_DIRECTIONS] = {"inbound", "outbound", "internal",
                                                             "forward"};

const char *
sk_origin_name(SkOrigin origin)
{
    g_assert(origin < SK_N_ORIGINS);
    return origin_names[origin];
}

const char *
sk_direction_name(SkDirection direction)
{
    g_assert(direction < SK_N_DIRECTIONS);
    return direction_names[direction];
}

static bool
find_name(const char *const *names, unsigned n, const char *name, unsigned *ret_i)
{
    for (unsigned i = 0; i < n; i++) {
        if (strcmp(names[i], name) == 0) {
            *ret_i = i;
            return true;
        }
    }
    return false;
}

bool
sk_origin_parse(const char *name, SkOrigin *ret_origin)
{
    unsigned i;

    if (!find_name(origin_names, SK_N_ORIGINS, name, &i))
        return false;
    *ret_origin = (SkOrigin)i;
    return true;
}

bool
sk_direction_parse(const char *name, SkDirection *ret_direction)
{
    unsigned i;

    if (!find_name(direction_names, SK_N_DIRECTIONS, name, &i))
        return false;
    *ret_direction = (SkDirection)i;
    return true;
}

SkDirection
sk_direction_of(SkOrigin origin, bool recipient_is_ours)
{
    switch (origin) {
    case SK_ORIGIN_FORWARD:
        return SK_DIRECTION_FORWARD;
    case SK_ORIGIN_OUTBOUND:
        return recipient_is_ours ? SK_DIRECTION_INTERNAL : SK_DIRECTION_OUTBOUND;
    case SK_ORIGIN_INBOUND:
    default:
        return SK_DIRECTION_INBOUND;
    }
}
