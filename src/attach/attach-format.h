/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-format - the table of formats: how each is called and who reads it
 */

#include "attach/attach-file.h"

typedef enum {
    SK_FORMAT_PLAIN = 0,
    SK_FORMAT_WHOLE = 1 << 0,  /* its head does not tell all: members are unpacked whole */
    SK_FORMAT_CLOSED = 1 << 1, /* a container that is not opened here: attach.unopened */
    SK_FORMAT_STUB = 1 << 2,   /* an archive may follow: attach-embedded looks for it */
} SkFormatTraits;

typedef struct {
    const char *name;      /* "zip": in --json output; listed in doc/schemata.md */
    SkAttachReader reader; /* NULL: nothing in it to open */
    SkFormatTraits traits;
} SkAttachFormat;

/* Never NULL. */
const SkAttachFormat *sk_attach_format(SkAttachType type);
