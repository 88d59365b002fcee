/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-hold.h"

#include <sys/mman.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/limit.h"
#include "base/log.h"
#include "blob/blob-digests.h"
#include "engine/engine-commit.h"
#include "engine/engine-received.h"
#include "hold/hold-ticket.h"
#include "mail/mail-header.h"

/* A message on its way into the store. It has all it needs: Postfix may give the message up. */
typedef struct {
    SkGateCommit order;
    SkPassage *passage;
    SkBuffer head; /* our Received field, and the header */
    SkBuffer body; /* in memory, or */
    int fd;        /* the whole message in a memfd; -1: not */
    size_t body_at;
} Job;

static void
job_free(void *data)
{
    Job *job = data;

    sk_passage_free(job->passage);
    g_clear_pointer(&job->order.tokens, g_ptr_array_unref);
    sk_buffer_clear(&job->head);
    sk_buffer_clear(&job->body);
    sk_fd_clear(&job->fd);
    g_free(job);
}

/* ---- taking the message along ---- */

/* The header without what somebody wrote to look like a release: the true field will be the
 * only one of its name. */
static bool
append_header(SkBuffer *out, SkBytes bytes)
{
    g_auto(SkMailHeader) header = {0};
    size_t kept = 0;

    sk_mail_header_init(&header);
    sk_mail_header_read(&header, bytes);
    for (guint i = 0; i < sk_mail_header_count(&header); i++) {
        const SkMailField *field = sk_mail_header_get(&header, i);
        size_t at = (size_t)(field->raw.data - bytes.data);

        if (!sk_bytes_equal_nocase(field->name, SK_TICKET_FIELD))
            continue;
        if (!sk_buffer_append(out, bytes.data + kept, at - kept))
            return false;
        kept = at + field->raw.len;
    }
    return sk_buffer_append(out, bytes.data + kept, bytes.len - kept);
}

static bool
take_head(Job *job)
{
    g_autofree char *received = sk_engine_received(job->passage, g_get_host_name());

    return sk_buffer_append_text(&job->head, received) &&
           append_header(&job->head, sk_milter_message_peek_header(job->order.milter));
}

static bool
take_body(Job *job, GError **error)
{
    SkSpool *spool = sk_milter_message_peek_spool(job->order.milter);
    SkBytes body = sk_bytes_from(sk_spool_peek_bytes(spool), job->body_at);

    if (sk_spool_peek_fd(spool) < 0)
        return sk_buffer_reserve(&job->body, body.len) &&
               sk_buffer_append(&job->body, body.data, body.len);
    job->fd = fcntl(sk_spool_peek_fd(spool), F_DUPFD_CLOEXEC, 0);
    return job->fd >= 0 || sk_error_set_errno(error, errno, "keeping a large message");
}

static bool
take_message(Job *job, GError **error)
{
    g_autoptr(GError) trouble = NULL;

    job->body_at = sk_milter_message_header_size(job->order.milter);
    if (take_head(job) && take_body(job, &trouble))
        return true;
    if (trouble != NULL)
        g_propagate_error(error, g_steal_pointer(&trouble));
    else
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "no memory to hold a message");
    return false;
}

/* ---- in a thread of the pool ---- */

/* A memfd that has come here was sealed against becoming shorter: reading it cannot fail. */
typedef struct {
    void *map; /* or NULL */
    size_t len;
    SkBytes body;
} Content;

static void
content_clear(Content *content)
{
    if (content->map != NULL)
        munmap(content->map, content->len);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Content, content_clear)

static bool
content_open(const Job *job, Content *content, GError **error)
{
    size_t len = (size_t)job->passage->size;
    void *map;

    if (job->fd < 0) {
        content->body = sk_buffer_bytes(&job->body);
        return true;
    }
    map = mmap(NULL, len, PROT_READ, MAP_SHARED, job->fd, 0);
    if (map == MAP_FAILED)
        return sk_error_set_errno(error, errno, "reading a large message");
    content->map = map;
    content->len = len;
    content->body = sk_bytes_from(sk_bytes(map, len), job->body_at);
    return true;
}

/* Of the header, what says who wrote and what about. */
static void
append_identity(GByteArray *out, SkBytes head)
{
    static const char *const names[] = {"From", "Sender", "Reply-To", "Subject"};
    g_auto(SkMailHeader) header = {0};

    sk_mail_header_init(&header);
    sk_mail_header_read(&header, head);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        for (guint n = 0; n < sk_mail_header_count_name(&header, names[i]); n++) {
            SkBytes value = sk_mail_header_peek(&header, names[i], n)->value;

            g_byte_array_append(out, value.data, (guint)value.len);
            g_byte_array_append(out, (const guint8 *)"\n", 2);
        }
        g_byte_array_append(out, (const guint8 *)"\n", 2);
    }
}

/* One digest for the same text of the same writer, whatever else a program puts into the header
 * on its second try. Who reads along what was sent to many may be quicker than it, under the
 * same sender: mail from outside is repeated by the host that sent it, or comes twice. */
static void
digest_body(const SkBlobSite *site,
            const Job *job,
            SkBytes body,
            uint8_t ret_body[SK_HOLD_BODY_LEN])
{
    g_autoptr(SkBlobDigests) digests =
        sk_blob_digests_new(sk_bytes(site->hash_key, sizeof site->hash_key));
    g_autoptr(GByteArray) identity = g_byte_array_new();
    const char *client = job->passage->envelope->client_address;
    uint8_t stored[SK_BLOB_DIGEST_LEN];

    G_STATIC_ASSERT(SK_HOLD_BODY_LEN == SK_BLOB_DIGEST_LEN);
    if (job->passage->origin == SK_ORIGIN_INBOUND && client != NULL)
        g_byte_array_append(identity, (const guint8 *)client, (guint)strlen(client));
    g_byte_array_append(identity, (const guint8 *)"\n", 2);
    append_identity(identity, sk_buffer_bytes(&job->head));
    sk_blob_digests_add(digests, sk_bytes(identity->data, identity->len), sk_bytes(NULL, 0));
    sk_blob_digests_add(digests, body, sk_bytes(NULL, 0));
    sk_blob_digests_finish(digests, ret_body, stored);
}

static SkBlobRow *
store(SkGateHands *hands, const Job *job, const SkBlobSite *site, SkBytes body, GError **error)
{
    SkBlobPlace *place = sk_gate_hands_peek_blobs(hands, error);
    g_autoptr(SkBlobWriter) writer = NULL;
    int64_t now_us;

    if (place == NULL || !sk_db_now_us(sk_gate_hands_peek_keep(hands), &now_us, error))
        return NULL;
    writer = sk_blob_writer_new(place, site, now_us);
    if (!sk_blob_writer_add(writer, sk_buffer_bytes(&job->head), error) ||
        !sk_blob_writer_add(writer, body, error))
        return NULL;
    return sk_blob_writer_finish(writer, error);
}

/* What is at hand in the transaction. */
typedef struct {
    const SkGateHands *hands;
    SkCommit commit;
    bool stored;
} Writing;

static bool
write_all(SkDb *keep, void *data, GError **error)
{
    Writing *writing = data;

    if (!sk_engine_commit(keep, &writing->commit, &writing->stored, error))
        return false;
    if (!sk_gate_hands_is_abandoned(writing->hands))
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_TIMEOUT, "Postfix waits for it no more");
    return false;
}

/* The original of a message that repeats another; the clerk would find it a day later. */
static void
remove_unused(SkGateHands *hands, const SkBlobRow *blob)
{
    SkBlobPlace *place = sk_gate_hands_peek_blobs(hands, NULL);

    if (blob != NULL && blob->data == NULL && !sk_blob_place_remove(place, blob->id, NULL))
        sk_log(SK_LOG_DEBUG, "a file that is not needed stays for now", "blob", blob->id, NULL);
}

static bool
transact(SkGateHands *hands, Writing *writing, GError **error)
{
    bool ok = sk_db_transact(sk_gate_hands_peek_keep(hands), write_all, writing, error);

    if (ok && !writing->stored)
        remove_unused(hands, writing->commit.blob);
    return ok;
}

static bool
hold(SkGateHands *hands, const Job *job, Writing *writing, GError **error)
{
    const SkBlobSite *site = sk_gate_hands_peek_site(hands, error);
    g_autoptr(SkBlobRow) blob = NULL;
    g_auto(Content) content = {0};

    if (site == NULL || !content_open(job, &content, error))
        return false;
    digest_body(site, job, content.body, writing->commit.body);
    blob = store(hands, job, site, content.body, error);
    writing->commit.blob = blob;
    return blob != NULL && transact(hands, writing, error);
}

static bool
work(SkGateHands *hands, void *data, GError **error)
{
    Job *job = data;
    Writing writing = {.hands = hands,
                       .commit = {.settings = sk_gate_shared_peek_settings(job->order.shared),
                                  .site = sk_gate_shared_peek_site(job->order.shared),
                                  .passage = job->passage,
                                  .hold = job->order.hold,
                                  .tokens = job->order.tokens}};

    return job->order.hold ? hold(hands, job, &writing, error)
                           : transact(hands, &writing, error);
}

/* ---- and back ---- */

static void
done(void *data, const GError *error)
{
    Job *job = data;

    if (error != NULL) {
        g_clear_pointer(&job->passage->held, g_free);
        job->passage->copies = 0;
    }
    job->order.done(g_steal_pointer(&job->passage), error, job->order.data);
}

SkGateTask *
sk_gate_hold_commit(const SkGateCommit *order, SkPassage *passage, GError **error)
{
    static const SkGateTaskKind kind = {work, done, job_free};
    Job *job = g_new0(Job, 1);

    job->order = *order;
    job->passage = passage;
    job->fd = -1;
    sk_buffer_init(&job->head, SK_LIMIT_HEADER + 4 * SK_KIB);
    sk_buffer_init(&job->body, SK_LIMIT_INLINE);
    if (order->tokens != NULL)
        g_ptr_array_ref(order->tokens);
    if (order->hold && !take_message(job, error)) {
        job->passage = NULL;
        job_free(job);
        return NULL;
    }
    return sk_gate_keep_submit(order->caller, &kind, job);
}
