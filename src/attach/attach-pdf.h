/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-pdf - the parts of the PDF reader: a raw look, the walk over the objects
 *
 * qpdf opens the file with the empty password. A raw look at the bytes then decides whether any
 * object can be of interest, because looking at every object costs ten times as much as opening
 * the file (measured: 0.09 ms to open 260 KB, 2.4 ms for its 441 objects).
 *
 * Security: qpdf unpacks cross-reference streams by itself while it opens a file, without a
 * limit of its own. What ends that is the inspector's limit on memory: the file is broken then.
 * Standards: ISO 32000-2: 7.6 encryption, 7.11.4 embedded files, 12.6.4.6 launch actions.
 */

#include <qpdf/qpdf-c.h>

#include "attach/attach-file.h"
#include "base/buffer.h"

/* Whether BYTES hold a word that only files of interest hold: embedded files, actions that
 * start programs; or a name with an escaped letter, which may hide one. */
bool sk_attach_pdf_is_interesting(SkBytes bytes);

/* Whether they hold the mark of an object stream written with escaped letters, which no writer
 * does: it cannot be found to be looked into. */
bool sk_attach_pdf_hides_objects(SkBytes bytes);

/* Unpacks every object stream within the budget and sets *INTERESTING if one is. False: one
 * cannot be unpacked, which has been stated, and no object may be asked for any more. */
bool sk_attach_pdf_look_streams(SkAttachScan *scan,
                                SkAttachFile *file,
                                qpdf_data pdf,
                                bool *interesting);

/* What the raw bytes say about their encryption: "password, AES-256"; static. */
const char *sk_attach_pdf_describe(SkBytes bytes);

/* Whether a search for the objects of a damaged file ends in a time that can be afforded. */
bool sk_attach_pdf_may_search(SkBytes bytes);

/* Looks at every object: hands embedded files over, states what starts programs. */
void sk_attach_pdf_walk(SkAttachScan *scan, SkAttachFile *file, qpdf_data pdf);

/* Data of a stream without its compression; within the budget. OUT is initialised by the
 * callee. False: the limit or the damage has been stated. */
bool sk_attach_pdf_stream(SkAttachScan *scan,
                          SkAttachFile *file,
                          qpdf_data pdf,
                          qpdf_oh stream,
                          SkBuffer *out);
