/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-guests.h"

#include <sys/socket.h>

#define NEVER INT64_MAX

struct SkWebGuest {
    SkWebClient client;
    int fd;
    int64_t until_ms;
};

struct SkWebGuests {
    GMutex lock;
    GHashTable *all;    /* of SkWebGuest */
    GHashTable *counts; /* text of a client: how many of all are his */
};

SkWebGuests *
sk_web_guests_new(void)
{
    SkWebGuests *guests = g_new0(SkWebGuests, 1);

    g_mutex_init(&guests->lock);
    guests->all = g_hash_table_new_full(NULL, NULL, g_free, NULL);
    guests->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return guests;
}

void
sk_web_guests_free(SkWebGuests *guests)
{
    if (guests == NULL)
        return;
    g_hash_table_unref(guests->all);
    g_hash_table_unref(guests->counts);
    g_mutex_clear(&guests->lock);
    g_free(guests);
}

static unsigned
count_of(const SkWebGuests *guests, const SkWebClient *client)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(guests->counts, client->text));
}

static void
set_count(SkWebGuests *guests, const SkWebClient *client, unsigned count)
{
    if (count > 0)
        g_hash_table_insert(guests->counts, g_strdup(client->text), GUINT_TO_POINTER(count));
    else
        g_hash_table_remove(guests->counts, client->text);
}

bool
sk_web_guests_admit(SkWebGuests *guests, const SkWebClient *client)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guests->lock);

    return count_of(guests, client) < SK_WEB_GUESTS;
}

SkWebGuest *
sk_web_guests_enter(SkWebGuests *guests, const SkWebClient *client, int fd, int64_t now_ms)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guests->lock);
    SkWebGuest *guest = g_new0(SkWebGuest, 1);

    guest->client = *client;
    guest->fd = fd;
    guest->until_ms = now_ms + SK_WEB_PATIENCE_S * 1000;
    g_hash_table_add(guests->all, guest);
    set_count(guests, client, count_of(guests, client) + 1);
    return guest;
}

void
sk_web_guests_leave(SkWebGuests *guests, SkWebGuest *guest)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guests->lock);

    set_count(guests, &guest->client, count_of(guests, &guest->client) - 1);
    g_hash_table_remove(guests->all, guest);
}

void
sk_web_guests_served(SkWebGuests *guests, SkWebGuest *guest)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guests->lock);

    guest->until_ms = NEVER;
}

void
sk_web_guests_begin(SkWebGuests *guests, SkWebGuest *guest, int64_t now_ms)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guests->lock);

    guest->until_ms = now_ms + SK_WEB_PATIENCE_S * 1000;
}

unsigned
sk_web_guests_sweep(SkWebGuests *guests, int64_t now_ms)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guests->lock);
    GHashTableIter iter;
    void *key;
    unsigned n = 0;

    g_hash_table_iter_init(&iter, guests->all);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        SkWebGuest *guest = key;

        if (guest->until_ms > now_ms)
            continue;
        (void)shutdown(guest->fd, SHUT_RDWR);
        guest->until_ms = NEVER;
        n++;
    }
    return n;
}
