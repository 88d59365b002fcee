/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-tables - the tables that the capabilities of this version keep, one line each
 *
 * Apart from engine-registry, so that who opens a database links no parser of hostile bytes.
 */

#include "port/db.h"

typedef struct {
    const char *name;         /* of the folder */
    const SkMigration *steps; /* of its tables in database know */
} SkKnowTables;

/* Ends with one without a name. */
extern const SkKnowTables sk_engine_know_tables[];
