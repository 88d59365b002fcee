/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-reply.h"

#include <jansson.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "job/job-store.h"
#include "mail/mail-header.h"

/* Bytes of a field that are looked at: its first word says it. */
#define WORD_MAX 100

/* The token in ADDRESS if it is REPLY with one, as it was sent out; or NULL. */
static char *
find_token(const char *address, const char *reply)
{
    const char *at = strrchr(reply, '@');
    size_t local = at != NULL ? (size_t)(at - reply) : 0;
    uint8_t bits[SK_LONG_ID_BYTES];
    g_autofree char *token = NULL;

    if (local == 0 || strlen(address) != strlen(reply) + 1 + SK_LONG_ID_LEN ||
        g_ascii_strncasecmp(address, reply, local) != 0 || address[local] != '+' ||
        g_ascii_strcasecmp(address + local + 1 + SK_LONG_ID_LEN, at) != 0)
        return NULL;
    /* Some programs write addresses in capitals. */
    token = g_ascii_strdown(address + local + 1, SK_LONG_ID_LEN);
    return sk_random_long_id_read(token, bits) ? g_steal_pointer(&token) : NULL;
}

GPtrArray *
sk_engine_reply_take(SkPassage *passage, const char *reply)
{
    GPtrArray *recipients = passage->envelope->recipients;
    GPtrArray *tokens = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < recipients->len;) {
        const SkRecipient *recipient = recipients->pdata[i];
        char *token = find_token(recipient->address, reply);

        if (token == NULL) {
            i++;
            continue;
        }
        g_ptr_array_add(tokens, token);
        g_ptr_array_remove_index(recipients, i);
    }
    return tokens;
}

/* The first word of a field's value in lower case; "" if there is none. */
static char *
first_word(const SkMailHeader *header, const char *name)
{
    const SkMailField *field = sk_mail_header_peek(header, name, 0);
    g_auto(SkBuffer) text = {0};
    SkBytes bytes;
    size_t n = 0;

    if (field == NULL)
        return g_strdup("");
    sk_buffer_init(&text, WORD_MAX);
    (void)sk_mail_header_unfold(sk_bytes_slice(field->value, 0, WORD_MAX), &text);
    bytes = sk_buffer_bytes(&text);
    while (n < bytes.len && (g_ascii_isalnum(sk_bytes_u8(bytes, n)) || bytes.data[n] == '-'))
        n++;
    return g_ascii_strdown((const char *)bytes.data, (gssize)n);
}

bool
sk_engine_reply_is_automatic(const SkPassage *passage, SkBytes bytes)
{
    static const char *const mass[] = {"bulk", "junk", "list", NULL};
    g_auto(SkMailHeader) header = {0};
    g_autofree char *submitted = NULL, *precedence = NULL;

    if (passage->envelope->sender == NULL || *passage->envelope->sender == '\0')
        return true;
    sk_mail_header_init(&header);
    sk_mail_header_read(&header, bytes);
    submitted = first_word(&header, "Auto-Submitted");
    precedence = first_word(&header, "Precedence");
    return (sk_mail_header_peek(&header, "Auto-Submitted", 0) != NULL &&
            strcmp(submitted, "no") != 0) ||
           g_strv_contains(mass, precedence);
}

/* Who it seems to be, for people: it proves nothing. */
static const char *
peek_writer(const SkPassage *passage)
{
    return passage->from != NULL ? passage->from : passage->envelope->sender;
}

static char *
write_payload(const SkPassage *passage, const char *token)
{
    g_autofree char *who = g_utf8_make_valid(peek_writer(passage), -1);
    json_t *object =
        json_pack("{s:s, s:s, s:s}", "token", token, "who", who, "id", passage->id);
    char *json = json_dumps(object, JSON_COMPACT);
    char *payload = g_strdup(json);

    free(json);
    json_decref(object);
    return payload;
}

bool
sk_engine_reply_add(SkDb *keep,
                    const SkPassage *passage,
                    const char *token,
                    int64_t now_us,
                    GError **error)
{
    g_autofree char *payload = write_payload(passage, token);
    /* Of the same passage and token there is one; the token itself would be seen in lists. */
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, token, -1);
    g_autofree char *id = g_strdup_printf("reply-%s-%.12s", passage->id, digest);

    if (payload == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "no memory to order what an answer asks");
        return false;
    }
    return sk_job_add(keep, id, SK_REPLY_JOB, payload, now_us, error);
}
