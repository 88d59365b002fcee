/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/keeper-desk.h"

#include "keeper/keeper-testing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const SkPeer peer = {1, 1};

static bool
ask(SkDesk *desk, SkDoor door, SkBuffer *asked, SkBuffer *out)
{
    SkFrame frame = {0};

    sk_keeper_wipe(out);
    (void)sk_frame_next(sk_buffer_bytes(asked), SK_KEEPER_FRAME_LIMIT, &frame);
    return sk_desk_answer(desk, door, &peer, &frame, out);
}

/* One question as it comes; and, if it is a request, once more with a grant and a site key. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(SkDesk) desk = sk_desk_new(sk_clock_real(), sk_test_secret(SK_TEST_SECRET));
    g_auto(SkKeeperRequest) request = {0};
    g_auto(SkTestKey) key;
    g_auto(SkBuffer) asked, out;

    sk_test_key_init(&key);
    sk_keeper_buffer_init(&asked);
    sk_keeper_buffer_init(&out);
    if (!sk_buffer_append(&asked, data, size) || ask(desk, SK_DOOR_GRANTS, &asked, &out) ||
        !ask(desk, SK_DOOR_REQUESTS, &asked, &out) ||
        !sk_keeper_get_request(sk_bytes_from(sk_bytes(data, size), SK_FRAME_HEADER), &request))
        return 0;
    g_assert_true(sk_test_give(desk, &request.aim, request.token));
    request.wrapped = sk_test_bytes(key.wrapped);
    memcpy(request.key_id, key.id, SK_SEAL_ID_LEN);
    sk_keeper_wipe(&asked);
    if (sk_keeper_put_request(&asked, &request))
        g_assert_true(ask(desk, SK_DOOR_REQUESTS, &asked, &out));
    return 0;
}
