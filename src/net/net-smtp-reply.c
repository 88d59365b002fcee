/* SPDX-License-Identifier: Apache-2.0 */
#include "net/net-smtp-reply.h"

#include <string.h>

#include "base/text.h"
#include "net/net-smtp.h"

void
sk_smtp_reply_clear(SkSmtpReply *reply)
{
    g_clear_pointer(&reply->lines, g_ptr_array_unref);
}

static bool
is_digit(SkBytes line, size_t at, char low, char high)
{
    uint8_t c = sk_bytes_u8(line, at);

    return c >= (uint8_t)low && c <= (uint8_t)high;
}

/* LINE without its end. */
static bool
read_line(SkBytes line, SkSmtpReply *reply, bool *ret_last)
{
    uint8_t mark = sk_bytes_u8(line, 3);
    unsigned code;

    if (!is_digit(line, 0, '2', '5') || !is_digit(line, 1, '0', '9') ||
        !is_digit(line, 2, '0', '9') || (line.len > 3 && mark != ' ' && mark != '-'))
        return false;
    code = 100u * (line.data[0] - '0') + 10u * (line.data[1] - '0') + (line.data[2] - '0');
    if (reply->lines->len > 0 && code != reply->code)
        return false;
    reply->code = code;
    *ret_last = mark != '-';
    g_ptr_array_add(reply->lines, sk_text_safe(sk_bytes_from(line, 4), SK_SMTP_REPLY_MAX));
    return true;
}

/* The next line behind AT, without its end; RET_NEXT: where the one after it begins. */
static SkSmtpReading
find_line(SkBytes in, size_t at, SkBytes *ret_line, size_t *ret_next)
{
    SkBytes rest = sk_bytes_slice(in, at, SK_SMTP_REPLY_MAX);
    size_t end = sk_bytes_find(rest, "\n", 1, 0);

    if (end == SK_BYTES_NONE)
        return rest.len < SK_SMTP_REPLY_MAX ? SK_SMTP_REPLY_MORE : SK_SMTP_REPLY_NONE;
    *ret_next = at + end + 1;
    if (end > 0 && rest.data[end - 1] == '\r')
        end--;
    *ret_line = sk_bytes_slice(rest, 0, end);
    return SK_SMTP_REPLY_READY;
}

SkSmtpReading
sk_smtp_reply_next(SkBytes in, size_t *ret_used, SkSmtpReply *ret_reply)
{
    g_auto(SkSmtpReply) reply = {.lines = g_ptr_array_new_with_free_func(g_free)};
    bool last = false;
    size_t at = 0;

    while (!last) {
        SkBytes line = {0};
        SkSmtpReading reading = find_line(in, at, &line, &at);

        if (reading != SK_SMTP_REPLY_READY)
            return reading;
        if (!read_line(line, &reply, &last) || reply.lines->len > SK_SMTP_REPLY_LINES)
            return SK_SMTP_REPLY_NONE;
    }
    *ret_used = at;
    ret_reply->code = reply.code;
    ret_reply->lines = g_steal_pointer(&reply.lines);
    return SK_SMTP_REPLY_READY;
}

char *
sk_smtp_reply_text(const SkSmtpReply *reply)
{
    GString *text = g_string_new(NULL);

    g_string_printf(text, "%u", reply->code);
    for (guint i = 0; i < reply->lines->len; i++)
        g_string_append_printf(text, " %s", (const char *)reply->lines->pdata[i]);
    return g_string_free(text, FALSE);
}

/* Whether LINE names the extension: the first line of the reply is the server's name, which
 * stands before a blank as well, but cannot be one of these by RFC 5321's grammar of domains
 * and does no harm if it is. */
static bool
names(const char *line, const char *keyword)
{
    size_t len = strcspn(line, " ");

    return sk_bytes_equal_nocase(sk_bytes(line, len), keyword);
}

void
sk_smtp_offer_read(const SkSmtpReply *reply, SkSmtpOffer *ret_offer)
{
    SkSmtpOffer offer = {0};

    for (guint i = 1; i < reply->lines->len; i++) {
        const char *line = reply->lines->pdata[i];

        offer.pipelining |= names(line, "PIPELINING");
        offer.size |= names(line, "SIZE");
        offer.eight_bit |= names(line, "8BITMIME");
        offer.dsn |= names(line, "DSN");
        offer.smtputf8 |= names(line, "SMTPUTF8");
    }
    *ret_offer = offer;
}
