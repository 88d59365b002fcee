/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-migrate - brings the tables of a module to what this program knows
 *
 * Every module owns a list of steps (SkMigration); the table schema_version says how many of
 * them a database has seen. Each step is one transaction. Several programs may start at once:
 * each step is done by one of them.
 *
 * Errors: those of port/db.h; a step that fails changed nothing, and the text says which step
 * it was. CONFIG when a newer program was here before: its data might mean something else.
 */

#include "port/tables.h"

bool sk_store_migrate(SkDb *db, const char *module, const SkMigration *steps, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Told of each step this program has taken, after its commit. */
typedef void (*SkStoreStepFunc)(const char *module, const SkMigration *step, void *data);
/* The same, and FUNC (or NULL) is told. */
bool sk_store_migrate_told(SkDb *db,
                           const char *module,
                           const SkMigration *steps,
                           SkStoreStepFunc func,
                           void *data,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* How many steps this program knows. */
int sk_store_count_steps(const SkMigration *steps);

/* Whether MODULE has exactly the tables this program knows; changes nothing. CONFIG if not. */
bool sk_store_check(SkDb *db, const char *module, const SkMigration *steps, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
