/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-type.h"

SkAttachType
sk_attach_type_of(SkBytes bytes, const char *name)
{
    (void)name;
    return bytes.len == 0 ? SK_ATTACH_EMPTY : SK_ATTACH_UNKNOWN;
}
