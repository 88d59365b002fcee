/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-groups.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each group that is named is found, and has a member. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(SkHoldGroups) groups = sk_hold_groups_parse("fuzz", sk_bytes(data, size), NULL);

    if (groups == NULL)
        return 0;
    for (const char *const *name = sk_hold_groups_names(groups); *name != NULL; name++) {
        const SkHoldGroup *group = sk_hold_groups_find(groups, *name);

        g_assert_nonnull(group);
        g_assert_true(sk_hold_group_is_member(group, group->members[0]));
    }
    return 0;
}
