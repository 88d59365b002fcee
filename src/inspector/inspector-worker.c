/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* close_range */
#include "inspector/inspector-worker.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/limit.h"
#include "base/memory.h"
#include "inspector/inspector-ask.h"
#include "inspector/inspector-fate.h"
#include "process/process-sandbox.h"
#include "process/process-wire.h"

/* Nearly all mail fits; the rest of a worker's buffer goes back to the system. */
#define KEEP (256 * SK_KIB)
/* After a pause of this length the memory that jobs left behind goes back to the system. Not
 * after each job: page faults cost more than the inspection of a small message. */
#define REST_MS 1000

typedef struct {
    const SkInspectorBirth *birth;
    SkBuffer in;
    SkBuffer out;
    int passed_fd; /* memfd of the job being read, or -1 */
} Worker;

static void
arrange_descriptors(const SkInspectorBirth *birth)
{
    /* Out of the way first: either may lie where the other is to be. */
    int job_fd = fcntl(birth->job_fd, F_DUPFD, 16);
    int wake_fd = fcntl(birth->wake_fd, F_DUPFD, 16);

    if (job_fd < 0 || wake_fd < 0 || dup2(job_fd, SK_INSPECTOR_JOB_FD) < 0 ||
        dup2(wake_fd, SK_INSPECTOR_WAKE_FD) < 0 ||
        close_range(SK_INSPECTOR_WAKE_FD + 1, ~0U, 0) < 0)
        _exit(SK_INSPECTOR_EXIT_LOCKDOWN);
}

/* So that one system call both waits and reads. */
static void
limit_wait(void)
{
    struct timeval wait = {REST_MS / 1000, REST_MS % 1000 * 1000};

    (void)setsockopt(SK_INSPECTOR_JOB_FD, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
}

static void
lock_down(const SkInspectorBirth *birth)
{
    const SkInspectorLimits *limits = birth->limits;
    SkSandboxLimits sandbox = {limits->memory,
                               (uint64_t)(limits->cpu_ms / 1000 + 1) * limits->worker_jobs};
    g_autoptr(GError) error = NULL;

    arrange_descriptors(birth);
    limit_wait();
    sk_inspector_fate_arrange(birth->board);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    /* It may have died before we asked to be told. */
    if (getppid() != birth->master)
        _exit(0);
    if (sk_sandbox_enter(&sandbox, &error))
        return;
    g_strlcpy(birth->board->trouble, error->message, sizeof birth->board->trouble);
    _exit(SK_INSPECTOR_EXIT_LOCKDOWN);
}

/* Nothing came for a while: returns what was used to the system, then waits as long as it
 * takes. */
static void
rest(Worker *worker)
{
    struct pollfd one = {SK_INSPECTOR_JOB_FD, POLLIN, 0};

    sk_buffer_reset(&worker->in, 0);
    sk_buffer_reset(&worker->out, 0);
    sk_memory_rest();
    (void)poll(&one, 1, -1);
}

static void
keep_passed_fd(Worker *worker, struct msghdr *message)
{
    struct cmsghdr *control = CMSG_FIRSTHDR(message);

    if (control == NULL || control->cmsg_type != SCM_RIGHTS)
        return;
    if (worker->passed_fd >= 0)
        _exit(SK_INSPECTOR_EXIT_PROTOCOL);
    memcpy(&worker->passed_fd, CMSG_DATA(control), sizeof(int));
}

/* Reads what is there, up to WANT bytes in all. False: nothing came for REST_MS. */
static bool
read_some(Worker *worker, size_t want)
{
    SkBuffer *in = &worker->in;
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part;
    /* CMSG_LEN, not the space: padding would let a second descriptor in. */
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = CMSG_LEN(sizeof(int))};
    ssize_t n;

    if (want > in->cap && !sk_buffer_reserve(in, want - in->len))
        _exit(SK_INSPECTOR_EXIT_PROTOCOL);
    part = (struct iovec){in->data + in->len, in->cap - in->len};
    n = recvmsg(SK_INSPECTOR_JOB_FD, &message, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0)
        _exit(in->len == 0 ? 0 : SK_INSPECTOR_EXIT_PROTOCOL);
    in->len += (size_t)n;
    keep_passed_fd(worker, &message);
    return true;
}

/* One frame and nothing behind it. */
static SkFrame
read_frame(Worker *worker)
{
    SkFrame frame;
    SkFrameState state;

    for (;;) {
        state = sk_frame_next(sk_buffer_bytes(&worker->in), SK_WIRE_JOB_LIMIT, &frame);
        if (state != SK_FRAME_SHORT)
            break;
        if (!read_some(worker, MAX(SK_FRAME_HEADER + (size_t)frame.len, 16 * SK_KIB)) &&
            worker->in.len == 0)
            rest(worker);
    }
    if (state != SK_FRAME_READY || worker->in.len != SK_FRAME_HEADER + frame.body.len)
        _exit(SK_INSPECTOR_EXIT_PROTOCOL);
    return frame;
}

static void
read_job(Worker *worker, const SkFrame *frame, SkWireJob *ret_job)
{
    if (frame->type != SK_WIRE_JOB || !sk_wire_get_job(frame->body, ret_job) ||
        ret_job->by_fd != (worker->passed_fd >= 0))
        _exit(SK_INSPECTOR_EXIT_PROTOCOL);
}

/* The seals are not looked at: a client that shrinks the memfd ends its own worker (SIGBUS),
 * and only our own programs may connect. False: no memory. */
static bool
map_passed(const Worker *worker, uint64_t size, SkBytes *ret_bytes)
{
    void *map =
        size > 0 ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, worker->passed_fd, 0) : NULL;

    if (map == MAP_FAILED)
        return false;
    *ret_bytes = size > 0 ? sk_bytes(map, size) : sk_bytes("", 0);
    return true;
}

static void
unmap(SkBytes bytes)
{
    if (bytes.len > 0)
        munmap((void *)bytes.data, bytes.len);
}

static SkInspectResult *
result_of_no_memory(void)
{
    return sk_wire_result_of_death(SK_DEATH_LIMIT, "too large for the inspector's memory");
}

static SkInspectResult *
inspect_bytes(Worker *worker, const SkWireJob *job, SkBytes bytes)
{
    const SkBudgetLimits *limits = &worker->birth->limits->budget;
    g_auto(SkInspectorAsk) ask;

    sk_inspector_ask_init(&ask, job->number, limits->bytes);
    return worker->birth->work->inspect(job->kind, job->name, bytes,
                                        job->scan_members ? &ask.port : NULL, limits);
}

static SkInspectResult *
inspect_mapped(Worker *worker, const SkWireJob *job)
{
    SkInspectResult *result;
    SkBytes bytes;

    if (!map_passed(worker, job->size, &bytes))
        return result_of_no_memory();
    result = inspect_bytes(worker, job, bytes);
    unmap(bytes);
    return result;
}

static void
announce(Worker *worker, uint32_t number)
{
    SkInspectorBoard *board = worker->birth->board;

    atomic_store(&board->job, number);
    /* The master either sees the number when it stops watching, or we see that it stopped. */
    if (number != 0 && atomic_load(&board->watched) == 0)
        (void)!write(SK_INSPECTOR_WAKE_FD, "", 1);
}

static void
answer(Worker *worker, uint32_t number, bool last, const SkInspectResult *result)
{
    if (!sk_wire_put_result(&worker->out, number, last, result)) {
        g_autoptr(SkInspectResult) instead =
            sk_wire_result_of_death(SK_DEATH_LIMIT, "more findings than an answer holds");

        (void)sk_wire_put_result(&worker->out, number, last, instead);
    }
    sk_inspector_send(&worker->out);
    sk_buffer_reset(&worker->out, KEEP);
}

static SkInspectResult *
edit_mapped(Worker *worker, const SkWireEdit *order, SkEditOutcome *outcome, SkMailCuts *cuts)
{
    const SkInspectorBirth *birth = worker->birth;
    SkInspectResult *result;
    SkBytes bytes;

    if (!map_passed(worker, order->size, &bytes))
        return result_of_no_memory();
    result = birth->work->edit(order, bytes, &birth->limits->budget, outcome, cuts);
    unmap(bytes);
    return result;
}

/* The worker's last job. */
static void
work_edit(Worker *worker, const SkFrame *frame)
{
    g_auto(SkWireEdit) order = {0};
    g_auto(SkMailCuts) cuts = {0};
    g_autoptr(SkInspectResult) result = NULL;
    SkEditOutcome outcome = SK_EDIT_FAILED;

    if (!sk_wire_get_edit(frame->body, &order) || worker->passed_fd < 0)
        _exit(SK_INSPECTOR_EXIT_PROTOCOL);
    announce(worker, SK_EDIT_WIRE_NUMBER);
    result = edit_mapped(worker, &order, &outcome, &cuts);
    if (!sk_wire_put_edited(&worker->out, outcome, &cuts))
        _exit(SK_INSPECTOR_EXIT_PROTOCOL);
    answer(worker, SK_EDIT_WIRE_NUMBER, true, result);
    announce(worker, 0);
    _exit(0);
}

static void
work(Worker *worker, bool last)
{
    g_auto(SkWireJob) job = {0};
    g_autoptr(SkInspectResult) result = NULL;
    SkFrame frame = read_frame(worker);

    if (frame.type == SK_WIRE_EDIT)
        work_edit(worker, &frame);
    read_job(worker, &frame, &job);
    announce(worker, job.number);
    result = job.by_fd ? inspect_mapped(worker, &job) : inspect_bytes(worker, &job, job.bytes);
    answer(worker, job.number, last, result);
    announce(worker, 0);
    if (worker->passed_fd >= 0)
        close(worker->passed_fd);
    worker->passed_fd = -1;
    sk_buffer_reset(&worker->in, KEEP);
}

void
sk_inspector_worker_run(const SkInspectorBirth *birth)
{
    Worker worker = {.birth = birth, .passed_fd = -1};

    lock_down(birth);
    sk_buffer_init(&worker.in, SK_WIRE_JOB_LIMIT + SK_FRAME_HEADER);
    sk_buffer_init(&worker.out, SK_EDIT_WIRE_ANSWER_LIMIT + SK_WIRE_RESULT_LIMIT);
    for (uint32_t left = birth->limits->worker_jobs; left > 0; left--)
        work(&worker, left == 1);
    _exit(0);
}
