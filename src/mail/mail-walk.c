/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-walk.h"

void
sk_mail_walk(SkBytes bytes, const char *path_prefix, uint32_t depth, SkBudget *budget,
             const SkMailVisitor *visitor)
{
    (void)bytes;
    (void)path_prefix;
    (void)depth;
    (void)budget;
    (void)visitor;
}
