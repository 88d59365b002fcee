/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-armour.h"

#include <glib.h>

#define PGP_BEGIN "-----BEGIN PGP MESSAGE"

typedef struct {
    int state;
    unsigned save;
} Decoder;

/* The line at *AT without its end; moves *AT behind it. */
static SkBytes
take_line(SkBytes text, size_t *at)
{
    size_t end = sk_bytes_find(text, "\n", 1, *at);
    SkBytes line;

    if (end == SK_BYTES_NONE)
        end = text.len;
    line = sk_bytes_slice(text, *at, end - *at);
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    *at = end + 1;
    return line;
}

static bool
is_header(SkBytes line)
{
    return sk_bytes_find(line, ": ", 2, 0) != SK_BYTES_NONE;
}

/* Decodes the line in pieces of a size of our own. */
static bool
decode_line(SkBytes line, Decoder *decoder, SkBuffer *out)
{
    uint8_t piece[768 + 8];

    for (size_t at = 0; at < line.len; at += 1024) {
        SkBytes part = sk_bytes_slice(line, at, 1024);
        gsize n = g_base64_decode_step((const char *)part.data, part.len, piece,
                                       &decoder->state, &decoder->save);

        if (!sk_buffer_append(out, piece, n))
            return false;
    }
    return true;
}

bool
sk_armour_decode(SkBytes text, SkBuffer *out)
{
    Decoder decoder = {0, 0};
    size_t at = 0;

    while (at < text.len) {
        SkBytes line = take_line(text, &at);

        if (out->len == 0 && (sk_bytes_is(line, 0, "-----BEGIN") || is_header(line)))
            continue;
        /* "=abcd" is OpenPGP's checksum. */
        if (line.len > 0 && (line.data[0] == '-' || line.data[0] == '='))
            break;
        if (!decode_line(line, &decoder, out))
            return false;
    }
    return out->len > 0;
}

size_t
sk_armour_find_pgp(SkBytes text, size_t from)
{
    size_t at = from;

    while ((at = sk_bytes_find(text, PGP_BEGIN, strlen(PGP_BEGIN), at)) != SK_BYTES_NONE) {
        /* Quoted in a reply ("> -----BEGIN") it is still readable by nobody else. */
        if (at == 0 || text.data[at - 1] == '\n' || text.data[at - 1] == ' ' ||
            text.data[at - 1] == '>')
            return at;
        at++;
    }
    return SK_BYTES_NONE;
}
