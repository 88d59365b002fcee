/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-note - says once in the log that something the clerk needs is away, and once that it is
 * back
 */

#include <glib.h>
#include <stdbool.h>

typedef struct {
    const char *what; /* "keeper" */
    GMutex lock;
    bool away;
} SkClerkNote;

/* WHAT is a constant. */
void sk_clerk_note_init(SkClerkNote *note, const char *what);
void sk_clerk_note_clear(SkClerkNote *note);
/* TROUBLE with it, or NULL: it works. From any thread. */
void sk_clerk_note(SkClerkNote *note, const GError *trouble);
