/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-tables.h"

#include "ledger/passage-store.h"

const SkKnowTables sk_engine_know_tables[] = {
    {"ledger", sk_passage_migrations},
    {NULL, NULL},
};
