/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-duties.h"

const SkDuty sk_clerk_duties[] = {
    {"retention", 3600, sk_clerk_retention_step},
    {"orphans", 86400, sk_clerk_orphans_step},
    {"key.reseal", 0, sk_clerk_reseal_step},
    {"hold.tend", 0, sk_clerk_tend_step},
    {"notice", 0, sk_clerk_notice_step},
    {"notice.tell", 0, sk_clerk_tell_step},
    {"notice.digest", 86400, sk_clerk_digest_step},
    {"hold.reply", 0, sk_clerk_reply_step},
    {0},
};
