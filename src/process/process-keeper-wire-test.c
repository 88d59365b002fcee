/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-keeper-wire.h"

#include "seal/seal-wrap.h"

#define NAME "0123456789abcdefghjkmnpqrs"
#define KEY  "0123456789abcdef"

static SkFrame
frame_of(const SkBuffer *buffer)
{
    SkFrame frame;

    g_assert_cmpint(sk_frame_next(sk_buffer_bytes(buffer), SK_KEEPER_FRAME_LIMIT, &frame), ==,
                    SK_FRAME_READY);
    g_assert_cmpuint(buffer->len, ==, SK_FRAME_HEADER + frame.body.len);
    return frame;
}

static void
test_grant(void)
{
    static const struct {
        SkKeeperGrant grant;
        bool accepted;
    } cases[] = {
        {{{SK_KEEPER_UNSEAL, SK_SEAL_BLOB, (char *)NAME}, (char *)"release", 1}, true},
        {{{SK_KEEPER_RESEAL, SK_SEAL_CHECK, (char *)""}, (char *)"", 1000}, true},
        {{{SK_KEEPER_RESEAL, SK_SEAL_CHECK, (char *)NAME}, (char *)"", 1001}, false},
        {{{SK_KEEPER_RESEAL, SK_SEAL_CHECK, (char *)NAME}, (char *)"", 0}, false},
        {{{3, SK_SEAL_CHECK, (char *)NAME}, (char *)"", 1}, false},
        {{{0, SK_SEAL_CHECK, (char *)NAME}, (char *)"", 1}, false},
        {{{SK_KEEPER_UNSEAL, 3, (char *)NAME}, (char *)"", 1}, false},
        {{{SK_KEEPER_UNSEAL, 0, (char *)NAME}, (char *)"", 1}, false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const SkKeeperGrant *want = &cases[i].grant;
        g_auto(SkKeeperGrant) got = {0};
        g_auto(SkBuffer) out;

        sk_keeper_buffer_init(&out);
        g_assert_true(sk_keeper_put_grant(&out, want));
        g_assert_cmpint(sk_keeper_get_grant(frame_of(&out).body, &got), ==, cases[i].accepted);
        if (!cases[i].accepted)
            continue;
        g_assert_cmpint(got.aim.operation, ==, want->aim.operation);
        g_assert_cmpint(got.aim.use, ==, want->aim.use);
        g_assert_cmpstr(got.aim.name, ==, want->aim.name);
        g_assert_cmpstr(got.why, ==, want->why);
        g_assert_cmpuint(got.count, ==, want->count);
    }
}

static void
test_too_long(void)
{
    g_autofree char *name = g_strnfill(SK_SEAL_NAME_MAX + 1, 'n');
    g_autofree char *why = g_strnfill(SK_KEEPER_TEXT_MAX + 1, 'w');
    SkKeeperGrant long_name = {{SK_KEEPER_UNSEAL, SK_SEAL_BLOB, name}, (char *)"", 1};
    SkKeeperGrant long_why = {{SK_KEEPER_UNSEAL, SK_SEAL_BLOB, (char *)""}, why, 1};
    g_auto(SkBuffer) out;

    sk_keeper_buffer_init(&out);
    g_assert_false(sk_keeper_put_grant(&out, &long_name));
    g_assert_false(sk_keeper_put_grant(&out, &long_why));
}

static SkKeeperRequest
make_request(SkKeeperOperation operation)
{
    static const uint8_t bytes[SK_SEAL_SECRET_MAX + SK_SEAL_OVERHEAD];

    return (SkKeeperRequest){.aim = {operation, SK_SEAL_BLOB, (char *)NAME},
                             .token = {1, 2, 3},
                             .key_id = (char *)KEY,
                             .wrapped = sk_bytes(bytes, SK_SEAL_WRAPPED_LEN),
                             .sealed = sk_bytes(bytes, sizeof bytes),
                             .to = {{9}}};
}

static void
test_request(void)
{
    for (unsigned i = SK_KEEPER_UNSEAL; i <= SK_KEEPER_RESEAL; i++) {
        SkKeeperRequest want = make_request((SkKeeperOperation)i);
        g_auto(SkKeeperRequest) got = {0};
        g_auto(SkBuffer) out;

        sk_keeper_buffer_init(&out);
        g_assert_true(sk_keeper_put_request(&out, &want));
        g_assert_true(sk_keeper_get_request(frame_of(&out).body, &got));
        g_assert_cmpint(got.aim.operation, ==, want.aim.operation);
        g_assert_cmpstr(got.aim.name, ==, NAME);
        g_assert_cmpstr(got.key_id, ==, KEY);
        g_assert_cmpmem(got.token, sizeof got.token, want.token, sizeof want.token);
        g_assert_cmpmem(got.sealed.data, got.sealed.len, want.sealed.data, want.sealed.len);
        g_assert_cmpuint(got.wrapped.len, ==, SK_SEAL_WRAPPED_LEN);
        g_assert_cmpuint(got.to.bytes[0], ==, i == SK_KEEPER_RESEAL ? 9 : 0);
    }
}

/* To a point of small order a secret would be sealed for everybody. */
static void
test_request_target(void)
{
    SkKeeperRequest request = make_request(SK_KEEPER_RESEAL);
    g_auto(SkKeeperRequest) got = {0};
    g_auto(SkBuffer) out;

    request.to = (SkSealPublic){{0}};
    sk_keeper_buffer_init(&out);
    g_assert_true(sk_keeper_put_request(&out, &request));
    g_assert_false(sk_keeper_get_request(frame_of(&out).body, &got));
}

/* No shorter body is a question or an answer of any kind. */
static void
test_cut(void)
{
    SkKeeperRequest request = make_request(SK_KEEPER_RESEAL);
    g_auto(SkBuffer) out;
    SkBytes body;

    request.sealed.len = 40;
    sk_keeper_buffer_init(&out);
    g_assert_true(sk_keeper_put_request(&out, &request));
    body = frame_of(&out).body;
    for (size_t len = 0; len < body.len; len++) {
        g_autofree uint8_t *cut = g_memdup2(body.data, MAX(len, 1));
        g_auto(SkKeeperRequest) got = {0};

        g_assert_false(sk_keeper_get_request(sk_bytes(cut, len), &got));
    }
}

static void
test_answers(void)
{
    uint8_t token[SK_KEEPER_TOKEN_LEN] = {7, 8, 9}, got[SK_KEEPER_TOKEN_LEN];
    g_autofree char *reason = NULL;
    g_auto(SkBuffer) out;
    SkBytes bytes;
    bool limit;

    sk_keeper_buffer_init(&out);
    g_assert_true(sk_keeper_put_granted(&out, token));
    g_assert_true(sk_keeper_get_granted(frame_of(&out).body, got));
    g_assert_cmpmem(got, sizeof got, token, sizeof token);
    sk_keeper_wipe(&out);
    g_assert_true(sk_keeper_put_opened(&out, sk_bytes("secret", 6)));
    g_assert_true(sk_keeper_get_opened(frame_of(&out).body, &bytes));
    g_assert_cmpmem(bytes.data, bytes.len, "secret", 6);
    sk_keeper_wipe(&out);
    g_assert_true(sk_keeper_put_refused(&out, true, "too many \x1b[31m"));
    g_assert_true(sk_keeper_get_refused(frame_of(&out).body, &limit, &reason));
    g_assert_true(limit);
    g_assert_cmpstr(reason, ==, "too many \\x1b[31m");
}

static void
test_wipe(void)
{
    static const uint8_t zeros[16];
    g_auto(SkBuffer) buffer;

    sk_keeper_buffer_init(&buffer);
    g_assert_true(sk_buffer_append(&buffer, "a secret, not one", 16));
    sk_keeper_wipe(&buffer);
    g_assert_cmpuint(buffer.len, ==, 0);
    g_assert_cmpmem(buffer.data, 16, zeros, 16);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/process-keeper-wire/grant", test_grant);
    g_test_add_func("/process-keeper-wire/too-long", test_too_long);
    g_test_add_func("/process-keeper-wire/request", test_request);
    g_test_add_func("/process-keeper-wire/request-target", test_request_target);
    g_test_add_func("/process-keeper-wire/cut", test_cut);
    g_test_add_func("/process-keeper-wire/answers", test_answers);
    g_test_add_func("/process-keeper-wire/wipe", test_wipe);
    return g_test_run();
}
