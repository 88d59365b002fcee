/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-charset.h"

#include <glib.h>

#include <unicode/ucnv.h>
#include <unicode/utf8.h>

#include "mail/mail-eucjp.h"
#include "mail/mail-iso2022.h"
#include "mail/mail-transcode.h"

#define LABEL_MAX 64

/* Labels whose text is read with another converter than ICU would take: a superset that the
 * programs which write the label really use. */
static const struct {
    const char *label;
    const char *converter;
} SUPERSETS[] = {
    {"ansi_x3.4-1968", SK_ICU_LATIN},
    {"ascii", SK_ICU_LATIN},
    {"big5", "big5hk"},
    {"cn-gb", "gb18030"},
    {"euc-kr", "windows-949"},
    {"euccn", "gb18030"},
    {"gb2312", "gb18030"},
    {"gb_2312-80", "gb18030"},
    {"gbk", "gb18030"},
    {"iso-8859-1", SK_ICU_LATIN},
    {"iso8859-1", SK_ICU_LATIN},
    {"iso_8859-1", SK_ICU_LATIN},
    {"ks_c_5601-1987", "windows-949"},
    {"latin1", SK_ICU_LATIN},
    {"euc-jp", SK_ICU_EUC_JP},
    {"eucjp", SK_ICU_EUC_JP},
    {"eucjp-ms", SK_ICU_EUC_JP},
    {"eucjpms", SK_ICU_EUC_JP},
    {"x-euc-jp", SK_ICU_EUC_JP},
    {"ms932", SK_ICU_CP932},
    {"ms_kanji", SK_ICU_CP932},
    {"shift-jis", SK_ICU_CP932},
    {"sjis", SK_ICU_CP932},
    {"x-ms-cp932", SK_ICU_CP932},
    {"x-sjis", SK_ICU_CP932},
    {"us-ascii", SK_ICU_LATIN},
    {"utf8", "UTF-8"},
    {"x-utf-8", "UTF-8"},
    {"unicode-1-1-utf-7", "UTF-7"},
};

/* Labels that say nothing. */
static const char *const EMPTY[] = {"default",        "none",      "unknown", "unknown-8bit",
                                    "x-user-defined", "x-unknown", "8bit",    "binary"};

/* Labels of ISO-2022-JP and what Windows calls so. */
static const char *const ISO2022_JP[] = {
    "iso-2022-jp",     "iso-2022-jp-1",   "iso-2022-jp-2",  "iso-2022-jp-3", "iso-2022-jp-2004",
    "iso-2022-jp-ext", "csiso2022jp",     "iso2022-jp",     "iso2022jp",     "jis",
    "cp50220",         "cp50221",         "cp50222",        "windows-50220", "windows-50221",
    "x-windows-50220", "x-windows-50221", "iso-2022-jp-ms",
};

static bool
is_one_of(const char *label, const char *const *labels, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(label, labels[i]) == 0)
            return true;
    return false;
}

/* Lower case, without blanks and quotes around it. False: it is no label. ICU takes options
 * behind a comma and file names with slashes: neither gets through. */
static bool
clean_label(const char *label, char out[LABEL_MAX])
{
    size_t n = 0;

    for (const char *p = label != NULL ? label : ""; *p != '\0'; p++) {
        if (*p == ' ' || *p == '"' || *p == '\'')
            continue;
        if (n == LABEL_MAX - 1 || (!g_ascii_isalnum(*p) && strchr("-_.:+()", *p) == NULL))
            return false;
        out[n++] = g_ascii_tolower(*p);
    }
    out[n] = '\0';
    return true;
}

/* The ICU converter for a clean label, or NULL. */
static const char *
find_converter(const char *label)
{
    UErrorCode status = U_ZERO_ERROR;

    for (size_t i = 0; i < G_N_ELEMENTS(SUPERSETS); i++)
        if (strcmp(label, SUPERSETS[i].label) == 0)
            return SUPERSETS[i].converter;
    return ucnv_countAliases(label, &status) > 0 && U_SUCCESS(status) ? label : NULL;
}

static bool
says_nothing(const char *label)
{
    return label[0] == '\0' || is_one_of(label, EMPTY, G_N_ELEMENTS(EMPTY));
}

bool
sk_mail_charset_is_known(const char *label)
{
    char clean[LABEL_MAX];

    return clean_label(label, clean) &&
           (says_nothing(clean) || is_one_of(clean, ISO2022_JP, G_N_ELEMENTS(ISO2022_JP)) ||
            find_converter(clean) != NULL);
}

/* Where the first byte above 0x7f stands at or after AT: eight at a time. */
static size_t
skip_ascii(SkBytes bytes, size_t at)
{
    while (sk_bytes_has(bytes, at, 8) &&
           (sk_bytes_le64(bytes, at) & UINT64_C(0x8080808080808080)) == 0)
        at += 8;
    while (at < bytes.len && bytes.data[at] < 0x80)
        at++;
    return at;
}

bool
sk_mail_charset_is_utf8(SkBytes bytes)
{
    size_t at = skip_ascii(bytes, 0);

    while (at < bytes.len) {
        SkBytes rest = sk_bytes_slice(bytes, at, U8_MAX_LENGTH);
        int32_t i = 0;
        UChar32 c;

        U8_NEXT(rest.data, i, (int32_t)rest.len, c);
        if (c < 0)
            return false;
        at = skip_ascii(bytes, at + (size_t)i);
    }
    return true;
}

/* RFC 2781 4.3 says big-endian without a mark; programs that forget the mark write what their
 * machine has, and the zeros of Latin letters show it. */
static const char *
find_byte_order(const char *converter, SkBytes bytes)
{
    bool marked = sk_bytes_is(bytes, 0, "\xff\xfe") || sk_bytes_is(bytes, 0, "\xfe\xff") ||
                  sk_bytes_is(bytes, 0, "\0\0\xfe\xff");

    if (marked || bytes.len < 2)
        return converter;
    if (g_ascii_strcasecmp(converter, "utf-16") == 0)
        return bytes.data[1] == 0 && bytes.data[0] != 0 ? "UTF-16LE" : "UTF-16BE";
    if (g_ascii_strcasecmp(converter, "utf-32") == 0)
        return bytes.data[0] != 0 ? "UTF-32LE" : "UTF-32BE";
    return converter;
}

/* Whether 8-bit text is plausibly Japanese as Windows writes it. Latin text rarely is even
 * valid: its accented letters are lead bytes whose trail byte must fit. */
static bool
is_plausible_cp932(SkBytes bytes)
{
    unsigned pairs = 0, kana = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t c = bytes.data[i], next = sk_bytes_u8(bytes, i + 1);

        if (c < 0x80)
            continue;
        if (c >= 0xa1 && c <= 0xdf) {
            kana++;
            continue;
        }
        if (c == 0x80 || c == 0xa0 || c > 0xfc || next < 0x40 || next == 0x7f || next > 0xfc)
            return false;
        /* 81 to 9F are no letters in Latin text: they say more than E0 to FC. */
        pairs += next >= 0x80 || c <= 0x9f ? 2 : 1;
        i++;
    }
    return pairs >= 2 || kana >= 2;
}

static SkMailCharset
guess(SkBytes bytes, SkBuffer *out)
{
    size_t before = out->len;
    SkTranscode result;

    if (sk_bytes_find(bytes, "\x1b$", 2, 0) != SK_BYTES_NONE)
        return sk_mail_iso2022_decode(bytes, out) == SK_TRANSCODE_FULL
                   ? SK_MAIL_CHARSET_FULL
                   : SK_MAIL_CHARSET_GUESSED;
    if (!sk_mail_charset_is_utf8(bytes) && is_plausible_cp932(bytes)) {
        result = sk_transcode(SK_ICU_CP932, bytes, out);
        if (result == SK_TRANSCODE_OK)
            return SK_MAIL_CHARSET_GUESSED;
        out->len = before;
        out->full = false;
    }
    result = sk_transcode(sk_mail_charset_is_utf8(bytes) ? "UTF-8" : SK_ICU_LATIN, bytes, out);
    return result == SK_TRANSCODE_FULL ? SK_MAIL_CHARSET_FULL : SK_MAIL_CHARSET_GUESSED;
}

/* US-ASCII with 8-bit bytes, or UTF-8 that is none: programs guess, and so do we. */
static SkMailCharset
decode_untrue(const char *converter, SkBytes bytes, SkBuffer *out)
{
    SkTranscode result;

    if (strcmp(converter, SK_ICU_LATIN) == 0 || is_plausible_cp932(bytes))
        return guess(bytes, out) == SK_MAIL_CHARSET_FULL ? SK_MAIL_CHARSET_FULL
                                                         : SK_MAIL_CHARSET_UNTRUE;
    result = sk_transcode(converter, bytes, out);
    return result == SK_TRANSCODE_FULL ? SK_MAIL_CHARSET_FULL : SK_MAIL_CHARSET_UNTRUE;
}

static bool
is_ascii_label(const char *label)
{
    return strcmp(label, "us-ascii") == 0 || strcmp(label, "ascii") == 0 ||
           strcmp(label, "ansi_x3.4-1968") == 0;
}

static SkMailCharset
as_charset(SkTranscode result)
{
    if (result == SK_TRANSCODE_FULL)
        return SK_MAIL_CHARSET_FULL;
    return result == SK_TRANSCODE_LOSSY ? SK_MAIL_CHARSET_UNTRUE : SK_MAIL_CHARSET_OK;
}

static bool
is_ascii(SkBytes bytes)
{
    return skip_ascii(bytes, 0) == bytes.len;
}

static SkMailCharset
decode_known(const char *label, const char *converter, SkBytes bytes, SkBuffer *out)
{
    if (is_ascii_label(label) && !is_ascii(bytes))
        return decode_untrue(SK_ICU_LATIN, bytes, out);
    if (g_ascii_strcasecmp(converter, "utf-8") == 0 && !sk_mail_charset_is_utf8(bytes))
        return decode_untrue("UTF-8", bytes, out);
    if (strcmp(converter, SK_ICU_EUC_JP) == 0)
        return as_charset(sk_mail_eucjp_decode(bytes, out));
    return as_charset(sk_transcode(find_byte_order(converter, bytes), bytes, out));
}

SkMailCharset
sk_mail_charset_decode(const char *label, SkBytes bytes, SkBuffer *out)
{
    char clean[LABEL_MAX];
    const char *converter = NULL;
    SkMailCharset result;

    if (clean_label(label, clean)) {
        if (says_nothing(clean))
            return is_ascii(bytes) && sk_bytes_find(bytes, "\x1b", 1, 0) == SK_BYTES_NONE
                       ? as_charset(sk_transcode("UTF-8", bytes, out))
                       : guess(bytes, out);
        if (is_one_of(clean, ISO2022_JP, G_N_ELEMENTS(ISO2022_JP)))
            return as_charset(sk_mail_iso2022_decode(bytes, out));
        converter = find_converter(clean);
    }
    if (converter != NULL)
        return decode_known(clean, converter, bytes, out);
    result = guess(bytes, out);
    return result == SK_MAIL_CHARSET_FULL ? result : SK_MAIL_CHARSET_UNKNOWN;
}

/* From one escape to the next: so every byte is searched once, however many escapes there are.
 */
static size_t
iso2022_length(SkBytes text, size_t at)
{
    size_t end = sk_bytes_find(text, "\x1b", 1, at + 2);

    if (end == SK_BYTES_NONE)
        return 2;
    return (sk_bytes_is(text, end, "\x1b(") ? end + 2 : end) - at;
}

size_t
sk_mail_charset_opaque(SkBytes text, size_t at, bool pairs)
{
    uint8_t c = sk_bytes_u8(text, at);

    if (c == 0x1b && sk_bytes_u8(text, at + 1) == '$')
        return iso2022_length(text, at);
    if (pairs && ((c >= 0x81 && c <= 0x9f) || (c >= 0xe0 && c <= 0xfc)))
        return sk_bytes_has(text, at, 2) ? 2 : 1;
    return 0;
}

void
sk_mail_charset_prime(void)
{
    static const char *const LABELS[] = {
        "utf-8",        "us-ascii", "iso-8859-1",      "shift_jis",   "euc-jp",
        "iso-2022-jp",  "utf-16",   "utf-32",          "utf-7",       "gb2312",
        "big5",         "euc-kr",   "koi8-r",          "iso-8859-15", "iso-8859-2",
        "windows-1251", "",         "no-such-charset", "hz-gb-2312",  "iso-2022-kr",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(LABELS); i++) {
        g_auto(SkBuffer) out = {0};

        sk_buffer_init(&out, 256);
        (void)sk_mail_charset_decode(LABELS[i], sk_bytes("\x1b$(D0!\x1b(B\x82\xa0", 9), &out);
    }
}
