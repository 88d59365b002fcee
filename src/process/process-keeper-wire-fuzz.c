/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-keeper-wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As keeper and client read it; what was understood can be said again. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t token[SK_KEEPER_TOKEN_LEN];
    g_auto(SkKeeperRequest) request = {0};
    g_auto(SkKeeperGrant) grant = {0};
    g_auto(SkBuffer) out;
    g_autofree char *reason = NULL;
    SkBytes bytes;
    SkFrame frame;
    bool limit;

    sk_keeper_buffer_init(&out);
    if (sk_frame_next(sk_bytes(data, size), SK_KEEPER_FRAME_LIMIT, &frame) != SK_FRAME_READY)
        return 0;
    if (sk_keeper_get_grant(frame.body, &grant))
        g_assert_true(sk_keeper_put_grant(&out, &grant));
    if (sk_keeper_get_request(frame.body, &request))
        (void)sk_keeper_put_request(&out, &request);
    (void)sk_keeper_get_granted(frame.body, token);
    (void)sk_keeper_get_opened(frame.body, &bytes);
    (void)sk_keeper_get_refused(frame.body, &limit, &reason);
    return 0;
}
