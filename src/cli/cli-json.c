/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-json.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/engine-judge.h"

/* Foreign text is made UTF-8 first: jansson refuses anything else. NULL stays NULL, which
 * leaves the member out where the format says "o*". */
static json_t *
safe_string(const char *text)
{
    g_autofree char *safe = NULL;

    if (text == NULL)
        return NULL;
    safe = sk_text_safe(sk_bytes(text, strlen(text)), 4096);
    return json_string(safe);
}

static json_t *
findings_array(const SkFindings *findings)
{
    json_t *list = json_array();

    for (size_t i = 0; i < sk_findings_count(findings); i++) {
        const SkFinding *one = sk_findings_peek(findings, i);

        json_array_append_new(
            list, json_pack("{s:s, s:o*, s:o*, s:o*, s:o*}", "id", sk_finding_id_name(one->id),
                            "part", safe_string(one->part), "subject",
                            safe_string(one->subject), "detail", safe_string(one->detail),
                            "recipient", safe_string(one->recipient)));
    }
    return list;
}

json_t *
sk_cli_json_file(const char *file, const SkInspectResult *result)
{
    return json_pack("{s:o, s:s, s:s, s:b, s:o}", "file", safe_string(file), "type",
                     result->type != NULL ? result->type : "unknown", "encrypted",
                     sk_encrypted_name(result->encrypted), "inspected", result->inspected,
                     "findings", findings_array(result->findings));
}

static json_t *
json_bits(unsigned bits, const char *(*name)(unsigned bit))
{
    json_t *list = json_array();

    for (unsigned bit = 1; bit != 0 && bit <= bits; bit <<= 1) {
        if ((bits & bit) != 0)
            json_array_append_new(list, json_string(name(bit)));
    }
    return list;
}

static const char *
wait_name(unsigned bit)
{
    return sk_wait_name((SkWait)bit);
}

static const char *
edit_name(unsigned bit)
{
    return sk_edit_name((SkEdit)bit);
}

static json_t *
copy_object(const GPtrArray *copy)
{
    const SkPassageRecipient *first = copy->pdata[0];
    json_t *recipients = json_array();
    json_t *rules = json_array();

    for (guint i = 0; i < copy->len; i++)
        json_array_append_new(recipients,
                              safe_string(((SkPassageRecipient *)copy->pdata[i])->address));
    for (guint i = 0; i < first->decision->rules->len; i++)
        json_array_append_new(
            rules, json_string(g_array_index(first->decision->rules, SkRuleRef, i).id));
    return json_pack("{s:o, s:s, s:o, s:o, s:o}", "recipients", recipients, "fate",
                     sk_fate_name(first->decision->fate), "waits",
                     json_bits(first->decision->waits, wait_name), "edits",
                     json_bits(first->decision->edits, edit_name), "rules", rules);
}

json_t *
sk_cli_json_scan(const char *file, const char *direction, const SkPassage *passage)
{
    g_autoptr(GPtrArray) copies = sk_engine_copies(passage);
    json_t *list = json_array();

    for (guint i = 0; i < copies->len; i++)
        json_array_append_new(list, copy_object(copies->pdata[i]));
    return json_pack("{s:o, s:s, s:o, s:{s:s, s:o*}, s:o}", "file", safe_string(file),
                     "direction", direction, "findings", findings_array(passage->findings),
                     "decision", "fate", sk_fate_name(passage->fate), "text",
                     safe_string(passage->smtp), "copies", list);
}

void
sk_cli_print_json(json_t *object)
{
    json_dumpf(object, stdout, JSON_COMPACT);
    fputc('\n', stdout);
    json_decref(object);
}
