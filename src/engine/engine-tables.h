/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-tables - the tables that the capabilities of this version keep, one line each
 *
 * Apart from engine-registry, so that who opens a database links no parser of hostile bytes.
 */

#include "port/tables.h"

/* NULL-terminated. */
extern const SkTables *const sk_engine_tables[];
