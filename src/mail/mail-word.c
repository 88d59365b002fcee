/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-word.h"

#include <glib.h>

#include "base/limit.h"
#include "mail/mail-decode.h"

#define LABEL_MAX 64
/* Bytes of one encoded word in an address: RFC 2047 allows 75, programs write some hundreds. */
#define LENGTH_MAX 1000

typedef struct {
    size_t len; /* of the whole word */
    char label[LABEL_MAX];
    bool base64;
    SkBytes text;
} Word;

typedef struct {
    SkBuffer *out;
    SkBuffer pending; /* decoded bytes of words in one charset, not yet converted */
    char label[LABEL_MAX];
    SkMailCharset worst;
} Decoder;

/* The charset of the word that begins at AT, up to the "?"; what follows "*" is a language. */
static size_t
read_label(SkBytes value, size_t at, char out[LABEL_MAX])
{
    size_t n = 0;
    bool language = false;

    for (; at < value.len && value.data[at] != '?'; at++) {
        uint8_t c = value.data[at];

        if (c <= ' ' || c >= 0x7f || n == LABEL_MAX - 1)
            return 0;
        language |= c == '*';
        if (!language)
            out[n++] = (char)c;
    }
    out[n] = '\0';
    return n > 0 ? at : 0;
}

/* Whether an encoded word begins at AT. */
static bool
read_word(SkBytes value, size_t at, Word *ret)
{
    size_t mark, end;
    uint8_t encoding;

    if (!sk_bytes_is(value, at, "=?"))
        return false;
    mark = read_label(value, at + 2, ret->label);
    encoding = sk_bytes_u8(value, mark + 1);
    ret->base64 = encoding == 'B' || encoding == 'b';
    if (mark == 0 || !(ret->base64 || encoding == 'Q' || encoding == 'q') ||
        sk_bytes_u8(value, mark + 2) != '?')
        return false;
    end = sk_bytes_find(value, "?=", 2, mark + 3);
    if (end == SK_BYTES_NONE)
        return false;
    ret->text = sk_bytes_slice(value, mark + 3, end - mark - 3);
    ret->len = end + 2 - at;
    return true;
}

static void
note(Decoder *d, SkMailCharset result)
{
    d->worst = MAX(d->worst, result);
}

static void
flush(Decoder *d)
{
    if (d->pending.len > 0)
        note(d, sk_mail_charset_decode(d->label, sk_buffer_bytes(&d->pending), d->out));
    d->pending.len = 0;
}

/* RFC 2047 4.2: an underline is a blank, "=XX" a byte. */
static void
decode_q(SkBytes text, SkBuffer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        int high = g_ascii_xdigit_value((char)sk_bytes_u8(text, i + 1));
        int low = g_ascii_xdigit_value((char)sk_bytes_u8(text, i + 2));

        if (c == '=' && high >= 0 && low >= 0) {
            c = (uint8_t)(high << 4 | low);
            i += 2;
        } else if (c == '_') {
            c = ' ';
        }
        if (!sk_buffer_append(out, &c, 1))
            return;
    }
}

static void
take_word(Decoder *d, const Word *word)
{
    if (g_ascii_strcasecmp(d->label, word->label) != 0)
        flush(d);
    g_strlcpy(d->label, word->label, sizeof d->label);
    if (word->base64)
        (void)sk_mail_decode_base64(word->text, &d->pending);
    else
        decode_q(word->text, &d->pending);
    if (d->pending.full)
        note(d, SK_MAIL_CHARSET_FULL);
}

static bool
is_blank(SkBytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!g_ascii_isspace(text.data[i]))
            return false;
    return true;
}

static void
take_plain(Decoder *d, SkBytes text)
{
    flush(d);
    if (text.len > 0)
        note(d, sk_mail_charset_decode(NULL, text, d->out));
}

/* Where the next encoded word begins at or after FROM; the end when there is none. WORDS is
 * VALUE up to the last "?=": behind it no search for the end of a word is begun, of which a
 * million would each run to the end. */
static size_t
find_word(SkBytes value, SkBytes words, size_t from, Word *ret)
{
    size_t at = sk_bytes_find(words, "=?", 2, from);

    while (at != SK_BYTES_NONE && !read_word(words, at, ret))
        at = sk_bytes_find(words, "=?", 2, at + 1);
    return MIN(at, value.len);
}

static void
decode_unfolded(Decoder *d, SkBytes value)
{
    size_t last = sk_bytes_find_last(value, "?=", 2, 0);
    SkBytes words = sk_bytes_slice(value, 0, last == SK_BYTES_NONE ? 0 : last + 2);
    bool behind_word = false;

    for (size_t at = 0; at < value.len;) {
        Word word;
        size_t next = find_word(value, words, at, &word);
        SkBytes plain = sk_bytes_slice(value, at, next - at);

        /* Blanks between two words are not part of the text (RFC 2047 6.2). */
        if (!(behind_word && next < value.len && is_blank(plain)))
            take_plain(d, plain);
        if (next == value.len)
            return;
        take_word(d, &word);
        behind_word = true;
        at = next + word.len;
    }
}

static bool
unfold(SkBytes value, SkBuffer *out)
{
    if (!sk_buffer_reserve(out, value.len))
        return false;
    for (size_t i = 0; i < value.len; i++)
        if (value.data[i] != '\r' && value.data[i] != '\n')
            out->data[out->len++] = value.data[i];
    return true;
}

SkMailCharset
sk_mail_word_decode(SkBytes value, SkBuffer *out)
{
    Decoder d = {.out = out};
    g_auto(SkBuffer) unfolded = {0};

    sk_buffer_init(&d.pending, SK_LIMIT_HEADER);
    sk_buffer_init(&unfolded, SK_LIMIT_HEADER);
    if (sk_bytes_find(value, "\n", 1, 0) != SK_BYTES_NONE) {
        if (!unfold(value, &unfolded))
            return SK_MAIL_CHARSET_FULL;
        value = sk_buffer_bytes(&unfolded);
    }
    decode_unfolded(&d, value);
    flush(&d);
    sk_buffer_clear(&d.pending);
    return d.worst;
}

size_t
sk_mail_word_length(SkBytes value, size_t at)
{
    SkBytes near = sk_bytes_slice(value, 0, (uint64_t)at + LENGTH_MAX);
    Word word;

    if (!read_word(near, at, &word))
        return 0;
    for (size_t i = 0; i < word.text.len; i++)
        if (g_ascii_isspace(word.text.data[i]))
            return 0;
    return word.len;
}
