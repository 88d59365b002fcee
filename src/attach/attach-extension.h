/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-extension - what a double click on a name of this extension does
 *
 * Says nothing about what a file is; that is attach-type's.
 */

#include "base/bytes.h"

typedef enum {
    SK_EXTENSION_OTHER,    /* none, or not in the table */
    SK_EXTENSION_DOCUMENT, /* shown by a viewer: documents, pictures, sound, text */
    SK_EXTENSION_PAGE,     /* opened by the browser */
    SK_EXTENSION_ARCHIVE,
    SK_EXTENSION_IMAGE,    /* mounted as a disk */
    SK_EXTENSION_PROGRAM,  /* run */
    SK_EXTENSION_SCRIPT,   /* text that is run */
    SK_EXTENSION_SHORTCUT, /* leads to something that is run */
} SkExtension;

/* Where the extension of NAME begins (behind its dot), and how long it is without the dots and
 * blanks that Windows ignores at the end of a name. Empty: none. */
SkBytes sk_extension_peek(const char *name);

/* EXTENSION without its dot, in any case. */
SkExtension sk_extension_class(SkBytes extension);

/* Of a whole name; NULL is OTHER. */
SkExtension sk_extension_of(const char *name);

/* Whether NAME (may be NULL) has one of the extensions in LIST: "zip jar war". */
bool sk_extension_is(const char *name, const char *list);

/* One volume of several: .001 .z01 .r00. */
bool sk_extension_is_volume(const char *name);
