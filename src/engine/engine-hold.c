/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-hold.h"

#include <string.h>

#include "base/limit.h"
#include "base/text.h"
#include "hold/hold-worktime.h"
#include "ledger/passage-json.h"

/* What the gate can do to a message in place. */
#define EDITS_IN_PLACE SK_EDIT_MARK
/* What the stripped copy need not wait for: what has to be looked at is not in it. */
#define WAITS_OF_CONTENT (SK_WAIT_REVIEW | SK_WAIT_PASSWORD)

/* A message on its way into copies. */
typedef struct {
    const SkSettings *settings;
    const SkPassage *passage;
    const SkHeldMessage *message;
    SkWorktime worktime;
    GTimeZone *zone;
    int64_t chosen_s, now_us;
    bool malware;     /* something in it is known to be malware */
    bool uninspected; /* nobody knows what is in it, the text included */
    GPtrArray *copies;
} Holding;

static const SkPassageRecipient *
recipient_at(const SkPassage *passage, guint i)
{
    return passage->recipients->pdata[i];
}

static bool
has_same_marks(const SkDecision *a, const SkDecision *b)
{
    if (a->marks->len != b->marks->len)
        return false;
    for (guint i = 0; i < a->marks->len; i++) {
        if (strcmp(a->marks->pdata[i], b->marks->pdata[i]) != 0)
            return false;
    }
    return true;
}

bool
sk_engine_must_hold(const SkPassage *passage)
{
    const SkDecision *first =
        passage->recipients->len > 0 ? recipient_at(passage, 0)->decision : NULL;

    for (guint i = 0; i < passage->recipients->len; i++) {
        const SkDecision *decision = recipient_at(passage, i)->decision;

        if (decision->fate != SK_FATE_DELIVER || decision->waits != 0 ||
            (decision->edits & ~(unsigned)EDITS_IN_PLACE) != 0 ||
            !has_same_marks(first, decision))
            return true;
    }
    return false;
}

/* ---- the message ---- */

/* Who of us sent it. The login is proof, the From field is what people see, the envelope's
 * sender is all that some programs give. */
static char *
find_owner(const SkSite *site, const SkPassage *passage)
{
    const char *claims[] = {passage->envelope->login, passage->from, passage->envelope->sender};

    if (passage->origin != SK_ORIGIN_OUTBOUND)
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(claims); i++) {
        if (sk_site_is_ours(site, claims[i]))
            return g_strdup(claims[i]);
    }
    return NULL;
}

static SkHeldMessage *
make_message(const SkSite *site, const SkPassage *passage, int64_t now_us, GError **error)
{
    g_autoptr(SkHeldMessage) message = sk_held_message_new();

    message->id = g_strdup(passage->id);
    message->made_us = now_us;
    message->origin = passage->origin;
    message->owner = find_owner(site, passage);
    message->sender =
        g_strdup(passage->envelope->sender != NULL ? passage->envelope->sender : "");
    message->from = g_strdup(passage->from);
    message->subject = g_strdup(passage->subject);
    message->message_id = g_strdup(passage->message_id);
    message->size = passage->size;
    message->document = sk_passage_json_new(passage, error);
    return message->document != NULL ? g_steal_pointer(&message) : NULL;
}

/* ---- its copies ---- */

/* What the sender chose, between the bounds of the rules; without bounds there is no choice. */
static int64_t
hold_seconds(const SkDecision *decision, int64_t chosen_s)
{
    if (chosen_s <= 0 || decision->hold_max_s == 0)
        return decision->hold_s;
    return CLAMP(chosen_s, decision->hold_min_s, decision->hold_max_s);
}

/* Of approval days of working hours count. */
static int64_t
find_limit(const Holding *h, unsigned waits, const char *setting)
{
    int64_t span_s = sk_settings_get_int(h->settings, "hold", setting);

    if (waits == SK_WAIT_APPROVAL)
        return sk_worktime_add_span(&h->worktime, h->zone, h->now_us, span_s);
    return h->now_us + G_USEC_PER_SEC * span_s;
}

/* The first of the waits in the copy that nobody answers ends it, but none before its time is
 * over: until then nobody needs to hurry. */
static int64_t
find_expiry(const Holding *h, const SkHeldCopy *copy)
{
    static const struct {
        unsigned waits;
        const char *setting;
    } ends[] = {
        {SK_WAIT_CONFIRM, "confirm_for"},
        {SK_WAIT_APPROVAL, "approval_for"},
        {SK_WAIT_REVIEW | SK_WAIT_PASSWORD, "review_for"},
    };
    int64_t expires_us = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        int64_t us = find_limit(h, ends[i].waits, ends[i].setting);

        if ((copy->waits & ends[i].waits) != 0 && (expires_us == 0 || us < expires_us))
            expires_us = us;
    }
    return expires_us != 0 ? MAX(expires_us, copy->due_us) : 0;
}

static SkReview
find_review(const Holding *h, const SkDecision *decision)
{
    if (h->malware || decision->fate != SK_FATE_DELIVER)
        return SK_REVIEW_ADMIN;
    return MAX(decision->review, SK_REVIEW_RECIPIENT);
}

unsigned
sk_engine_hold_waits(SkDirection direction,
                     const SkHeldMessage *message,
                     unsigned waits,
                     SkReview *review)
{
    bool to_us = direction == SK_DIRECTION_INBOUND || direction == SK_DIRECTION_INTERNAL;
    unsigned nobody = 0;

    if (message->owner == NULL)
        nobody |= waits & SK_WAIT_CONFIRM;
    if (!to_us)
        nobody |= waits & SK_WAIT_PASSWORD;
    if (nobody != 0)
        waits = (waits & ~nobody) | SK_WAIT_REVIEW;
    if (nobody != 0 || (!to_us && (waits & SK_WAIT_REVIEW) != 0))
        *review = SK_REVIEW_ADMIN;
    return waits;
}

static void
add_recipients(const Holding *h, SkHeldCopy *copy, const SkPassageRecipient *first)
{
    for (guint i = 0; i < sk_envelope_count(h->passage->envelope); i++) {
        const SkPassageRecipient *other = recipient_at(h->passage, i);
        const SkRecipient *recipient = sk_envelope_peek(h->passage->envelope, i);

        if (other->direction == first->direction &&
            sk_decision_equal(other->decision, first->decision))
            sk_held_copy_add_recipient(copy, recipient->address, recipient->args);
    }
}

static void
add_copy(const Holding *h,
         const SkPassageRecipient *first,
         SkCopyVariant variant,
         unsigned waits)
{
    const SkDecision *decision = first->decision;
    SkHeldCopy *copy = sk_held_copy_new();
    SkReview review = find_review(h, decision);

    waits = sk_engine_hold_waits(first->direction, h->message, waits, &review);
    copy->id = g_strdup_printf("%s-%u", h->passage->id, h->copies->len + 1);
    copy->message = g_strdup(h->passage->id);
    copy->variant = variant;
    copy->direction = first->direction;
    copy->waits = copy->open = waits;
    copy->review = (waits & SK_WAIT_REVIEW) != 0 ? review : SK_REVIEW_NONE;
    copy->due_us = h->now_us;
    if ((waits & SK_WAIT_TIME) != 0)
        copy->due_us += G_USEC_PER_SEC * hold_seconds(decision, h->chosen_s);
    copy->expires_us = find_expiry(h, copy);
    add_recipients(h, copy, first);
    g_ptr_array_add(h->copies, copy);
}

static void
add_copies(const Holding *h, const SkPassageRecipient *first)
{
    const SkDecision *decision = first->decision;
    unsigned spared = h->uninspected ? 0 : WAITS_OF_CONTENT & ~decision->rest_waits;
    bool looked_at = (decision->waits & WAITS_OF_CONTENT) != 0;

    if (decision->fate != SK_FATE_DELIVER) {
        add_copy(h, first, SK_COPY_WHOLE, decision->waits | SK_WAIT_REVIEW);
        return;
    }
    if ((decision->edits & SK_EDIT_STRIP) == 0) {
        add_copy(h, first, SK_COPY_WHOLE, decision->waits);
        return;
    }
    add_copy(h, first, SK_COPY_STRIPPED, decision->waits & ~spared);
    /* Else what was to be taken out leaves by itself, or by its sender's word. */
    add_copy(h, first, SK_COPY_WHOLE, decision->waits | (looked_at ? 0 : SK_WAIT_REVIEW));
}

/* Whether somebody before recipient I has the same copy. */
static bool
is_repeated(const SkPassage *passage, guint i)
{
    const SkPassageRecipient *one = recipient_at(passage, i);

    for (guint j = 0; j < i; j++) {
        const SkPassageRecipient *other = recipient_at(passage, j);

        if (other->direction == one->direction &&
            sk_decision_equal(other->decision, one->decision))
            return true;
    }
    return false;
}

bool
sk_engine_hold(const SkSettings *settings,
               const SkSite *site,
               const SkPassage *passage,
               int64_t chosen_s,
               int64_t now_us,
               SkHeldMessage **ret_message,
               GPtrArray **ret_copies,
               GError **error)
{
    SkHeldMessage *message;
    Holding h = {.settings = settings,
                 .passage = passage,
                 .zone = sk_site_peek_zone(site),
                 .chosen_s = chosen_s,
                 .now_us = now_us,
                 .malware = sk_findings_find(passage->findings, "malware.found", NULL) != NULL,
                 .uninspected = sk_findings_find(passage->findings, "inspect", NULL) != NULL};

    if (!sk_worktime_parse(sk_settings_peek_list(settings, "hold", "work_days"),
                           sk_settings_peek_text(settings, "hold", "work_hours"), &h.worktime,
                           error))
        return false;
    message = make_message(site, passage, now_us, error);
    if (message == NULL)
        return false;
    h.message = message;
    h.copies = g_ptr_array_new_with_free_func((GDestroyNotify)sk_held_copy_free);
    /* The unnamed recipient of an envelope without any gets nothing. */
    for (guint i = 0; i < sk_envelope_count(passage->envelope); i++) {
        if (!is_repeated(passage, i))
            add_copies(&h, recipient_at(passage, i));
    }
    *ret_message = message;
    *ret_copies = h.copies;
    return true;
}

/* ---- and back ---- */

/* The document has addresses as they may be shown. */
static const SkDecision *
find_decision(const SkPassage *passage, const char *address)
{
    g_autofree char *shown =
        sk_text_safe(sk_bytes(address, strlen(address)), SK_LIMIT_PASSAGE_TEXT);

    for (guint i = 0; i < passage->recipients->len; i++) {
        const SkPassageRecipient *recipient = recipient_at(passage, i);

        if (strcmp(recipient->address, shown) == 0)
            return recipient->decision;
    }
    return NULL;
}

const SkDecision *
sk_engine_hold_decision(const SkPassage *passage, const SkHeldCopy *copy)
{
    const SkDecision *decision = NULL;

    for (guint i = 0; i < copy->recipients->len && decision == NULL; i++) {
        const SkRecipient *recipient = copy->recipients->pdata[i];

        decision = find_decision(passage, recipient->address);
    }
    return decision;
}

bool
sk_engine_may_return(const SkHeldMessage *message)
{
    return message->owner != NULL && *message->sender != '\0';
}
