/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-der.h"

bool
sk_der_read(SkBytes b, size_t at, SkDer *der)
{
    uint8_t first = sk_bytes_u8(b, at + 1), n = first & 0x7f;
    uint64_t len = first;

    if (!sk_bytes_has(b, at, 2) || (sk_bytes_u8(b, at) & 0x1f) == 0x1f)
        return false;
    *der = (SkDer){.tag = sk_bytes_u8(b, at), .indefinite = first == 0x80};
    if (first < 0x80)
        n = 0;
    else if (n > 8 || !sk_bytes_has(b, at + 2, n))
        return false;
    else
        len = 0;
    for (unsigned i = 0; i < n; i++)
        len = len << 8 | sk_bytes_u8(b, at + 2 + i);
    der->body = sk_bytes_slice(b, at + 2 + n, der->indefinite ? UINT64_MAX : len);
    der->cut = !der->indefinite && der->body.len < len;
    der->end = at + 2 + n + (der->indefinite ? 0 : der->body.len);
    return true;
}

static bool
is_end_of_contents(SkBytes b, size_t at)
{
    return sk_bytes_is(b, at, "\0\0");
}

size_t
sk_der_skip(SkBytes b, size_t at, unsigned depth)
{
    SkDer der;

    if (depth > SK_DER_DEPTH || !sk_der_read(b, at, &der))
        return SK_BYTES_NONE;
    if (!der.indefinite)
        return der.end;
    at = der.end;
    while (at < b.len && !is_end_of_contents(b, at)) {
        at = sk_der_skip(b, at, depth + 1);
        if (at == SK_BYTES_NONE)
            return SK_BYTES_NONE;
    }
    return at + 2;
}

bool
sk_der_octets(const SkDer *der, unsigned depth, SkBuffer *out)
{
    size_t at = 0;
    SkDer piece;

    if ((der->tag & SK_DER_CONSTRUCTED) == 0)
        return sk_buffer_append(out, der->body.data, der->body.len);
    while (at < der->body.len && !(der->indefinite && is_end_of_contents(der->body, at))) {
        if (depth > SK_DER_DEPTH || !sk_der_read(der->body, at, &piece) ||
            !sk_der_octets(&piece, depth + 1, out))
            return false;
        at = sk_der_skip(der->body, at, depth);
        if (at == SK_BYTES_NONE)
            return false;
    }
    return true;
}
