/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-pgp.h"

#include <glib.h>
#include <zlib.h>

/* Session keys for one message; more recipients than a mail may have. */
#define KEYS 64

static void
set_body(SkBytes b, size_t at, uint64_t len, SkPgpPacket *packet)
{
    packet->body = sk_bytes_slice(b, at, len);
    packet->next = MIN(at, b.len) + packet->body.len;
    packet->cut = packet->body.len < len && len != UINT64_MAX;
}

bool
sk_pgp_read_piece(SkBytes b, size_t at, SkPgpPacket *packet)
{
    uint8_t first = sk_bytes_u8(b, at);

    if (!sk_bytes_has(b, at, 1))
        return false;
    packet->partial = first >= 224 && first < 255;
    if (first < 192)
        set_body(b, at + 1, first, packet);
    else if (first < 224)
        set_body(b, at + 2, ((first - 192u) << 8) + sk_bytes_u8(b, at + 1) + 192u, packet);
    else if (first == 255)
        set_body(b, at + 5, sk_bytes_be32(b, at + 1), packet);
    else
        set_body(b, at + 1, 1ULL << (first & 31), packet);
    return true;
}

static bool
read_old(SkBytes b, size_t at, SkPgpPacket *packet)
{
    packet->tag = sk_bytes_u8(b, at) >> 2 & 15;
    packet->partial = false;
    switch (sk_bytes_u8(b, at) & 3) {
    case 0:
        set_body(b, at + 2, sk_bytes_u8(b, at + 1), packet);
        break;
    case 1:
        set_body(b, at + 3, sk_bytes_be16(b, at + 1), packet);
        break;
    case 2:
        set_body(b, at + 5, sk_bytes_be32(b, at + 1), packet);
        break;
    default:
        set_body(b, at + 1, UINT64_MAX, packet);
        break;
    }
    return true;
}

bool
sk_pgp_read(SkBytes b, size_t at, SkPgpPacket *packet)
{
    uint8_t first = sk_bytes_u8(b, at);

    if (!sk_bytes_has(b, at, 2) || (first & 0x80) == 0)
        return false;
    if ((first & 0x40) == 0)
        return read_old(b, at, packet);
    packet->tag = first & 0x3f;
    return sk_pgp_read_piece(b, at + 1, packet);
}

bool
sk_pgp_tag_is_encrypted(uint8_t tag)
{
    return tag == SK_PGP_PKESK || tag == SK_PGP_SKESK || tag == SK_PGP_ENCRYPTED_OLD ||
           tag == SK_PGP_ENCRYPTED || tag == SK_PGP_AEAD;
}

static bool
is_session_key(const SkPgpPacket *packet)
{
    uint8_t version = sk_bytes_u8(packet->body, 0);
    uint8_t public_algorithm = sk_bytes_u8(packet->body, 9);
    uint8_t cipher = sk_bytes_u8(packet->body, 1), s2k = sk_bytes_u8(packet->body, 2);

    if (packet->partial || packet->body.len > 8192)
        return false;
    if (packet->tag == SK_PGP_PKESK)
        return (version == 3 && packet->body.len > 11 && public_algorithm > 0 &&
                public_algorithm < 30) ||
               version == 6;
    return packet->tag == SK_PGP_SKESK && packet->body.len >= 4 &&
           ((version == 4 && cipher > 0 && cipher < 14 && s2k < 5) || version == 5 ||
            version == 6);
}

static bool
is_sealed_data(const SkPgpPacket *packet)
{
    uint8_t version = sk_bytes_u8(packet->body, 0);

    if (packet->tag == SK_PGP_ENCRYPTED_OLD)
        return true;
    return (packet->tag == SK_PGP_ENCRYPTED && (version == 1 || version == 2)) ||
           (packet->tag == SK_PGP_AEAD && version == 1);
}

/* Session keys, all well formed, and encrypted data behind them. */
static bool
is_sealed(SkBytes b, SkPgpPacket packet)
{
    for (unsigned i = 0; i < KEYS && is_session_key(&packet); i++) {
        if (!sk_pgp_read(b, packet.next, &packet))
            return false;
        if (is_sealed_data(&packet))
            return true;
    }
    return false;
}

static void
end_stream(z_stream *stream)
{
    (void)inflateEnd(stream);
}

/* Raw DEFLATE has no mark of its own: its first bytes must unpack, and begin another packet. */
static bool
is_deflated_packet(SkBytes packed)
{
    __attribute__((cleanup(end_stream))) z_stream z = {0};
    uint8_t out[16];

    if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
        return false;
    z.next_in = (Bytef *)packed.data;
    z.avail_in = (uInt)MIN(packed.len, 4096);
    z.next_out = out;
    z.avail_out = sizeof out;
    (void)inflate(&z, Z_SYNC_FLUSH);
    return z.avail_out == 0 && (out[0] & 0x80) != 0;
}

static bool
is_compressed(const SkPgpPacket *packet)
{
    SkBytes body = packet->body;

    switch (sk_bytes_u8(body, 0)) {
    case 1:
        return is_deflated_packet(sk_bytes_from(body, 1));
    case 2:
        return sk_bytes_u8(body, 1) == 0x78 && sk_bytes_be16(body, 1) % 31 == 0;
    case 3:
        return sk_bytes_is(body, 1, "BZh");
    default:
        return false;
    }
}

/* Format, name, date, and nothing behind the packet but a signature. */
static bool
is_literal(const SkPgpPacket *packet)
{
    SkBytes body = packet->body;
    uint8_t format = sk_bytes_u8(body, 0), name = sk_bytes_u8(body, 1);

    if (format != 'b' && format != 't' && format != 'u')
        return false;
    for (size_t i = 0; i < name; i++) {
        if (sk_bytes_u8(body, 2 + i) < 0x20)
            return false;
    }
    return body.len >= 6u + name;
}

bool
sk_pgp_is_message(SkBytes bytes)
{
    SkPgpPacket packet;

    if (!sk_pgp_read(bytes, 0, &packet))
        return false;
    if (packet.tag == SK_PGP_MARKER && sk_bytes_is(packet.body, 0, "PGP") &&
        !sk_pgp_read(bytes, packet.next, &packet))
        return false;
    switch (packet.tag) {
    case SK_PGP_PKESK:
    case SK_PGP_SKESK:
        return is_sealed(bytes, packet);
    case SK_PGP_ONE_PASS:
        return packet.body.len == 13 && packet.body.data[0] == 3 && packet.body.data[1] < 2;
    case SK_PGP_COMPRESSED:
        return is_compressed(&packet);
    case SK_PGP_LITERAL:
        return is_literal(&packet);
    default:
        return false;
    }
}
