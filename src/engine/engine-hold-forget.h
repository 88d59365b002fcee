/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-hold-forget - the tables of held mail as programs know them: what is forgotten takes
 * its stored file along, in the same transaction
 *
 * Errors: those of port/db.h.
 */

#include "port/tables.h"

extern const SkTables sk_engine_hold_tables;
