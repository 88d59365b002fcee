/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/keeper-desk.h"

#include "base/error.h"
#include "keeper/keeper-testing.h"

#define SECRET "the key of a stored file"

typedef struct {
    SkFakeClock clock;
    SkDesk *desk;
    SkTestKey key;
    GBytes *sealed;
    SkKeeperRequest request; /* that a grant of give() allows */
} Fixture;

static const SkPeer peer = {4711, 1000};

static void
set_up(Fixture *f, const void *data)
{
    sk_fake_clock_init(&f->clock, 0);
    f->desk = sk_desk_new(&f->clock.clock, sk_test_secret(SK_TEST_SECRET));
    sk_test_key_init(&f->key);
    f->sealed =
        sk_seal(&f->key.public, SK_SEAL_BLOB, SK_TEST_NAME, sk_bytes(SECRET, strlen(SECRET)));
    f->request = (SkKeeperRequest){
        .aim = {SK_KEEPER_UNSEAL, SK_SEAL_BLOB, (char *)SK_TEST_NAME},
        .key_id = f->key.id,
        .wrapped = sk_test_bytes(f->key.wrapped),
        .sealed = sk_test_bytes(f->sealed),
    };
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_desk_free(f->desk);
    sk_test_key_clear(&f->key);
    g_bytes_unref(f->sealed);
}

/* Puts the question in BUFFER and leaves the answer in it. */
static SkFrame
ask(Fixture *f, SkDoor door, SkBuffer *buffer)
{
    g_auto(SkBuffer) out;
    SkFrame frame;

    sk_keeper_buffer_init(&out);
    g_assert_cmpint(sk_frame_next(sk_buffer_bytes(buffer), SK_KEEPER_FRAME_LIMIT, &frame), ==,
                    SK_FRAME_READY);
    g_assert_true(sk_desk_answer(f->desk, door, &peer, &frame, &out));
    sk_keeper_wipe(buffer);
    g_assert_true(sk_buffer_append(buffer, out.data, out.len));
    g_assert_cmpint(sk_frame_next(sk_buffer_bytes(buffer), SK_KEEPER_FRAME_LIMIT, &frame), ==,
                    SK_FRAME_READY);
    return frame;
}

/* A grant for what the request is for. */
static void
give(Fixture *f, uint32_t count)
{
    SkKeeperGrant grant = {f->request.aim, (char *)"a test", count};
    g_auto(SkBuffer) buffer;
    SkFrame frame;

    sk_keeper_buffer_init(&buffer);
    g_assert_true(sk_keeper_put_grant(&buffer, &grant));
    frame = ask(f, SK_DOOR_GRANTS, &buffer);
    g_assert_cmpint(frame.type, ==, SK_KEEPER_GRANTED);
    g_assert_true(sk_keeper_get_granted(frame.body, f->request.token));
}

/* What was opened, or NULL and a reason. */
static SkSecret *
request(Fixture *f, char **ret_reason)
{
    g_auto(SkBuffer) buffer;
    SkSecret *secret;
    SkFrame frame;
    SkBytes bytes;
    bool limit;

    sk_keeper_buffer_init(&buffer);
    g_assert_true(sk_keeper_put_request(&buffer, &f->request));
    frame = ask(f, SK_DOOR_REQUESTS, &buffer);
    if (frame.type == SK_KEEPER_REFUSED) {
        g_assert_true(sk_keeper_get_refused(frame.body, &limit, ret_reason));
        g_assert_false(limit);
        return NULL;
    }
    g_assert_cmpint(frame.type, ==, SK_KEEPER_OPENED);
    g_assert_true(sk_keeper_get_opened(frame.body, &bytes));
    secret = sk_secret_new(bytes.len);
    memcpy(secret->data, bytes.data, bytes.len);
    return secret;
}

static void
assert_opened(Fixture *f)
{
    g_autofree char *reason = NULL;
    g_autoptr(SkSecret) secret = request(f, &reason);

    g_assert_cmpstr(reason, ==, NULL);
    g_assert_cmpmem(secret->data, secret->len, SECRET, strlen(SECRET));
}

static void
assert_refused(Fixture *f, const char *why)
{
    g_autofree char *reason = NULL;
    g_autoptr(SkSecret) secret = request(f, &reason);

    g_assert_null(secret);
    g_assert_nonnull(strstr(reason, why));
}

static void
test_unseal(Fixture *f, const void *data)
{
    give(f, 2);
    assert_opened(f);
    assert_opened(f);
    assert_refused(f, "no such grant");
}

static void
test_reseal(Fixture *f, const void *data)
{
    g_autoptr(SkSealPair) other = sk_seal_pair_new();
    g_autoptr(SkSecret) sealed = NULL;
    g_autoptr(SkSecret) opened = NULL;
    g_autoptr(GError) error = NULL;

    f->request.aim.operation = SK_KEEPER_RESEAL;
    f->request.to = sk_seal_pair_get_public(other);
    give(f, 1);
    sealed = request(f, NULL);
    g_assert_cmpuint(sk_bytes_find(sk_secret_bytes(sealed), SECRET, 8, 0), ==, SK_BYTES_NONE);
    opened = sk_seal_open(other, SK_SEAL_BLOB, SK_TEST_NAME, sk_secret_bytes(sealed), &error);
    g_assert_no_error(error);
    g_assert_cmpmem(opened->data, opened->len, SECRET, strlen(SECRET));
}

/* A grant to seal anew must not show the secret. */
static void
test_reseal_is_no_unseal(Fixture *f, const void *data)
{
    f->request.aim.operation = SK_KEEPER_RESEAL;
    give(f, 1);
    f->request.aim.operation = SK_KEEPER_UNSEAL;
    assert_refused(f, "another operation");
}

static void
test_expired(Fixture *f, const void *data)
{
    give(f, 1);
    f->clock.mono_ms += 60000;
    assert_refused(f, "expired");
}

/* The grant is for one name, the sealed key of another file is brought. */
static void
test_other_sealed(Fixture *f, const void *data)
{
    g_autoptr(GBytes) other =
        sk_seal(&f->key.public, SK_SEAL_BLOB, "another name", sk_bytes(SECRET, strlen(SECRET)));

    give(f, 1);
    f->request.sealed = sk_test_bytes(other);
    assert_refused(f, "cannot be opened");
}

static void
test_other_site_key(Fixture *f, const void *data)
{
    g_auto(SkTestKey) other;

    sk_test_key_init(&other);
    give(f, 2);
    f->request.key_id = other.id;
    assert_refused(f, "does not open site key");
    f->request.wrapped = sk_test_bytes(other.wrapped);
    assert_refused(f, "cannot be opened");
}

/* Nobody can have 0.1 s of work done without a grant: the key that is brought would be an error
 * of its own. */
static void
test_grant_first(Fixture *f, const void *data)
{
    static const uint8_t zeros[SK_SEAL_WRAPPED_LEN];

    f->request.wrapped = sk_bytes(zeros, sizeof zeros);
    assert_refused(f, "no such grant");
    give(f, 1);
    assert_refused(f, "another version");
}

static void
test_largest(Fixture *f, const void *data)
{
    g_autoptr(GBytes) sealed = NULL;
    g_autofree uint8_t *large = g_malloc0(SK_SEAL_SECRET_MAX);
    g_autofree char *name = g_strnfill(SK_SEAL_NAME_MAX, 'n');
    g_autoptr(SkSecret) secret = NULL;

    f->request.aim.name = name;
    sealed = sk_seal(&f->key.public, SK_SEAL_BLOB, name, sk_bytes(large, SK_SEAL_SECRET_MAX));
    f->request.sealed = sk_test_bytes(sealed);
    give(f, 1);
    secret = request(f, NULL);
    g_assert_cmpuint(secret->len, ==, SK_SEAL_SECRET_MAX);
}

/* Each door takes one kind of question. */
static void
test_wrong_door(Fixture *f, const void *data)
{
    SkKeeperGrant grant = {f->request.aim, (char *)"a test", 1};
    g_auto(SkBuffer) asked, out;
    SkFrame frame;

    sk_keeper_buffer_init(&asked);
    sk_keeper_buffer_init(&out);
    g_assert_true(sk_keeper_put_grant(&asked, &grant));
    (void)sk_frame_next(sk_buffer_bytes(&asked), SK_KEEPER_FRAME_LIMIT, &frame);
    g_assert_false(sk_desk_answer(f->desk, SK_DOOR_REQUESTS, &peer, &frame, &out));
    sk_keeper_wipe(&asked);
    g_assert_true(sk_keeper_put_request(&asked, &f->request));
    (void)sk_frame_next(sk_buffer_bytes(&asked), SK_KEEPER_FRAME_LIMIT, &frame);
    g_assert_false(sk_desk_answer(f->desk, SK_DOOR_GRANTS, &peer, &frame, &out));
    g_assert_cmpuint(out.len, ==, 0);
}

#define ADD(name, func) g_test_add("/keeper-desk/" name, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("unseal", test_unseal);
    ADD("reseal", test_reseal);
    ADD("reseal-is-no-unseal", test_reseal_is_no_unseal);
    ADD("expired", test_expired);
    ADD("other-sealed", test_other_sealed);
    ADD("other-site-key", test_other_site_key);
    ADD("grant-first", test_grant_first);
    ADD("largest", test_largest);
    ADD("wrong-door", test_wrong_door);
    return g_test_run();
}
