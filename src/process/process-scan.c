/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-scan.h"

#include <errno.h>
#include <unistd.h>

#include "base/limit.h"

#define PIECE (64 * SK_KIB)

typedef struct {
    SkInspect port;
    SkInspect *inspect;
    SkScan *scan;
    GQueue jobs; /* of Job, that are under way */
} Both;

typedef struct {
    Both *both;
    SkInspectFunc func;
    void *data;
    GList link;
    char *name;      /* of a file; or NULL */
    SkScanJob *scan; /* NULL: it is back */
    SkBytes left;    /* still to be given to the scanner, borrowed */
    int fd;          /* or from here, borrowed; -1 */
    uint64_t at;     /* in fd */
    bool inspected;  /* the inspection is back */
    SkInspectResult *result;
    SkFindings *malware;
} Job;

static void
job_free(Job *job)
{
    if (job->scan != NULL)
        job->both->scan->cancel(job->scan);
    sk_inspect_result_free(job->result);
    sk_findings_free(job->malware);
    g_free(job->name);
    g_free(job);
}

static void
add_all(SkFindings *to, const SkFindings *from)
{
    for (size_t i = 0; i < sk_findings_count(from); i++) {
        const SkFinding *one = sk_findings_peek(from, i);

        sk_findings_add(to, one->id, one->part, one->subject, one->detail);
    }
}

/* Both are back, or there is no inspector: then the message waits, whatever a scan would say.
 */
static void
finish(Job *job, const GError *error)
{
    SkInspectResult *result = g_steal_pointer(&job->result);

    g_queue_unlink(&job->both->jobs, &job->link);
    if (result != NULL)
        add_all(result->findings, job->malware);
    job->func(result, error, job->data);
    job_free(job);
}

static void
on_inspected(SkInspectResult *result, const GError *error, void *data)
{
    Job *job = data;

    job->inspected = true;
    job->result = result;
    if (result == NULL || job->scan == NULL)
        finish(job, error);
}

static void
state(Job *job, SkScanVerdict verdict, const char *why)
{
    if (verdict != SK_SCAN_CLEAN)
        sk_findings_add(job->malware,
                        verdict == SK_SCAN_FOUND ? SK_FINDING_MALWARE_FOUND
                                                 : SK_FINDING_MALWARE_TEMPERROR,
                        NULL, job->name, why);
}

static void
on_scanned(SkScanVerdict verdict, const char *why, void *data)
{
    Job *job = data;

    job->scan = NULL;
    state(job, verdict, why);
    if (job->inspected)
        finish(job, NULL);
}

/* Gives the scanner the next piece; false: there is none. */
static bool
feed_bytes(Job *job)
{
    SkBytes piece = sk_bytes_slice(job->left, 0, PIECE);

    job->left = sk_bytes_from(job->left, piece.len);
    job->both->scan->add(job->scan, piece);
    return piece.len > 0;
}

/* The same; what cannot be read cannot be scanned. */
static bool
feed_file(Job *job)
{
    uint8_t piece[PIECE];
    ssize_t n;

    do
        n = pread(job->fd, piece, sizeof piece, (off_t)job->at);
    while (n < 0 && errno == EINTR);
    if (n < 0) {
        g_autofree char *why =
            g_strdup_printf("a large message cannot be read: %s", g_strerror(errno));

        job->both->scan->cancel(g_steal_pointer(&job->scan));
        state(job, SK_SCAN_TEMPERROR, why);
        return false;
    }
    job->at += (uint64_t)n;
    job->both->scan->add(job->scan, sk_bytes(piece, (size_t)n));
    return n > 0;
}

/* Gives the scanner what there is room for. */
static void
feed(Job *job)
{
    SkScan *scan = job->both->scan;
    bool more = true;

    while (more && scan->pending(job->scan) < SK_SCAN_ROOM)
        more = job->fd >= 0 ? feed_file(job) : feed_bytes(job);
    if (!more && job->scan != NULL)
        scan->end(job->scan);
}

static void
on_room(void *data)
{
    Job *job = data;

    feed(job);
    if (job->scan == NULL && job->inspected)
        finish(job, NULL);
}

static void
submit(SkInspect *port, const SkInspectJob *order, SkInspectFunc func, void *data)
{
    Both *both = (Both *)port;
    Job *job = g_new0(Job, 1);

    *job = (Job){.both = both, .func = func, .data = data, .fd = order->fd};
    job->left = order->fd < 0 ? order->bytes : (SkBytes){0};
    job->name = g_strdup(order->name);
    job->malware = sk_findings_new();
    job->link.data = job;
    g_queue_push_tail_link(&both->jobs, &job->link);
    job->scan = both->scan->begin(both->scan, on_scanned, on_room, job);
    sk_inspect_submit(both->inspect, order, on_inspected, job);
    feed(job);
}

static void
cancel(SkInspect *port, void *data)
{
    Both *both = (Both *)port;

    for (GList *link = both->jobs.head, *next; link != NULL; link = next) {
        Job *job = link->data;

        next = link->next;
        if (job->data != data)
            continue;
        if (!job->inspected)
            sk_inspect_cancel(both->inspect, job);
        g_queue_unlink(&both->jobs, link);
        job_free(job);
    }
}

static void
both_free(SkInspect *port)
{
    Both *both = (Both *)port;
    GList *link;

    sk_inspect_free(both->inspect);
    while ((link = g_queue_pop_head_link(&both->jobs)) != NULL)
        job_free(link->data);
    g_free(both);
}

SkInspect *
sk_process_scan_new(SkInspect *inspect, SkScan *scan)
{
    Both *both = g_new0(Both, 1);

    both->port = (SkInspect){submit, cancel, both_free};
    both->inspect = inspect;
    both->scan = scan;
    return &both->port;
}
