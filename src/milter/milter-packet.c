/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/milter-packet.h"

#include <string.h>

#include "base/limit.h"

static const char COMMANDS[] = "ABCDEHKLMNOQRTU";

const char *
sk_milter_head_read(SkBytes in, SkMilterHead *ret_head)
{
    uint32_t length = sk_bytes_be32(in, 0);
    uint8_t command = sk_bytes_u8(in, 4);

    if (length == 0)
        return "a packet without a command";
    if (length > SK_LIMIT_MILTER_PACKET)
        return "a packet beyond the size limit";
    if (memchr(COMMANDS, command, sizeof COMMANDS - 1) == NULL)
        return "an unknown command";
    *ret_head = (SkMilterHead){(SkMilterCommand)command, length - 1};
    return NULL;
}

bool
sk_milter_string_take(SkBytes *data, SkBytes *ret_text)
{
    size_t end = data->len > 0 ? sk_bytes_find(*data, "", 1, 0) : SK_BYTES_NONE;

    if (end == SK_BYTES_NONE)
        return false;
    *ret_text = sk_bytes_slice(*data, 0, end);
    *data = sk_bytes_from(*data, end + 1);
    return true;
}

bool
sk_milter_pair_take(SkBytes *data, SkMilterPair *ret_pair)
{
    SkMilterPair pair;

    if (!sk_milter_string_take(data, &pair.name) || !sk_milter_string_take(data, &pair.value))
        return false;
    *ret_pair = pair;
    return true;
}

bool
sk_milter_offer_read(SkBytes data, SkMilterOffer *ret_offer)
{
    if (!sk_bytes_has(data, 0, 12))
        return false;
    *ret_offer =
        (SkMilterOffer){sk_bytes_be32(data, 0), sk_bytes_be32(data, 4), sk_bytes_be32(data, 8)};
    return true;
}

bool
sk_milter_peer_read(SkBytes data, SkMilterPeer *ret_peer)
{
    SkMilterPeer peer = {0};

    if (!sk_milter_string_take(&data, &peer.name) || data.len == 0)
        return false;
    peer.family = (char)sk_bytes_u8(data, 0);
    if (memchr("46LU", peer.family, 4) == NULL)
        return false;
    /* One byte of family and two of port come before the address. */
    data = sk_bytes_from(data, peer.family == 'U' ? data.len : 3);
    if (peer.family != 'U' && (!sk_milter_string_take(&data, &peer.address) || data.len > 0))
        return false;
    *ret_peer = peer;
    return true;
}

bool
sk_milter_address_read(SkBytes data, SkMilterAddress *ret_address)
{
    SkBytes address, arg;
    SkBytes args;

    if (!sk_milter_string_take(&data, &address))
        return false;
    args = data;
    while (data.len > 0) {
        if (!sk_milter_string_take(&data, &arg))
            return false;
    }
    if (sk_bytes_u8(address, 0) == '<' && sk_bytes_u8(address, address.len - 1) == '>')
        address = sk_bytes_slice(address, 1, address.len - 2);
    *ret_address = (SkMilterAddress){address, args};
    return true;
}

static bool
append_head(SkBuffer *out, char command, size_t size)
{
    uint32_t length = (uint32_t)size + 1;
    uint8_t head[SK_MILTER_HEAD] = {(uint8_t)(length >> 24), (uint8_t)(length >> 16),
                                    (uint8_t)(length >> 8), (uint8_t)length, (uint8_t)command};

    return sk_buffer_append(out, head, sizeof head);
}

bool
sk_milter_packet_append(SkBuffer *out, char command, const SkBytes *parts, size_t n)
{
    size_t size = 0;

    for (size_t i = 0; i < n; i++)
        size += parts[i].len;
    if (size >= SK_LIMIT_MILTER_PACKET || !append_head(out, command, size))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!sk_buffer_append(out, parts[i].data, parts[i].len))
            return false;
    }
    return true;
}

bool
sk_milter_packet_append_bare(SkBuffer *out, char command)
{
    return append_head(out, command, 0);
}
