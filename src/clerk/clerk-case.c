/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-case.h"

#include <string.h>

#include "base/limit.h"
#include "base/text.h"
#include "engine/engine-hold.h"
#include "ledger/passage-json.h"
#include "notice/notice-matter.h"

void
sk_clerk_case_clear(SkClerkCase *c)
{
    sk_held_message_free(c->message);
    sk_passage_free(c->passage);
    g_clear_pointer(&c->copies, g_ptr_array_unref);
    *c = (SkClerkCase){0};
}

bool
sk_clerk_is_same(const char *address, const char *other)
{
    return address != NULL && other != NULL && g_ascii_strcasecmp(address, other) == 0;
}

bool
sk_clerk_case_is_malware(const SkClerkCase *c)
{
    return c->passage != NULL &&
           sk_findings_find(c->passage->findings, "malware.found", NULL) != NULL;
}

static bool
is_copy_id(const char *target)
{
    return strchr(target, '-') != NULL;
}

/* Keeps those that KEEP says. */
static void
choose(GPtrArray *copies,
       bool (*keep)(const SkHeldCopy *copy, const void *data),
       const void *data)
{
    for (guint i = copies->len; i > 0; i--) {
        if (!keep(copies->pdata[i - 1], data))
            g_ptr_array_remove_index(copies, i - 1);
    }
}

static bool
has_id(const SkHeldCopy *copy, const void *data)
{
    return strcmp(copy->id, data) == 0;
}

static bool
goes_outside(const SkHeldCopy *copy, const void *data)
{
    return copy->direction == SK_DIRECTION_OUTBOUND || copy->direction == SK_DIRECTION_FORWARD;
}

static bool
goes_to(const SkHeldCopy *copy, const void *data)
{
    for (guint i = 0; i < copy->recipients->len; i++) {
        const SkRecipient *recipient = copy->recipients->pdata[i];

        if (sk_clerk_is_same(recipient->address, data))
            return true;
    }
    return false;
}

bool
sk_clerk_case_load(SkDb *keep, const char *target, SkClerkCase *ret_case, GError **error)
{
    g_autofree char *id = g_strndup(target, strcspn(target, "-"));
    g_auto(SkClerkCase) c = {0};

    if (!sk_hold_load_message(keep, id, &c.message, error))
        return false;
    if (c.message == NULL)
        c.copies = g_ptr_array_new();
    else if (!sk_hold_load_copies(keep, id, &c.copies, error))
        return false;
    if (c.message != NULL && c.message->document != NULL)
        c.passage = sk_passage_json_read(c.message->document, NULL);
    if (is_copy_id(target))
        choose(c.copies, has_id, target);
    *ret_case = c;
    c = (SkClerkCase){0};
    return true;
}

static bool
has_any_outside(const GPtrArray *copies)
{
    for (guint i = 0; i < copies->len; i++) {
        if (goes_outside(copies->pdata[i], NULL))
            return true;
    }
    return false;
}

bool
sk_clerk_case_load_for(SkDb *keep,
                       const SkHoldToken *token,
                       SkClerkCase *ret_case,
                       GError **error)
{
    if (!sk_clerk_case_load(keep, token->target, ret_case, error))
        return false;
    if (token->purpose == SK_TOKEN_COLLEAGUE ||
        (token->purpose == SK_TOKEN_STOP && !is_copy_id(token->target) &&
         has_any_outside(ret_case->copies)))
        choose(ret_case->copies, goes_outside, NULL);
    else if (token->purpose != SK_TOKEN_STOP && !is_copy_id(token->target))
        choose(ret_case->copies, goes_to, token->person);
    return true;
}

bool
sk_clerk_case_is_original(const SkClerkCase *c, const SkHeldCopy *copy)
{
    const SkDecision *decision =
        c->passage != NULL ? sk_engine_hold_decision(c->passage, copy) : NULL;

    return copy->variant == SK_COPY_WHOLE && decision != NULL &&
           decision->fate == SK_FATE_DELIVER && (decision->edits & SK_EDIT_STRIP) != 0;
}

/* ---- what can be seen ---- */

/* The passage's addresses are as they may be shown. */
static char *
make_safe(const char *text)
{
    return text != NULL ? sk_text_safe(sk_bytes(text, strlen(text)), SK_LIMIT_PASSAGE_TEXT)
                        : NULL;
}

/* Of the recipients of the whole message, those that stand in To or Cc. */
static GHashTable *
find_visible(const SkClerkCase *c)
{
    GHashTable *visible = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; c->passage != NULL && i < c->passage->recipients->len; i++) {
        SkPassageRecipient *recipient = c->passage->recipients->pdata[i];

        if (recipient->visible)
            g_hash_table_add(visible, recipient->address);
    }
    return visible;
}

static bool
sees_all(const SkHoldToken *token)
{
    return token == NULL || token->purpose == SK_TOKEN_STOP;
}

/* Caller owns the list. */
static GPtrArray *
list_recipients(const SkClerkCase *c, const SkHeldCopy *copy, const SkHoldToken *token)
{
    g_autoptr(GHashTable) visible = find_visible(c);
    GPtrArray *shown = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < copy->recipients->len; i++) {
        const SkRecipient *recipient = copy->recipients->pdata[i];
        g_autofree char *safe = make_safe(recipient->address);

        if (sees_all(token) || g_hash_table_contains(visible, safe) ||
            sk_clerk_is_same(recipient->address, token->person))
            g_ptr_array_add(shown, g_steal_pointer(&safe));
    }
    return shown;
}

bool
sk_clerk_case_is_seen(const SkClerkCase *c, const SkHeldCopy *copy, const SkHoldToken *token)
{
    g_autoptr(GPtrArray) shown = NULL;

    if (token == NULL || token->purpose != SK_TOKEN_COLLEAGUE)
        return true;
    shown = list_recipients(c, copy, token);
    return shown->len > 0;
}

static bool
is_about(const SkFinding *finding, const GPtrArray *recipients)
{
    if (finding->recipient == NULL)
        return true;
    for (guint i = 0; i < recipients->len; i++) {
        if (sk_clerk_is_same(recipients->pdata[i], finding->recipient))
            return true;
    }
    return false;
}

/* By TOKEN only what matters: "attach.any" and the like would alarm for nothing. */
static void
show_findings(const SkClerkCase *c, const SkHoldToken *token, SkDeskCopy *shown)
{
    size_t n = c->passage != NULL ? sk_findings_count(c->passage->findings) : 0;

    for (size_t i = 0; i < n; i++) {
        const SkFinding *finding = sk_findings_peek(c->passage->findings, i);
        const char *id = sk_finding_id_name(finding->id);

        if (!is_about(finding, shown->recipients) ||
            (token != NULL && !sk_notice_matters(finding->id)))
            continue;
        g_ptr_array_add(shown->findings, finding->subject != NULL
                                             ? g_strdup_printf("%s: %s", id, finding->subject)
                                             : g_strdup(id));
    }
}

static void
show_groups(const SkDecision *decision, SkDeskCopy *shown)
{
    for (guint i = 0; i < decision->approvers->len; i++)
        g_ptr_array_add(shown->groups, make_safe(decision->approvers->pdata[i]));
}

/* ---- what can be done ---- */

static unsigned
can_by_token(const SkHoldToken *token, const SkHeldCopy *copy)
{
    switch (token->purpose) {
    case SK_TOKEN_STOP:
    case SK_TOKEN_COLLEAGUE:
        return 1U << SK_DESK_STOP;
    case SK_TOKEN_PASSWORD:
        return (copy->open & SK_WAIT_PASSWORD) != 0 ? 1U << SK_DESK_PASSWORD : 0;
    case SK_TOKEN_ASK:
        return (copy->open & ~(unsigned)SK_WAIT_TIME) != 0 ? 1U << SK_DESK_ASK : 0;
    case SK_N_TOKEN_PURPOSES:
        break;
    }
    return 0;
}

static unsigned
can_by_operator(const SkClerkCase *c, const SkHeldCopy *copy)
{
    unsigned can = 1U << SK_DESK_STOP;

    if (copy->open != 0)
        can |= 1U << SK_DESK_RELEASE;
    if (c->message->owner != NULL && (copy->open & (SK_WAIT_TIME | SK_WAIT_CONFIRM)) != 0)
        can |= 1U << SK_DESK_CONFIRM;
    if ((copy->open & SK_WAIT_APPROVAL) != 0)
        can |= 1U << SK_DESK_APPROVE;
    if (sk_engine_may_return(c->message))
        can |= 1U << SK_DESK_RETURN;
    return can;
}

static unsigned
find_can(const SkClerkCase *c, const SkHeldCopy *copy, const SkHoldToken *token)
{
    unsigned can = 0;

    if (copy->state == SK_COPY_WAITING)
        can = token != NULL ? can_by_token(token, copy) : can_by_operator(c, copy);
    if (token == NULL && c->message->blob != NULL)
        can |= 1U << SK_DESK_CONTENT;
    return can;
}

SkDeskCopy *
sk_clerk_case_show(const SkClerkCase *c, const SkHeldCopy *copy, const SkHoldToken *token)
{
    const SkDecision *decision =
        c->passage != NULL ? sk_engine_hold_decision(c->passage, copy) : NULL;
    SkDeskCopy *shown = sk_desk_copy_new();

    shown->id = g_strdup(copy->id);
    shown->message = g_strdup(copy->message);
    shown->state = copy->state;
    shown->variant = copy->variant;
    shown->direction = copy->direction;
    shown->waits = copy->waits;
    shown->open = copy->open;
    shown->review = copy->review;
    shown->made_us = c->message->made_us;
    shown->due_us = copy->due_us;
    shown->expires_us = copy->expires_us;
    shown->ended_us = copy->ended_us;
    shown->size = c->message->size;
    shown->tries = copy->tries;
    shown->owner = make_safe(c->message->owner);
    shown->sender = make_safe(c->message->sender);
    shown->from = make_safe(c->message->from);
    shown->subject = make_safe(c->message->subject);
    shown->trouble = sees_all(token) ? make_safe(copy->trouble) : NULL;
    shown->ended_by = make_safe(copy->ended_by);
    shown->why = make_safe(copy->why);
    g_ptr_array_unref(shown->recipients);
    shown->recipients = list_recipients(c, copy, token);
    shown->original = sk_clerk_case_is_original(c, copy);
    if (sees_all(token) && decision != NULL && (copy->waits & SK_WAIT_APPROVAL) != 0)
        show_groups(decision, shown);
    show_findings(c, token, shown);
    shown->can = find_can(c, copy, token);
    return shown;
}

void
sk_clerk_case_show_all(const SkClerkCase *c, const SkHoldToken *token, GPtrArray *copies)
{
    for (guint i = 0; i < c->copies->len; i++) {
        const SkHeldCopy *copy = c->copies->pdata[i];

        if (sk_clerk_case_is_seen(c, copy, token))
            g_ptr_array_add(copies, sk_clerk_case_show(c, copy, token));
    }
}
