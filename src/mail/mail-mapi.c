/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-mapi.h"

#include <glib.h>

#define PROP_CONTENT   0x3701
#define PROP_FILENAME  0x3704
#define PROP_LONG_NAME 0x3707
#define PROP_MIME_TAG  0x370e

#define TYPE_OBJECT   0x000d
#define TYPE_STRING8  0x001e
#define TYPE_UNICODE  0x001f
#define TYPE_BINARY   0x0102
#define TYPE_MULTIPLE 0x1000
/* Ids from here on have a name in place of a fixed meaning. */
#define FIRST_NAMED 0x8000

/* An object begins with the id of its interface. */
#define OBJECT_ID_LEN 16

static uint64_t
pad4(uint64_t n)
{
    return (n + 3) & ~(uint64_t)3;
}

/* Bytes of a value of fixed size, padding included; 0: no such type. */
static unsigned
fixed_size(uint16_t type)
{
    switch (type) {
    case 0x0002: /* integer of 16 bits */
    case 0x0003:
    case 0x0004:
    case 0x000a:
    case 0x000b: /* boolean */
        return 4;
    case 0x0005:
    case 0x0006:
    case 0x0007:
    case 0x0014:
    case 0x0040: /* time */
        return 8;
    case 0x0048: /* GUID */
        return 16;
    default:
        return 0;
    }
}

static bool
is_variable(uint16_t type)
{
    return type == TYPE_OBJECT || type == TYPE_STRING8 || type == TYPE_UNICODE ||
           type == TYPE_BINARY;
}

static SkBytes
strip_nuls(SkBytes text, size_t unit)
{
    while (text.len >= unit && text.data[text.len - 1] == 0 && text.data[text.len - unit] == 0)
        text.len -= unit;
    return text;
}

static void
take_value(SkMailMapi *ret, uint16_t id, uint16_t type, SkBytes value)
{
    bool utf16 = type == TYPE_UNICODE;

    if (id == PROP_LONG_NAME || (id == PROP_FILENAME && ret->long_name.len == 0)) {
        ret->long_name = strip_nuls(value, utf16 ? 2 : 1);
        ret->name_is_utf16 = utf16;
    } else if (id == PROP_MIME_TAG) {
        ret->type = strip_nuls(value, utf16 ? 2 : 1);
        ret->type_is_utf16 = utf16;
    } else if (id == PROP_CONTENT) {
        ret->content = sk_bytes_from(value, type == TYPE_OBJECT ? OBJECT_ID_LEN : 0);
    }
}

/* Behind the name of a named property: a GUID, then a number or a text. */
static uint64_t
skip_name(SkBytes bytes, uint64_t at)
{
    uint32_t kind = sk_bytes_le32(bytes, at + 16);

    return kind == 0 ? at + 24 : at + 24 + pad4(sk_bytes_le32(bytes, at + 20));
}

/* Behind the values of a property with sizes of their own; beyond the end: wrong. */
static uint64_t
take_variable(SkMailMapi *ret, SkBytes bytes, uint64_t at, uint16_t id, uint16_t type)
{
    uint32_t n = sk_bytes_le32(bytes, at);

    at += 4;
    for (uint32_t i = 0; i < n && at < bytes.len; i++) {
        uint32_t len = sk_bytes_le32(bytes, at);

        take_value(ret, id, type, sk_bytes_slice(bytes, at + 4, len));
        at += 4 + pad4(len);
    }
    return at;
}

static uint64_t
skip_fixed(SkBytes bytes, uint64_t at, uint16_t type, bool multiple)
{
    uint64_t size = fixed_size(type), n = multiple ? sk_bytes_le32(bytes, at) : 1;

    if (size == 0)
        return UINT64_MAX;
    return at + (multiple ? 4 : 0) + n * size;
}

bool
sk_mail_mapi_read(SkBytes bytes, SkMailMapi *ret)
{
    uint32_t n = sk_bytes_le32(bytes, 0);
    uint64_t at = 4;

    for (uint32_t i = 0; i < n; i++) {
        uint16_t type = sk_bytes_le16(bytes, at), id = sk_bytes_le16(bytes, at + 2);
        bool multiple = (type & TYPE_MULTIPLE) != 0;

        if (!sk_bytes_has(bytes, at, 4))
            return false;
        at = id >= FIRST_NAMED ? skip_name(bytes, at + 4) : at + 4;
        type &= (uint16_t)~TYPE_MULTIPLE;
        at = is_variable(type) ? take_variable(ret, bytes, at, id, type)
                               : skip_fixed(bytes, at, type, multiple);
        if (at > pad4(bytes.len))
            return false;
    }
    return true;
}

bool
sk_mail_mapi_type(const SkMailMapi *props, char *out, size_t size)
{
    size_t unit = props->type_is_utf16 ? 2 : 1, n = props->type.len / unit;

    if (n == 0 || n >= size)
        return false;
    for (size_t i = 0; i < n; i++) {
        uint8_t c = props->type.data[i * unit];

        if (c <= ' ' || c >= 0x7f)
            return false;
        out[i] = g_ascii_tolower((char)c);
    }
    out[n] = '\0';
    return true;
}
