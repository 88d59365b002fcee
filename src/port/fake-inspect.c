/* SPDX-License-Identifier: Apache-2.0 */
#include "port/fake-inspect.h"

#include <sys/stat.h>

#include <unistd.h>

typedef struct {
    SkInspectResult *result; /* this or error */
    GError *error;
} Prepared;

typedef struct {
    SkInspectFunc func;
    void *data;
} Waiting;

struct SkFakeInspect {
    SkInspect port;
    SkLoop *loop;
    SkTimer *timer;
    GQueue prepared; /* of Prepared */
    GQueue waiting;  /* of Waiting */
    GByteArray *last;
    unsigned count;
    bool hold;
};

static void
prepared_free(void *data)
{
    Prepared *prepared = data;

    sk_inspect_result_free(prepared->result);
    g_clear_error(&prepared->error);
    g_free(prepared);
}

static void
answer_one(SkFakeInspect *fake)
{
    g_autofree Waiting *waiting = g_queue_pop_head(&fake->waiting);
    Prepared *prepared = g_queue_pop_head(&fake->prepared);

    if (prepared == NULL) {
        prepared = g_new0(Prepared, 1);
        prepared->result = sk_inspect_result_new();
        prepared->result->inspected = true;
    }
    waiting->func(g_steal_pointer(&prepared->result), prepared->error, waiting->data);
    prepared_free(prepared);
}

static void
on_timer(void *data)
{
    SkFakeInspect *fake = data;

    sk_timer_free(g_steal_pointer(&fake->timer));
    while (!fake->hold && fake->waiting.length > 0)
        answer_one(fake);
}

static void
schedule(SkFakeInspect *fake)
{
    if (!fake->hold && fake->timer == NULL && fake->waiting.length > 0)
        fake->timer = sk_loop_timer(fake->loop, 0, on_timer, fake);
}

static void
keep_bytes(SkFakeInspect *fake, const SkInspectJob *job)
{
    struct stat info;

    g_byte_array_set_size(fake->last, 0);
    if (job->fd < 0) {
        g_byte_array_append(fake->last, job->bytes.data, (guint)job->bytes.len);
        return;
    }
    g_assert(fstat(job->fd, &info) == 0);
    g_byte_array_set_size(fake->last, (guint)info.st_size);
    g_assert(pread(job->fd, fake->last->data, fake->last->len, 0) == fake->last->len);
}

static void
submit(SkInspect *inspect, const SkInspectJob *job, SkInspectFunc func, void *data)
{
    SkFakeInspect *fake = (SkFakeInspect *)inspect;
    Waiting *waiting = g_new0(Waiting, 1);

    *waiting = (Waiting){func, data};
    keep_bytes(fake, job);
    fake->count++;
    g_queue_push_tail(&fake->waiting, waiting);
    schedule(fake);
}

static void
cancel(SkInspect *inspect, void *data)
{
    SkFakeInspect *fake = (SkFakeInspect *)inspect;

    for (GList *link = fake->waiting.head, *next; link != NULL; link = next) {
        next = link->next;
        if (((Waiting *)link->data)->data == data) {
            g_free(link->data);
            g_queue_delete_link(&fake->waiting, link);
        }
    }
}

static void
fake_free(SkInspect *inspect)
{
    SkFakeInspect *fake = (SkFakeInspect *)inspect;

    sk_timer_free(fake->timer);
    g_queue_clear_full(&fake->prepared, prepared_free);
    g_queue_clear_full(&fake->waiting, g_free);
    g_byte_array_unref(fake->last);
    g_free(fake);
}

SkFakeInspect *
sk_fake_inspect_new(SkLoop *loop)
{
    SkFakeInspect *fake = g_new0(SkFakeInspect, 1);

    fake->port = (SkInspect){submit, cancel, fake_free};
    fake->loop = loop;
    fake->last = g_byte_array_new();
    return fake;
}

SkInspect *
sk_fake_inspect_port(SkFakeInspect *fake)
{
    return &fake->port;
}

static void
prepare(SkFakeInspect *fake, SkInspectResult *result, GError *error)
{
    Prepared *prepared = g_new0(Prepared, 1);

    *prepared = (Prepared){result, error};
    g_queue_push_tail(&fake->prepared, prepared);
}

void
sk_fake_inspect_answer(SkFakeInspect *fake, SkInspectResult *result)
{
    prepare(fake, result, NULL);
}

void
sk_fake_inspect_find(SkFakeInspect *fake, SkFindingId id, const char *subject)
{
    SkInspectResult *result = sk_inspect_result_new();

    result->inspected = true;
    sk_findings_add(result->findings, id, NULL, subject, NULL);
    prepare(fake, result, NULL);
}

void
sk_fake_inspect_fail(SkFakeInspect *fake, SkError code, const char *message)
{
    prepare(fake, NULL, g_error_new_literal(SK_ERROR, (gint)code, message));
}

void
sk_fake_inspect_hold(SkFakeInspect *fake, bool hold)
{
    fake->hold = hold;
    schedule(fake);
}

unsigned
sk_fake_inspect_count(const SkFakeInspect *fake)
{
    return fake->count;
}

SkBytes
sk_fake_inspect_last(const SkFakeInspect *fake)
{
    return sk_bytes(fake->last->data, fake->last->len);
}
