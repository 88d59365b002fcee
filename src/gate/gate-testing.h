/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * gate-testing - the gate between a milter conversation in memory and an inspector that is made
 * of prepared answers, with a store in a temporary directory
 */

#include <string.h>

#include "base/limit.h"
#include "base/log.h"
#include "engine/engine-settings.h"
#include "gate/gate-message.h"
#include "milter/milter-packet.h"
#include "milter/milter-session.h"
#include "port/fake-inspect.h"
#include "seal/seal-store.h"
#include "store/store-sqlite.h"
#include "store/store-tree-testing.h"

#define TEST_HASH_KEY    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define TEST_RELEASE_KEY "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

typedef struct {
    char *dir;
    SkSettings *settings;
    SkGateShared *shared;
    SkLoop *loop;
    SkFakeInspect *fake;
    SkGateLoop gate;
    SkMilterHandler handler;
    SkMilterSession *session;
    SkOrigin origin;
} Fixture;

static inline void
on_message(SkMilterMessage *message, void *data)
{
    Fixture *f = data;

    sk_gate_message_start(&f->gate, message, f->origin);
}

static inline void
on_abandoned(SkMilterMessage *message, void *data)
{
    sk_gate_message_abandon(&((Fixture *)data)->gate, message);
}

/* What the server does: goes on at once with what came behind the message. */
static inline void
on_answered(void *host)
{
    g_assert_true(sk_milter_session_resume(((Fixture *)host)->session));
}

static inline void
write_file(const Fixture *f, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(f->dir, name, NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static inline void
write_policy(const Fixture *f, const char *text)
{
    write_file(f, "policy", text);
}

static inline SkSettings *
settings_new(const Fixture *f)
{
    g_autofree char *text =
        g_strdup_printf("[site]\nown_domains = ours.example\n"
                        "[policy]\nfile = %s/policy\n"
                        "[notice]\nreply = stop@ours.example\n"
                        "[hold]\nrelease_key = %s/release.key\n"
                        "[store]\nstore = sqlite:%s\nblobs = file:%s/blobs\n"
                        "hash_key = %s/hash.key\n",
                        f->dir, f->dir, f->dir, f->dir, f->dir);
    SkSettings *settings =
        sk_settings_parse("t", text, strlen(text), sk_engine_setting_tables, NULL);

    g_assert_nonnull(settings);
    return settings;
}

static inline SkGateShared *
shared_new(const Fixture *f)
{
    g_autoptr(GError) error = NULL;
    SkGateShared *shared = sk_gate_shared_new(f->settings, &error);

    g_assert_no_error(error);
    return shared;
}

/* A connection of the test's own to database keep, which the gate has made. */
static inline SkDb *
open_keep(const Fixture *f)
{
    g_autofree char *path = g_build_filename(f->dir, "keep.db", NULL);
    g_autoptr(GError) error = NULL;
    SkDb *keep = sk_store_sqlite_open(path, SK_STORE_NORMAL, &error);

    g_assert_no_error(error);
    return keep;
}

/* What `sekisho key init` makes. */
static inline void
make_keys(const Fixture *f)
{
    g_autoptr(SkSealPair) pair = sk_seal_pair_new();
    g_autoptr(SkDb) keep = open_keep(f);
    g_autoptr(SkSiteKey) key = g_new0(SkSiteKey, 1);
    g_autofree char *id = NULL;

    key->public = sk_seal_pair_get_public(pair);
    key->wrapped = g_bytes_new_static("wrapped", 7);
    key->made_us = 1;
    id = sk_seal_id(&key->public);
    g_strlcpy(key->id, id, sizeof key->id);
    g_assert_true(sk_seal_store_activate(keep, key, NULL, NULL));
    write_file(f, "hash.key", TEST_HASH_KEY "\n");
    write_file(f, "release.key", TEST_RELEASE_KEY "\n");
}

static inline void
reload(Fixture *f)
{
    SkGatePolicy *policy = sk_gate_shared_peek_policy(f->shared);

    sk_gate_policy_reload(policy);
    sk_gate_policy_settle(policy);
}

static inline void
say(Fixture *f, char command, const char *data, size_t size)
{
    g_auto(SkBuffer) packet = {0};
    SkBytes part = sk_bytes(data, size);

    sk_buffer_init(&packet, SK_MIB);
    g_assert_true(sk_milter_packet_append(&packet, command, &part, 1));
    g_assert_true(sk_milter_session_feed(f->session, sk_buffer_bytes(&packet)));
}

#define SAY(f, command, data) say(f, command, data, sizeof data - 1)

static inline void
set_up(Fixture *f, const void *data)
{
    SkMilterSessionSetup setup = {&f->handler, 16 * SK_MIB, false, NULL, on_answered, f};

    (void)data;
    f->dir = sk_test_tree_new();
    f->settings = settings_new(f);
    write_policy(f, "inbound when attach.encrypted then reject \"send a link\"\n");
    f->shared = shared_new(f);
    f->loop = sk_loop_new(NULL);
    f->fake = sk_fake_inspect_new(f->loop);
    f->gate = (SkGateLoop){
        f->shared, sk_fake_inspect_port(f->fake),
        sk_gate_caller_new(sk_gate_shared_peek_keep(f->shared), f->loop),
        g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)sk_gate_message_free)};
    f->handler = (SkMilterHandler){on_message, on_abandoned, NULL, NULL, f};
    f->origin = SK_ORIGIN_INBOUND;
    f->session = sk_milter_session_new(&setup);
    SAY(f, 'O', "\0\0\0\6\0\0\1\xff\0\x1f\xff\xff");
    SAY(f, 'C',
        "mx.example.net\0"
        "4\0\x19"
        "192.0.2.1\0");
    sk_buffer_reset(sk_milter_session_peek_output(f->session), 0);
}

static inline void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_milter_session_free(f->session);
    g_assert_cmpuint(g_hash_table_size(f->gate.under_way), ==, 0);
    g_hash_table_unref(f->gate.under_way);
    sk_inspect_free(f->gate.inspect);
    sk_gate_caller_free(f->gate.keep);
    sk_loop_free(f->loop);
    sk_gate_shared_free(f->shared);
    sk_settings_free(f->settings);
    sk_test_tree_remove(f->dir);
    g_free(f->dir);
}

static inline void
say_message(Fixture *f)
{
    SAY(f, 'M', "<taro@theirs.example>\0");
    SAY(f, 'R', "<hanako@ours.example>\0");
    SAY(f, 'L', "Subject\0 hello\0");
    SAY(f, 'N', "");
    SAY(f, 'E', "body\r\n");
}

/* The letters of the packets that were answered, of a reply its code; and forgets them. */
static inline char *
steal_answers(Fixture *f)
{
    SkBuffer *out = sk_milter_session_peek_output(f->session);
    GString *said = g_string_new(NULL);

    while (out->len > 0) {
        uint32_t size = sk_bytes_be32(sk_buffer_bytes(out), 0);
        char letter = (char)out->data[4];

        g_string_append_c(said, letter);
        if (letter == 'y')
            g_string_append_len(said, (const char *)out->data + 5, 3);
        sk_buffer_consume(out, 4 + size);
    }
    return g_string_free(said, FALSE);
}

/* Waits for as many answers as WANT has, since commits take their time. */
static inline void
expect(Fixture *f, const char *want)
{
    g_autoptr(GString) said = g_string_new(NULL);

    for (int i = 0; i < 3000 && said->len < strlen(want); i++) {
        g_autofree char *more = NULL;

        sk_loop_step(f->loop, 10);
        more = steal_answers(f);
        g_string_append(said, more);
    }
    g_assert_cmpstr(said->str, ==, want);
}

/* Nothing is answered, and nothing is under way. */
static inline void
expect_nothing(Fixture *f)
{
    g_autofree char *said = NULL;

    for (int i = 0; i < 5; i++)
        sk_loop_step(f->loop, 0);
    said = steal_answers(f);
    g_assert_cmpstr(said, ==, "");
}
