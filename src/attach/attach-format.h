/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-format - the table of formats: how each is called and who reads it
 */

#include "attach/attach-file.h"

typedef struct {
    const char *name;      /* "zip": in --json output; listed in doc/schemata.md */
    SkAttachReader reader; /* NULL: nothing in it to open */
} SkAttachFormat;

/* Never NULL. */
const SkAttachFormat *sk_attach_format(SkAttachType type);
