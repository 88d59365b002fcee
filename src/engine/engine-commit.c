/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-commit.h"

#include <string.h>

#include "engine/engine-hold.h"
#include "engine/engine-notice.h"
#include "engine/engine-reply.h"
#include "hold/hold-person.h"
#include "hold/hold-store.h"
#include "job/job-store.h"
#include "ledger/passage-json.h"

/* Bytes of the document in an order to tell somebody: with its quotes escaped it fits a job. */
#define TOLD_MAX (SK_JOB_PAYLOAD_MAX / 2)

/* ---- the same message again ---- */

/* Copies of earlier ones that still wait; none if it cannot be recognised. */
static bool
find_same(SkDb *keep, const SkCommit *commit, GPtrArray **ret_copies, GError **error)
{
    const SkPassage *passage = commit->passage;

    const char *sender = passage->envelope->sender;

    return sk_hold_find_same(keep, sender != NULL ? sender : "", passage->message_id,
                             commit->body, ret_copies, error);
}

static bool
names(const SkHeldCopy *copy, const char *address)
{
    for (guint i = 0; i < copy->recipients->len; i++) {
        const SkRecipient *recipient = copy->recipients->pdata[i];

        if (strcmp(recipient->address, address) == 0)
            return true;
    }
    return false;
}

/* The earlier copy in which ADDRESS waits, or NULL. */
static const SkHeldCopy *
find_waiting(const GPtrArray *same, const char *address)
{
    for (guint i = 0; i < same->len; i++) {
        if (names(same->pdata[i], address))
            return same->pdata[i];
    }
    return NULL;
}

/* Takes those who wait already out of COPY. */
static void
drop_waiting(SkHeldCopy *copy, const GPtrArray *same, const SkHeldCopy **found)
{
    for (guint i = copy->recipients->len; i > 0; i--) {
        const SkRecipient *recipient = copy->recipients->pdata[i - 1];
        const SkHeldCopy *waiting = find_waiting(same, recipient->address);

        if (waiting == NULL)
            continue;
        *found = waiting;
        g_ptr_array_remove_index(copy->recipients, i - 1);
    }
}

/* Takes out of COPIES what is held already. RET_FOUND: a copy in which somebody waits. */
static void
join(GPtrArray *copies, const GPtrArray *same, const SkHeldCopy **ret_found)
{
    for (guint i = copies->len; i > 0; i--) {
        SkHeldCopy *copy = copies->pdata[i - 1];

        drop_waiting(copy, same, ret_found);
        if (copy->recipients->len == 0)
            g_ptr_array_remove_index(copies, i - 1);
    }
}

/* ---- holding ---- */

/* A message and its copies, with the time that its sender chose for his mail. */
static bool
make(SkDb *keep,
     const SkCommit *commit,
     int64_t now_us,
     SkHeldMessage **ret_message,
     GPtrArray **ret_copies,
     GError **error)
{
    g_auto(SkHoldPerson) person = {0};
    g_autoptr(SkHeldMessage) message = NULL;
    g_autoptr(GPtrArray) copies = NULL;

    if (!sk_engine_hold(commit->settings, commit->site, commit->passage, 0, now_us, &message,
                        &copies, error) ||
        (message->owner != NULL && !sk_hold_person_load(keep, message->owner, &person, error)))
        return false;
    if (person.hold_s == 0) {
        *ret_message = g_steal_pointer(&message);
        *ret_copies = g_steal_pointer(&copies);
        return true;
    }
    return sk_engine_hold(commit->settings, commit->site, commit->passage, person.hold_s,
                          now_us, ret_message, ret_copies, error);
}

/* What waits for people is looked after; time needs no help. */
static bool
add_tending(SkDb *keep, const GPtrArray *copies, int64_t now_us, GError **error)
{
    bool ok = true;

    for (guint i = 0; ok && i < copies->len; i++) {
        const SkHeldCopy *copy = copies->pdata[i];
        g_autofree char *id = g_strdup_printf("tend-%s", copy->id);

        if ((copy->waits & ~(unsigned)SK_WAIT_TIME) != 0)
            ok = sk_job_add(keep, id, SK_TEND_JOB, NULL, now_us, error);
    }
    return ok;
}

static bool
waits_at_all(const GPtrArray *copies)
{
    unsigned waits = 0;

    for (guint i = 0; i < copies->len; i++)
        waits |= ((const SkHeldCopy *)copies->pdata[i])->waits;
    return waits != 0;
}

/* Nobody is told of a message that only leaves in several forms. */
static bool
order_notice(SkDb *keep, const SkHeldMessage *message, const GPtrArray *copies, GError **error)
{
    const SkNoticeOrder order = {.kind = SK_NOTICE_HELD, .message = message->id};

    return !waits_at_all(copies) || sk_engine_notice_add(keep, &order, message->made_us, error);
}

static bool
add(SkDb *keep,
    const SkCommit *commit,
    SkHeldMessage *message,
    GPtrArray *copies,
    GError **error)
{
    message->blob = g_strdup(commit->blob->id);
    message->size = commit->blob->size;
    memcpy(message->body, commit->body, sizeof message->body);
    return sk_blob_store_add(keep, commit->blob, error) &&
           sk_hold_add(keep, message, copies, error) &&
           order_notice(keep, message, copies, error) &&
           add_tending(keep, copies, message->made_us, error);
}

static void
note_held(SkPassage *passage, const char *message, guint copies)
{
    g_free(passage->held);
    passage->held = g_strdup(message);
    passage->copies = copies;
}

static bool
hold(SkDb *keep, const SkCommit *commit, int64_t now_us, bool *ret_stored, GError **error)
{
    const SkHeldCopy *found = NULL;
    g_autoptr(SkHeldMessage) message = NULL;
    g_autoptr(GPtrArray) copies = NULL, same = NULL;

    /* Its document says so. */
    note_held(commit->passage, commit->passage->id, 0);
    if (!make(keep, commit, now_us, &message, &copies, error) ||
        !find_same(keep, commit, &same, error))
        return false;
    join(copies, same, &found);
    if (copies->len == 0 && found != NULL) {
        note_held(commit->passage, found->message, 0);
        return true;
    }
    note_held(commit->passage, commit->passage->id, copies->len);
    *ret_stored = true;
    return add(keep, commit, message, copies, error);
}

/* ---- what else ---- */

bool
sk_engine_commit_tells(const SkPassage *passage)
{
    guint n = 0;

    for (guint i = 0; i < passage->recipients->len; i++)
        n += ((SkPassageRecipient *)passage->recipients->pdata[i])->decision->notify->len;
    return n > 0;
}

/* The passage as the notice needs it: the first MAX of its recipients and findings. */
static char *
cut_document(const SkPassage *passage, guint max, GError **error)
{
    g_autoptr(SkFindings) findings = sk_findings_new();
    g_autoptr(GPtrArray) recipients = g_ptr_array_new();
    g_autoptr(SkEnvelope) envelope = sk_envelope_dup(passage->envelope);
    SkPassage cut = *passage;

    for (size_t i = 0; i < sk_findings_count(passage->findings) && i < max; i++) {
        const SkFinding *finding = sk_findings_peek(passage->findings, i);

        sk_findings_add(findings, finding->id, finding->part, finding->subject,
                        finding->detail);
    }
    for (guint i = 0; i < passage->recipients->len && i < max; i++)
        g_ptr_array_add(recipients, passage->recipients->pdata[i]);
    if (envelope->recipients->len > max)
        g_ptr_array_set_size(envelope->recipients, (int)max);
    cut.findings = findings;
    cut.recipients = recipients;
    cut.envelope = envelope;
    return sk_passage_json_new(&cut, error);
}

static bool
order_told(SkDb *keep, const SkPassage *passage, int64_t now_us, GError **error)
{
    g_autofree char *document = sk_passage_json_new(passage, error);
    SkNoticeOrder order = {.kind = SK_NOTICE_MATCHED, .message = passage->id};

    for (guint max = 256; document != NULL && strlen(document) > TOLD_MAX && max > 0;
         max /= 2) {
        g_free(document);
        document = cut_document(passage, max, error);
    }
    order.text = document;
    return document != NULL && sk_engine_notice_add(keep, &order, now_us, error);
}

static bool
add_replies(SkDb *keep, const SkCommit *commit, int64_t now_us, GError **error)
{
    bool ok = true;

    for (guint i = 0; ok && commit->tokens != NULL && i < commit->tokens->len; i++)
        ok =
            sk_engine_reply_add(keep, commit->passage, commit->tokens->pdata[i], now_us, error);
    return ok;
}

bool
sk_engine_commit(SkDb *keep, const SkCommit *commit, bool *ret_stored, GError **error)
{
    int64_t now_us;
    bool tells = !commit->hold && sk_engine_commit_tells(commit->passage);

    *ret_stored = false;
    return sk_db_now_us(keep, &now_us, error) &&
           (!commit->hold || hold(keep, commit, now_us, ret_stored, error)) &&
           (!tells || order_told(keep, commit->passage, now_us, error)) &&
           add_replies(keep, commit, now_us, error);
}
