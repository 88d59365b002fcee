/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * faulty-blob - a place for blobs that fails on purpose, for tests
 *
 * Passes every call on to another place, but lets every n-th create, write, commit, open, read,
 * remove and list fail; write, commit and remove in turn before they had their effect and
 * after.
 *
 * Errors: its own are TIMEOUT (no effect) and UNCERTAIN (done nevertheless).
 */

#include "port/blob.h"
#include "port/faulty-db.h"

/* Takes INNER over; FAULTS is borrowed and may be changed while it runs. */
SkBlobPlace *sk_faulty_blob_new(SkBlobPlace *inner, SkFaults *faults);
