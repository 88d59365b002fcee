/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/milter-packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each reader gets the same data, whatever its command. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBytes bytes = sk_bytes(data, size), rest = bytes;
    SkMilterHead head;
    SkMilterOffer offer;
    SkMilterPeer peer;
    SkMilterAddress address;
    SkMilterPair pair;

    (void)sk_milter_head_read(bytes, &head);
    (void)sk_milter_offer_read(bytes, &offer);
    if (sk_milter_peer_read(bytes, &peer))
        g_assert(peer.name.len < size && peer.address.len < size);
    if (sk_milter_address_read(bytes, &address))
        g_assert(address.address.len + address.args.len < size);
    while (sk_milter_pair_take(&rest, &pair))
        g_assert(pair.name.data[pair.name.len] == '\0' &&
                 pair.value.data[pair.value.len] == '\0');
    return 0;
}
