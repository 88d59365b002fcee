/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "base/error.h"
#include "hold/hold-desk-private.h"

/* The first member that is not what it should be; reading goes on with plain values, since the
 * result is thrown away. */
typedef struct {
    const char *bad;
    size_t text_max;
} In;

static void
complain(In *in, const char *key)
{
    if (in->bad == NULL)
        in->bad = key;
}

static char *
read_text(In *in, const char *key, const json_t *value)
{
    if (!json_is_string(value) || json_string_length(value) > in->text_max) {
        complain(in, key);
        return NULL;
    }
    return g_strdup(json_string_value(value));
}

static void
read_texts(In *in, const char *key, const json_t *list, GPtrArray *texts)
{
    if (!json_is_array(list))
        complain(in, key);
    for (size_t i = 0; i < json_array_size(list); i++) {
        char *text = read_text(in, key, json_array_get(list, i));

        if (text != NULL)
            g_ptr_array_add(texts, text);
    }
}

static int64_t
read_number(In *in, const char *key, const json_t *value, int64_t max)
{
    int64_t number = json_integer_value(value);

    if (!json_is_integer(value) || number < 0 || number > max) {
        complain(in, key);
        return 0;
    }
    return number;
}

static unsigned
read_name(In *in, const SkMember *member, const json_t *value)
{
    const char *text = json_string_value(value);

    for (unsigned i = 0; text != NULL && i < member->n; i++) {
        if (g_strcmp0(member->name_of(i), text) == 0)
            return i;
    }
    complain(in, member->key);
    return 0;
}

static unsigned
read_bits(In *in, const SkMember *member, const json_t *list)
{
    unsigned set = 0;

    if (!json_is_array(list))
        complain(in, member->key);
    for (size_t i = 0; i < json_array_size(list); i++)
        set |= 1U << read_name(in, member, json_array_get(list, i));
    return set;
}

static void
read_member(In *in, const SkMember *member, const json_t *value, void *object)
{
    void *at = (char *)object + member->offset;

    switch (member->kind) {
    case SK_MEMBER_TEXT:
    case SK_MEMBER_EXACT:
        *(char **)at = read_text(in, member->key, value);
        break;
    case SK_MEMBER_TEXTS:
        read_texts(in, member->key, value, *(GPtrArray **)at);
        break;
    case SK_MEMBER_TIME:
        *(int64_t *)at = read_number(in, member->key, value, INT64_MAX);
        break;
    case SK_MEMBER_COUNT:
        *(unsigned *)at = (unsigned)read_number(in, member->key, value, UINT32_MAX);
        break;
    case SK_MEMBER_FLAG:
        *(bool *)at = json_is_true(value);
        break;
    case SK_MEMBER_NAME:
        *(unsigned *)at = read_name(in, member, value);
        break;
    case SK_MEMBER_BITS:
        *(unsigned *)at = read_bits(in, member, value);
        break;
    }
}

static void
read_object(In *in, const SkMember *members, const json_t *json, void *object)
{
    for (; members->key != NULL; members++) {
        const json_t *value = json_object_get(json, members->key);

        if (value != NULL)
            read_member(in, members, value, object);
        else if (members->kind == SK_MEMBER_NAME && members->name_of(0) != NULL)
            complain(in, members->key);
    }
}

/* A list of an answer, which may be missing. */
static const json_t *
peek_list(In *in, const json_t *json, const char *key)
{
    const json_t *list = json_object_get(json, key);

    if ((list != NULL && !json_is_array(list)) || json_array_size(list) > SK_DESK_LIST) {
        complain(in, key);
        return NULL;
    }
    return list;
}

static void
read_copies(In *in, const json_t *json, GPtrArray *copies)
{
    const json_t *list = peek_list(in, json, "copies");

    for (size_t i = 0; i < json_array_size(list); i++) {
        SkDeskCopy *copy = sk_desk_copy_new();

        read_object(in, sk_desk_copy_members, json_array_get(list, i), copy);
        g_ptr_array_add(copies, copy);
        if (copy->id == NULL || copy->message == NULL)
            complain(in, "copies");
    }
}

static void
read_events(In *in, const json_t *json, GPtrArray *events)
{
    const json_t *list = peek_list(in, json, "events");

    for (size_t i = 0; i < json_array_size(list); i++) {
        SkDeskEvent *event = g_new0(SkDeskEvent, 1);

        read_object(in, sk_desk_event_members, json_array_get(list, i), event);
        g_ptr_array_add(events, event);
        if (event->what == NULL)
            complain(in, "events");
    }
}

static void
read_choices(In *in, const json_t *json, SkDeskAnswer *answer)
{
    const json_t *choices = json_object_get(json, "choices");

    if (choices == NULL)
        return;
    answer->choices = sk_desk_choices_new(&(SkHoldPerson){0});
    read_object(in, sk_desk_choices_members, choices, answer->choices);
}

static json_t *
load(const char *text, GError **error)
{
    json_error_t trouble;
    json_t *json;

    if (strlen(text) > SK_DESK_MAX) {
        g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL, "a document of more than %d bytes",
                    SK_DESK_MAX);
        return NULL;
    }
    json = json_loads(text, JSON_REJECT_DUPLICATES, &trouble);
    if (json == NULL)
        g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL, "the document is damaged at byte %d",
                    trouble.position);
    return json;
}

static bool
check(const In *in, GError **error)
{
    if (in->bad == NULL)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                "the document's \"%s\" is missing, damaged, or of a newer program", in->bad);
    return false;
}

bool
sk_desk_question_read(const char *json, SkDeskQuestion *ret_question, GError **error)
{
    In in = {.text_max = SK_DESK_TEXT_MAX};
    g_auto(SkDeskQuestion) question = {0};
    json_t *document = load(json, error);

    if (document == NULL)
        return false;
    read_object(&in, sk_desk_question_members, document, &question);
    json_decref(document);
    if (!check(&in, error))
        return false;
    *ret_question = question;
    question = (SkDeskQuestion){0};
    return true;
}

SkDeskAnswer *
sk_desk_answer_read(const char *json, GError **error)
{
    In in = {.text_max = SK_DESK_MAX};
    g_autoptr(SkDeskAnswer) answer = sk_desk_answer_new(SK_DESK_OK);
    json_t *document = load(json, error);

    if (document == NULL)
        return NULL;
    read_object(&in, sk_desk_answer_members, document, answer);
    read_choices(&in, document, answer);
    read_copies(&in, document, answer->copies);
    read_events(&in, document, answer->events);
    json_decref(document);
    return check(&in, error) ? g_steal_pointer(&answer) : NULL;
}
