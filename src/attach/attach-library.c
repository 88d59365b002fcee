/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-library.h"

#include <errno.h>
#include <glib.h>

#include "base/limit.h"

#define STEP (64 * SK_KIB)

static uint64_t
length(const SkLibrarySource *source)
{
    return (uint64_t)source->first.len + source->second.len;
}

static la_ssize_t
read_some(struct archive *archive, void *data, const void **ret_buffer)
{
    SkLibrarySource *source = data;
    SkBytes step = sk_bytes_slice(source->first, source->at, STEP);

    if (!sk_budget_check_time(source->budget)) {
        archive_set_error(archive, EIO, "out of time");
        return ARCHIVE_FATAL;
    }
    if (source->at >= source->first.len)
        step = sk_bytes_slice(source->second, source->at - source->first.len, STEP);
    source->at += step.len;
    *ret_buffer = step.data;
    return (la_ssize_t)step.len;
}

static la_int64_t
skip_some(struct archive *archive, void *data, la_int64_t n)
{
    SkLibrarySource *source = data;
    uint64_t left = length(source) - source->at;
    uint64_t skipped = n > 0 ? MIN((uint64_t)n, left) : 0;

    (void)archive;
    source->at += skipped;
    return (la_int64_t)skipped;
}

static la_int64_t
seek_to(struct archive *archive, void *data, la_int64_t offset, int whence)
{
    SkLibrarySource *source = data;
    int64_t base = 0;

    (void)archive;
    if (whence == SEEK_CUR)
        base = (int64_t)source->at;
    else if (whence == SEEK_END)
        base = (int64_t)length(source);
    if (__builtin_add_overflow(base, offset, &base) || base < 0)
        return ARCHIVE_FATAL;
    source->at = MIN((uint64_t)base, length(source));
    return (la_int64_t)source->at;
}

struct archive *
sk_library_new(void)
{
    return archive_read_new();
}

bool
sk_library_open(struct archive *archive, SkLibrarySource *source)
{
    source->at = 0;
    (void)archive_read_set_read_callback(archive, read_some);
    (void)archive_read_set_skip_callback(archive, skip_some);
    (void)archive_read_set_seek_callback(archive, seek_to);
    (void)archive_read_set_callback_data(archive, source);
    return archive_read_open1(archive) == ARCHIVE_OK;
}

const char *
sk_library_trouble(struct archive *archive)
{
    const char *text = archive_error_string(archive);

    return text != NULL ? text : "not readable";
}

/* Adds a block that stands at OFFSET of the entry, and zeros for the hole before it. */
static bool
append_at(SkLibraryMeter *meter, la_int64_t offset, const void *block, size_t n, SkBuffer *out)
{
    uint64_t hole = offset > (la_int64_t)out->len ? (uint64_t)offset - out->len : 0;

    if (!sk_budget_take_bytes(meter->budget, hole + n, meter->packed, meter->made) ||
        !sk_budget_check_time(meter->budget) || !sk_buffer_reserve(out, hole + n))
        return false;
    meter->made += hole + n;
    if (hole > 0)
        memset(out->data + out->len, 0, hole);
    out->len += hole;
    return sk_buffer_append(out, block, n);
}

SkLibraryResult
sk_library_read(struct archive *archive, SkLibraryMeter *meter, size_t until, SkBuffer *out)
{
    const void *block;
    la_int64_t offset;
    size_t n;

    while (out->len < until) {
        int status = archive_read_data_block(archive, &block, &n, &offset);

        if (status == ARCHIVE_EOF)
            return SK_LIBRARY_WHOLE;
        if (status != ARCHIVE_OK)
            return SK_LIBRARY_BROKEN;
        if (!append_at(meter, offset, block, n, out))
            return SK_LIBRARY_OVER;
    }
    return SK_LIBRARY_PART;
}
