/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-fixture - for the tests of this folder: a world, facts and decisions as short texts
 */

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/policy-complaint.h"

/* "/lists/friends" has two entries, "/lists/odd" one that is none, anything else is missing. */
static inline char **
fixture_read_list(const char *path, void *data, GError **error)
{
    if (strcmp(path, "/lists/friends") == 0)
        return g_strsplit("# friends\n Jiro@Example.net \n\n@friends.example\n", "\n", -1);
    if (strcmp(path, "/lists/odd") == 0)
        return g_strsplit("jiro@example.net\nnobody\n", "\n", -1);
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s: No such file or directory", path);
    return NULL;
}

/* Everything is built, and reserved findings are what they are in this version. */
static inline SkPolicyWorld
fixture_full_world(void)
{
    return (SkPolicyWorld){.built_edits = ~0U,
                           .built_waits = ~0U,
                           .built_notify = true,
                           .can_verify = true,
                           .has_partners = true,
                           .read_list = fixture_read_list,
                           .today = "2026-06-15"};
}

/* Nothing is built but fates, marks and waive. */
static inline SkPolicyWorld
fixture_bare_world(void)
{
    return (SkPolicyWorld){.built_edits = SK_EDIT_MARK, .read_list = fixture_read_list};
}

static inline GPtrArray *
fixture_complaints_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)sk_complaint_free);
}

/* Reads TEXT in memory of its exact size. RET_COMPLAINTS: "1:5 error: …", one a line. */
static inline SkPolicy *
fixture_policy_new(const char *text, const SkPolicyWorld *world, char **ret_complaints)
{
    g_autoptr(GPtrArray) complaints = fixture_complaints_new();
    g_autofree char *exact = g_memdup2(text, strlen(text));
    SkPolicy *policy = sk_policy_new("/etc/t", exact, strlen(text), world, complaints);
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < complaints->len; i++) {
        const SkComplaint *one = complaints->pdata[i];

        g_string_append_printf(out, "%s%u:%u %s: %s", i > 0 ? "\n" : "", one->line, one->column,
                               one->grade == SK_COMPLAINT_ERROR ? "error" : "warning",
                               one->message);
    }
    if (ret_complaints != NULL)
        *ret_complaints = g_string_free(out, FALSE);
    else
        g_string_free(out, TRUE);
    return policy;
}

/* "attach.any missend.red>a@example.com attach.any@2.1 mime.tnef@": the second for one
 * recipient only, the third of another part than "1", the fourth of none. */
static inline SkFindings *
fixture_findings_new(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    SkFindings *findings = sk_findings_new();

    for (guint i = 0; words[i] != NULL && *words[i] != '\0'; i++) {
        char *recipient = strchr(words[i], '>');
        char *part = recipient == NULL ? strchr(words[i], '@') : NULL;
        SkFindingId id;

        if (recipient != NULL)
            *recipient++ = '\0';
        if (part != NULL)
            *part++ = '\0';
        g_assert_true(sk_finding_id_parse(words[i], &id));
        if (recipient != NULL)
            sk_findings_add_for(findings, id, recipient, NULL, NULL);
        else
            sk_findings_add(findings, id,
                            part == NULL    ? "1"
                            : *part != '\0' ? part
                                            : NULL,
                            "a.zip", NULL);
    }
    return findings;
}

static inline SkTri
fixture_tri(const char *value)
{
    if (strcmp(value, "yes") == 0)
        return SK_TRI_TRUE;
    return strcmp(value, "unknown") == 0 ? SK_TRI_UNKNOWN : SK_TRI_FALSE;
}

static inline void
fixture_set(SkPolicyFacts *facts, const char *key, const char *value)
{
    if (strcmp(key, "direction") == 0)
        g_assert_true(sk_direction_parse(value, &facts->direction));
    else if (strcmp(key, "from") == 0)
        facts->from = *value != '\0' ? value : NULL;
    else if (strcmp(key, "to") == 0)
        facts->recipient = value;
    else if (strcmp(key, "from-internal") == 0)
        facts->from_internal = true;
    else if (strcmp(key, "to-external") == 0)
        facts->to_internal = false;
    else if (strcmp(key, "from-partner") == 0)
        facts->from_partner = value;
    else if (strcmp(key, "to-partner") == 0)
        facts->to_partner = value;
    else if (strcmp(key, "internal") == 0)
        facts->verified_internal = fixture_tri(value);
    else if (strcmp(key, "domain") == 0)
        facts->verified_domain = fixture_tri(value);
    else if (strcmp(key, "address") == 0)
        facts->verified_address = fixture_tri(value);
    else if (strcmp(key, "partner") == 0)
        facts->verified_partner = fixture_tri(value);
    else if (strcmp(key, "size") == 0)
        facts->size = strtoull(value, NULL, 10);
    else if (strcmp(key, "recipients") == 0)
        facts->recipients = (unsigned)atoi(value);
    else if (strcmp(key, "domains") == 0)
        facts->external_domains = (unsigned)atoi(value);
    else if (strcmp(key, "today") == 0)
        facts->today = value;
    else
        g_error("no such fact: %s", key);
}

/* "direction=outbound from=a@example.com size=5": what differs from inbound mail of
 * taro@partner.example for hanako@example.com. WORDS keeps the texts. */
static inline SkPolicyFacts
fixture_facts(char **words, const SkFindings *findings)
{
    SkPolicyFacts facts = {.findings = findings,
                           .from = "taro@partner.example",
                           .recipient = "hanako@example.com",
                           .to_internal = true,
                           .size = 1000,
                           .recipients = 1,
                           .today = "2026-06-15"};

    for (guint i = 0; words[i] != NULL; i++) {
        char *value = strchr(words[i], '=');

        if (*words[i] == '\0')
            continue;
        g_assert_nonnull(value);
        *value = '\0';
        fixture_set(&facts, words[i], value + 1);
    }
    return facts;
}

static inline void
fixture_append_list(GString *out, const char *name, const GPtrArray *texts)
{
    g_string_append_printf(out, " %s", name);
    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(out, "%s%s", i > 0 ? "," : "=", (char *)texts->pdata[i]);
}

static inline void
fixture_append_waits(GString *out, const SkDecision *d)
{
    if ((d->waits & SK_WAIT_TIME) != 0)
        g_string_append_printf(out, " time=%d", (int)d->hold_s);
    if (d->hold_max_s != 0)
        g_string_append_printf(out, "[%d..%d]", (int)d->hold_min_s, (int)d->hold_max_s);
    if ((d->waits & SK_WAIT_CONFIRM) != 0)
        g_string_append(out, " confirm");
    if ((d->waits & SK_WAIT_APPROVAL) != 0)
        fixture_append_list(out, "approval", d->approvers);
    if ((d->waits & SK_WAIT_REVIEW) != 0)
        g_string_append_printf(out, " review=%s",
                               d->review == SK_REVIEW_ADMIN ? "admin" : "recipient");
    if ((d->waits & SK_WAIT_PASSWORD) != 0)
        g_string_append(out, " password");
}

static inline void
fixture_append_edits(GString *out, const SkDecision *d)
{
    for (unsigned bit = SK_EDIT_DECRYPT; bit <= SK_EDIT_ENCRYPT; bit <<= 1) {
        if ((d->edits & bit) == 0)
            continue;
        if (bit == SK_EDIT_MARK)
            fixture_append_list(out, "mark", d->marks);
        else
            g_string_append_printf(out, " %s", sk_edit_name((SkEdit)bit));
        if (bit == SK_EDIT_STRIP && d->parts->len > 0)
            fixture_append_list(out, "parts", d->parts);
        if (bit == SK_EDIT_STRIP && d->strip_all)
            g_string_append(out, " all");
        if (bit == SK_EDIT_LINK)
            g_string_append_printf(out, "=%s%d/%u", d->link_body ? "body/" : "", (int)d->link_s,
                                   d->link_level);
    }
}

/* "reject "text" by attach.any time=300[60..600] mark=a,b (1,3)": rules by line. */
static inline char *
fixture_decision(const SkDecision *d)
{
    GString *out = g_string_new(sk_fate_name(d->fate));

    if (d->text != NULL)
        g_string_append_printf(out, " \"%s\"", d->text);
    if (d->finding != NULL)
        g_string_append_printf(out, " by %s", d->finding);
    fixture_append_waits(out, d);
    fixture_append_edits(out, d);
    if (d->notify->len > 0)
        fixture_append_list(out, "notify", d->notify);
    for (guint i = 0; i < d->rules->len; i++)
        g_string_append_printf(out, "%s%u", i > 0 ? "," : " (",
                               g_array_index(d->rules, SkRuleRef, i).line);
    return g_string_append(out, d->rules->len > 0 ? ")" : ""), g_string_free(out, FALSE);
}
