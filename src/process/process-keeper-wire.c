/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-keeper-wire.h"

#include <string.h>

#include "base/text.h"
#include "seal/seal-wrap.h"

const char *
sk_keeper_operation_name(SkKeeperOperation operation)
{
    return operation == SK_KEEPER_RESEAL ? "reseal" : "unseal";
}

const char *
sk_keeper_use_name(SkSealUse use)
{
    return use == SK_SEAL_BLOB ? "blob" : "check";
}

void
sk_keeper_grant_clear(SkKeeperGrant *grant)
{
    g_clear_pointer(&grant->aim.name, g_free);
    g_clear_pointer(&grant->why, g_free);
}

void
sk_keeper_request_clear(SkKeeperRequest *request)
{
    g_clear_pointer(&request->aim.name, g_free);
    g_clear_pointer(&request->key_id, g_free);
}

static void
put_aim(SkFrameWriter *w, const SkKeeperAim *aim)
{
    sk_frame_put_u8(w, (uint8_t)aim->operation);
    sk_frame_put_u8(w, (uint8_t)aim->use);
    sk_frame_put_text(w, aim->name);
}

static void
get_aim(SkFrameReader *r, SkKeeperAim *aim)
{
    uint8_t operation = sk_frame_get_u8(r), use = sk_frame_get_u8(r);

    aim->name = sk_frame_get_text(r, SK_SEAL_NAME_MAX);
    if (operation < SK_KEEPER_UNSEAL || operation > SK_KEEPER_RESEAL || use < SK_SEAL_BLOB ||
        use > SK_SEAL_CHECK || aim->name == NULL)
        r->failed = true;
    aim->operation = (SkKeeperOperation)operation;
    aim->use = (SkSealUse)use;
}

/* Exactly LEN bytes. */
static void
get_exactly(SkFrameReader *r, uint8_t *out, size_t len)
{
    SkBytes bytes = sk_frame_get_bytes(r);

    if (bytes.len != len)
        r->failed = true;
    if (!r->failed)
        memcpy(out, bytes.data, len);
}

bool
sk_keeper_put_grant(SkBuffer *out, const SkKeeperGrant *grant)
{
    SkFrameWriter w;

    if (strlen(grant->aim.name) > SK_SEAL_NAME_MAX || strlen(grant->why) > SK_KEEPER_TEXT_MAX)
        return false;
    sk_frame_begin(&w, out, SK_KEEPER_GRANT);
    put_aim(&w, &grant->aim);
    sk_frame_put_u32(&w, grant->count);
    sk_frame_put_text(&w, grant->why);
    return sk_frame_finish(&w, 0);
}

bool
sk_keeper_get_grant(SkBytes body, SkKeeperGrant *ret_grant)
{
    g_auto(SkKeeperGrant) grant = {0};
    SkFrameReader r;

    sk_frame_open(&r, body);
    get_aim(&r, &grant.aim);
    grant.count = sk_frame_get_u32(&r);
    grant.why = sk_frame_get_text(&r, SK_KEEPER_TEXT_MAX);
    if (!sk_frame_end(&r) || grant.why == NULL || grant.count == 0 ||
        grant.count > SK_KEEPER_COUNT_MAX)
        return false;
    *ret_grant = grant;
    grant = (SkKeeperGrant){0};
    return true;
}

bool
sk_keeper_put_granted(SkBuffer *out, const uint8_t token[SK_KEEPER_TOKEN_LEN])
{
    SkFrameWriter w;

    sk_frame_begin(&w, out, SK_KEEPER_GRANTED);
    sk_frame_put_bytes(&w, sk_bytes(token, SK_KEEPER_TOKEN_LEN));
    return sk_frame_finish(&w, 0);
}

bool
sk_keeper_get_granted(SkBytes body, uint8_t ret_token[SK_KEEPER_TOKEN_LEN])
{
    SkFrameReader r;

    sk_frame_open(&r, body);
    get_exactly(&r, ret_token, SK_KEEPER_TOKEN_LEN);
    return sk_frame_end(&r);
}

bool
sk_keeper_put_request(SkBuffer *out, const SkKeeperRequest *request)
{
    bool reseal = request->aim.operation == SK_KEEPER_RESEAL;
    SkFrameWriter w;

    if (strlen(request->aim.name) > SK_SEAL_NAME_MAX || !sk_seal_id_is(request->key_id) ||
        request->wrapped.len != SK_SEAL_WRAPPED_LEN ||
        request->sealed.len > SK_SEAL_SECRET_MAX + SK_SEAL_OVERHEAD)
        return false;
    sk_frame_begin(&w, out, SK_KEEPER_REQUEST);
    sk_frame_put_bytes(&w, sk_bytes(request->token, SK_KEEPER_TOKEN_LEN));
    put_aim(&w, &request->aim);
    sk_frame_put_text(&w, request->key_id);
    sk_frame_put_bytes(&w, request->wrapped);
    sk_frame_put_bytes(&w, request->sealed);
    sk_frame_put_bytes(&w, sk_bytes(request->to.bytes, reseal ? SK_SEAL_PUBLIC_LEN : 0));
    return sk_frame_finish(&w, 0);
}

/* Whom to seal it to: of a reseal a sound key, otherwise nobody. */
static void
get_target(SkFrameReader *r, SkKeeperRequest *request)
{
    SkBytes to = sk_frame_get_bytes(r);

    if (request->aim.operation == SK_KEEPER_RESEAL ? !sk_seal_public_read(to, &request->to)
                                                   : to.len != 0)
        r->failed = true;
}

bool
sk_keeper_get_request(SkBytes body, SkKeeperRequest *ret_request)
{
    g_auto(SkKeeperRequest) request = {0};
    SkFrameReader r;

    sk_frame_open(&r, body);
    get_exactly(&r, request.token, SK_KEEPER_TOKEN_LEN);
    get_aim(&r, &request.aim);
    request.key_id = sk_frame_get_text(&r, SK_SEAL_ID_LEN);
    request.wrapped = sk_frame_get_bytes(&r);
    request.sealed = sk_frame_get_bytes(&r);
    get_target(&r, &request);
    if (!sk_frame_end(&r) || request.key_id == NULL || !sk_seal_id_is(request.key_id))
        return false;
    *ret_request = request;
    request = (SkKeeperRequest){0};
    return true;
}

bool
sk_keeper_put_opened(SkBuffer *out, SkBytes bytes)
{
    SkFrameWriter w;

    sk_frame_begin(&w, out, SK_KEEPER_OPENED);
    sk_frame_put_bytes(&w, bytes);
    return sk_frame_finish(&w, 0);
}

bool
sk_keeper_get_opened(SkBytes body, SkBytes *ret_bytes)
{
    SkFrameReader r;
    SkBytes bytes;

    sk_frame_open(&r, body);
    bytes = sk_frame_get_bytes(&r);
    if (!sk_frame_end(&r))
        return false;
    *ret_bytes = bytes;
    return true;
}

bool
sk_keeper_put_refused(SkBuffer *out, bool limit, const char *reason)
{
    SkFrameWriter w;

    sk_frame_begin(&w, out, SK_KEEPER_REFUSED);
    sk_frame_put_u8(&w, limit ? 1 : 0);
    sk_frame_put_bytes(&w, sk_bytes(reason, strnlen(reason, SK_KEEPER_TEXT_MAX)));
    return sk_frame_finish(&w, 0);
}

bool
sk_keeper_get_refused(SkBytes body, bool *ret_limit, char **ret_reason)
{
    SkBytes reason;
    SkFrameReader r;
    uint8_t limit;

    sk_frame_open(&r, body);
    limit = sk_frame_get_u8(&r);
    reason = sk_frame_get_bytes(&r);
    if (!sk_frame_end(&r) || limit > 1)
        return false;
    *ret_limit = limit == 1;
    *ret_reason = sk_text_safe(reason, SK_KEEPER_TEXT_MAX);
    return true;
}

void
sk_keeper_buffer_init(SkBuffer *buffer)
{
    sk_buffer_init(buffer, SK_FRAME_HEADER + SK_KEEPER_FRAME_LIMIT);
    (void)sk_buffer_reserve(buffer, buffer->limit);
}

void
sk_keeper_wipe(SkBuffer *buffer)
{
    if (buffer->data != NULL)
        explicit_bzero(buffer->data, buffer->cap);
    sk_buffer_reset(buffer, buffer->cap);
}
