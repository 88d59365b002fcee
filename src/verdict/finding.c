/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/finding.h"

#include <string.h>

#include "base/limit.h"
#include "base/text.h"

typedef struct {
    const char *name;
    SkFindingState state;
    const char *check;
    const char *meaning;
} Definition;

static const Definition definitions[SK_N_FINDINGS] = {
#define SK_FINDING_DEF(symbol, id, state, check, meaning)                                      \
    [SK_FINDING_##symbol] = {id, SK_FINDING_##state, check, meaning},
#include "verdict/findings.def"
#undef SK_FINDING_DEF
};

struct SkFindings {
    GPtrArray *list; /* of SkFinding */
};

const char *
sk_finding_id_name(SkFindingId id)
{
    g_assert(id < SK_N_FINDINGS);
    return definitions[id].name;
}

const char *
sk_finding_id_check(SkFindingId id)
{
    g_assert(id < SK_N_FINDINGS);
    return definitions[id].check;
}

const char *
sk_finding_id_meaning(SkFindingId id)
{
    g_assert(id < SK_N_FINDINGS);
    return definitions[id].meaning;
}

SkFindingState
sk_finding_id_state(SkFindingId id)
{
    g_assert(id < SK_N_FINDINGS);
    return definitions[id].state;
}

bool
sk_finding_id_parse(const char *name, SkFindingId *ret_id)
{
    for (int id = 0; id < SK_N_FINDINGS; id++) {
        if (strcmp(definitions[id].name, name) == 0) {
            *ret_id = (SkFindingId)id;
            return true;
        }
    }
    return false;
}

bool
sk_finding_id_below(SkFindingId id, const char *name)
{
    size_t len = strlen(name);
    const char *whole = sk_finding_id_name(id);

    return strncmp(whole, name, len) == 0 && (whole[len] == '\0' || whole[len] == '.');
}

static void
finding_free(void *data)
{
    SkFinding *finding = data;

    g_free(finding->part);
    g_free(finding->subject);
    g_free(finding->detail);
    g_free(finding->recipient);
    g_free(finding);
}

SkFindings *
sk_findings_new(void)
{
    SkFindings *findings = g_new0(SkFindings, 1);

    findings->list = g_ptr_array_new_with_free_func(finding_free);
    return findings;
}

void
sk_findings_free(SkFindings *findings)
{
    if (findings == NULL)
        return;
    g_ptr_array_unref(findings->list);
    g_free(findings);
}

static char *
safe_dup(const char *text)
{
    if (text == NULL)
        return NULL;
    return sk_text_safe(sk_bytes(text, strlen(text)), SK_LIMIT_FINDING_TEXT);
}

static bool
is_known(const SkFindings *findings, const SkFinding *one)
{
    for (guint i = 0; i < findings->list->len; i++) {
        const SkFinding *other = findings->list->pdata[i];

        if (other->id == one->id && g_strcmp0(other->part, one->part) == 0 &&
            g_strcmp0(other->subject, one->subject) == 0 &&
            g_strcmp0(other->recipient, one->recipient) == 0)
            return true;
    }
    return false;
}

static void
add(SkFindings *findings, SkFinding value)
{
    SkFinding *one = g_new0(SkFinding, 1);

    if (findings->list->len == SK_LIMIT_FINDINGS - 1) {
        value =
            (SkFinding){.id = SK_FINDING_INSPECT_LIMIT, .detail = (char *)"too many findings"};
    }
    *one = (SkFinding){value.id, safe_dup(value.part), safe_dup(value.subject),
                       safe_dup(value.detail), safe_dup(value.recipient)};
    if (findings->list->len >= SK_LIMIT_FINDINGS || is_known(findings, one))
        finding_free(one);
    else
        g_ptr_array_add(findings->list, one);
}

void
sk_findings_add(SkFindings *findings,
                SkFindingId id,
                const char *part,
                const char *subject,
                const char *detail)
{
    add(findings, (SkFinding){id, (char *)part, (char *)subject, (char *)detail, NULL});
}

void
sk_findings_add_for(SkFindings *findings,
                    SkFindingId id,
                    const char *recipient,
                    const char *subject,
                    const char *detail)
{
    add(findings, (SkFinding){id, NULL, (char *)subject, (char *)detail, (char *)recipient});
}

void
sk_findings_add_trouble(SkFindings *findings,
                        SkMailTrouble trouble,
                        const char *part,
                        const char *detail)
{
    static const SkFindingId ids[] = {
        [SK_MAIL_TROUBLE_AMBIGUOUS] = SK_FINDING_MIME_AMBIGUOUS,
        [SK_MAIL_TROUBLE_BROKEN] = SK_FINDING_MIME_BROKEN,
        [SK_MAIL_TROUBLE_PARTIAL] = SK_FINDING_MIME_PARTIAL,
        [SK_MAIL_TROUBLE_EXTERNAL] = SK_FINDING_MIME_EXTERNAL,
        [SK_MAIL_TROUBLE_TNEF] = SK_FINDING_MIME_TNEF,
        [SK_MAIL_TROUBLE_UUENCODE] = SK_FINDING_MIME_UUENCODE,
        [SK_MAIL_TROUBLE_CHARSET] = SK_FINDING_MIME_CHARSET,
        [SK_MAIL_TROUBLE_LIMIT] = SK_FINDING_INSPECT_LIMIT,
    };

    g_assert(trouble < G_N_ELEMENTS(ids));
    sk_findings_add(findings, ids[trouble], part, NULL, detail);
}

size_t
sk_findings_count(const SkFindings *findings)
{
    return findings->list->len;
}

const SkFinding *
sk_findings_peek(const SkFindings *findings, size_t i)
{
    g_assert(i < findings->list->len);
    return findings->list->pdata[i];
}

const SkFinding *
sk_findings_find(const SkFindings *findings, const char *name, const char *recipient)
{
    for (guint i = 0; i < findings->list->len; i++) {
        const SkFinding *one = findings->list->pdata[i];

        if (sk_finding_id_below(one->id, name) &&
            (recipient == NULL || one->recipient == NULL ||
             strcmp(one->recipient, recipient) == 0))
            return one;
    }
    return NULL;
}
