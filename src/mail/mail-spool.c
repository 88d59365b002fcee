/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memfd_create */
#include "mail/mail-spool.h"

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>

#include "base/autofree.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/limit.h"

/* What a reused spool keeps between messages: most mail fits. */
#define KEEP (64 * SK_KIB)
/* What a larger message is given at once: a buffer that only doubles copies it several times.
 * Pages that are not used cost nothing. */
#define LARGE SK_MIB

struct SkSpool {
    SkBuffer memory;
    int fd;
    size_t size;
    size_t limit;
};

SkSpool *
sk_spool_new(size_t limit)
{
    SkSpool *spool = g_new0(SkSpool, 1);

    sk_buffer_init(&spool->memory, SK_LIMIT_INLINE);
    spool->fd = -1;
    spool->limit = limit;
    return spool;
}

void
sk_spool_free(SkSpool *spool)
{
    if (spool == NULL)
        return;
    sk_buffer_clear(&spool->memory);
    sk_fd_clear(&spool->fd);
    g_free(spool);
}

static bool
write_all(int fd, const uint8_t *data, size_t n, GError **error)
{
    while (n > 0) {
        ssize_t done = write(fd, data, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return sk_error_set_errno(error, errno, "keeping a large message in memory");
        data += done;
        n -= (size_t)done;
    }
    return true;
}

static bool
move_to_fd(SkSpool *spool, GError **error)
{
    spool->fd = memfd_create("sekisho-message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (spool->fd < 0)
        return sk_error_set_errno(error, errno, "keeping a large message in memory");
    if (!write_all(spool->fd, spool->memory.data, spool->memory.len, error))
        return false;
    sk_buffer_clear(&spool->memory);
    return true;
}

static bool
keep_in_memory(SkSpool *spool, const void *data, size_t n)
{
    SkBuffer *memory = &spool->memory;

    if (memory->len + n > KEEP && memory->len + n <= LARGE && memory->cap < LARGE)
        (void)sk_buffer_reserve(memory, LARGE - memory->len);
    return sk_buffer_append(memory, data, n);
}

bool
sk_spool_append(SkSpool *spool, const void *data, size_t n, GError **error)
{
    if (n > spool->limit - spool->size) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "the message is larger than %zu bytes",
                    spool->limit);
        return false;
    }
    if (spool->fd < 0 && !keep_in_memory(spool, data, n) && !move_to_fd(spool, error))
        return false;
    if (spool->fd >= 0 && !write_all(spool->fd, data, n, error))
        return false;
    spool->size += n;
    return true;
}

bool
sk_spool_seal(SkSpool *spool, GError **error)
{
    if (spool->fd < 0)
        return true;
    /* Nobody has mapped it to write, so that writes to come are all writes. F_SEAL_WRITE waits
     * for the system's own use of the pages, and fails (EBUSY) on a busy machine. */
    if (fcntl(spool->fd, F_ADD_SEALS,
              F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) < 0)
        return sk_error_set_errno(error, errno, "sealing a large message");
    return true;
}

size_t
sk_spool_size(const SkSpool *spool)
{
    return spool->size;
}

int
sk_spool_peek_fd(const SkSpool *spool)
{
    return spool->fd;
}

SkBytes
sk_spool_peek_bytes(const SkSpool *spool)
{
    return sk_buffer_bytes(&spool->memory);
}

void
sk_spool_reset(SkSpool *spool)
{
    sk_buffer_reset(&spool->memory, KEEP);
    sk_fd_clear(&spool->fd);
    spool->size = 0;
}
