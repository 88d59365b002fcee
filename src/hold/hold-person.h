/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hold-person - what people chose for their own mail: how long it waits, how they are told, who
 * stands in for them (database keep)
 *
 * Errors: those of port/db.h; USAGE: no address.
 */

#include <stdbool.h>

#include "port/tables.h"

extern const SkTables sk_hold_person_tables;

typedef enum {
    SK_TELL_SITE,    /* as the site has it */
    SK_TELL_AT_ONCE, /* a notice for each held mail */
    SK_TELL_DIGEST,  /* once a day */
    SK_TELL_NEVER,
    SK_N_TELLS
} SkTell;
const char *sk_tell_name(SkTell tell);
bool sk_tell_parse(const char *name, SkTell *ret_tell);

typedef struct {
    int64_t hold_s; /* within the bounds of the rule; 0: the rule's */
    SkTell tell;
    char language[3]; /* "ja", "en"; "": the site's */
    /* Away from the first to before the second; 0: not. */
    int64_t away_from_us, away_until_us;
    char *deputy; /* address, or NULL */
} SkHoldPerson;

void sk_hold_person_clear(SkHoldPerson *person);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkHoldPerson, sk_hold_person_clear)

/* Zeros for whom nothing is known of. ADDRESS in any case of letters. */
bool sk_hold_person_load(SkDb *keep,
                         const char *address,
                         SkHoldPerson *ret_person,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool sk_hold_person_save(SkDb *keep,
                         const char *address,
                         const SkHoldPerson *person,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
