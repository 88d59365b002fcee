/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-eucjp.h"

#include <glib.h>

/* What CP932 has for 8F F3 F3 to 8F F3 FE and 8F F4 A1 to 8F F4 FE. */
/* clang-format off */
static const uint16_t IBM[] = {
    0xfa40, 0xfa41, 0xfa42, 0xfa43, 0xfa44, 0xfa45, 0xfa46, 0xfa47, 0xfa48, 0xfa49,
    0x8754, 0x8755, 0x8756, 0x8757, 0x8758, 0x8759, 0x875a, 0x875b, 0x875c, 0x875d,
    0xfa56, 0xfa57, 0x878a, 0x8782, 0x8784, 0xfa62, 0xfa6a, 0xfa7c, 0xfa83, 0xfa8a,
    0xfa8b, 0xfa90, 0xfa92, 0xfa96, 0xfa9b, 0xfa9c, 0xfa9d, 0xfaaa, 0xfaae, 0xfab0,
    0xfab1, 0xfaba, 0xfabd, 0xfac1, 0xfacd, 0xfad0, 0xfad5, 0xfad8, 0xfae0, 0xfae5,
    0xfae8, 0xfaea, 0xfaee, 0xfaf2, 0xfb43, 0xfb44, 0xfb50, 0xfb58, 0xfb5e, 0xfb6e,
    0xfb70, 0xfb72, 0xfb75, 0xfb7c, 0xfb7d, 0xfb7e, 0xfb80, 0xfb82, 0xfb85, 0xfb86,
    0xfb89, 0xfb8d, 0xfb8e, 0xfb92, 0xfb94, 0xfb9d, 0xfb9e, 0xfb9f, 0xfba0, 0xfba1,
    0xfba9, 0xfbac, 0xfbae, 0xfbb0, 0xfbb1, 0xfbb3, 0xfbb4, 0xfbb6, 0xfbb7, 0xfbb8,
    0xfbd3, 0xfbda, 0xfbe8, 0xfbe9, 0xfbea, 0xfbee, 0xfbf0, 0xfbf2, 0xfbf6, 0xfbf7,
    0xfbf9, 0xfbfa, 0xfbfc, 0xfc42, 0xfc49, 0xfc4b,
};
/* clang-format on */

/* Its place in the table above, or SIZE_MAX. */
static size_t
find_ibm(SkBytes bytes, size_t at)
{
    uint8_t cell = sk_bytes_u8(bytes, at + 2);

    if (sk_bytes_is(bytes, at, "\x8f\xf3") && cell >= 0xf3 && cell <= 0xfe)
        return cell - 0xf3U;
    if (sk_bytes_is(bytes, at, "\x8f\xf4") && cell >= 0xa1 && cell <= 0xfe)
        return 12U + cell - 0xa1U;
    return SIZE_MAX;
}

/* How long the character at AT is, as its first byte says. */
static size_t
char_length(SkBytes bytes, size_t at)
{
    uint8_t c = bytes.data[at];

    if (c == 0x8f)
        return 3;
    return c == 0x8e || c >= 0xa1 ? 2 : 1;
}

/* The next of IBM's characters at or after AT; the end when there is none. */
static size_t
next_ibm(SkBytes bytes, size_t at)
{
    while (at < bytes.len && find_ibm(bytes, at) == SIZE_MAX)
        at += char_length(bytes, at);
    return MIN(at, bytes.len);
}

SkTranscode
sk_mail_eucjp_decode(SkBytes bytes, SkBuffer *out)
{
    SkTranscode result = SK_TRANSCODE_OK;

    for (size_t at = 0; at < bytes.len && result != SK_TRANSCODE_FULL;) {
        size_t next = next_ibm(bytes, at);
        SkTranscode one = SK_TRANSCODE_OK;

        if (next > at) {
            one = sk_transcode(SK_ICU_EUC_JP, sk_bytes_slice(bytes, at, next - at), out);
            at = next;
        } else {
            uint16_t code = IBM[find_ibm(bytes, at)];
            const uint8_t pair[2] = {(uint8_t)(code >> 8), (uint8_t)code};

            one = sk_transcode(SK_ICU_CP932, sk_bytes(pair, 2), out);
            at += 3;
        }
        result = MAX(result, one);
    }
    return result;
}
