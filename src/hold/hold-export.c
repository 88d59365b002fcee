/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "hold/hold-about-private.h"

static void
set_text(json_t *object, const char *key, const char *text)
{
    g_autofree char *safe = NULL;

    if (text == NULL)
        return;
    safe = sk_text_safe(sk_bytes(text, strlen(text)), SIZE_MAX);
    json_object_set_new(object, key, json_string(safe));
}

static json_t *
write_roles(const SkHoldAbout *about)
{
    json_t *roles = json_array();

    if (about->owner)
        json_array_append_new(roles, json_string("owner"));
    if (about->sender)
        json_array_append_new(roles, json_string("sender"));
    if (about->from)
        json_array_append_new(roles, json_string("from"));
    if (about->recipient)
        json_array_append_new(roles, json_string("recipient"));
    return roles;
}

static json_t *
write_copy(const SkHeldCopy *copy)
{
    json_t *object = json_object();

    set_text(object, "id", copy->id);
    set_text(object, "state", sk_copy_state_name(copy->state));
    set_text(object, "direction", sk_direction_name(copy->direction));
    json_object_set_new(object, "due_us", json_integer(copy->due_us));
    if (copy->ended_us != 0)
        json_object_set_new(object, "ended_us", json_integer(copy->ended_us));
    return object;
}

/* Who sent it may know of all copies, who was to get it of his. */
static json_t *
write_copies(const SkHoldAbout *about)
{
    bool all = about->owner || about->sender || about->from;
    json_t *copies = json_array();

    for (guint i = 0; i < about->copies->len; i++) {
        const SkHeldCopy *copy = about->copies->pdata[i];

        if (all || sk_hold_about_is_his(about, copy))
            json_array_append_new(copies, write_copy(copy));
    }
    return copies;
}

/* What he did himself. */
static json_t *
write_events(const SkMailPerson *person, const SkHoldAbout *about)
{
    json_t *events = json_array();

    for (guint i = 0; i < about->notes->len; i++) {
        const SkHoldNote *note = about->notes->pdata[i];
        json_t *event;

        if (!sk_mail_person_is(person, note->who))
            continue;
        event = json_object();
        json_object_set_new(event, "at_us", json_integer(note->at_us));
        set_text(event, "what", note->what);
        set_text(event, "text", note->text);
        json_array_append_new(events, event);
    }
    return events;
}

static void
write_mail(json_t *record, const SkHoldAbout *about)
{
    const SkHeldMessage *message = about->message;

    set_text(record, "sender", message->sender);
    set_text(record, "from", message->from);
    set_text(record, "subject", message->subject);
    set_text(record, "message_id", message->message_id);
    json_object_set_new(record, "size", json_integer((json_int_t)message->size));
    json_object_set_new(record, "kept", json_boolean(message->blob != NULL));
    json_object_set_new(record, "copies", write_copies(about));
    json_object_set_new(record, "other_recipients", json_integer(about->others));
}

static bool
give_record(json_t *record, SkPersonFunc func, void *data, bool *ret_more, GError **error)
{
    char *text = json_dumps(record, JSON_COMPACT);

    json_decref(record);
    if (text == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "no memory to write a record");
        return false;
    }
    *ret_more = func(text, data);
    free(text);
    return true;
}

/* Nothing is said about mail in which he neither stands nor did anything. */
static bool
export_one(const SkHoldSearch *search,
           const char *id,
           SkPersonFunc func,
           void *data,
           bool *ret_more,
           GError **error)
{
    g_auto(SkHoldAbout) about = {0};
    json_t *record, *events;

    if (!sk_hold_about_load(search->keep, search->person, id, &about, error))
        return false;
    if (about.message == NULL)
        return true;
    events = write_events(search->person, &about);
    if (!sk_hold_about_is_party(&about) && json_array_size(events) == 0) {
        json_decref(events);
        return true;
    }
    record = json_object();
    set_text(record, "id", id);
    json_object_set_new(record, "made_us", json_integer(about.message->made_us));
    json_object_set_new(record, "is", write_roles(&about));
    if (sk_hold_about_is_party(&about))
        write_mail(record, &about);
    json_object_set_new(record, "events", events);
    return give_record(record, func, data, ret_more, error);
}

bool
sk_hold_about_export(SkDb *keep,
                     const SkPersonRequest *request,
                     SkPersonFunc func,
                     void *data,
                     GError **error)
{
    g_auto(SkHoldSearch) search = {.keep = keep, .request = request};
    bool more = true, wanted = true;

    if (!sk_hold_search_begin(&search, error))
        return false;
    while (more && wanted) {
        if (!sk_hold_search_next(&search, &more, error))
            return false;
        for (guint i = 0; i < search.ids->len && wanted; i++) {
            if (!export_one(&search, search.ids->pdata[i], func, data, &wanted, error))
                return false;
        }
        sk_hold_search_tell(&search);
    }
    return true;
}
