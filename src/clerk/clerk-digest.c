/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-digest.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "clerk/clerk-audience.h"
#include "clerk/clerk-duties.h"
#include "engine/engine-notice-settings.h"
#include "hold/hold-store.h"

/* Copies looked at in one step. */
#define BATCH 500

/* What one step leaves to the next: when these digests were due, and behind which copy it goes
 * on. */
typedef struct {
    int64_t due_us;
    char *after;
} Place;

static void
clear_place(Place *place)
{
    g_free(place->after);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, clear_place)

/* "1795392000000000 01kaj…-2"; false: the first time. */
static bool
read_place(const char *payload, Place *ret_place)
{
    g_auto(GStrv) words = g_strsplit(payload != NULL ? payload : "", " ", 2);

    if (words[0] == NULL || !sk_text_to_int(words[0], 1, INT64_MAX, &ret_place->due_us))
        return false;
    ret_place->after = g_strdup(words[1]);
    return true;
}

int64_t
sk_clerk_digest_next(int hour, int minute, GTimeZone *zone, int64_t now_us)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(now_us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) now = g_date_time_to_timezone(utc, zone);
    int64_t next = 0;

    for (int days = 0; next <= now_us; days++) {
        g_autoptr(GDateTime) day = g_date_time_add_days(now, days);
        g_autoptr(GDateTime) due =
            g_date_time_new(zone, g_date_time_get_year(day), g_date_time_get_month(day),
                            g_date_time_get_day_of_month(day), hour, minute, 0);

        next = g_date_time_to_unix(due) * G_USEC_PER_SEC;
    }
    return next;
}

/* ---- who gets one ---- */

typedef struct {
    GHashTable *people; /* set of addresses in lower case */
    char *last;         /* the last copy looked at */
    unsigned n;
} Page;

static void
clear_page(Page *page)
{
    g_hash_table_unref(page->people);
    g_free(page->last);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Page, clear_page)

static bool
note_line(const SkHoldLine *line, void *data)
{
    Page *page = data;
    const GPtrArray *recipients = line->copy->recipients;

    page->n++;
    g_free(page->last);
    page->last = g_strdup(line->copy->id);
    for (guint i = 0; line->copy->direction == SK_DIRECTION_INBOUND && i < recipients->len; i++)
        g_hash_table_add(page->people,
                         g_ascii_strdown(((SkRecipient *)recipients->pdata[i])->address, -1));
    return true;
}

typedef struct {
    const SkClerkWorld *world;
    const SkJob *job;
    const Place *place;
    const Page *page;
    const SkSite *site;
    SkTell choice; /* of those who made none */
    int64_t told;
} Work;

/* The same for each copy of his that is found: it is one digest. */
static bool
order_digest(Work *work, const char *person, GError **error)
{
    const SkTelling telling = {
        .letter = SK_LETTER_DIGEST, .to = (char *)person, .at_us = work->place->due_us};
    SkTell choice;

    if (!sk_clerk_find_choice(work->world->keep, person, work->choice, &choice, error))
        return false;
    if (choice != SK_TELL_DIGEST || !sk_site_is_ours(work->site, person))
        return true;
    work->told++;
    return sk_clerk_tell_add(work->world->keep, &telling, error);
}

static bool
order_page(SkDb *keep, void *data, GError **error)
{
    Work *work = data;
    GHashTableIter people;
    gpointer person;

    work->told = 0;
    if (!sk_job_hold(keep, work->job, error))
        return false;
    g_hash_table_iter_init(&people, work->page->people);
    while (g_hash_table_iter_next(&people, &person, NULL)) {
        if (!order_digest(work, person, error))
            return false;
    }
    return true;
}

/* ---- the step ---- */

/* Rests until the next turn. */
static bool
rest(const SkClerkWorld *world, const SkJob *job, int64_t due_us, GError **error)
{
    g_autofree char *payload = g_strdup_printf("%" G_GINT64_FORMAT, due_us);

    return sk_job_repeat(world->keep, job, payload, due_us, error);
}

static bool
look(const SkClerkWorld *world, const Place *place, Page *page, GError **error)
{
    const SkHoldFilter filter = {
        .open = SK_WAIT_REVIEW | SK_WAIT_PASSWORD, .after = place->after, .limit = BATCH};

    return sk_hold_list(world->keep, &filter, note_line, page, error);
}

static bool
do_page(const SkClerkWorld *world,
        SkJob *job,
        const SkSite *site,
        SkTell choice,
        const Place *place,
        bool *ret_more,
        GError **error)
{
    g_auto(Page) page = {.people =
                             g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    Work work = {.world = world,
                 .job = job,
                 .place = place,
                 .page = &page,
                 .site = site,
                 .choice = choice};

    if (!look(world, place, &page, error) ||
        !sk_db_transact(world->keep, order_page, &work, error))
        return false;
    sk_clerk_tally_add(world->tally, "digests", work.told);
    *ret_more = page.n == BATCH;
    g_free(job->payload);
    job->payload = g_strdup_printf("%" G_GINT64_FORMAT " %s", place->due_us,
                                   page.last != NULL ? page.last : "");
    return true;
}

bool
sk_clerk_digest_step(const SkClerkWorld *world,
                     SkJob *job,
                     SkDutyState *ret_state,
                     GError **error)
{
    g_autoptr(SkSite) site = sk_site_new(world->settings, error);
    g_auto(SkNoticeSettings) notice = {0};
    g_auto(Place) place = {0};
    int64_t now = 0, next;
    bool more = false;

    if (site == NULL || !sk_notice_settings_read(world->settings, &notice, error) ||
        !sk_db_now_us(world->keep, &now, error))
        return false;
    /* Neither the first start of a clerk nor a new time of day is a reason for a digest. */
    if (read_place(job->payload, &place) && place.due_us <= now &&
        !do_page(world, job, site, notice.inbound, &place, &more, error))
        return false;
    *ret_state = more ? SK_DUTY_MORE : SK_DUTY_GONE;
    next = sk_clerk_digest_next(notice.digest_hour, notice.digest_minute,
                                sk_site_peek_zone(site), now);
    return more || rest(world, job, next, error);
}
