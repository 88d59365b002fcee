/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-copy.h"

#include <string.h>

static const char *const state_names[SK_N_COPY_STATES] = {
    [SK_COPY_WAITING] = "waiting",   [SK_COPY_RELEASING] = "releasing",
    [SK_COPY_SENT] = "sent",         [SK_COPY_STOPPED] = "stopped",
    [SK_COPY_RETURNED] = "returned", [SK_COPY_EXPIRED] = "expired",
};
static const char *const variant_names[SK_N_COPY_VARIANTS] = {
    [SK_COPY_WHOLE] = "whole",
    [SK_COPY_STRIPPED] = "stripped",
};

SkHeldMessage *
sk_held_message_new(void)
{
    return g_new0(SkHeldMessage, 1);
}

void
sk_held_message_free(SkHeldMessage *message)
{
    if (message == NULL)
        return;
    g_free(message->id);
    g_free(message->owner);
    g_free(message->sender);
    g_free(message->from);
    g_free(message->subject);
    g_free(message->message_id);
    g_free(message->blob);
    g_free(message->document);
    g_free(message);
}

static void
free_recipient(void *data)
{
    SkRecipient *recipient = data;

    g_free(recipient->address);
    g_free(recipient->args);
    g_free(recipient);
}

SkHeldCopy *
sk_held_copy_new(void)
{
    SkHeldCopy *copy = g_new0(SkHeldCopy, 1);

    copy->recipients = g_ptr_array_new_with_free_func(free_recipient);
    return copy;
}

void
sk_held_copy_free(SkHeldCopy *copy)
{
    if (copy == NULL)
        return;
    g_free(copy->id);
    g_free(copy->message);
    g_ptr_array_unref(copy->recipients);
    g_free(copy->trouble);
    g_free(copy->ended_by);
    g_free(copy->why);
    g_free(copy);
}

void
sk_held_copy_add_recipient(SkHeldCopy *copy, const char *address, const char *args)
{
    SkRecipient *recipient = g_new0(SkRecipient, 1);

    recipient->address = g_strdup(address);
    recipient->args = g_strdup(args);
    g_ptr_array_add(copy->recipients, recipient);
}

static bool
find_name(const char *const *names, size_t n, const char *name, unsigned *ret_at)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], name) == 0) {
            *ret_at = (unsigned)i;
            return true;
        }
    }
    return false;
}

const char *
sk_copy_state_name(SkCopyState state)
{
    return state_names[state];
}

bool
sk_copy_state_parse(const char *name, SkCopyState *ret_state)
{
    unsigned at = 0;

    if (!find_name(state_names, G_N_ELEMENTS(state_names), name, &at))
        return false;
    *ret_state = (SkCopyState)at;
    return true;
}

const char *
sk_copy_variant_name(SkCopyVariant variant)
{
    return variant_names[variant];
}

bool
sk_copy_variant_parse(const char *name, SkCopyVariant *ret_variant)
{
    unsigned at = 0;

    if (!find_name(variant_names, G_N_ELEMENTS(variant_names), name, &at))
        return false;
    *ret_variant = (SkCopyVariant)at;
    return true;
}

bool
sk_copy_state_is_end(SkCopyState state)
{
    return state != SK_COPY_WAITING && state != SK_COPY_RELEASING;
}
