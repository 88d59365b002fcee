/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-release.h"

#include <string.h>

#include "engine/engine-release-key.h"
#include "hold/hold-store.h"
#include "ledger/passage-json.h"
#include "mail/mail-header.h"

/* Events of a held message: found anew by the gate; held, by the clerk, because of that. */
#define EVENT_FOUND "found"
#define EVENT_HELD  "held"

struct SkGateRelease {
    SkRelease view;
    SkHeldMessage *message;
    SkHeldCopy *copy;
    SkPassage *receipt;
    GHashTable *found;
};

void
sk_gate_release_free(SkGateRelease *release)
{
    if (release == NULL)
        return;
    sk_held_message_free(release->message);
    sk_held_copy_free(release->copy);
    sk_passage_free(release->receipt);
    g_clear_pointer(&release->found, g_hash_table_unref);
    g_free(release);
}

const SkRelease *
sk_gate_release_peek(const SkGateRelease *release)
{
    return &release->view;
}

/* ---- the ticket ---- */

bool
sk_gate_release_read(const SkSettings *settings,
                     SkBytes bytes,
                     SkTicket *ret_ticket,
                     bool *ret_true,
                     GError **error)
{
    g_auto(SkMailHeader) header = {0};
    uint8_t key[SK_TICKET_KEY_LEN];

    *ret_true = false;
    sk_mail_header_init(&header);
    sk_mail_header_read(&header, bytes);
    if (sk_mail_header_count_name(&header, SK_TICKET_FIELD) != 1)
        return true;
    if (!sk_engine_release_key_read(sk_settings_peek_text(settings, "hold", "release_key"), key,
                                    error))
        return false;
    *ret_true = sk_ticket_read(sk_mail_header_peek(&header, SK_TICKET_FIELD, 0)->value, key,
                               ret_ticket);
    explicit_bzero(key, sizeof key);
    return true;
}

/* ---- what is known ---- */

typedef struct {
    SkTicket ticket;
    SkGateRelease *release; /* what is read, or noted */
    GPtrArray *names;
    GPtrArray *pending; /* found, but not known to have been waited for */
    SkGateReleaseFunc done;
    void *data;
} Job;

static void
job_free(void *data)
{
    Job *job = data;

    sk_gate_release_free(job->release);
    g_clear_pointer(&job->names, g_ptr_array_unref);
    g_clear_pointer(&job->pending, g_ptr_array_unref);
    g_free(job);
}

static void
done(void *data, const GError *error)
{
    Job *job = data;

    job->done(error == NULL ? g_steal_pointer(&job->release) : NULL, error, job->data);
}

/* A gate or clerk that was killed in between has noted what was found, but not held the copy:
 * then it is as new as before. */
static bool
on_event(const SkHoldEvent *event, void *data)
{
    Job *job = data;

    if (g_strcmp0(event->copy, job->ticket.id) != 0)
        return true;
    if (strcmp(event->what, EVENT_FOUND) == 0 && event->text != NULL)
        g_ptr_array_add(job->pending, g_strdup(event->text));
    if (strcmp(event->what, EVENT_HELD) != 0)
        return true;
    for (guint i = 0; i < job->pending->len; i++)
        g_hash_table_add(job->release->found, g_strdup(job->pending->pdata[i]));
    g_ptr_array_set_size(job->pending, 0);
    return true;
}

static bool
load(SkDb *keep, Job *job, GError **error)
{
    SkGateRelease *release = job->release;
    const char *message = release->copy->message;

    if (!sk_hold_load_message(keep, message, &release->message, error))
        return false;
    if (release->message == NULL) {
        g_clear_pointer(&job->release, sk_gate_release_free);
        return true;
    }
    release->receipt = sk_passage_json_read(release->message->document, error);
    release->view =
        (SkRelease){release->message, release->copy, release->receipt, release->found};
    return release->receipt != NULL && sk_hold_event_list(keep, message, on_event, job, error);
}

static bool
check(SkGateHands *hands, void *data, GError **error)
{
    Job *job = data;
    SkDb *keep = sk_gate_hands_peek_keep(hands);

    job->release = g_new0(SkGateRelease, 1);
    job->release->found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    job->pending = g_ptr_array_new_with_free_func(g_free);
    if (!sk_hold_check(keep, job->ticket.id, job->ticket.claim, &job->release->copy, error))
        return false;
    if (job->release->copy != NULL)
        return load(keep, job, error);
    g_clear_pointer(&job->release, sk_gate_release_free);
    return true;
}

SkGateTask *
sk_gate_release_check(SkGateCaller *caller,
                      const SkTicket *ticket,
                      SkGateReleaseFunc on_done,
                      void *data)
{
    static const SkGateTaskKind kind = {check, done, job_free};
    Job *job = g_new0(Job, 1);

    job->ticket = *ticket;
    job->done = on_done;
    job->data = data;
    return sk_gate_keep_submit(caller, &kind, job);
}

/* ---- what is found anew ---- */

static bool
write_names(SkDb *keep, void *data, GError **error)
{
    const Job *job = data;
    SkHoldEvent event = {.copy = job->release->copy->id, .what = EVENT_FOUND};

    for (guint i = 0; i < job->names->len; i++) {
        event.text = job->names->pdata[i];
        if (!sk_hold_event_add(keep, job->release->message->id, &event, error))
            return false;
    }
    return true;
}

static bool
note(SkGateHands *hands, void *data, GError **error)
{
    Job *job = data;

    if (!sk_db_transact(sk_gate_hands_peek_keep(hands), write_names, job, error))
        return false;
    g_clear_pointer(&job->release, sk_gate_release_free);
    return true;
}

SkGateTask *
sk_gate_release_note(SkGateCaller *caller,
                     SkGateRelease *release,
                     GPtrArray *names,
                     SkGateReleaseFunc on_done,
                     void *data)
{
    static const SkGateTaskKind kind = {note, done, job_free};
    Job *job = g_new0(Job, 1);

    job->release = release;
    job->names = names;
    job->done = on_done;
    job->data = data;
    return sk_gate_keep_submit(caller, &kind, job);
}
