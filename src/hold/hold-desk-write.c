/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "base/limit.h"
#include "base/text.h"
#include "hold/hold-desk-private.h"

static json_t *
write_text(const char *text)
{
    g_autofree char *safe = sk_text_safe(sk_bytes(text, strlen(text)), SK_LIMIT_PASSAGE_TEXT);

    return json_string(safe);
}

/* What is no UTF-8 no JSON can say. */
static json_t *
write_exact(const char *text)
{
    return g_utf8_validate(text, -1, NULL) ? json_string(text) : write_text(text);
}

static json_t *
write_texts(const GPtrArray *texts)
{
    json_t *list = texts->len > 0 ? json_array() : NULL;

    for (guint i = 0; i < texts->len; i++)
        json_array_append_new(list, write_text(g_ptr_array_index(texts, i)));
    return list;
}

static json_t *
write_bits(const SkMember *member, unsigned set)
{
    json_t *list = set != 0 ? json_array() : NULL;

    for (unsigned i = 0; i < member->n; i++) {
        if ((set & 1U << i) != 0)
            json_array_append_new(list, json_string(member->name_of(i)));
    }
    return list;
}

static json_t *
write_name(const SkMember *member, unsigned at)
{
    const char *name = member->name_of(at);

    return name != NULL ? json_string(name) : NULL;
}

static json_t *
write_number(int64_t number)
{
    return number != 0 ? json_integer(number) : NULL;
}

/* NULL: it has its plain value and is left out. */
static json_t *
write_member(const SkMember *member, const void *object)
{
    const char *at = (const char *)object + member->offset;
    const char *text;

    switch (member->kind) {
    case SK_MEMBER_TEXT:
        text = *(char *const *)(const void *)at;
        return text != NULL ? write_text(text) : NULL;
    case SK_MEMBER_EXACT:
        text = *(char *const *)(const void *)at;
        return text != NULL ? write_exact(text) : NULL;
    case SK_MEMBER_TEXTS:
        return write_texts(*(GPtrArray *const *)(const void *)at);
    case SK_MEMBER_TIME:
        return write_number(*(const int64_t *)(const void *)at);
    case SK_MEMBER_COUNT:
        return write_number(*(const unsigned *)(const void *)at);
    case SK_MEMBER_FLAG:
        return *(const bool *)(const void *)at ? json_true() : NULL;
    case SK_MEMBER_NAME:
        return write_name(member, *(const unsigned *)(const void *)at);
    case SK_MEMBER_BITS:
        return write_bits(member, *(const unsigned *)(const void *)at);
    }
    g_assert_not_reached();
}

static json_t *
write_object(const SkMember *members, const void *object)
{
    json_t *json = json_object();

    for (; members->key != NULL; members++) {
        json_t *value = write_member(members, object);

        if (value != NULL)
            json_object_set_new(json, members->key, value);
    }
    return json;
}

static json_t *
write_list(const SkMember *members, const GPtrArray *objects)
{
    json_t *list = json_array();

    for (guint i = 0; i < objects->len; i++)
        json_array_append_new(list, write_object(members, g_ptr_array_index(objects, i)));
    return list;
}

/* Takes JSON over. The text is GLib's to free, as all texts of ours. */
static char *
dump(json_t *json)
{
    size_t len = json_dumpb(json, NULL, 0, JSON_COMPACT);
    char *text = g_malloc(len + 1);

    json_dumpb(json, text, len, JSON_COMPACT);
    text[len] = '\0';
    json_decref(json);
    return text;
}

char *
sk_desk_question_write(const SkDeskQuestion *question)
{
    return dump(write_object(sk_desk_question_members, question));
}

char *
sk_desk_copy_write(const SkDeskCopy *copy)
{
    return dump(write_object(sk_desk_copy_members, copy));
}

char *
sk_desk_answer_write(const SkDeskAnswer *answer)
{
    json_t *json = write_object(sk_desk_answer_members, answer);

    if (answer->choices != NULL)
        json_object_set_new(json, "choices",
                            write_object(sk_desk_choices_members, answer->choices));
    if (answer->copies->len > 0)
        json_object_set_new(json, "copies", write_list(sk_desk_copy_members, answer->copies));
    if (answer->events->len > 0)
        json_object_set_new(json, "events", write_list(sk_desk_event_members, answer->events));
    return dump(json);
}
