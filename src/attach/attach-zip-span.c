/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "attach/attach-zip-walk.h"
#include "base/limit.h"

static SkZipSpan *
spans_of(const SkZip *zip, size_t *ret_n)
{
    *ret_n = zip->spans.len / sizeof(SkZipSpan);
    return (SkZipSpan *)(void *)zip->spans.data;
}

void
sk_zip_cover(SkZip *zip, size_t start, size_t end)
{
    SkZipSpan span = {start, MIN(end, zip->bytes.len)};

    if (span.start < span.end)
        (void)sk_buffer_append(&zip->spans, &span, sizeof span);
}

static int
compare(const void *a, const void *b)
{
    const SkZipSpan *one = a, *other = b;

    return one->start < other->start ? -1 : one->start > other->start;
}

/* Spans come in the order of the file from nearly every archive. */
static void
sort(SkZipSpan *spans, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (spans[i].start < spans[i - 1].start) {
            qsort(spans, n, sizeof *spans, compare);
            return;
        }
    }
}

void
sk_zip_settle(SkZip *zip)
{
    size_t n, kept = 0;
    SkZipSpan *spans = spans_of(zip, &n);

    if (n == 0)
        return;
    sort(spans, n);
    for (size_t i = 1; i < n; i++) {
        if (spans[i].start < spans[kept].end)
            sk_zip_say_odd(zip, sk_bytes("", 0), "files in it overlap");
        if (spans[i].start <= spans[kept].end)
            spans[kept].end = MAX(spans[kept].end, spans[i].end);
        else
            spans[++kept] = spans[i];
    }
    zip->spans.len = (kept + 1) * sizeof *spans;
}

bool
sk_zip_next_gap(const SkZip *zip, size_t from, SkZipSpan *ret_gap)
{
    size_t n;
    const SkZipSpan *spans = spans_of(zip, &n);

    for (size_t i = 0; i < n && from < zip->bytes.len; i++) {
        if (spans[i].end <= from)
            continue;
        if (spans[i].start > from) {
            *ret_gap = (SkZipSpan){from, spans[i].start};
            return true;
        }
        from = spans[i].end;
    }
    *ret_gap = (SkZipSpan){from, zip->bytes.len};
    return from < zip->bytes.len;
}
