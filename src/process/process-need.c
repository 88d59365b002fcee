/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-need.h"

#include <inttypes.h>

#include "base/clock.h"

#define NEED_PENDING SK_MIB

typedef enum {
    IDLE,
    TAKING, /* pieces of a file */
    ASKED,  /* the last piece was there, the worker waits */
} State;

struct SkNeed {
    SkScan *scan;
    SkNeedHost host;
    int64_t need_ms;
    int64_t left_ms;  /* of it, for this job */
    int64_t since_ms; /* this file */
    State state;
    SkScanJob *job; /* NULL: the verdict is known */
    SkScanVerdict verdict;
    char *name;
};

static int64_t
now_ms(void)
{
    return sk_clock_mono_ms(sk_clock_real());
}

static void
answer(SkNeed *need)
{
    g_autofree char *name = g_steal_pointer(&need->name);

    need->state = IDLE;
    need->left_ms -= now_ms() - need->since_ms;
    need->host.answer(need->verdict, name, need->host.data);
}

/* Takes NAME. */
static void
decide(SkNeed *need, SkScanVerdict verdict, char *name)
{
    need->verdict = verdict;
    need->name = name;
    need->job = NULL;
    if (need->state == ASKED)
        answer(need);
    else
        need->host.room(need->host.data);
}

static char *
describe_overtime(const SkNeed *need)
{
    return g_strdup_printf("what is in one message took longer than %" PRId64 " seconds",
                           need->need_ms / 1000);
}

static void
on_scanned(SkScanVerdict verdict, const char *name, void *data)
{
    decide(data, verdict, g_strdup(name));
}

static void
on_room(void *data)
{
    SkNeed *need = data;

    need->host.room(need->host.data);
}

static void
begin(SkNeed *need)
{
    need->state = TAKING;
    need->since_ms = now_ms();
    if (need->left_ms > 0) {
        need->job = need->scan->begin(need->scan, on_scanned, on_room, need);
        return;
    }
    need->verdict = SK_SCAN_TEMPERROR;
    need->name = describe_overtime(need);
}

bool
sk_need_take(SkNeed *need, const SkWirePiece *piece)
{
    if (need->state != (piece->first ? IDLE : TAKING))
        return false;
    if (piece->first)
        begin(need);
    if (need->job != NULL)
        need->scan->add(need->job, piece->bytes);
    if (!piece->last)
        return true;
    need->state = ASKED;
    if (need->job != NULL)
        need->scan->end(need->job);
    else
        answer(need);
    return true;
}

bool
sk_need_is_crowded(const SkNeed *need)
{
    size_t pending = need->job != NULL ? need->scan->pending(need->job) : 0;

    return pending > NEED_PENDING && pending != SIZE_MAX;
}

void
sk_need_check(SkNeed *need)
{
    if (need->job == NULL || now_ms() - need->since_ms < need->left_ms)
        return;
    need->scan->cancel(need->job);
    decide(need, SK_SCAN_TEMPERROR, describe_overtime(need));
}

void
sk_need_reset(SkNeed *need)
{
    if (need->job != NULL)
        need->scan->cancel(g_steal_pointer(&need->job));
    g_clear_pointer(&need->name, g_free);
    need->state = IDLE;
    need->left_ms = need->need_ms;
}

SkNeed *
sk_need_new(SkScan *scan, int64_t need_ms, const SkNeedHost *host)
{
    SkNeed *need = g_new0(SkNeed, 1);

    *need = (SkNeed){.scan = scan, .host = *host, .need_ms = need_ms, .left_ms = need_ms};
    return need;
}

void
sk_need_free(SkNeed *need)
{
    if (need == NULL)
        return;
    sk_need_reset(need);
    g_free(need);
}
