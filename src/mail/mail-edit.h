/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-edit - changes to the header section of a message, as plain data
 *
 * Made by the engine, carried out by whoever touches the message: the gate through the milter
 * protocol. A list is carried out whole and in order, or not at all.
 */

#include <glib.h>

typedef enum {
    SK_HEADER_INSERT, /* NAME: VALUE before field INDEX of the message, 0: before all */
    SK_HEADER_CHANGE, /* the INDEX-th (from 1) field NAME becomes VALUE; NULL: is removed */
} SkHeaderEditKind;

typedef struct {
    SkHeaderEditKind kind;
    unsigned index;
    char *name;
    char *value; /* without line end; LF in folds; a blank comes before it unless it has one */
} SkHeaderEdit;

/* Copies the texts. */
SkHeaderEdit *sk_header_edit_new(SkHeaderEditKind kind,
                                 unsigned index,
                                 const char *name,
                                 const char *value);
void sk_header_edit_free(SkHeaderEdit *edit);
/* An empty list that owns its edits. */
GPtrArray *sk_header_edits_new(void);
