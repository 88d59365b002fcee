/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-keeper-wire - what the keeper and its clients say to each other, as frames
 *
 * On the grants socket a grant is asked for, and a token or a refusal is the answer; on the
 * other one a request shows the token, and the answer is the secret, the secret sealed anew, or
 * a refusal. One question at a time on a connection.
 *
 * Limits: SK_KEEPER_FRAME_LIMIT bytes a body; texts and lengths as in seal.h.
 * Errors: none; false for what is not a grant, a request or an answer.
 * Security: read as foreign bytes on both sides. Buffers that held a secret or a token are
 * wiped by sk_keeper_wipe().
 */

#include "base/buffer.h"
#include "base/limit.h"
#include "process/process-frame.h"
#include "seal/seal.h"

/* Types of frames; those of process-wire are others, so that a client that took the wrong
 * socket is understood nowhere. */
enum {
    SK_KEEPER_GRANT = 16,
    SK_KEEPER_GRANTED,
    SK_KEEPER_REQUEST,
    SK_KEEPER_OPENED,
    SK_KEEPER_REFUSED,
};

#define SK_KEEPER_TOKEN_LEN   16
#define SK_KEEPER_COUNT_MAX   1000
#define SK_KEEPER_TEXT_MAX    512
#define SK_KEEPER_FRAME_LIMIT (10 * SK_KIB)

typedef enum {
    SK_KEEPER_UNSEAL = 1, /* the secret itself */
    SK_KEEPER_RESEAL,     /* the secret, sealed to another public key */
} SkKeeperOperation;

const char *sk_keeper_operation_name(SkKeeperOperation operation);
const char *sk_keeper_use_name(SkSealUse use);

/* What a grant allows, and what a request wants. */
typedef struct {
    SkKeeperOperation operation;
    SkSealUse use;
    char *name;
} SkKeeperAim;

typedef struct {
    SkKeeperAim aim;
    char *why;
    uint32_t count; /* 1 to SK_KEEPER_COUNT_MAX */
} SkKeeperGrant;

void sk_keeper_grant_clear(SkKeeperGrant *grant);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkKeeperGrant, sk_keeper_grant_clear)

typedef struct {
    SkKeeperAim aim;
    uint8_t token[SK_KEEPER_TOKEN_LEN];
    char *key_id;
    SkBytes wrapped, sealed; /* borrowed from the frame */
    SkSealPublic to;         /* of a reseal */
} SkKeeperRequest;

void sk_keeper_request_clear(SkKeeperRequest *request);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkKeeperRequest, sk_keeper_request_clear)

/* Each appends one frame; false when something in it is beyond its limit. */
bool sk_keeper_put_grant(SkBuffer *out, const SkKeeperGrant *grant);
bool sk_keeper_put_granted(SkBuffer *out, const uint8_t token[SK_KEEPER_TOKEN_LEN]);
bool sk_keeper_put_request(SkBuffer *out, const SkKeeperRequest *request);
bool sk_keeper_put_opened(SkBuffer *out, SkBytes bytes);
/* LIMIT: the keeper has too much to do or no memory; otherwise it does not want to. */
bool sk_keeper_put_refused(SkBuffer *out, bool limit, const char *reason);

bool sk_keeper_get_grant(SkBytes body, SkKeeperGrant *ret_grant);
bool sk_keeper_get_granted(SkBytes body, uint8_t ret_token[SK_KEEPER_TOKEN_LEN]);
bool sk_keeper_get_request(SkBytes body, SkKeeperRequest *ret_request);
/* Borrowed from BODY. */
bool sk_keeper_get_opened(SkBytes body, SkBytes *ret_bytes);
/* RET_REASON, the caller's, is fit to be shown. */
bool sk_keeper_get_refused(SkBytes body, bool *ret_limit, char **ret_reason);

/* Room for the largest frame at once: growing would leave copies behind. Before a secret comes
 * into the buffer. */
void sk_keeper_buffer_init(SkBuffer *buffer);
/* Empties it and overwrites everything it ever held. */
void sk_keeper_wipe(SkBuffer *buffer);
