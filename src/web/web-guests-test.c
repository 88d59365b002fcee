/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-guests.h"

#include <sys/socket.h>

#include <poll.h>

#include "base/autofree.h"
#include "web/web-strangers.h"

static SkWebClient
client(const char *address)
{
    SkWebClient found = {0};

    g_assert_true(sk_web_client_forwarded(address, &found));
    return found;
}

/* An IPv6 customer has a network, a proxy names the last one it has seen. */
static void
test_clients(void)
{
    static const struct {
        const char *field, *text, *address; /* NULL: none */
    } CASES[] = {
        {"192.0.2.7", "192.0.2.7", "192.0.2.7"},
        {"198.51.100.1, 192.0.2.7", "192.0.2.7", "192.0.2.7"},
        {"evil,  2001:db8:1:2:3:4:5:6 ", "2001:db8:1:2::", "2001:db8:1:2:3:4:5:6"},
        {"::1", "::1", "::1"},
        {"::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7"},
        {"192.0.2.7, evil", NULL, NULL},
        {"192.0.2.7,", NULL, NULL},
        {"192.0.2.7:80", NULL, NULL},
        {"", NULL, NULL},
        {NULL, NULL, NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        SkWebClient found = {0};
        bool any = sk_web_client_forwarded(CASES[i].field, &found);

        g_assert_cmpstr(any ? found.text : NULL, ==, CASES[i].text);
        g_assert_cmpstr(any ? found.address : NULL, ==, CASES[i].address);
    }
}

static bool
is_cut_off(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

    return poll(&poll_fd, 1, 0) == 1;
}

static void
test_limit(void)
{
    g_autoptr(SkWebGuests) guests = sk_web_guests_new();
    SkWebClient one = client("2001:db8::1"), other = client("192.0.2.1");
    SkWebGuest *all[SK_WEB_GUESTS];

    for (unsigned i = 0; i < SK_WEB_GUESTS; i++) {
        g_assert_true(sk_web_guests_admit(guests, &one));
        all[i] = sk_web_guests_enter(guests, &one, -1, 0);
    }
    g_assert_false(sk_web_guests_admit(guests, &one));
    g_assert_true(sk_web_guests_admit(guests, &other));
    sk_web_guests_leave(guests, all[0]);
    g_assert_true(sk_web_guests_admit(guests, &one));
    for (unsigned i = 1; i < SK_WEB_GUESTS; i++)
        sk_web_guests_leave(guests, all[i]);
}

static void
test_patience(void)
{
    const int64_t patience_ms = SK_WEB_PATIENCE_S * 1000;
    g_autoptr(SkWebGuests) guests = sk_web_guests_new();
    SkWebClient one = client("192.0.2.1");
    sk_autofd int near = -1, far = -1;
    SkWebGuest *guest;
    int pair[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    near = pair[0];
    far = pair[1];
    guest = sk_web_guests_enter(guests, &one, near, 0);
    g_assert_cmpuint(sk_web_guests_sweep(guests, patience_ms - 1), ==, 0);
    /* We take our time. */
    sk_web_guests_served(guests, guest);
    g_assert_cmpuint(sk_web_guests_sweep(guests, 10 * patience_ms), ==, 0);
    /* The next request is his again. */
    sk_web_guests_begin(guests, guest, 10 * patience_ms);
    g_assert_cmpuint(sk_web_guests_sweep(guests, 11 * patience_ms - 1), ==, 0);
    g_assert_false(is_cut_off(far));
    g_assert_cmpuint(sk_web_guests_sweep(guests, 11 * patience_ms), ==, 1);
    g_assert_true(is_cut_off(far));
    g_assert_cmpuint(sk_web_guests_sweep(guests, 12 * patience_ms), ==, 0);
    sk_web_guests_leave(guests, guest);
}

static void
test_strangers(void)
{
    g_autoptr(SkWebStrangers) strangers = sk_web_strangers_new();
    SkWebClient one = client("192.0.2.1"), other = client("192.0.2.2");

    for (unsigned i = 0; i < SK_WEB_STRANGER_TRIES; i++) {
        g_assert_true(sk_web_strangers_may(strangers, &one, 5000));
        sk_web_strangers_count(strangers, &one, 5000);
    }
    g_assert_false(sk_web_strangers_may(strangers, &one, 5999));
    g_assert_true(sk_web_strangers_may(strangers, &other, 5999));
    /* One is back after a second, all after a minute. */
    g_assert_true(sk_web_strangers_may(strangers, &one, 6000));
    sk_web_strangers_count(strangers, &one, 6000);
    g_assert_false(sk_web_strangers_may(strangers, &one, 6999));
}

/* The table does not grow, and whoever is beyond it is one client with all like him. */
static void
test_many_strangers(void)
{
    g_autoptr(SkWebStrangers) strangers = sk_web_strangers_new();
    SkWebClient late = client("192.0.2.2"), known = client("10.0.0.0");

    for (unsigned i = 0; i < SK_WEB_STRANGERS + SK_WEB_STRANGER_TRIES; i++) {
        g_autofree char *address = g_strdup_printf("10.0.%u.%u", i / 256, i % 256);
        SkWebClient one = client(address);

        sk_web_strangers_count(strangers, &one, 0);
    }
    g_assert_false(sk_web_strangers_may(strangers, &late, 0));
    g_assert_true(sk_web_strangers_may(strangers, &known, 0));
    /* After a minute nobody is left of them. */
    g_assert_true(sk_web_strangers_may(strangers, &late, 61000));
    sk_web_strangers_count(strangers, &late, 61000);
    g_assert_true(sk_web_strangers_may(strangers, &late, 61000));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/web-guests/clients", test_clients);
    g_test_add_func("/web-guests/limit", test_limit);
    g_test_add_func("/web-guests/patience", test_patience);
    g_test_add_func("/web-guests/strangers", test_strangers);
    g_test_add_func("/web-guests/many-strangers", test_many_strangers);
    return g_test_run();
}
