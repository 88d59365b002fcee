/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memfd_create */
#include "process/process-job.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/limit.h"

static bool
write_all(int fd, SkBytes bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.data, bytes.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = sk_bytes_from(bytes, (size_t)n);
    }
    return true;
}

/* For callers with a large file in memory. The gate has its large messages in a memfd already.
 */
static bool
move_to_memfd(SkProcessJob *job, GError **error)
{
    job->own_fd = memfd_create("sekisho-job", MFD_CLOEXEC);
    if (job->own_fd < 0 || !write_all(job->own_fd, job->job.bytes))
        return sk_error_set_errno(error, errno, "handing a large file over");
    job->job.fd = job->own_fd;
    return true;
}

static bool
find_size(SkProcessJob *job, GError **error)
{
    struct stat info;

    job->size = job->job.bytes.len;
    if (job->job.fd < 0 && job->size > SK_LIMIT_INLINE)
        return move_to_memfd(job, error);
    if (job->job.fd < 0)
        return true;
    if (fstat(job->job.fd, &info) < 0)
        return sk_error_set_errno(error, errno, "handing a large message over");
    job->size = (uint64_t)info.st_size;
    return true;
}

SkProcessJob *
sk_process_job_new(const SkInspectJob *order, SkInspectFunc func, void *data)
{
    SkProcessJob *job = g_new0(SkProcessJob, 1);

    *job = (SkProcessJob){.job = *order, .own_fd = -1, .func = func, .data = data};
    if (order->name != NULL)
        job->name = g_strndup(order->name, SK_LIMIT_NAME);
    job->job.name = job->name;
    job->link.data = job;
    (void)find_size(job, &job->error);
    return job;
}

void
sk_process_job_free(SkProcessJob *job)
{
    g_free(job->name);
    sk_fd_clear(&job->own_fd);
    sk_inspect_result_free(job->result);
    g_clear_error(&job->error);
    g_free(job);
}

void
sk_process_job_tell(SkProcessJob *job)
{
    job->func(g_steal_pointer(&job->result), job->error, job->data);
    sk_process_job_free(job);
}
