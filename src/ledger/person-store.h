/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * person-store - requests of a person, on the passages in database know
 *
 * All rows are looked at, in the order of their ids, a window at a time: the database sieves by
 * one pattern over the columns and the document, ledger-person decides. A document that cannot
 * be read is not shown, and the export fails when all others are; when it is to be erased, his
 * address is replaced in it as in any text.
 *
 * Limits: 1,000 rows a window, 100 a transaction; memory for the ids of a window and one
 * passage.
 * Errors: those of port/db.h; USAGE for what is no address; PROTOCOL: records were left out.
 */

#include "port/tables.h"

extern const SkPersonTables sk_passage_person;
