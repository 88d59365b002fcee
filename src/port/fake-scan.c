/* SPDX-License-Identifier: Apache-2.0 */
#include "port/fake-scan.h"

struct SkScanJob {
    SkFakeScan *fake;
    SkScanFunc func;
    SkScanRoomFunc room;
    void *data;
    GByteArray *bytes;
    size_t pending;
    bool ended;
};

struct SkFakeScan {
    SkScan port;
    SkLoop *loop;
    SkTimer *timer;
    char *signature;
    SkScanVerdict verdict;
    char *name;
    GQueue jobs;
    GByteArray *last;
    unsigned count, cancelled;
    size_t peak;
    bool held, blocked;
};

static void
job_free(SkScanJob *job)
{
    g_byte_array_unref(job->bytes);
    g_free(job);
}

static void
tell(SkScanJob *job)
{
    SkFakeScan *fake = job->fake;
    SkBytes bytes = sk_bytes(job->bytes->data, job->bytes->len);
    bool found =
        sk_bytes_find(bytes, fake->signature, strlen(fake->signature), 0) != SK_BYTES_NONE;

    g_byte_array_unref(fake->last);
    fake->last = g_byte_array_ref(job->bytes);
    if (fake->verdict != SK_SCAN_CLEAN)
        job->func(fake->verdict, fake->name, job->data);
    else
        job->func(found ? SK_SCAN_FOUND : SK_SCAN_CLEAN, found ? "Fake.Signature" : NULL,
                  job->data);
    job_free(job);
}

static SkScanJob *
find(SkFakeScan *fake, bool ended)
{
    for (GList *link = fake->jobs.head; link != NULL; link = link->next) {
        SkScanJob *job = link->data;

        if (ended ? job->ended : job->pending >= SK_SCAN_ROOM)
            return job;
    }
    return NULL;
}

static void
on_timer(void *data)
{
    SkFakeScan *fake = data;
    SkScanJob *job;

    sk_timer_free(g_steal_pointer(&fake->timer));
    while (!fake->blocked && (job = find(fake, false)) != NULL) {
        job->pending = 0;
        if (job->room != NULL)
            job->room(job->data);
    }
    while (!fake->held && !fake->blocked && (job = find(fake, true)) != NULL) {
        g_queue_remove(&fake->jobs, job);
        tell(job);
    }
}

static void
look_later(SkFakeScan *fake)
{
    if (fake->timer == NULL)
        fake->timer = sk_loop_timer(fake->loop, 0, on_timer, fake);
}

static SkScanJob *
begin(SkScan *scan, SkScanFunc func, SkScanRoomFunc room, void *data)
{
    SkFakeScan *fake = (SkFakeScan *)scan;
    SkScanJob *job = g_new0(SkScanJob, 1);

    *job = (SkScanJob){.fake = fake, .func = func, .room = room, .data = data};
    job->bytes = g_byte_array_new();
    g_queue_push_tail(&fake->jobs, job);
    fake->count++;
    return job;
}

static void
add(SkScanJob *job, SkBytes bytes)
{
    g_assert(!job->ended);
    g_byte_array_append(job->bytes, bytes.data, (guint)bytes.len);
    job->pending += job->fake->blocked ? bytes.len : 0;
    job->fake->peak = MAX(job->fake->peak, job->pending);
}

static void
end(SkScanJob *job)
{
    g_assert(!job->ended);
    job->ended = true;
    look_later(job->fake);
}

static void
cancel(SkScanJob *job)
{
    job->fake->cancelled++;
    g_queue_remove(&job->fake->jobs, job);
    job_free(job);
}

static size_t
pending(const SkScanJob *job)
{
    return job->pending;
}

static void
fake_free(SkScan *scan)
{
    SkFakeScan *fake = (SkFakeScan *)scan;
    SkScanJob *job;

    sk_timer_free(fake->timer);
    while ((job = g_queue_pop_head(&fake->jobs)) != NULL)
        job_free(job);
    g_byte_array_unref(fake->last);
    g_free(fake->signature);
    g_free(fake->name);
    g_free(fake);
}

SkFakeScan *
sk_fake_scan_new(SkLoop *loop, const char *signature)
{
    SkFakeScan *fake = g_new0(SkFakeScan, 1);

    fake->port = (SkScan){begin, add, end, cancel, pending, fake_free};
    fake->loop = loop;
    fake->signature = g_strdup(signature);
    fake->last = g_byte_array_new();
    return fake;
}

SkScan *
sk_fake_scan_port(SkFakeScan *fake)
{
    return &fake->port;
}

void
sk_fake_scan_answer(SkFakeScan *fake, SkScanVerdict verdict, const char *name)
{
    fake->verdict = verdict;
    g_free(fake->name);
    fake->name = g_strdup(name);
}

void
sk_fake_scan_hold(SkFakeScan *fake, bool hold)
{
    fake->held = hold;
    look_later(fake);
}

void
sk_fake_scan_block(SkFakeScan *fake, bool block)
{
    fake->blocked = block;
    look_later(fake);
}

unsigned
sk_fake_scan_count(const SkFakeScan *fake)
{
    return fake->count;
}

unsigned
sk_fake_scan_count_cancelled(const SkFakeScan *fake)
{
    return fake->cancelled;
}

size_t
sk_fake_scan_peak(const SkFakeScan *fake)
{
    return fake->peak;
}

SkBytes
sk_fake_scan_last(const SkFakeScan *fake)
{
    return sk_bytes(fake->last->data, fake->last->len);
}
