/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hold-about-private - a search for a person among held messages, and one of them as a whole
 */

#include "hold/hold-about.h"
#include "hold/hold-store.h"
#include "mail/mail-person.h"

/* Which messages are worth a look, a window of ids at a time. */
typedef struct {
    SkDb *keep;
    const SkPersonRequest *request;
    SkMailPerson *person;
    int64_t done, total;
    char *last;     /* the id of the last row looked at */
    GPtrArray *ids; /* of the window's rows that passed the sieve */
    bool tokens;    /* those of tokens as well, which not everybody may see */
} SkHoldSearch;

void sk_hold_search_clear(SkHoldSearch *search);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkHoldSearch, sk_hold_search_clear)
bool sk_hold_search_begin(SkHoldSearch *search, GError **error);
/* Fills `ids`; false in RET_MORE when that was the last window. */
bool sk_hold_search_next(SkHoldSearch *search, bool *ret_more, GError **error);
void sk_hold_search_tell(const SkHoldSearch *search);

/* Copies of an event's texts; freed with the array. */
typedef struct {
    int64_t at_us;
    char *copy, *what, *who, *text;
} SkHoldNote;

/* One message with all that belongs to it, and what he is in it. */
typedef struct {
    SkHeldMessage *message; /* NULL: it is gone */
    GPtrArray *copies;      /* of SkHeldCopy */
    GPtrArray *notes;       /* of SkHoldNote */
    GArray *his;            /* of int64_t: numbers of the copies that he is to get */
    int64_t others;         /* recipients, of all copies */
    bool owner, sender, from, recipient;
    bool waits; /* some copy has not ended */
} SkHoldAbout;

void sk_hold_about_clear(SkHoldAbout *about);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkHoldAbout, sk_hold_about_clear)
bool sk_hold_about_load(SkDb *keep,
                        const SkMailPerson *person,
                        const char *id,
                        SkHoldAbout *ret_about,
                        GError **error);
/* Whether it is mail of his: sent by him or to him. */
bool sk_hold_about_is_party(const SkHoldAbout *about);
/* Whether COPY is one he is to get. */
bool sk_hold_about_is_his(const SkHoldAbout *about, const SkHeldCopy *copy);
