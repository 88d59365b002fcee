/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-format.h"

static const SkAttachFormat formats[SK_ATTACH_N_TYPES] = {
    [SK_ATTACH_UNKNOWN] = {"unknown", NULL},
};

const SkAttachFormat *
sk_attach_format(SkAttachType type)
{
    static const SkAttachFormat unnamed = {"unknown", NULL};

    g_assert(type < SK_ATTACH_N_TYPES);
    return formats[type].name != NULL ? &formats[type] : &unnamed;
}
