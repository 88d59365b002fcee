/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "ledger/json-out.h"
#include "ledger/passage-json.h"

static void
put_int(SkJsonOut *out, const char *key, int64_t value)
{
    if (value != 0)
        sk_json_out_int(out, key, value);
}

static void
put_true(SkJsonOut *out, const char *key, bool value)
{
    if (value)
        sk_json_out_bool(out, key, true);
}

static void
put_tri(SkJsonOut *out, const char *key, SkTri value)
{
    if (value != SK_TRI_UNKNOWN)
        sk_json_out_bool(out, key, value == SK_TRI_TRUE);
}

static void
put_texts(SkJsonOut *out, const char *key, const GPtrArray *texts)
{
    if (texts->len == 0)
        return;
    sk_json_out_open(out, key, '[');
    for (guint i = 0; i < texts->len; i++)
        sk_json_out_text(out, NULL, texts->pdata[i]);
    sk_json_out_close(out, ']');
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
put_bits(SkJsonOut *out, const char *key, unsigned set, const char *(*name)(unsigned bit))
{
    if (set == 0)
        return;
    sk_json_out_open(out, key, '[');
    for (unsigned bit = 1; bit != 0 && bit <= set; bit <<= 1) {
        if (set & bit)
            sk_json_out_text(out, NULL, name(bit));
    }
    sk_json_out_close(out, ']');
}

static void
put_rules(SkJsonOut *out, const GArray *rules)
{
    if (rules->len == 0)
        return;
    sk_json_out_open(out, "rules", '[');
    for (guint i = 0; i < rules->len; i++) {
        const SkRuleRef *rule = &g_array_index(rules, SkRuleRef, i);

        sk_json_out_open(out, NULL, '{');
        sk_json_out_text(out, "id", rule->id);
        put_int(out, "line", rule->line);
        sk_json_out_close(out, '}');
    }
    sk_json_out_close(out, ']');
}

static void
put_review(SkJsonOut *out, SkReview review)
{
    if (review != SK_REVIEW_NONE)
        sk_json_out_text(out, "review", review == SK_REVIEW_ADMIN ? "admin" : "recipient");
}

static void
put_decision(SkJsonOut *out, const char *key, const SkDecision *decision)
{
    if (decision == NULL)
        return;
    sk_json_out_open(out, key, '{');
    sk_json_out_text(out, "fate", sk_fate_name(decision->fate));
    sk_json_out_text(out, "text", decision->text);
    sk_json_out_text(out, "finding", decision->finding);
    put_bits(out, "waits", decision->waits, name_of_wait);
    put_int(out, "hold_s", decision->hold_s);
    put_int(out, "hold_min_s", decision->hold_min_s);
    put_int(out, "hold_max_s", decision->hold_max_s);
    put_review(out, decision->review);
    put_texts(out, "approvers", decision->approvers);
    put_bits(out, "edits", decision->edits, name_of_edit);
    put_texts(out, "parts", decision->parts);
    put_true(out, "strip_all", decision->strip_all);
    put_bits(out, "rest_waits", decision->rest_waits, name_of_wait);
    put_texts(out, "marks", decision->marks);
    put_true(out, "link_body", decision->link_body);
    put_int(out, "link_s", decision->link_s);
    put_int(out, "link_level", decision->link_level);
    put_texts(out, "notify", decision->notify);
    put_rules(out, decision->rules);
    sk_json_out_close(out, '}');
}

static void
put_recipient(SkJsonOut *out, const SkPassageRecipient *recipient)
{
    sk_json_out_open(out, NULL, '{');
    sk_json_out_text(out, "address", recipient->address);
    sk_json_out_text(out, "direction", sk_direction_name(recipient->direction));
    put_true(out, "internal", recipient->to_internal);
    put_true(out, "visible", recipient->visible);
    sk_json_out_text(out, "partner", recipient->to_partner);
    put_decision(out, "decision", recipient->decision);
    put_decision(out, "observed", recipient->observed);
    sk_json_out_close(out, '}');
}

static void
put_recipients(SkJsonOut *out, const GPtrArray *recipients)
{
    sk_json_out_open(out, "recipients", '[');
    for (guint i = 0; i < recipients->len; i++)
        put_recipient(out, recipients->pdata[i]);
    sk_json_out_close(out, ']');
}

static void
put_envelope_recipient(SkJsonOut *out, const SkRecipient *recipient)
{
    sk_json_out_open(out, NULL, '{');
    sk_json_out_text(out, "address", recipient->address);
    sk_json_out_text(out, "args", recipient->args);
    sk_json_out_close(out, '}');
}

static void
put_envelope(SkJsonOut *out, const SkEnvelope *envelope)
{
    sk_json_out_open(out, "envelope", '{');
    sk_json_out_text(out, "client_address", envelope->client_address);
    sk_json_out_text(out, "client_name", envelope->client_name);
    sk_json_out_text(out, "helo", envelope->helo);
    sk_json_out_text(out, "login", envelope->login);
    sk_json_out_text(out, "queue_id", envelope->queue_id);
    sk_json_out_text(out, "sender", envelope->sender);
    sk_json_out_text(out, "sender_args", envelope->sender_args);
    sk_json_out_open(out, "recipients", '[');
    for (guint i = 0; i < sk_envelope_count(envelope); i++)
        put_envelope_recipient(out, sk_envelope_peek(envelope, i));
    sk_json_out_close(out, ']');
    sk_json_out_close(out, '}');
}

static void
put_finding(SkJsonOut *out, const SkFinding *finding)
{
    sk_json_out_open(out, NULL, '{');
    sk_json_out_text(out, "id", sk_finding_id_name(finding->id));
    sk_json_out_text(out, "part", finding->part);
    sk_json_out_text(out, "subject", finding->subject);
    sk_json_out_text(out, "detail", finding->detail);
    sk_json_out_text(out, "recipient", finding->recipient);
    sk_json_out_close(out, '}');
}

static void
put_findings(SkJsonOut *out, const SkFindings *findings)
{
    sk_json_out_open(out, "findings", '[');
    for (size_t i = 0; i < sk_findings_count(findings); i++)
        put_finding(out, sk_findings_peek(findings, i));
    sk_json_out_close(out, ']');
}

static void
put_message(SkJsonOut *out, const SkPassage *passage)
{
    sk_json_out_text(out, "from", passage->from);
    put_true(out, "from_internal", passage->from_internal);
    put_tri(out, "verified_internal", passage->verified_internal);
    put_tri(out, "verified_domain", passage->verified_domain);
    put_tri(out, "verified_address", passage->verified_address);
    sk_json_out_text(out, "from_partner", passage->from_partner);
    put_tri(out, "verified_partner", passage->verified_partner);
    sk_json_out_text(out, "subject", passage->subject);
    sk_json_out_text(out, "message_id", passage->message_id);
    sk_json_out_int(out, "size", (int64_t)MIN(passage->size, INT64_MAX));
    put_int(out, "external_domains", passage->external_domains);
}

static void
put_passage(SkJsonOut *out, const SkPassage *passage)
{
    sk_json_out_open(out, NULL, '{');
    sk_json_out_int(out, "version", SK_PASSAGE_JSON_VERSION);
    sk_json_out_text(out, "id", passage->id);
    sk_json_out_int(out, "received_us", passage->received_us);
    sk_json_out_text(out, "origin", sk_origin_name(passage->origin));
    put_envelope(out, passage->envelope);
    put_message(out, passage);
    put_findings(out, passage->findings);
    put_recipients(out, passage->recipients);
    sk_json_out_text(out, "fate", sk_fate_name(passage->fate));
    sk_json_out_text(out, "smtp", passage->smtp);
    sk_json_out_text(out, "held", passage->held);
    put_int(out, "copies", passage->copies);
    sk_json_out_text(out, "released", passage->released);
    put_int(out, "took_us", passage->took_us);
    sk_json_out_close(out, '}');
}

char *
sk_passage_json_new(const SkPassage *passage, GError **error)
{
    g_auto(SkJsonOut) out;
    char *text;

    sk_json_out_init(&out);
    put_passage(&out, passage);
    text = sk_json_out_steal(&out);
    if (text == NULL)
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "no memory to record passage %s",
                    passage->id);
    return text;
}
