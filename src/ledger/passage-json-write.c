/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "base/error.h"
#include "base/limit.h"
#include "base/text.h"
#include "ledger/passage-json.h"

/* Jansson says "memory is out" at every step; it is remembered and reported at the end. */
typedef struct {
    bool failed;
} Out;

static void
put(Out *out, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new_nocheck(object, key, value) != 0)
        out->failed = true;
}

static void
append(Out *out, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0)
        out->failed = true;
}

static bool
is_plain(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] < 0x20 || text[i] > 0x7e)
            return false;
    }
    return len <= SK_LIMIT_PASSAGE_TEXT;
}

static json_t *
safe_string(const char *text)
{
    g_autofree char *safe = NULL;
    size_t len = strlen(text);

    if (is_plain(text, len))
        return json_stringn_nocheck(text, len);
    safe = sk_text_safe(sk_bytes(text, len), SK_LIMIT_PASSAGE_TEXT);
    return json_string_nocheck(safe);
}

static void
put_text(Out *out, json_t *object, const char *key, const char *text)
{
    if (text != NULL)
        put(out, object, key, safe_string(text));
}

static void
put_int(Out *out, json_t *object, const char *key, int64_t value)
{
    if (value != 0)
        put(out, object, key, json_integer(value));
}

static void
put_true(Out *out, json_t *object, const char *key, bool value)
{
    if (value)
        put(out, object, key, json_true());
}

static void
put_tri(Out *out, json_t *object, const char *key, SkTri value)
{
    if (value != SK_TRI_UNKNOWN)
        put(out, object, key, json_boolean(value == SK_TRI_TRUE));
}

static void
put_texts(Out *out, json_t *object, const char *key, const GPtrArray *texts)
{
    json_t *array;

    if (texts->len == 0)
        return;
    array = json_array();
    for (guint i = 0; i < texts->len; i++)
        append(out, array, safe_string(texts->pdata[i]));
    put(out, object, key, array);
}

static const char *
name_of_wait(unsigned bit)
{
    return sk_wait_name((SkWait)bit);
}

static const char *
name_of_edit(unsigned bit)
{
    return sk_edit_name((SkEdit)bit);
}

static void
put_bits(Out *out,
         json_t *object,
         const char *key,
         unsigned set,
         const char *(*name)(unsigned bit))
{
    json_t *array;

    if (set == 0)
        return;
    array = json_array();
    for (unsigned bit = 1; bit != 0 && bit <= set; bit <<= 1) {
        if (set & bit)
            append(out, array, json_string_nocheck(name(bit)));
    }
    put(out, object, key, array);
}

static void
put_rules(Out *out, json_t *object, const GArray *rules)
{
    json_t *array;

    if (rules->len == 0)
        return;
    array = json_array();
    for (guint i = 0; i < rules->len; i++) {
        const SkRuleRef *rule = &g_array_index(rules, SkRuleRef, i);
        json_t *one = json_object();

        put_text(out, one, "id", rule->id);
        put_int(out, one, "line", rule->line);
        append(out, array, one);
    }
    put(out, object, "rules", array);
}

static void
put_review(Out *out, json_t *object, SkReview review)
{
    if (review != SK_REVIEW_NONE)
        put_text(out, object, "review", review == SK_REVIEW_ADMIN ? "admin" : "recipient");
}

static json_t *
decision_new(Out *out, const SkDecision *decision)
{
    json_t *object = json_object();

    put_text(out, object, "fate", sk_fate_name(decision->fate));
    put_text(out, object, "text", decision->text);
    put_text(out, object, "finding", decision->finding);
    put_bits(out, object, "waits", decision->waits, name_of_wait);
    put_int(out, object, "hold_s", decision->hold_s);
    put_int(out, object, "hold_min_s", decision->hold_min_s);
    put_int(out, object, "hold_max_s", decision->hold_max_s);
    put_review(out, object, decision->review);
    put_texts(out, object, "approvers", decision->approvers);
    put_bits(out, object, "edits", decision->edits, name_of_edit);
    put_texts(out, object, "marks", decision->marks);
    put_true(out, object, "link_body", decision->link_body);
    put_int(out, object, "link_s", decision->link_s);
    put_int(out, object, "link_level", decision->link_level);
    put_texts(out, object, "notify", decision->notify);
    put_rules(out, object, decision->rules);
    return object;
}

static json_t *
recipient_new(Out *out, const SkPassageRecipient *recipient)
{
    json_t *object = json_object();

    put_text(out, object, "address", recipient->address);
    put_text(out, object, "direction", sk_direction_name(recipient->direction));
    put_true(out, object, "internal", recipient->to_internal);
    put_text(out, object, "partner", recipient->to_partner);
    if (recipient->decision != NULL)
        put(out, object, "decision", decision_new(out, recipient->decision));
    if (recipient->observed != NULL)
        put(out, object, "observed", decision_new(out, recipient->observed));
    return object;
}

static json_t *
recipients_new(Out *out, const GPtrArray *recipients)
{
    json_t *array = json_array();

    for (guint i = 0; i < recipients->len; i++)
        append(out, array, recipient_new(out, recipients->pdata[i]));
    return array;
}

static json_t *
envelope_new(Out *out, const SkEnvelope *envelope)
{
    json_t *object = json_object(), *array = json_array();

    put_text(out, object, "client_address", envelope->client_address);
    put_text(out, object, "client_name", envelope->client_name);
    put_text(out, object, "helo", envelope->helo);
    put_text(out, object, "login", envelope->login);
    put_text(out, object, "queue_id", envelope->queue_id);
    put_text(out, object, "sender", envelope->sender);
    put_text(out, object, "sender_args", envelope->sender_args);
    for (guint i = 0; i < sk_envelope_count(envelope); i++) {
        const SkRecipient *recipient = sk_envelope_peek(envelope, i);
        json_t *one = json_object();

        put_text(out, one, "address", recipient->address);
        put_text(out, one, "args", recipient->args);
        append(out, array, one);
    }
    put(out, object, "recipients", array);
    return object;
}

static json_t *
findings_new(Out *out, const SkFindings *findings)
{
    json_t *array = json_array();

    for (size_t i = 0; i < sk_findings_count(findings); i++) {
        const SkFinding *finding = sk_findings_peek(findings, i);
        json_t *one = json_object();

        put_text(out, one, "id", sk_finding_id_name(finding->id));
        put_text(out, one, "part", finding->part);
        put_text(out, one, "subject", finding->subject);
        put_text(out, one, "detail", finding->detail);
        put_text(out, one, "recipient", finding->recipient);
        append(out, array, one);
    }
    return array;
}

static void
put_message(Out *out, json_t *object, const SkPassage *passage)
{
    put_text(out, object, "from", passage->from);
    put_true(out, object, "from_internal", passage->from_internal);
    put_tri(out, object, "verified_internal", passage->verified_internal);
    put_tri(out, object, "verified_domain", passage->verified_domain);
    put_tri(out, object, "verified_address", passage->verified_address);
    put_text(out, object, "from_partner", passage->from_partner);
    put_tri(out, object, "verified_partner", passage->verified_partner);
    put_text(out, object, "subject", passage->subject);
    put_text(out, object, "message_id", passage->message_id);
    put(out, object, "size", json_integer((json_int_t)MIN(passage->size, INT64_MAX)));
    put_int(out, object, "external_domains", passage->external_domains);
}

static json_t *
passage_new(Out *out, const SkPassage *passage)
{
    json_t *object = json_object();

    put(out, object, "version", json_integer(SK_PASSAGE_JSON_VERSION));
    put_text(out, object, "id", passage->id);
    put(out, object, "received_us", json_integer(passage->received_us));
    put_text(out, object, "origin", sk_origin_name(passage->origin));
    put(out, object, "envelope", envelope_new(out, passage->envelope));
    put_message(out, object, passage);
    put(out, object, "findings", findings_new(out, passage->findings));
    put(out, object, "recipients", recipients_new(out, passage->recipients));
    put_text(out, object, "fate", sk_fate_name(passage->fate));
    put_text(out, object, "smtp", passage->smtp);
    put_int(out, object, "took_us", passage->took_us);
    return object;
}

char *
sk_passage_json_new(const SkPassage *passage, GError **error)
{
    Out out = {false};
    json_t *object = passage_new(&out, passage);
    char *text = out.failed ? NULL : json_dumps(object, JSON_COMPACT);

    json_decref(object);
    if (text == NULL)
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "no memory to record passage %s",
                    passage->id);
    return text;
}
