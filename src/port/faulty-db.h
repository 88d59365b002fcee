/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * faulty-db - a database that fails on purpose, for tests
 *
 * Passes every call on to another database, but lets every n-th begin, prepare, step and commit
 * fail, in turn before it had its effect, where a real one could after it (then the answer is
 * UNCERTAIN, as from a server whose connection broke while it answered), and before it again,
 * as when two transactions are in each other's way.
 *
 * Errors: its own are TIMEOUT and AGAIN (no effect) and UNCERTAIN (done nevertheless).
 */

#include "port/db.h"

typedef struct {
    unsigned every;  /* the n-th call fails; 0: none */
    unsigned calls;  /* counted so far */
    unsigned failed; /* of these */
} SkFaults;

/* Takes INNER over; FAULTS is borrowed and may be changed while it runs. */
SkDb *sk_faulty_db_new(SkDb *inner, SkFaults *faults);
