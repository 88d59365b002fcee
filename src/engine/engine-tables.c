/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-tables.h"

#include "blob/blob-store.h"
#include "engine/engine-hold-forget.h"
#include "hold/hold-person.h"
#include "job/job-store.h"
#include "known/known-conversation.h"
#include "ledger/passage-store.h"
#include "policy/policy-store.h"
#include "seal/seal-store.h"

/* clang-format off */
const SkTables *const sk_engine_tables[] = {
    &sk_passage_tables,
    &sk_known_conversation_tables,
    &sk_policy_tables,
    &sk_job_tables,
    &sk_seal_tables,
    &sk_blob_tables,
    &sk_engine_hold_tables,
    &sk_hold_person_tables,
    NULL,
};
/* clang-format on */
