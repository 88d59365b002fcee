/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * keeper-testing - a site key under a secret, and something sealed to it
 */

#include <string.h>

#include "keeper/keeper-desk.h"
#include "seal/seal-wrap.h"

#define SK_TEST_SECRET "the opening secret of this test"
#define SK_TEST_NAME   "0123456789abcdefghjkmnpqrs"
#define SK_TEST_CHEAP  ((SkSealCost){1, 8})

typedef struct {
    SkSealPair *pair;
    SkSealPublic public;
    char *id;
    GBytes *wrapped;
} SkTestKey;

static inline SkBytes
sk_test_bytes(GBytes *bytes)
{
    return sk_bytes(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static inline SkSecret *
sk_test_secret(const char *text)
{
    SkSecret *secret = sk_secret_new(strlen(text));

    memcpy(secret->data, text, secret->len);
    return secret;
}

static inline void
sk_test_key_init(SkTestKey *key)
{
    key->pair = sk_seal_pair_new();
    key->public = sk_seal_pair_get_public(key->pair);
    key->id = sk_seal_id(&key->public);
    key->wrapped = sk_seal_wrap(key->pair, sk_bytes(SK_TEST_SECRET, strlen(SK_TEST_SECRET)),
                                SK_TEST_CHEAP, NULL);
    g_assert_nonnull(key->wrapped);
}

static inline void
sk_test_key_clear(SkTestKey *key)
{
    sk_seal_pair_free(key->pair);
    g_free(key->id);
    g_bytes_unref(key->wrapped);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkTestKey, sk_test_key_clear)

/* Opens a grant for one use of AIM. */
static inline bool
sk_test_give(SkDesk *desk, const SkKeeperAim *aim, uint8_t ret_token[SK_KEEPER_TOKEN_LEN])
{
    SkKeeperGrant grant = {*aim, (char *)"a test", 1};
    SkPeer peer = {1, 1};
    g_auto(SkBuffer) asked, out;
    SkFrame frame;

    sk_keeper_buffer_init(&asked);
    sk_keeper_buffer_init(&out);
    return sk_keeper_put_grant(&asked, &grant) &&
           sk_frame_next(sk_buffer_bytes(&asked), SK_KEEPER_FRAME_LIMIT, &frame) ==
               SK_FRAME_READY &&
           sk_desk_answer(desk, SK_DOOR_GRANTS, &peer, &frame, &out) &&
           sk_frame_next(sk_buffer_bytes(&out), SK_KEEPER_FRAME_LIMIT, &frame) ==
               SK_FRAME_READY &&
           sk_keeper_get_granted(frame.body, ret_token);
}
