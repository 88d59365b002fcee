/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "hold/hold-person-private.h"
#include "hold/hold-person.h"
#include "hold/hold-store-private.h"
#include "hold/hold-text.h"

static const SkMigration steps[] = {
    {1, "what people chose for their own mail",
     "CREATE TABLE hold_person ("
     "  address TEXT NOT NULL PRIMARY KEY,"
     "  hold_s BIGINT NOT NULL,"
     "  tell TEXT NOT NULL,"
     "  language TEXT NOT NULL,"
     "  away_from_us BIGINT NOT NULL,"
     "  away_until_us BIGINT NOT NULL,"
     "  deputy TEXT)"},
    {0},
};

static const char *const grants[] = {
    "GRANT SELECT ON hold_person TO sekisho_gate",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON hold_person TO sekisho_clerk",
    "GRANT SELECT ON hold_person TO sekisho_read",
    NULL,
};

const SkTables sk_hold_person_tables = {.name = "hold-person",
                                        .database = SK_KEEP,
                                        .steps = steps,
                                        .grants = grants,
                                        .person = &sk_hold_choices_person};

static const char SQL_LOAD[] =
    "SELECT hold_s, tell, language, away_from_us, away_until_us, deputy FROM hold_person"
    " WHERE address = $1";
static const char SQL_SAVE[] =
    "INSERT INTO hold_person (address, hold_s, tell, language, away_from_us, away_until_us,"
    " deputy) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (address) DO UPDATE"
    " SET hold_s = $2, tell = $3, language = $4, away_from_us = $5, away_until_us = $6,"
    " deputy = $7";

static const char *const tell_names[SK_N_TELLS] = {
    [SK_TELL_SITE] = "site",
    [SK_TELL_AT_ONCE] = "at-once",
    [SK_TELL_DIGEST] = "digest",
    [SK_TELL_NEVER] = "never",
};

const char *
sk_tell_name(SkTell tell)
{
    return tell_names[tell];
}

bool
sk_tell_parse(const char *name, SkTell *ret_tell)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tell_names); i++) {
        if (strcmp(tell_names[i], name) == 0) {
            *ret_tell = (SkTell)i;
            return true;
        }
    }
    return false;
}

void
sk_hold_person_clear(SkHoldPerson *person)
{
    g_free(person->deputy);
    *person = (SkHoldPerson){0};
}

static bool
check_address(const char *address, GError **error)
{
    const char *at = strrchr(address, '@');

    if (at != NULL && at != address && at[1] != '\0')
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_USAGE, "\"%s\" is no address", address);
    return false;
}

static SkHoldPerson
person_of_row(SkStmt *load)
{
    SkHoldPerson person = {.hold_s = sk_stmt_get_int(load, 0),
                           .away_from_us = sk_stmt_get_int(load, 3),
                           .away_until_us = sk_stmt_get_int(load, 4)};

    (void)sk_tell_parse(sk_stmt_peek_text(load, 1), &person.tell);
    g_strlcpy(person.language, sk_stmt_peek_text(load, 2), sizeof person.language);
    person.deputy = sk_hold_unescape(sk_stmt_peek_text(load, 5));
    return person;
}

bool
sk_hold_person_load(SkDb *keep, const char *address, SkHoldPerson *ret_person, GError **error)
{
    g_autoptr(SkStmt) load = NULL;
    bool row;

    if (!check_address(address, error))
        return false;
    load = sk_db_prepare(keep, SQL_LOAD, error);
    if (load == NULL)
        return false;
    sk_hold_bind_key(load, 1, address);
    if (!sk_stmt_next(load, &row, error))
        return false;
    *ret_person = row ? person_of_row(load) : (SkHoldPerson){0};
    return true;
}

bool
sk_hold_person_save(SkDb *keep, const char *address, const SkHoldPerson *person, GError **error)
{
    g_autoptr(SkStmt) save = NULL;

    if (!check_address(address, error))
        return false;
    save = sk_db_prepare(keep, SQL_SAVE, error);
    if (save == NULL)
        return false;
    sk_hold_bind_key(save, 1, address);
    sk_stmt_bind_int(save, 2, person->hold_s);
    sk_stmt_bind_text(save, 3, sk_tell_name(person->tell));
    sk_stmt_bind_text(save, 4, person->language);
    sk_stmt_bind_int(save, 5, person->away_from_us);
    sk_stmt_bind_int(save, 6, person->away_until_us);
    sk_hold_bind_foreign(save, 7, person->deputy);
    return sk_stmt_run(save, error);
}
