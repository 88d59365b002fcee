/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hold-desk-private - the members of questions and answers, for their reader and their writer
 */

#include "hold/hold-desk.h"

typedef enum {
    SK_MEMBER_TEXT,  /* char *; NULL is left out */
    SK_MEMBER_EXACT, /* the same, but written as it is: a password must arrive as typed */
    SK_MEMBER_TEXTS, /* GPtrArray * of char *; an empty one is left out */
    SK_MEMBER_TIME,  /* int64_t or uint64_t; 0 is left out */
    SK_MEMBER_COUNT, /* unsigned; 0 is left out */
    SK_MEMBER_FLAG,  /* bool; false is left out */
    SK_MEMBER_NAME,  /* an enum; what has no name is left out, else it must be there */
    SK_MEMBER_BITS,  /* unsigned, the names of its bits in an array; 0 is left out */
} SkMemberKind;

typedef struct {
    const char *key;
    SkMemberKind kind;
    size_t offset;
    const char *(*name_of)(unsigned i); /* for 0 … N-1 */
    unsigned n;
} SkMember;

/* Each list ends with one without a key. */
extern const SkMember sk_desk_question_members[];
extern const SkMember sk_desk_copy_members[];
extern const SkMember sk_desk_event_members[];
extern const SkMember sk_desk_choices_members[];
/* But choices, copies and events. */
extern const SkMember sk_desk_answer_members[];

void sk_desk_event_free(SkDeskEvent *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkDeskEvent, sk_desk_event_free)
