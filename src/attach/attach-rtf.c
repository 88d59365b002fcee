/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-office.h"

/*
 * attach-rtf - objects in rich text
 *
 * An object is the hexadecimal text of \objdata: an OLE 1 header and the object's own data
 * ([MS-OLEDS] 2.2.5), a compound file or a Package. Word reads over anything between the
 * digits, which is used to hide them: other groups, other control words, white space.
 */

/* Bytes that control words and their numbers may take. */
#define MAX_WORD 64
/* Kinds of OLE 1 object: nothing, a link, data of its own. */
#define FORMAT_LINK     1u
#define FORMAT_EMBEDDED 2u
/* Groups in groups inside of object data before it is read no further. */
#define MAX_GROUPS 1000u

typedef struct {
    SkBytes text;
    size_t at;
    unsigned depth; /* of groups, inside the object data */
    unsigned skip;  /* the depth from which a group is passed over; 0: none */
    int high;       /* first digit of a pair, or -1 */
} Hex;

/* A control word with its number, and the blank that ends it. */
static void
pass_word(Hex *hex)
{
    size_t from = hex->at;

    while (g_ascii_isalpha(sk_bytes_u8(hex->text, hex->at)) && hex->at - from < MAX_WORD)
        hex->at++;
    if (sk_bytes_u8(hex->text, hex->at) == '-')
        hex->at++;
    while (g_ascii_isdigit(sk_bytes_u8(hex->text, hex->at)) && hex->at - from < MAX_WORD)
        hex->at++;
    if (sk_bytes_u8(hex->text, hex->at) == ' ')
        hex->at++;
}

/* Bytes that \bin announces are taken as they are. */
static bool
take_binary(Hex *hex, SkBuffer *out)
{
    uint64_t n = 0;
    SkBytes raw;

    hex->at += 3;
    while (g_ascii_isdigit(sk_bytes_u8(hex->text, hex->at)) && n < UINT32_MAX)
        n = n * 10 + (sk_bytes_u8(hex->text, hex->at++) - '0');
    if (sk_bytes_u8(hex->text, hex->at) == ' ')
        hex->at++;
    raw = sk_bytes_slice(hex->text, hex->at, n);
    hex->at += raw.len;
    return sk_buffer_append(out, raw.data, raw.len);
}

static bool
on_backslash(Hex *hex, SkBuffer *out)
{
    uint8_t next = sk_bytes_u8(hex->text, hex->at);

    if (sk_bytes_is(hex->text, hex->at, "bin") &&
        g_ascii_isdigit(sk_bytes_u8(hex->text, hex->at + 3)))
        return take_binary(hex, out);
    if (next == '*' && hex->skip == 0 && hex->depth > 0)
        hex->skip = hex->depth;
    if (next == '\'')
        hex->at += 3;
    else if (g_ascii_isalpha(next))
        pass_word(hex);
    else
        hex->at++;
    return true;
}

static bool
on_digit(Hex *hex, uint8_t c, SkBuffer *out)
{
    int value = g_ascii_xdigit_value((char)c);
    uint8_t byte;

    if (value < 0 || hex->skip != 0)
        return true;
    if (hex->high < 0) {
        hex->high = value;
        return true;
    }
    byte = (uint8_t)(hex->high << 4 | value);
    hex->high = -1;
    return sk_buffer_append(out, &byte, 1);
}

/* One character of object data; false at the end of its group. */
static bool
step(Hex *hex, SkBuffer *out)
{
    uint8_t c = sk_bytes_u8(hex->text, hex->at++);

    switch (c) {
    case '{':
        return ++hex->depth < MAX_GROUPS;
    case '}':
        if (hex->depth == 0)
            return false;
        if (hex->skip == hex->depth)
            hex->skip = 0;
        hex->depth--;
        return true;
    case '\\':
        return on_backslash(hex, out);
    default:
        return on_digit(hex, c, out);
    }
}

/* Reads the group that AT is in to its end, which is returned. */
static size_t
read_hex(SkBytes text, size_t at, SkBuffer *out)
{
    Hex hex = {text, at, 0, 0, -1};

    sk_buffer_init(out, text.len - at);
    while (hex.at < text.len && step(&hex, out))
        continue;
    return hex.at;
}

/* A string with its length in front; AT moves behind it. */
static SkBytes
take_string(SkBytes b, uint64_t *at)
{
    SkBytes text = sk_bytes_slice(b, *at + 4, sk_bytes_le32(b, *at));

    *at += 4 + (uint64_t)sk_bytes_le32(b, *at);
    return text;
}

static void
open_object(SkAttachScan *scan, SkAttachFile *file, SkBytes object)
{
    uint64_t at = 8;
    SkBytes class_name = take_string(object, &at), data;

    (void)take_string(object, &at);
    (void)take_string(object, &at);
    data = sk_bytes_slice(object, at + 4, sk_bytes_le32(object, at));
    if (sk_bytes_le32(object, 4) <= FORMAT_LINK)
        return;
    if (sk_bytes_le32(object, 4) != FORMAT_EMBEDDED || data.len == 0)
        sk_attach_broken(scan, file, "an embedded object cannot be read");
    else if (sk_bytes_equal_nocase(sk_bytes_slice(class_name, 0, 7), "Package"))
        sk_attach_ole_package(scan, file, data);
    else if (sk_budget_take_unpacked(sk_attach_budget(scan)))
        sk_attach_member(scan, file, "object", data);
}

void
sk_attach_rtf_open(SkAttachScan *scan, SkAttachFile *file)
{
    size_t at = 0;

    while ((at = sk_bytes_find(file->bytes, "\\objdata", 8, at)) != SK_BYTES_NONE) {
        g_auto(SkBuffer) object = {0};

        at = read_hex(file->bytes, at + 8, &object);
        if (object.len > 0 &&
            sk_budget_take_bytes(sk_attach_budget(scan), object.len, file->bytes.len, 0))
            open_object(scan, file, sk_buffer_bytes(&object));
        if (sk_attach_is_over(scan, file))
            return;
    }
}
