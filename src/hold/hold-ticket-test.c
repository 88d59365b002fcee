/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-ticket.h"

#include <string.h>

static const uint8_t key[SK_TICKET_KEY_LEN] = "0123456789abcdef0123456789abcde";
static const uint8_t other_key[SK_TICKET_KEY_LEN] = "0123456789abcdef0123456789abcdf";

static bool
read_text(const char *text, SkTicket *ret_ticket)
{
    g_autofree char *exact = g_memdup2(text, strlen(text));

    return sk_ticket_read(sk_bytes(exact, strlen(text)), key, ret_ticket);
}

static const SkTicket tickets[] = {
    {.id = "01kaj0000000000000ab-2", .claim = 8713},
    {.id = "01kaj0000000000000ab-1234567890", .claim = INT64_MAX},
    {.id = "01kaj0000000000000ab-0", .claim = 0},
    {.id = "01kak0000000000000ab", .notice = true},
};

static void
test_round_trip(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tickets); i++) {
        g_autofree char *text = sk_ticket_write(&tickets[i], key);
        g_autofree char *folded = g_strconcat(" \t", text, "\r\n", NULL);
        SkTicket ticket = {.id = "?"}, again = {.id = "?"};

        g_assert_cmpuint(strlen(text), <=, SK_TICKET_MAX);
        g_assert_true(read_text(text, &ticket) && read_text(folded, &again));
        g_assert_cmpstr(ticket.id, ==, tickets[i].id);
        g_assert_cmpint(ticket.claim, ==, tickets[i].claim);
        g_assert_true(ticket.notice == tickets[i].notice);
        g_assert_cmpstr(again.id, ==, tickets[i].id);
        g_assert_false(sk_ticket_read(sk_bytes(text, strlen(text)), other_key, &again));
    }
}

/* The MAC is that of RFC 2104 over all before it, as `openssl dgst -sha256 -mac hmac` has it.
 */
static void
test_known(void)
{
    static const uint8_t known_key[SK_TICKET_KEY_LEN] = {0};
    SkTicket ticket = {.id = "a-1", .claim = 7};
    g_autofree char *text = sk_ticket_write(&ticket, known_key);

    g_assert_cmpstr(text, ==,
                    "copy=a-1; claim=7; mac="
                    "16b0764ea3f10eee2eb5c6e2ca1a4bf8b44c05f85133d58ae9173e483ae1d8dd");
}

static void
test_flipped(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tickets); i++) {
        g_autofree char *text = sk_ticket_write(&tickets[i], key);
        size_t len = strlen(text);

        for (size_t bit = 0; bit < 8 * len; bit++) {
            g_autofree char *flipped = g_memdup2(text, len);
            SkTicket ticket;

            flipped[bit / 8] = (char)(flipped[bit / 8] ^ 1 << bit % 8);
            g_assert_false(sk_ticket_read(sk_bytes(flipped, len), key, &ticket));
        }
        for (size_t cut = 0; cut < len; cut++) {
            SkTicket ticket;

            g_assert_false(sk_ticket_read(sk_bytes(text, cut), key, &ticket));
        }
    }
}

/* What is no ticket, whatever MAC it has. */
static void
test_no_ticket(void)
{
    static const char *const cases[] = {
        "",
        "   ",
        "copy=",
        "copy=;",
        "copy=a-1",
        "copy=a-1; claim=",
        "copy=a-1; claim=-1; mac=00",
        "copy=a-1; claim=99999999999999999999; mac=00",
        "copy=0123456789012345678901234567890123456789; claim=1; mac=00",
        "notice=A; mac=00",
        "claim=1; copy=a-1; mac=00",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        SkTicket ticket;

        g_assert_false(read_text(cases[i], &ticket));
    }
}

static void
test_key_file(void)
{
    static const char digits[] =
        "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
    static const struct {
        const char *before, *after;
        bool ok;
    } cases[] = {
        {"", "\n", true},   {"", "\r\n", true}, {"", "", true},
        {"0", "\n", false}, {"", "g", false},   {"x", "", false},
    };
    uint8_t got[SK_TICKET_KEY_LEN] = {0};

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strconcat(cases[i].before, digits, cases[i].after, NULL);

        g_assert_cmpint(sk_ticket_key_parse(sk_bytes(text, strlen(text)), got), ==,
                        cases[i].ok);
    }
    g_assert_false(sk_ticket_key_parse(sk_bytes(digits, sizeof digits - 2), got));
    g_assert_false(sk_ticket_key_parse(sk_bytes(NULL, 0), got));
    g_assert_cmphex(got[1], ==, 0x11);
    g_assert_cmphex(got[SK_TICKET_KEY_LEN - 1], ==, 0xff);
}

static void
test_refusal(void)
{
    g_autofree char *text = sk_ticket_refusal_write("01kaj0000000000000ab", 8, 2);
    static const char *const cases[] = {
        "554 5.7.0 [x] refused",
        "450 4.7.0 [x] sekisho-release waits=8 review=2",
        "554 5.7.0 [x] sekisho-release waits=32 review=2",
        "554 5.7.0 [x] sekisho-release waits=8 review=3",
        "554 5.7.0 [x] sekisho-release waits=8",
        "554 5.7.0 [x] sekisho-release waits= review=1",
        "554 5.7.0 [x] sekisho-release waits=8x review=",
        "",
    };
    unsigned waits = 99, review = 99;

    g_assert_cmpstr(text, ==,
                    "554 5.7.0 [01kaj0000000000000ab] sekisho-release waits=8 review=2");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_false(sk_ticket_refusal_read(cases[i], &waits, &review));
    g_assert_true(sk_ticket_refusal_read(text, &waits, &review));
    g_assert_cmpuint(waits, ==, 8);
    g_assert_cmpuint(review, ==, 2);
    g_assert_true(sk_ticket_refusal_read("554 5.7.0 [x] sekisho-release waits=0 review=0\r\n",
                                         &waits, &review));
    g_assert_cmpuint(waits, ==, 0);
    g_assert_cmpuint(review, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hold/ticket/round-trip", test_round_trip);
    g_test_add_func("/hold/ticket/known", test_known);
    g_test_add_func("/hold/ticket/flipped", test_flipped);
    g_test_add_func("/hold/ticket/no-ticket", test_no_ticket);
    g_test_add_func("/hold/ticket/key-file", test_key_file);
    g_test_add_func("/hold/ticket/refusal", test_refusal);
    return g_test_run();
}
