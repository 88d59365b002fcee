/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "clerk/clerk-desk-private.h"

/* Copies of one answer: a page of a list. */
#define PAGE 200

static bool
collect(const SkHoldLine *line, void *data)
{
    g_ptr_array_add(data, g_strdup(line->copy->id));
    return true;
}

static bool
list_ids(SkDb *keep, const SkHoldFilter *filter, GPtrArray *ids, GError **error)
{
    return sk_hold_list(keep, filter, collect, ids, error);
}

/* As the store orders them: by message, then by number, which is no order of texts. */
static int
compare_ids(const void *a, const void *b)
{
    const char *one = *(const char *const *)a, *other = *(const char *const *)b;
    size_t len = strlen(one), other_len = strlen(other);
    size_t message = strcspn(one, "-");
    int difference = strncmp(one, other, message + 1);

    if (difference != 0)
        return difference;
    if (len != other_len)
        return len < other_len ? -1 : 1;
    return strcmp(one, other);
}

static void
remove_repeated(GPtrArray *ids)
{
    for (guint i = ids->len; i > 1; i--) {
        if (strcmp(ids->pdata[i - 1], ids->pdata[i - 2]) == 0)
            g_ptr_array_remove_index(ids, i - 1);
    }
}

/* One more than a page, so that it is known whether there are more. */
static bool
find_ids(SkDeskCall *call, GPtrArray *ids, GError **error)
{
    const SkDeskQuestion *question = call->question;
    SkHoldFilter filter = {
        .ended = question->ended, .after = question->after, .limit = PAGE + 1};

    if (question->person == NULL)
        return list_ids(call->world->keep, &filter, ids, error);
    filter.owner = question->person;
    if (!list_ids(call->world->keep, &filter, ids, error))
        return false;
    filter.owner = NULL;
    filter.recipient = question->person;
    if (!list_ids(call->world->keep, &filter, ids, error))
        return false;
    g_ptr_array_sort(ids, compare_ids);
    remove_repeated(ids);
    return true;
}

static bool
show_one(SkDeskCall *call, const char *id, GError **error)
{
    g_auto(SkClerkCase) c = {0};

    if (!sk_clerk_case_load(call->world->keep, id, &c, error))
        return false;
    if (c.message != NULL)
        sk_clerk_case_show_all(&c, NULL, call->answer->copies);
    return true;
}

bool
sk_clerk_desk_list(SkDeskCall *call, GError **error)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

    if (!find_ids(call, ids, error))
        return false;
    call->answer->more = ids->len > PAGE;
    for (guint i = 0; i < MIN(ids->len, PAGE); i++) {
        if (!show_one(call, ids->pdata[i], error))
            return false;
    }
    return true;
}

/* Of more than fit the last ones: how it ended is asked for more often than how it began. */
static bool
collect_event(const SkHoldEvent *event, void *data)
{
    SkDeskAnswer *answer = data;

    if (answer->events->len == SK_DESK_LIST) {
        g_ptr_array_remove_index(answer->events, 0);
        answer->more = true;
    }
    sk_desk_answer_add_event(answer, event);
    return true;
}

bool
sk_clerk_desk_show(SkDeskCall *call, GError **error)
{
    return sk_hold_event_list(call->world->keep, call->c->message->id, collect_event,
                              call->answer, error);
}
