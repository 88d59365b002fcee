/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/keeper-desk.h"

#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "keeper/keeper-grants.h"
#include "keeper/keeper-pairs.h"

struct SkDesk {
    SkGrants *grants;
    SkPairs *pairs;
};

const char *
sk_door_name(SkDoor door)
{
    return door == SK_DOOR_GRANTS ? "grants" : "requests";
}

SkDesk *
sk_desk_new(const SkClock *clock, SkSecret *secret)
{
    SkDesk *desk = g_new0(SkDesk, 1);

    desk->grants = sk_grants_new(clock);
    desk->pairs = sk_pairs_new(secret);
    return desk;
}

void
sk_desk_free(SkDesk *desk)
{
    if (desk == NULL)
        return;
    sk_grants_free(desk->grants);
    sk_pairs_free(desk->pairs);
    g_free(desk);
}

/* One line about one question. */
typedef struct {
    const SkPeer *peer;
    const SkKeeperAim *aim;
    uint64_t grant; /* its number; 0: none */
    const char *key_id;
    const char *why;
    uint32_t count; /* of a new grant, else 0 */
    const GError *error;
} Note;

static char *
number(uint64_t value)
{
    return g_strdup_printf("%" G_GUINT64_FORMAT, value);
}

static void
write_note(const char *what, const Note *note)
{
    g_autofree char *grant = note->grant != 0 ? number(note->grant) : NULL;
    g_autofree char *count = note->count != 0 ? number(note->count) : NULL;
    g_autofree char *pid = g_strdup_printf("%d", (int)note->peer->pid);
    g_autofree char *uid = number(note->peer->uid);

    sk_log(note->error != NULL ? SK_LOG_WARNING : SK_LOG_INFO, what, "grant", grant,
           "operation", sk_keeper_operation_name(note->aim->operation), "use",
           sk_keeper_use_name(note->aim->use), "name", note->aim->name, "why", note->why,
           "count", count, "key", note->key_id, "peer_pid", pid, "peer_uid", uid, "error",
           note->error != NULL ? note->error->message : NULL, NULL);
}

static void
put_error(SkBuffer *out, const GError *error)
{
    bool limit = g_error_matches(error, SK_ERROR, SK_ERROR_LIMIT);
    bool fits = sk_keeper_put_refused(out, limit, error->message);

    g_assert(fits);
}

static bool
answer_grant(SkDesk *desk, const SkPeer *peer, SkBytes body, SkBuffer *out)
{
    g_auto(SkKeeperGrant) grant = {0};
    g_autoptr(GError) error = NULL;
    uint8_t token[SK_KEEPER_TOKEN_LEN];
    Note note = {.peer = peer};
    bool fits = true;

    if (!sk_keeper_get_grant(body, &grant))
        return false;
    note.aim = &grant.aim;
    note.why = grant.why;
    note.count = grant.count;
    if (sk_grants_open(desk->grants, &grant, token, &note.grant, &error))
        fits = sk_keeper_put_granted(out, token);
    else
        put_error(out, error);
    g_assert(fits);
    explicit_bzero(token, sizeof token);
    note.error = error;
    write_note(error == NULL ? "granted" : "refused to grant", &note);
    return true;
}

/* What the request gets: the secret, or the secret sealed anew. */
static bool
carry_out(const SkKeeperRequest *request, const SkSecret *secret, SkBuffer *out)
{
    SkBytes bytes = sk_secret_bytes(secret);
    g_autoptr(GBytes) sealed = NULL;

    if (request->aim.operation == SK_KEEPER_UNSEAL)
        return sk_keeper_put_opened(out, bytes);
    sealed = sk_seal(&request->to, request->aim.use, request->aim.name, bytes);
    return sk_keeper_put_opened(
        out, sk_bytes(g_bytes_get_data(sealed, NULL), g_bytes_get_size(sealed)));
}

static SkSecret *
open_sealed(SkDesk *desk, const SkKeeperRequest *request, uint64_t *ret_grant, GError **error)
{
    const SkSealPair *pair;

    if (!sk_grants_use(desk->grants, request->token, &request->aim, ret_grant, error))
        return NULL;
    pair = sk_pairs_open(desk->pairs, request->key_id, request->wrapped, error);
    if (pair == NULL)
        return NULL;
    return sk_seal_open(pair, request->aim.use, request->aim.name, request->sealed, error);
}

static bool
answer_request(SkDesk *desk, const SkPeer *peer, SkBytes body, SkBuffer *out)
{
    g_auto(SkKeeperRequest) request = {0};
    g_autoptr(SkSecret) secret = NULL;
    g_autoptr(GError) error = NULL;
    Note note = {.peer = peer};

    if (!sk_keeper_get_request(body, &request))
        return false;
    note.aim = &request.aim;
    note.key_id = request.key_id;
    secret = open_sealed(desk, &request, &note.grant, &error);
    if (secret != NULL) {
        bool fits = carry_out(&request, secret, out);

        g_assert(fits);
    } else {
        put_error(out, error);
    }
    note.error = error;
    write_note(error == NULL ? "opened" : "refused to open", &note);
    return true;
}

bool
sk_desk_answer(SkDesk *desk,
               SkDoor door,
               const SkPeer *peer,
               const SkFrame *frame,
               SkBuffer *out)
{
    if (door == SK_DOOR_GRANTS)
        return frame->type == SK_KEEPER_GRANT && answer_grant(desk, peer, frame->body, out);
    return frame->type == SK_KEEPER_REQUEST && answer_request(desk, peer, frame->body, out);
}
