/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-notice.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "job/job-store.h"

/* Hexadecimal digits of the digest in the id of a job: orders of one message and kind are few.
 */
#define DIGEST_LEN 24
/* What the clerk adds for each who is told has to fit as well. */
#define PAYLOAD_MAX (SK_JOB_PAYLOAD_MAX - 8 * 1024)

static const char *const names[SK_N_NOTICE_KINDS] = {
    [SK_NOTICE_HELD] = "held",         [SK_NOTICE_MATCHED] = "matched",
    [SK_NOTICE_REMINDER] = "reminder", [SK_NOTICE_STOPPED] = "stopped",
    [SK_NOTICE_RETURNED] = "returned", [SK_NOTICE_EXPIRED] = "expired",
    [SK_NOTICE_REFUSED] = "refused",   [SK_NOTICE_TOO_LATE] = "too-late",
    [SK_NOTICE_DONE] = "done",         [SK_NOTICE_ASKED] = "asked",
};

const char *
sk_notice_kind_name(SkNoticeKind kind)
{
    return names[kind];
}

bool
sk_notice_kind_parse(const char *name, SkNoticeKind *ret_kind)
{
    for (int i = 0; i < SK_N_NOTICE_KINDS; i++) {
        if (g_strcmp0(name, names[i]) == 0) {
            *ret_kind = i;
            return true;
        }
    }
    return false;
}

void
sk_notice_order_clear(SkNoticeOrder *order)
{
    g_free(order->message);
    g_free(order->copy);
    g_free(order->who);
    g_free(order->text);
    *order = (SkNoticeOrder){0};
}

static void
set_text(json_t *object, const char *key, const char *text)
{
    g_autofree char *valid = text != NULL ? g_utf8_make_valid(text, -1) : NULL;

    if (valid != NULL)
        json_object_set_new(object, key, json_string(valid));
}

static char *
write_payload(const SkNoticeOrder *order, const char *text)
{
    json_t *object = json_object();
    char *json, *payload;

    set_text(object, "kind", names[order->kind]);
    set_text(object, "message", order->message);
    set_text(object, "copy", order->copy);
    set_text(object, "who", order->who);
    set_text(object, "text", text);
    json = json_dumps(object, JSON_COMPACT);
    payload = g_strdup(json);
    free(json);
    json_decref(object);
    return payload;
}

/* Half of TEXT, to the end of a line; NULL: it has only one. Takes TEXT. */
static char *
halve(char *text)
{
    const char *end = g_strrstr_len(text, (gssize)(strlen(text) / 2), "\n");
    char *half = end != NULL ? g_strndup(text, (gsize)(end - text)) : NULL;

    g_free(text);
    return half;
}

/* Replies of a thousand recipients may be more than a job can carry: the first of them tell as
 * much. A document that does not fit is left out. NULL: not even without a text. */
static char *
fit_payload(const SkNoticeOrder *order)
{
    char *text = g_strdup(order->text);

    for (;;) {
        g_autofree char *payload = write_payload(order, text);

        if (payload == NULL || strlen(payload) <= PAYLOAD_MAX) {
            g_free(text);
            return g_steal_pointer(&payload);
        }
        if (text == NULL)
            return NULL;
        text = halve(text);
    }
}

static void
digest_text(GChecksum *digest, const char *text)
{
    /* With its NUL, so that no two lists of texts look alike; NULL has none. */
    if (text != NULL)
        g_checksum_update(digest, (const guchar *)text, (gssize)strlen(text) + 1);
    g_checksum_update(digest, (const guchar *)"\n", 1);
}

/* The same for the same order, whoever gives it and however often. */
static char *
name_job(const SkNoticeOrder *order)
{
    g_autoptr(GChecksum) digest = g_checksum_new(G_CHECKSUM_SHA256);

    digest_text(digest, order->copy);
    digest_text(digest, order->who);
    digest_text(digest, order->text);
    return g_strdup_printf("notice-%s-%s-%.*s", names[order->kind], order->message, DIGEST_LEN,
                           g_checksum_get_string(digest));
}

bool
sk_engine_notice_add(SkDb *keep, const SkNoticeOrder *order, int64_t due_us, GError **error)
{
    g_autofree char *payload = fit_payload(order);
    g_autofree char *id = name_job(order);

    if (payload == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT,
                    "the notice \"%s\" about %s is too large for a job", names[order->kind],
                    order->message);
        return false;
    }
    return sk_job_add(keep, id, SK_NOTICE_JOB, payload, due_us, error);
}

static char *
get_text(const json_t *object, const char *key)
{
    return g_strdup(json_string_value(json_object_get(object, key)));
}

bool
sk_engine_notice_read(const char *payload, SkNoticeOrder *ret_order)
{
    json_t *object = payload != NULL ? json_loads(payload, JSON_REJECT_DUPLICATES, NULL) : NULL;
    g_auto(SkNoticeOrder) order = {.message = get_text(object, "message"),
                                   .copy = get_text(object, "copy"),
                                   .who = get_text(object, "who"),
                                   .text = get_text(object, "text")};
    g_autofree char *kind = get_text(object, "kind");

    json_decref(object);
    if (order.message == NULL || !sk_notice_kind_parse(kind, &order.kind))
        return false;
    *ret_order = order;
    order = (SkNoticeOrder){0};
    return true;
}
