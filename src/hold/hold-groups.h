/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hold-groups - who approves: the file of sekisho-groups(5), read
 *
 *     # who may let mail out
 *     sales: anna@ours.example, ben@ours.example; deputy carol@ours.example
 *
 * Limits: SK_LIMIT_CONFIG bytes, SK_HOLD_GROUPS groups, SK_HOLD_GROUP_PEOPLE members and as
 * many deputies each, SK_HOLD_GROUP_NAME bytes a name.
 * Errors: CONFIG with "file:line: what is wrong".
 */

#include <glib.h>
#include <stdbool.h>

#include "base/bytes.h"

#define SK_HOLD_GROUPS       1000
#define SK_HOLD_GROUP_PEOPLE 1000
#define SK_HOLD_GROUP_NAME   64

typedef struct {
    char *name;
    char **members; /* addresses, NULL-terminated; at least one */
    char **deputies;
} SkHoldGroup;

typedef struct SkHoldGroups SkHoldGroups;

/* NAME stands for the file in errors. No text: no groups. */
SkHoldGroups *sk_hold_groups_parse(const char *name,
                                   SkBytes text,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* They never change; any thread may hold them, and the last one frees them. */
SkHoldGroups *sk_hold_groups_ref(SkHoldGroups *groups);
void sk_hold_groups_free(SkHoldGroups *groups);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkHoldGroups, sk_hold_groups_free)

/* Borrowed, NULL-terminated, in the order of the file. */
const char *const *sk_hold_groups_names(const SkHoldGroups *groups);
/* Borrowed; NULL: there is none of that name. */
const SkHoldGroup *sk_hold_groups_find(const SkHoldGroups *groups, const char *name);
/* ADDRESS in any case of letters. */
bool sk_hold_group_is_member(const SkHoldGroup *group, const char *address);
bool sk_hold_group_is_deputy(const SkHoldGroup *group, const char *address);
