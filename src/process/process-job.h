/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-job - one job of the inspector's client, from submit to answer
 *
 * Bytes too large to go inline are put into a memfd here.
 *
 * Errors: IO: no memory for the memfd.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "port/inspect.h"

typedef struct {
    SkInspectJob job; /* bytes and descriptor are the submitter's, the name is ours */
    uint64_t size;
    SkInspectFunc func;
    void *data;
    bool cancelled; /* its worker may finish, nobody will be told */
    unsigned tries;
    int64_t deadline_ms;
    SkInspectResult *result; /* when done: this or error */
    GError *error;
    GList link; /* in the queue it is in */
    char *name;
    int own_fd; /* or -1 */
} SkProcessJob;

/* Never NULL; ERROR inside it is set when its bytes cannot be handed over. */
SkProcessJob *sk_process_job_new(const SkInspectJob *job, SkInspectFunc func, void *data);
void sk_process_job_free(SkProcessJob *job);
/* Calls FUNC with what came of it, and frees it. */
void sk_process_job_tell(SkProcessJob *job);
