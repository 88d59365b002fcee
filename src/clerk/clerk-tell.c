/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-tell.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "clerk/clerk-report.h"
#include "clerk/clerk-settle.h"
#include "hold/hold-store.h"

/* Hexadecimal digits of a digest: as the id of a notice, which has room for 31, and of its job.
 */
#define ID_LEN 24

static const char *const names[SK_LETTER_REPORT + 1] = {
    [SK_LETTER_SENDER] = "sender",       [SK_LETTER_COLLEAGUE] = "colleague",
    [SK_LETTER_APPROVER] = "approver",   [SK_LETTER_ADMIN] = "admin",
    [SK_LETTER_RECIPIENT] = "recipient", [SK_LETTER_DIGEST] = "digest",
    [SK_LETTER_MATCHED] = "matched",     [SK_LETTER_STOPPED] = "stopped",
    [SK_LETTER_RETURNED] = "returned",   [SK_LETTER_EXPIRED] = "expired",
    [SK_LETTER_TOO_LATE] = "too-late",   [SK_LETTER_DONE] = "done",
    [SK_LETTER_ASKED] = "asked",         [SK_LETTER_REPORT] = "report",
};

/* ---- as a job ---- */

void
sk_telling_clear(SkTelling *telling)
{
    g_free(telling->to);
    g_free(telling->message);
    g_free(telling->copy);
    g_free(telling->who);
    g_free(telling->text);
    *telling = (SkTelling){0};
}

static void
set_text(json_t *object, const char *key, const char *text)
{
    g_autofree char *valid = text != NULL ? g_utf8_make_valid(text, -1) : NULL;

    if (valid != NULL)
        json_object_set_new(object, key, json_string(valid));
}

static char *
write_payload(const SkTelling *telling)
{
    json_t *object = json_object();
    char *json, *payload;

    set_text(object, "letter", names[telling->letter]);
    set_text(object, "to", telling->to);
    set_text(object, "message", telling->message);
    set_text(object, "copy", telling->copy);
    set_text(object, "who", telling->who);
    set_text(object, "text", telling->text);
    json_object_set_new(object, "again", json_boolean(telling->again));
    json_object_set_new(object, "at_us", json_integer(telling->at_us));
    json = json_dumps(object, JSON_COMPACT);
    payload = g_strdup(json);
    free(json);
    json_decref(object);
    return payload;
}

/* Of the payload, so that whatever differs makes another notice. */
char *
sk_telling_id(const SkTelling *telling)
{
    g_autofree char *payload = write_payload(telling);
    g_autofree char *digest =
        g_compute_checksum_for_string(G_CHECKSUM_SHA256, payload != NULL ? payload : "", -1);

    return g_strndup(digest, ID_LEN);
}

bool
sk_clerk_tell_add(SkDb *keep, const SkTelling *telling, GError **error)
{
    g_autofree char *payload = write_payload(telling);
    g_autofree char *id = sk_telling_id(telling);
    g_autofree char *job = g_strdup_printf("tell-%s", id);

    if (payload == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "no memory to order a notice");
        return false;
    }
    return sk_job_add(keep, job, SK_TELL_JOB, payload, telling->at_us, error);
}

static char *
get_text(const json_t *object, const char *key)
{
    return g_strdup(json_string_value(json_object_get(object, key)));
}

static bool
find_letter(const json_t *object, int *ret_letter)
{
    const char *name = json_string_value(json_object_get(object, "letter"));

    for (int i = 0; i <= SK_LETTER_REPORT; i++) {
        if (g_strcmp0(name, names[i]) == 0) {
            *ret_letter = i;
            return true;
        }
    }
    return false;
}

static bool
read_payload(const char *payload, SkTelling *ret_telling)
{
    json_t *object = payload != NULL ? json_loads(payload, JSON_REJECT_DUPLICATES, NULL) : NULL;
    g_auto(SkTelling) telling = {.to = get_text(object, "to"),
                                 .message = get_text(object, "message"),
                                 .copy = get_text(object, "copy"),
                                 .who = get_text(object, "who"),
                                 .text = get_text(object, "text")};
    bool ok = find_letter(object, &telling.letter) && telling.to != NULL &&
              (telling.message != NULL || telling.letter == SK_LETTER_DIGEST);

    telling.again = json_is_true(json_object_get(object, "again"));
    telling.at_us = json_integer_value(json_object_get(object, "at_us"));
    json_decref(object);
    if (!ok)
        return false;
    *ret_telling = telling;
    telling = (SkTelling){0};
    return true;
}

/* ---- writing ---- */

typedef struct {
    const SkClerkWorld *world;
    const SkClerkTools *tools;
    const SkJob *job;
    const SkTelling *telling;
    SkClerkFacts facts;
    GBytes *original;
    const char *what; /* the event: "told" */
    const char *text;
} Work;

static void
clear_work(Work *work)
{
    sk_clerk_facts_clear(&work->facts);
    g_clear_pointer(&work->original, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, clear_work)

static bool
gather(SkDb *keep, void *data, GError **error)
{
    Work *work = data;

    sk_clerk_facts_clear(&work->facts);
    work->facts = (SkClerkFacts){0};
    return sk_job_hold(keep, work->job, error) &&
           sk_clerk_facts_gather(work->world, work->telling, &work->facts, error);
}

/* What no notice carries: nobody looks into it on its way, and that the mail is his who gets it
 * back may be said by its From field alone. */
static const char *const harmful[] = {"malware.found", "inspect", "attach.limit"};

static bool
find_harm(const SkHoldEvent *event, void *data)
{
    bool *harm = data;

    for (size_t i = 0; i < G_N_ELEMENTS(harmful) && g_str_equal(event->what, "found"); i++)
        *harm |= event->text != NULL && g_str_has_prefix(event->text, harmful[i]);
    return !*harm;
}

/* At receipt, or when it was to leave. */
static bool
is_harmful(const Work *work, bool *ret_harm, GError **error)
{
    const SkPassage *passage = work->facts.held.passage;

    *ret_harm = passage == NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(harmful) && passage != NULL; i++)
        *ret_harm |= sk_findings_find(passage->findings, harmful[i], NULL) != NULL;
    return *ret_harm || sk_hold_event_list(work->world->keep, work->facts.held.message->id,
                                           find_harm, ret_harm, error);
}

static bool
attach(Work *work, GError **error)
{
    const SkHeldMessage *message = work->facts.held.message;
    gsize len = 0;
    const void *data;
    bool harm;

    if (work->telling->letter != SK_LETTER_RETURNED || message->size > SK_NOTICE_ORIGINAL_MAX)
        return true;
    if (!is_harmful(work, &harm, error))
        return false;
    if (harm)
        return true;
    if (!sk_clerk_original_part(work->world, work->tools, message, SK_NOTICE_ORIGINAL_MAX,
                                &work->original, error))
        return false;
    data = work->original != NULL ? g_bytes_get_data(work->original, &len) : NULL;
    work->facts.notice.original = sk_bytes(data != NULL ? data : "", len);
    return true;
}

/* OUT stays empty when there is nothing to tell. */
static bool
write_letter(Work *work, SkBuffer *out, GError **error)
{
    if (work->telling->letter == SK_LETTER_REPORT)
        return sk_clerk_report_write(work->world, work->tools, work->telling, out, error);
    if (!sk_db_transact(work->world->keep, gather, work, error))
        return false;
    if (work->facts.notice.n_mails == 0)
        return true;
    return attach(work, error) && sk_notice_write(&work->facts.notice, out, error);
}

/* ---- sending ---- */

static bool
post(const Work *work, const SkBuffer *out, GError **error)
{
    g_autofree char *id = sk_telling_id(work->telling);
    g_autoptr(GBytes) message = g_bytes_new_static(out->data, out->len);

    return work->tools->post(work->world->settings, id, work->telling->to, message, error);
}

/* Without the original, which may be larger than Postfix takes. */
static bool
post_again(Work *work, GError **error)
{
    g_auto(SkBuffer) out;

    sk_buffer_init(&out, SK_NOTICE_MAX);
    work->facts.notice.original = (SkBytes){0};
    return sk_notice_write(&work->facts.notice, &out, error) && post(work, &out, error);
}

static bool
write_and_post(Work *work, bool *ret_told, GError **error)
{
    g_auto(SkBuffer) out;
    g_autoptr(GError) refused = NULL;

    sk_buffer_init(&out, SK_NOTICE_MAX);
    if (!write_letter(work, &out, error))
        return false;
    *ret_told = out.len > 0;
    if (out.len == 0 || post(work, &out, &refused))
        return true;
    if (g_error_matches(refused, SK_ERROR, SK_ERROR_DENIED) &&
        work->facts.notice.original.len > 0)
        return post_again(work, error);
    g_propagate_error(error, g_steal_pointer(&refused));
    return false;
}

/* Whether trying again would end in the same. */
static bool
is_final(const GError *trouble)
{
    return g_error_matches(trouble, SK_ERROR, SK_ERROR_DENIED) ||
           g_error_matches(trouble, SK_ERROR, SK_ERROR_USAGE) ||
           g_error_matches(trouble, SK_ERROR, SK_ERROR_LIMIT);
}

/* ---- and the end ---- */

static bool
add_event(SkDb *keep, const Work *work, GError **error)
{
    const SkTelling *telling = work->telling;
    SkHeldMessage *message = NULL;
    SkHoldEvent event = {.copy = telling->copy, .what = work->what, .who = telling->to};
    g_autofree char *text = work->text != NULL
                                ? g_strdup_printf("%s: %s", names[telling->letter], work->text)
                                : g_strdup(names[telling->letter]);

    if (work->what == NULL || telling->message == NULL)
        return true;
    /* Mail that was delivered at once has no events. */
    if (!sk_hold_load_message(keep, telling->message, &message, error))
        return false;
    event.text = text;
    if (message == NULL)
        return true;
    sk_held_message_free(message);
    return sk_hold_event_add(keep, telling->message, &event, error);
}

static bool
finish(SkDb *keep, void *data, GError **error)
{
    const Work *work = data;
    /* For the report alone it was kept. */
    bool drop = work->telling->letter == SK_LETTER_REPORT;

    return sk_job_hold(keep, work->job, error) && add_event(keep, work, error) &&
           (!drop || sk_clerk_drop_content(keep, work->telling->message, error)) &&
           sk_job_finish(keep, work->job, error);
}

/* TROUBLE, or NULL: it went well. */
static void
conclude(Work *work, const GError *trouble, bool told)
{
    if (trouble != NULL) {
        work->what = "not told";
        work->text = trouble->message;
        sk_log(SK_LOG_WARNING, "notice given up", "mail", work->telling->message, "letter",
               names[work->telling->letter], "to", work->telling->to, "error", trouble->message,
               NULL);
    } else if (told) {
        work->what = "told";
        sk_clerk_tally_add(work->world->tally, "notices sent", 1);
    }
}

bool
sk_clerk_tell(const SkClerkWorld *world,
              const SkClerkTools *tools,
              SkJob *job,
              SkDutyState *ret_state,
              GError **error)
{
    g_auto(SkTelling) telling = {0};
    g_auto(Work) work = {.world = world, .tools = tools, .job = job, .telling = &telling};
    g_autoptr(GError) trouble = NULL;
    bool told = false;

    if (!read_payload(job->payload, &telling)) {
        sk_log(SK_LOG_WARNING, "notice cannot be read, it is not sent", "id", job->id, NULL);
        *ret_state = SK_DUTY_DONE;
        return true;
    }
    if (!write_and_post(&work, &told, &trouble) && !is_final(trouble)) {
        g_propagate_error(error, g_steal_pointer(&trouble));
        return false;
    }
    conclude(&work, trouble, told);
    *ret_state = SK_DUTY_GONE;
    return sk_db_transact(world->keep, finish, &work, error);
}
