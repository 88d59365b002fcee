/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-substitute - writes the part that stands in place of another
 *
 * Limits: that of OUT.
 * Errors: none.
 * Security: names come from the message: none of them gets into a header.
 */

#include "base/buffer.h"

typedef struct {
    const char *notice;      /* with "%NAME%", "%SIZE%" and "%NUMBER%" in it */
    const char *notice_name; /* or NULL */
    const char *name;        /* of what was there, foreign */
    uint64_t size;
    unsigned number;
    const char *line_end; /* "\r\n" or "\n" */
    bool attached;        /* to be shown as a file, not as text */
} SkMailSubstitute;

/* Appends content fields, an empty line, the text. Without a line end behind it. */
bool sk_mail_substitute_write(const SkMailSubstitute *substitute, SkBuffer *out);
