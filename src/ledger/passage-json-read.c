/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "base/error.h"
#include "base/limit.h"
#include "ledger/passage-json.h"

/* The first member that is not what it should be; reading goes on with plain values, since the
 * result is thrown away. */
typedef struct {
    const char *bad;
} In;

static void
complain(In *in, const char *key)
{
    if (in->bad == NULL)
        in->bad = key;
}

static const char *
peek_text(In *in, const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);

    if (value != NULL && !json_is_string(value))
        complain(in, key);
    return json_string_value(value);
}

static char *
read_text(In *in, const json_t *object, const char *key)
{
    return g_strdup(peek_text(in, object, key));
}

static int64_t
get_int(In *in, const json_t *object, const char *key, int64_t max)
{
    json_t *value = json_object_get(object, key);
    int64_t number = json_integer_value(value);

    if ((value != NULL && !json_is_integer(value)) || number < 0 || number > max) {
        complain(in, key);
        return 0;
    }
    return number;
}

static SkTri
get_tri(In *in, const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);

    if (value == NULL)
        return SK_TRI_UNKNOWN;
    if (!json_is_boolean(value))
        complain(in, key);
    return json_is_true(value) ? SK_TRI_TRUE : SK_TRI_FALSE;
}

static bool
get_bool(In *in, const json_t *object, const char *key)
{
    return get_tri(in, object, key) == SK_TRI_TRUE;
}

/* A list that may be missing: NULL is then an empty one to Jansson. */
static const json_t *
peek_list(In *in, const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);

    if (value != NULL && !json_is_array(value))
        complain(in, key);
    return value;
}

/* The index of a name among the names that NAME_OF gives for 0 … N-1. */
static unsigned
find_name(In *in,
          const char *key,
          const char *text,
          const char *(*name_of)(unsigned i),
          unsigned n)
{
    for (unsigned i = 0; text != NULL && i < n; i++) {
        if (strcmp(name_of(i), text) == 0)
            return i;
    }
    complain(in, key);
    return 0;
}

static const char *
fate_at(unsigned i)
{
    return sk_fate_name((SkFate)i);
}

static const char *
wait_at(unsigned i)
{
    return sk_wait_name((SkWait)(1U << i));
}

static const char *
edit_at(unsigned i)
{
    return sk_edit_name((SkEdit)(1U << i));
}

static SkFate
get_fate(In *in, const json_t *object)
{
    return (SkFate)find_name(in, "fate", peek_text(in, object, "fate"), fate_at,
                             SK_FATE_REJECT + 1);
}

static unsigned
get_bits(In *in,
         const json_t *object,
         const char *key,
         const char *(*name_of)(unsigned i),
         unsigned n)
{
    const json_t *list = peek_list(in, object, key);
    unsigned set = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));

        set |= 1U << find_name(in, key, text, name_of, n);
    }
    return set;
}

static void
read_texts(In *in, const json_t *object, const char *key, GPtrArray *texts)
{
    const json_t *list = peek_list(in, object, key);

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));

        if (text == NULL)
            complain(in, key);
        g_ptr_array_add(texts, g_strdup(text != NULL ? text : ""));
    }
}

/* Letters and digits of a digest: what else could be there would be written in another way. */
static bool
is_rule_id(const char *text)
{
    size_t len = text != NULL ? strlen(text) : 0;

    for (size_t i = 0; i < len; i++) {
        if (!g_ascii_isalnum(text[i]))
            return false;
    }
    return text != NULL && len <= SK_RULE_ID_LEN;
}

static void
read_rules(In *in, const json_t *object, GArray *rules)
{
    const json_t *list = peek_list(in, object, "rules");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *id = peek_text(in, one, "id");
        SkRuleRef rule = {.line = (unsigned)get_int(in, one, "line", UINT32_MAX)};

        if (is_rule_id(id))
            g_strlcpy(rule.id, id, sizeof rule.id);
        else
            complain(in, "rules");
        g_array_append_val(rules, rule);
    }
}

static SkReview
get_review(In *in, const json_t *object)
{
    const char *text = peek_text(in, object, "review");

    if (text == NULL)
        return SK_REVIEW_NONE;
    if (strcmp(text, "recipient") == 0)
        return SK_REVIEW_RECIPIENT;
    if (strcmp(text, "admin") != 0)
        complain(in, "review");
    return SK_REVIEW_ADMIN;
}

static SkDecision *
read_decision(In *in, const json_t *object)
{
    SkDecision *decision;

    if (object == NULL)
        return NULL;
    decision = sk_decision_new();
    decision->fate = get_fate(in, object);
    decision->text = read_text(in, object, "text");
    decision->finding = read_text(in, object, "finding");
    decision->waits = get_bits(in, object, "waits", wait_at, 5);
    decision->hold_s = get_int(in, object, "hold_s", INT64_MAX);
    decision->hold_min_s = get_int(in, object, "hold_min_s", INT64_MAX);
    decision->hold_max_s = get_int(in, object, "hold_max_s", INT64_MAX);
    decision->review = get_review(in, object);
    read_texts(in, object, "approvers", decision->approvers);
    decision->edits = get_bits(in, object, "edits", edit_at, 7);
    read_texts(in, object, "parts", decision->parts);
    decision->strip_all = get_bool(in, object, "strip_all");
    decision->rest_waits = get_bits(in, object, "rest_waits", wait_at, 5);
    read_texts(in, object, "marks", decision->marks);
    decision->link_body = get_bool(in, object, "link_body");
    decision->link_s = get_int(in, object, "link_s", INT64_MAX);
    decision->link_level = (unsigned)get_int(in, object, "link_level", UINT32_MAX);
    read_texts(in, object, "notify", decision->notify);
    read_rules(in, object, decision->rules);
    return decision;
}

static void
read_recipients(In *in, const json_t *object, GPtrArray *recipients)
{
    const json_t *list = peek_list(in, object, "recipients");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *address = peek_text(in, one, "address");
        const char *direction = peek_text(in, one, "direction");
        SkPassageRecipient *recipient =
            sk_passage_recipient_new(address != NULL ? address : "");

        if (address == NULL || direction == NULL ||
            !sk_direction_parse(direction, &recipient->direction))
            complain(in, "recipients");
        recipient->to_internal = get_bool(in, one, "internal");
        recipient->visible = get_bool(in, one, "visible");
        recipient->to_partner = read_text(in, one, "partner");
        recipient->decision = read_decision(in, json_object_get(one, "decision"));
        recipient->observed = read_decision(in, json_object_get(one, "observed"));
        g_ptr_array_add(recipients, recipient);
    }
}

static SkEnvelope *
read_envelope(In *in, const json_t *object)
{
    SkEnvelope *envelope = sk_envelope_new();
    const json_t *list = peek_list(in, object, "recipients");

    envelope->client_address = read_text(in, object, "client_address");
    envelope->client_name = read_text(in, object, "client_name");
    envelope->helo = read_text(in, object, "helo");
    envelope->login = read_text(in, object, "login");
    envelope->queue_id = read_text(in, object, "queue_id");
    envelope->sender = read_text(in, object, "sender");
    envelope->sender_args = read_text(in, object, "sender_args");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        SkRecipient *recipient = g_new0(SkRecipient, 1);

        recipient->address = read_text(in, one, "address");
        recipient->args = read_text(in, one, "args");
        g_ptr_array_add(envelope->recipients, recipient);
        if (recipient->address == NULL)
            complain(in, "envelope");
    }
    return envelope;
}

static void
read_findings(In *in, const json_t *object, SkFindings *findings)
{
    const json_t *list = peek_list(in, object, "findings");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *name = peek_text(in, one, "id"), *part = peek_text(in, one, "part");
        const char *subject = peek_text(in, one, "subject");
        const char *detail = peek_text(in, one, "detail");
        const char *recipient = peek_text(in, one, "recipient");
        SkFindingId id;

        if (name == NULL || !sk_finding_id_parse(name, &id))
            complain(in, "findings");
        else if (recipient != NULL)
            sk_findings_add_for(findings, id, recipient, subject, detail);
        else
            sk_findings_add(findings, id, part, subject, detail);
    }
}

static void
read_message(In *in, const json_t *object, SkPassage *passage)
{
    passage->from = read_text(in, object, "from");
    passage->from_internal = get_bool(in, object, "from_internal");
    passage->verified_internal = get_tri(in, object, "verified_internal");
    passage->verified_domain = get_tri(in, object, "verified_domain");
    passage->verified_address = get_tri(in, object, "verified_address");
    passage->from_partner = read_text(in, object, "from_partner");
    passage->verified_partner = get_tri(in, object, "verified_partner");
    passage->subject = read_text(in, object, "subject");
    passage->message_id = read_text(in, object, "message_id");
    passage->size = (uint64_t)get_int(in, object, "size", INT64_MAX);
    passage->external_domains = (unsigned)get_int(in, object, "external_domains", UINT32_MAX);
}

static SkPassage *
read_passage(In *in, const json_t *object)
{
    SkPassage *passage = sk_passage_new();
    const char *origin = peek_text(in, object, "origin");

    passage->id = read_text(in, object, "id");
    if (passage->id == NULL)
        complain(in, "id");
    if (origin == NULL || !sk_origin_parse(origin, &passage->origin))
        complain(in, "origin");
    passage->received_us = get_int(in, object, "received_us", INT64_MAX);
    passage->envelope = read_envelope(in, json_object_get(object, "envelope"));
    read_message(in, object, passage);
    read_findings(in, object, passage->findings);
    read_recipients(in, object, passage->recipients);
    passage->fate = get_fate(in, object);
    passage->smtp = read_text(in, object, "smtp");
    passage->held = read_text(in, object, "held");
    passage->copies = (unsigned)get_int(in, object, "copies", UINT32_MAX);
    passage->released = read_text(in, object, "released");
    passage->took_us = get_int(in, object, "took_us", INT64_MAX);
    return passage;
}

static SkPassage *
read_document(const json_t *document, GError **error)
{
    In in = {NULL};
    g_autoptr(SkPassage) passage = NULL;
    int64_t version = json_integer_value(json_object_get(document, "version"));

    if (version != SK_PASSAGE_JSON_VERSION) {
        g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                    "the document has version %" G_GINT64_FORMAT ", this program knows %d",
                    version, SK_PASSAGE_JSON_VERSION);
        return NULL;
    }
    passage = read_passage(&in, document);
    if (in.bad == NULL)
        return g_steal_pointer(&passage);
    g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                "the document's \"%s\" is damaged, or of a newer program", in.bad);
    return NULL;
}

SkPassage *
sk_passage_json_read(const char *text, GError **error)
{
    json_error_t trouble;
    json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, &trouble);
    SkPassage *passage;

    if (document == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                    "the document is damaged at byte %d: %s", trouble.position, trouble.text);
        return NULL;
    }
    passage = read_document(document, error);
    json_decref(document);
    return passage;
}
