/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "clerk/clerk-desk-private.h"

/* Longer than any rule would let him choose. */
#define HOLD_MAX_S 86400
#define DAY_US     (86400 * INT64_C(1000000))

/* "2027-01-05", in the site's zone, as its first moment. */
static bool
parse_date(GTimeZone *zone, const char *text, int64_t *ret_us)
{
    g_autoptr(GDateTime) date = NULL;
    int year, month, day, end = 0;

    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || text[end] != '\0' ||
        year < 1970)
        return false;
    date = g_date_time_new(zone, year, month, day, 0, 0, 0);
    if (date == NULL)
        return false;
    *ret_us = g_date_time_to_unix(date) * INT64_C(1000000);
    return true;
}

/* "2027-01-05..2027-01-08", both inclusive, or "no". */
static bool
set_away(const SkSite *site, SkHoldPerson *person, const char *value)
{
    g_auto(GStrv) ends = g_strsplit(value, "..", 3);
    int64_t from = 0, last = 0;

    if (strcmp(value, "no") != 0 &&
        (g_strv_length(ends) != 2 || !parse_date(sk_site_peek_zone(site), ends[0], &from) ||
         !parse_date(sk_site_peek_zone(site), ends[1], &last) || last < from))
        return false;
    person->away_from_us = from;
    person->away_until_us = last != 0 ? last + DAY_US : 0;
    return true;
}

static bool
set_hold(const SkSite *site, SkHoldPerson *person, const char *value)
{
    int64_t seconds = 0;

    if (strcmp(value, "site") != 0 &&
        (!sk_text_to_seconds(value, &seconds) || seconds < 1 || seconds > HOLD_MAX_S))
        return false;
    person->hold_s = seconds;
    return true;
}

static bool
set_tell(const SkSite *site, SkHoldPerson *person, const char *value)
{
    return sk_tell_parse(value, &person->tell);
}

static bool
set_language(const SkSite *site, SkHoldPerson *person, const char *value)
{
    bool none = strcmp(value, "site") == 0;

    if (!none && strcmp(value, "ja") != 0 && strcmp(value, "en") != 0)
        return false;
    g_strlcpy(person->language, none ? "" : value, sizeof person->language);
    return true;
}

/* One of ours: mail to approve is not sent elsewhere. */
static bool
set_deputy(const SkSite *site, SkHoldPerson *person, const char *value)
{
    bool none = strcmp(value, "no") == 0;

    if (!none && !sk_site_is_ours(site, value))
        return false;
    g_free(person->deputy);
    person->deputy = none ? NULL : g_strdup(value);
    return true;
}

static const struct {
    const char *key;
    bool (*set)(const SkSite *site, SkHoldPerson *person, const char *value);
    const char *help;
} choices[] = {
    {"hold", set_hold, "hold=5m, up to a day, or hold=site"},
    {"tell", set_tell, "tell=at-once, tell=digest, tell=never or tell=site"},
    {"language", set_language, "language=ja, language=en or language=site"},
    {"away", set_away, "away=2027-01-05..2027-01-08, the last day included, or away=no"},
    {"deputy", set_deputy, "deputy=ADDRESS, which is one of ours, or deputy=no"},
};

/* What one word should have been; NULL: it was understood. */
static const char *
apply_word(const SkSite *site, SkHoldPerson *person, const char *word)
{
    const char *equals = strchr(word, '=');
    size_t len = equals != NULL ? (size_t)(equals - word) : 0;

    for (size_t i = 0; i < G_N_ELEMENTS(choices); i++) {
        if (len == strlen(choices[i].key) && strncmp(word, choices[i].key, len) == 0)
            return choices[i].set(site, person, equals + 1) ? NULL : choices[i].help;
    }
    return "hold=, tell=, language=, away= or deputy=";
}

typedef struct {
    SkDeskCall *call;
    SkHoldPerson person;
    const char *wrong; /* what should have been written */
} Change;

static bool
change_person(SkDb *keep, void *data, GError **error)
{
    Change *change = data;
    const SkDeskQuestion *question = change->call->question;
    g_auto(GStrv) words = g_strsplit_set(question->text != NULL ? question->text : "", " ", -1);

    sk_hold_person_clear(&change->person);
    change->wrong = NULL;
    if (!sk_hold_person_load(keep, question->person, &change->person, error))
        return false;
    for (char **word = words; *word != NULL && change->wrong == NULL; word++) {
        if (**word != '\0')
            change->wrong = apply_word(change->call->world->site, &change->person, *word);
    }
    return change->wrong != NULL || question->text == NULL ||
           sk_hold_person_save(keep, question->person, &change->person, error);
}

bool
sk_clerk_desk_person(SkDeskCall *call, GError **error)
{
    Change change = {.call = call};
    const char *person = call->question->person;
    bool ok;

    if (person == NULL || !sk_site_is_ours(call->world->site, person))
        return sk_clerk_desk_say(call, SK_DESK_UNKNOWN, "%s is no address of ours",
                                 person != NULL ? person : "that");
    ok = sk_db_transact(call->world->keep, change_person, &change, error);
    if (ok && change.wrong != NULL)
        sk_clerk_desk_say(call, SK_DESK_REFUSED, "write %s", change.wrong);
    else if (ok)
        call->answer->choices = sk_desk_choices_new(&change.person);
    if (ok)
        call->answer->person = g_strdup(person);
    sk_hold_person_clear(&change.person);
    return ok;
}
