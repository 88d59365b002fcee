/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "clerk/clerk-desk-private.h"
#include "engine/engine-hold.h"

/* Approval without a group is for administrators; no group can have this name. */
#define ADMINS "(administrators)"

typedef struct {
    SkDeskCall *call;
    const SkHeldCopy *copy;
    GPtrArray *groups;    /* of char *: who have to, borrowed */
    GHashTable *approved; /* those of them who have */
    GPtrArray *left;      /* those who have not, borrowed */
    bool may;             /* he is of one of them */
    SkHoldOutcome outcome;
} Approval;

/* Those who stand in for a member who is away just now. */
static bool
is_stand_in(const SkDeskCall *call,
            const SkHoldGroup *group,
            const char *address,
            bool *ret_is,
            GError **error)
{
    SkDb *keep = call->world->keep;
    int64_t now = 0;

    *ret_is = false;
    if (!sk_db_now_us(keep, &now, error))
        return false;
    for (char **member = group->members; *member != NULL && !*ret_is; member++) {
        g_auto(SkHoldPerson) person = {0};

        if (!sk_hold_person_load(keep, *member, &person, error))
            return false;
        *ret_is = person.away_from_us <= now && now < person.away_until_us &&
                  sk_clerk_is_same(person.deputy, address);
    }
    return true;
}

bool
sk_clerk_desk_is_admin(const SkDeskCall *call, const char *address)
{
    const char *const *admins = sk_settings_peek_list(call->world->settings, "hold", "admins");

    for (; *admins != NULL; admins++) {
        if (sk_clerk_is_same(*admins, address))
            return true;
    }
    return false;
}

/* Nobody approves for a group that is no more; administrators release then. */
static bool
may_approve(const SkDeskCall *call,
            const char *name,
            const char *address,
            bool *ret_may,
            GError **error)
{
    const SkHoldGroup *group = sk_hold_groups_find(call->world->groups, name);

    *ret_may = strcmp(name, ADMINS) == 0
                   ? sk_clerk_desk_is_admin(call, address)
                   : group != NULL && (sk_hold_group_is_member(group, address) ||
                                       sk_hold_group_is_deputy(group, address));
    return *ret_may || group == NULL || is_stand_in(call, group, address, ret_may, error);
}

static GPtrArray *
find_groups(const SkDeskCall *call, const SkHeldCopy *copy)
{
    const SkDecision *decision =
        call->c->passage != NULL ? sk_engine_hold_decision(call->c->passage, copy) : NULL;
    GPtrArray *groups = g_ptr_array_new();

    for (guint i = 0; decision != NULL && i < decision->approvers->len; i++)
        g_ptr_array_add(groups, decision->approvers->pdata[i]);
    if (groups->len == 0)
        g_ptr_array_add(groups, (char *)ADMINS);
    return groups;
}

bool
sk_clerk_desk_is_approver(const SkDeskCall *call,
                          const SkHeldCopy *copy,
                          const char *address,
                          bool *ret_may,
                          GError **error)
{
    g_autoptr(GPtrArray) groups = find_groups(call, copy);

    *ret_may = false;
    for (guint i = 0; i < groups->len && !*ret_may; i++) {
        if (!may_approve(call, groups->pdata[i], address, ret_may, error))
            return false;
    }
    return true;
}

static bool
find_approved(const SkHoldEvent *event, void *data)
{
    Approval *approval = data;

    if (strcmp(event->what, SK_CLERK_APPROVED) == 0 && event->text != NULL &&
        g_strcmp0(event->copy, approval->copy->id) == 0)
        g_hash_table_add(approval->approved, g_strdup(event->text));
    return true;
}

/* GROUP approves, if that has not been done and is his to do. */
static bool
approve_for(SkDb *keep, Approval *approval, const char *group, GError **error)
{
    const SkDeskCall *call = approval->call;
    SkHoldEvent event = {
        .copy = approval->copy->id, .what = SK_CLERK_APPROVED, .who = call->by, .text = group};
    bool may = false;

    if (!may_approve(call, group, call->by, &may, error))
        return false;
    approval->may |= may;
    if (g_hash_table_contains(approval->approved, group))
        return true;
    if (may)
        return sk_hold_event_add(keep, call->c->message->id, &event, error);
    g_ptr_array_add(approval->left, (char *)group);
    return true;
}

static bool
approve_copy(SkDb *keep, void *data, GError **error)
{
    Approval *approval = data;
    const SkDeskCall *call = approval->call;
    g_autoptr(SkHeldCopy) now = NULL;

    approval->may = false;
    approval->outcome = SK_HOLD_NOTHING;
    g_hash_table_remove_all(approval->approved);
    g_ptr_array_set_size(approval->left, 0);
    if (!sk_hold_load_copy(keep, approval->copy->id, &now, error) ||
        !sk_hold_event_list(keep, call->c->message->id, find_approved, approval, error))
        return false;
    /* What does not wait for it is answered as the store sees it. */
    if (now == NULL || (now->open & SK_WAIT_APPROVAL) == 0) {
        approval->may = true;
        return sk_hold_answer(keep, approval->copy->id, SK_WAIT_APPROVAL, call->by, NULL,
                              &approval->outcome, error);
    }
    for (guint i = 0; i < approval->groups->len; i++) {
        if (!approve_for(keep, approval, approval->groups->pdata[i], error))
            return false;
    }
    if (!approval->may || approval->left->len > 0)
        return true;
    return sk_hold_answer(keep, approval->copy->id, SK_WAIT_APPROVAL, call->by,
                          call->question->text, &approval->outcome, error);
}

/* Adds the groups of ONE that ALL has not named yet. */
static void
join_left(GString *all, const GPtrArray *one)
{
    for (guint i = 0; i < one->len; i++) {
        g_auto(GStrv) named = g_strsplit(all->str, ", ", -1);

        if (!g_strv_contains((const char *const *)named, one->pdata[i]))
            g_string_append_printf(all, "%s%s", all->len > 0 ? ", " : "",
                                   (const char *)one->pdata[i]);
    }
}

static bool
approve_one(SkDeskCall *call,
            const SkHeldCopy *copy,
            SkClerkOutcomes *outcomes,
            bool *may,
            GString *left,
            GError **error)
{
    g_autoptr(GPtrArray) groups = find_groups(call, copy), waited_for = g_ptr_array_new();
    g_autoptr(GHashTable) approved =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Approval approval = {
        .call = call, .copy = copy, .groups = groups, .approved = approved, .left = waited_for};

    if (!sk_db_transact(call->world->keep, approve_copy, &approval, error))
        return false;
    outcomes->n[approval.outcome] += waited_for->len == 0 && approval.may ? 1 : 0;
    *may |= approval.may;
    join_left(left, waited_for);
    return true;
}

bool
sk_clerk_desk_approve(SkDeskCall *call, GError **error)
{
    g_autoptr(GString) left = g_string_new(NULL);
    SkClerkOutcomes outcomes = {{0}};
    bool may = false;

    if (call->question->as == NULL)
        return sk_clerk_desk_say(call, SK_DESK_REFUSED,
                                 "say in whose name it is approved; an administrator releases");
    if (sk_clerk_is_same(call->c->message->owner, call->by))
        return sk_clerk_desk_say(call, SK_DESK_REFUSED, "nobody approves his own mail");
    for (guint i = 0; i < call->c->copies->len; i++) {
        if (!approve_one(call, call->c->copies->pdata[i], &outcomes, &may, left, error))
            return false;
    }
    if (!may)
        return sk_clerk_desk_say(call, SK_DESK_REFUSED, "%s approves for none of %s", call->by,
                                 left->str);
    if (left->len > 0)
        return sk_clerk_desk_say(call, SK_DESK_OK, "approved; it still has to be by %s",
                                 left->str);
    call->answer->result = sk_clerk_outcomes_result(&outcomes);
    return true;
}
