/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-decode.h"

#include <string.h>

/* What is no digit: above any value of six bits; line ends and blanks are no damage. */
#define BLANK 0x40
#define PAD   0x41
#define JUNK  0x42

/* clang-format off */
#define B BLANK
#define P PAD
#define J JUNK
/* The digits of base64, each as OF() makes it. */
#define TABLE(OF) { \
    ROW(OF, J, J, J, J, J, J, J, J, J, B, B, J, J, B, J, J)  ROW(OF, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J) \
    ROW(OF, B, J, J, J, J, J, J, J, J, J, J,62, J, J, J,63)  ROW(OF,52,53,54,55,56,57,58,59,60,61, J, J, J, P, J, J) \
    ROW(OF, J, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9,10,11,12,13,14)  ROW(OF,15,16,17,18,19,20,21,22,23,24,25, J, J, J, J, J) \
    ROW(OF, J,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40)  ROW(OF,41,42,43,44,45,46,47,48,49,50,51, J, J, J, J, J) \
    NONE(OF) NONE(OF) NONE(OF) NONE(OF) NONE(OF) NONE(OF) NONE(OF) NONE(OF) }
#define ROW(OF, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) \
    OF(a), OF(b), OF(c), OF(d), OF(e), OF(f), OF(g), OF(h), OF(i), OF(j), OF(k), OF(l), OF(m), OF(n), OF(o), OF(p),
#define NONE(OF) ROW(OF, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J)
/* clang-format on */

#define VALUE(digit) (digit)
static const uint8_t DIGITS[256] = TABLE(VALUE);

/* What each digit of a group of four gives to its three bytes, the first byte lowest. One look
 * a digit is half as long again as fast as shifting values together. */
#define NOT_A_DIGIT   0xff000000u
#define FIRST(digit)  ((digit) >= BLANK ? NOT_A_DIGIT : (digit) << 2)
#define SECOND(digit) ((digit) >= BLANK ? NOT_A_DIGIT : (digit) >> 4 | ((digit)&15) << 12)
#define THIRD(digit)  ((digit) >= BLANK ? NOT_A_DIGIT : (digit) >> 2 << 8 | ((digit)&3) << 22)
#define FOURTH(digit) ((digit) >= BLANK ? NOT_A_DIGIT : (digit) << 16)
static const uint32_t FIRSTS[256] = TABLE(FIRST);
static const uint32_t SECONDS[256] = TABLE(SECOND);
static const uint32_t THIRDS[256] = TABLE(THIRD);
static const uint32_t FOURTHS[256] = TABLE(FOURTH);
#undef B
#undef P
#undef J

typedef struct {
    uint8_t *out;
    uint32_t bits;
    unsigned have; /* digits in BITS */
    unsigned pads; /* padding seen in this group */
    bool ended;    /* padding ended the data */
    bool damaged;
} Base64;

/* Whole groups of four digits and the line ends between them, as long as nothing else comes.
 * Returns where it stopped. Each group writes a byte beyond its three, which the next one
 * overwrites: OUT has room for it. */
static size_t
decode_groups(Base64 *s, SkBytes text, size_t at)
{
    const uint8_t *p = text.data;
    uint8_t *out = s->out;

    while (text.len - at >= 4) {
        uint32_t group =
            FIRSTS[p[at]] | SECONDS[p[at + 1]] | THIRDS[p[at + 2]] | FOURTHS[p[at + 3]];

        if (group < NOT_A_DIGIT) {
            group = GUINT32_TO_LE(group);
            memcpy(out, &group, 4);
            out += 3;
            at += 4;
        } else if (p[at] == '\r' && p[at + 1] == '\n') {
            at += 2;
        } else {
            break;
        }
    }
    s->out = out;
    return at;
}

/* Writes the bytes of a group that padding or the end cut short. */
static void
flush_group(Base64 *s)
{
    uint32_t bits = s->bits << (6 * (4 - s->have));

    if (s->have == 1)
        s->damaged = true;
    if (s->have >= 2)
        *s->out++ = (uint8_t)(bits >> 16);
    if (s->have == 3)
        *s->out++ = (uint8_t)(bits >> 8);
    s->have = 0;
    s->bits = 0;
}

static void
take_digit(Base64 *s, uint8_t digit)
{
    /* Behind padding some programs stop and others go on: we go on, which shows more. */
    s->damaged |= s->ended;
    s->bits = s->bits << 6 | digit;
    if (++s->have < 4)
        return;
    *s->out++ = (uint8_t)(s->bits >> 16);
    *s->out++ = (uint8_t)(s->bits >> 8);
    *s->out++ = (uint8_t)s->bits;
    s->have = 0;
    s->bits = 0;
}

static void
take_pad(Base64 *s)
{
    s->damaged |= s->have == 1 || (s->have == 0 && !s->ended);
    if (s->have > 0)
        flush_group(s);
    s->ended = true;
}

static void
take_other(Base64 *s, uint8_t digit)
{
    if (digit == PAD)
        take_pad(s);
    else if (digit == JUNK)
        s->damaged = true;
}

SkMailDecoded
sk_mail_decode_base64(SkBytes text, SkBuffer *out)
{
    Base64 s = {0};

    /* Every group of four yields three bytes, a last incomplete one two; and the one beyond. */
    if (!sk_buffer_reserve(out, text.len / 4 * 3 + 4))
        return SK_MAIL_DECODED_FULL;
    s.out = out->data + out->len;
    for (size_t at = 0; at < text.len; at++) {
        uint8_t digit;

        if (s.have == 0 && !s.ended)
            at = decode_groups(&s, text, at);
        if (at == text.len)
            break;
        digit = DIGITS[text.data[at]];
        if (digit < BLANK)
            take_digit(&s, digit);
        else
            take_other(&s, digit);
    }
    s.damaged |= s.have > 0;
    flush_group(&s);
    out->len = (size_t)(s.out - out->data);
    return s.damaged ? SK_MAIL_DECODED_DAMAGED : SK_MAIL_DECODED;
}

static int
hex_value(uint8_t c)
{
    return g_ascii_xdigit_value((char)c);
}

/* Length of the soft line break behind the "=" at AT, blanks before the line end included; 0
 * when it is none. */
static size_t
soft_break(SkBytes text, size_t at)
{
    size_t i = at + 1;

    while (sk_bytes_u8(text, i) == ' ' || sk_bytes_u8(text, i) == '\t')
        i++;
    if (i >= text.len)
        return text.len - at;
    if (sk_bytes_is(text, i, "\r\n"))
        return i + 2 - at;
    return text.data[i] == '\n' ? i + 1 - at : 0;
}

/* What stands at the "=" at AT: returns how much of TEXT it takes. */
static size_t
decode_escape(SkBytes text, size_t at, uint8_t **out, bool *damaged)
{
    int high = hex_value(sk_bytes_u8(text, at + 1)), low = hex_value(sk_bytes_u8(text, at + 2));
    size_t soft;

    if (high >= 0 && low >= 0) {
        *(*out)++ = (uint8_t)(high << 4 | low);
        return 3;
    }
    soft = soft_break(text, at);
    if (soft > 0)
        return soft;
    *damaged = true;
    *(*out)++ = '=';
    return 1;
}

SkMailDecoded
sk_mail_decode_quoted(SkBytes text, SkBuffer *out)
{
    bool damaged = false;
    uint8_t *p;

    if (text.len == 0)
        return SK_MAIL_DECODED;
    if (!sk_buffer_reserve(out, text.len))
        return SK_MAIL_DECODED_FULL;
    p = out->data + out->len;
    for (size_t at = 0; at < text.len;) {
        const uint8_t *escape = memchr(text.data + at, '=', text.len - at);
        size_t n = escape != NULL ? (size_t)(escape - text.data) - at : text.len - at;

        memcpy(p, text.data + at, n);
        p += n;
        at += n;
        if (at < text.len)
            at += decode_escape(text, at, &p, &damaged);
    }
    out->len = (size_t)(p - out->data);
    return damaged ? SK_MAIL_DECODED_DAMAGED : SK_MAIL_DECODED;
}
