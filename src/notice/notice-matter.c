/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/notice-matter.h"

/* What is in order, or says nothing by itself. */
static const char *const harmless[] = {
    "attach.any", "thread",      "smime.valid", "smime.can-encrypt", "spf.pass",
    "spf.none",   "spf.neutral", "dkim.pass",   "dkim.none",         "arc.pass",
    "arc.none",   "dmarc.pass",  "dmarc.none",
};

bool
sk_notice_matters(SkFindingId id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(harmless); i++) {
        if (sk_finding_id_below(id, harmless[i]))
            return false;
    }
    return true;
}
