/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-link - one connection to the inspector, and so one worker: a job out, an answer back
 *
 * The other end of a connection belongs to one worker for as long as it lives; when that dies,
 * the master says on the same connection what it died of. So for each job it is known whether
 * the worker died of it, never saw it, or whether there is nobody left who could know. Pooling,
 * waiting and retrying are process-inspect's.
 *
 * During a job the worker may ask for scans, if there is a scanner: process-need.
 *
 * Limits: one job at a time; SK_WIRE_RESULT_LIMIT an answer.
 * Errors: NOT_FOUND, IO: no inspector; TIMEOUT: one that does not accept just now.
 * Security: what comes back may be written by a worker that a message took over.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "port/inspect.h"
#include "port/scan.h"

typedef struct SkLink SkLink;

typedef enum {
    SK_LINK_ANSWERED, /* by the worker, or by its obituary: there is a result */
    SK_LINK_UNBEGUN,  /* the worker ended without having begun the job: try another */
    SK_LINK_LOST,     /* worker and master are gone: nobody knows */
    SK_LINK_FOREIGN,  /* the other side speaks another version */
    SK_LINK_ENDED,    /* the worker ended while it had nothing to do */
} SkLinkOutcome;

/* RESULT is the callee's. The callee may free the link, or send the next job at once when
 * sk_link_is_usable(); a link that is not usable must be freed. */
typedef void (*SkLinkFunc)(SkLink *link,
                           SkLinkOutcome outcome,
                           SkInspectResult *result,
                           void *data);

SkLink *sk_link_new(SkLoop *loop, const char *path, SkLinkFunc func, void *data, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void sk_link_free(SkLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkLink, sk_link_free)

/* Sends what fits now, the rest as the worker reads. JOB's name is copied; its bytes or
 * descriptor must stay until sk_link_is_sending() says no. SIZE: of the bytes or the memfd. */
void sk_link_send(SkLink *link, const SkInspectJob *job, uint64_t size);
bool sk_link_is_sending(const SkLink *link);
/* Whether a job may be sent. */
bool sk_link_is_usable(const SkLink *link);

/* From now on jobs may have SCAN (borrowed) look at what they unpack, for NEED_MS each job. */
void sk_link_set_scan(SkLink *link, SkScan *scan, int64_t need_ms);
/* Gives up scans that take too long. To be called now and then while a job is under way. */
void sk_link_check(SkLink *link);
