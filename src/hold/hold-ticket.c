/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-ticket.h"

#include <string.h>

#include "base/text.h"
#include "verdict/decision.h"

#define KEY_DIGITS (2 * SK_TICKET_KEY_LEN)
/* Before what a refusal says. */
#define REFUSAL "sekisho-release waits="
#define REVIEW  " review="

static bool
is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Without the blanks at both ends, which a milter client may leave. */
static SkBytes
trim(SkBytes value)
{
    while (value.len > 0 && is_space(sk_bytes_u8(value, 0)))
        value = sk_bytes_from(value, 1);
    while (value.len > 0 && is_space(sk_bytes_u8(value, value.len - 1)))
        value = sk_bytes_slice(value, 0, value.len - 1);
    return value;
}

bool
sk_ticket_key_parse(SkBytes text, uint8_t ret_key[SK_TICKET_KEY_LEN])
{
    SkBytes digits = trim(text);
    uint8_t key[SK_TICKET_KEY_LEN];

    if (digits.len != KEY_DIGITS)
        return false;
    for (size_t i = 0; i < sizeof key; i++) {
        int high = g_ascii_xdigit_value((char)sk_bytes_u8(digits, 2 * i));
        int low = g_ascii_xdigit_value((char)sk_bytes_u8(digits, 2 * i + 1));

        if (high < 0 || low < 0)
            return false;
        key[i] = (uint8_t)(high << 4 | low);
    }
    memcpy(ret_key, key, sizeof key);
    return true;
}

char *
sk_ticket_write(const SkTicket *ticket, const uint8_t key[SK_TICKET_KEY_LEN])
{
    g_autofree char *said = ticket->notice ? g_strdup_printf("notice=%s", ticket->id)
                                           : g_strdup_printf("copy=%s; claim=%" G_GINT64_FORMAT,
                                                             ticket->id, ticket->claim);
    g_autofree char *mac = g_compute_hmac_for_string(G_CHECKSUM_SHA256, key, SK_TICKET_KEY_LEN,
                                                     said, (gssize)strlen(said));

    return g_strdup_printf("%s; mac=%s", said, mac);
}

/* The id at the beginning of TEXT, which ends at ";"; the rest in RET_REST. */
static bool
read_id(SkBytes text, SkTicket *ticket, SkBytes *ret_rest)
{
    size_t end = sk_bytes_find(text, ";", 1, 0);

    if (end == SK_BYTES_NONE || end == 0 || end >= sizeof ticket->id)
        return false;
    for (size_t i = 0; i < end; i++) {
        char c = (char)sk_bytes_u8(text, i);

        if (!g_ascii_islower(c) && !g_ascii_isdigit(c) && c != '-')
            return false;
        ticket->id[i] = c;
    }
    *ret_rest = sk_bytes_from(text, end);
    return true;
}

static bool
read_number(SkBytes text, int64_t max, int64_t *ret_number)
{
    char digits[20] = "";
    size_t n = 0;

    while (n < sizeof digits - 1 && g_ascii_isdigit((char)sk_bytes_u8(text, n))) {
        digits[n] = (char)sk_bytes_u8(text, n);
        n++;
    }
    return sk_text_to_int(digits, 0, max, ret_number);
}

/* What VALUE claims to be. */
static bool
read_claims(SkBytes value, SkTicket *ticket)
{
    SkBytes rest;

    if (sk_bytes_is(value, 0, "notice=")) {
        ticket->notice = true;
        return read_id(sk_bytes_from(value, strlen("notice=")), ticket, &rest);
    }
    return sk_bytes_is(value, 0, "copy=") &&
           read_id(sk_bytes_from(value, strlen("copy=")), ticket, &rest) &&
           sk_bytes_is(rest, 0, "; claim=") &&
           read_number(sk_bytes_from(rest, strlen("; claim=")), INT64_MAX, &ticket->claim);
}

/* In a time that tells nothing of where they differ. */
static bool
are_equal(SkBytes value, const char *text)
{
    size_t len = strlen(text);
    volatile uint8_t differ = 0;

    if (value.len != len)
        return false;
    for (size_t i = 0; i < len; i++)
        differ |= (uint8_t)(sk_bytes_u8(value, i) ^ (uint8_t)text[i]);
    return differ == 0;
}

/* What it claims is written again, by us: so there is one way to write each ticket. */
bool
sk_ticket_read(SkBytes value, const uint8_t key[SK_TICKET_KEY_LEN], SkTicket *ret_ticket)
{
    SkTicket ticket = {.claim = 0};
    g_autofree char *ours = NULL;

    value = trim(value);
    if (value.len > SK_TICKET_MAX || !read_claims(value, &ticket))
        return false;
    ours = sk_ticket_write(&ticket, key);
    if (!are_equal(value, ours))
        return false;
    *ret_ticket = ticket;
    return true;
}

char *
sk_ticket_refusal_write(const char *passage, unsigned waits, unsigned review)
{
    return g_strdup_printf("554 5.7.0 [%s] " REFUSAL "%u" REVIEW "%u", passage, waits, review);
}

bool
sk_ticket_refusal_read(const char *smtp, unsigned *ret_waits, unsigned *ret_review)
{
    SkBytes answer = sk_bytes(smtp, strlen(smtp));
    size_t at = sk_bytes_find(answer, REFUSAL, strlen(REFUSAL), 0);
    int64_t waits, review;
    SkBytes rest;

    if (at == SK_BYTES_NONE || !sk_bytes_is(answer, 0, "554"))
        return false;
    rest = sk_bytes_from(answer, (uint64_t)at + strlen(REFUSAL));
    if (!read_number(rest, 2 * SK_WAIT_PASSWORD - 1, &waits))
        return false;
    at = sk_bytes_find(rest, REVIEW, strlen(REVIEW), 0);
    if (at == SK_BYTES_NONE || at > 2)
        return false;
    if (!read_number(sk_bytes_from(rest, (uint64_t)at + strlen(REVIEW)), SK_REVIEW_ADMIN,
                     &review))
        return false;
    *ret_waits = (unsigned)waits;
    *ret_review = (unsigned)review;
    return true;
}
