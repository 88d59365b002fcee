/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-wire - inspection jobs, results and obituaries as frames
 *
 * Client to worker: a job; its bytes follow inline as the end of the frame, or lie in a memfd
 * that is sent along (SCM_RIGHTS with the first byte of the frame). Worker to client: a result,
 * ended by a mark, so that a half-written one completed by other bytes is never taken for
 * whole. Master to client, when a worker has died: an obituary, the last bytes on the
 * connection.
 *
 * Findings travel by name: an id that this version does not know becomes inspect.limit, so that
 * what a newer inspector found never passes as nothing.
 *
 * Limits: SK_WIRE_JOB_LIMIT, SK_WIRE_RESULT_LIMIT; SK_LIMIT_FINDINGS findings a result.
 * Errors: none; false for what is not a job, a result or an obituary.
 * Security: a result may come from a worker that a message took over: it is read as foreign
 * bytes, and all its texts pass sk_findings_add(). It can lie about its own job, no more.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/limit.h"
#include "port/inspect.h"
#include "process/process-frame.h"

enum {
    SK_WIRE_JOB = 1,
    SK_WIRE_RESULT = 2,
    SK_WIRE_OBITUARY = 3,
};

/* The inline bytes, and the name and numbers before them. */
#define SK_WIRE_JOB_LIMIT (SK_LIMIT_INLINE + 16 * SK_KIB)
/* SK_LIMIT_FINDINGS findings with three texts each, of four bytes a letter when escaped. */
#define SK_WIRE_RESULT_LIMIT (2 * SK_MIB)

typedef struct {
    uint32_t number; /* of the job on its connection, from 1 */
    SkInspectKind kind;
    bool by_fd;
    bool scan_members; /* the client has files scanned (process-scan-wire) */
    uint64_t size;
    char *name;    /* or NULL */
    SkBytes bytes; /* unless by_fd; borrowed from the frame */
} SkWireJob;

/* Appends the frame up to the inline bytes, which the caller sends next. SIZE: of the memfd,
 * or of the inline bytes. */
bool sk_wire_put_job(SkBuffer *out, uint32_t number, const SkInspectJob *job, uint64_t size);
bool sk_wire_get_job(SkBytes body, SkWireJob *ret_job);
void sk_wire_job_clear(SkWireJob *job);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkWireJob, sk_wire_job_clear)

typedef struct {
    uint32_t number; /* of the job it answers */
    bool last;       /* the worker ends now; no further job may be sent */
    SkInspectResult *result;
} SkWireResult;

bool sk_wire_put_result(SkBuffer *out,
                        uint32_t number,
                        bool last,
                        const SkInspectResult *result);
/* The caller owns ret_result->result. */
bool sk_wire_get_result(SkBytes body, SkWireResult *ret_result);

typedef enum {
    SK_DEATH_CRASHED,
    SK_DEATH_TIMEOUT,
    SK_DEATH_LIMIT, /* out of memory */
    SK_N_DEATHS
} SkDeath;

typedef struct {
    uint32_t number; /* of the job under way; 0: none was begun */
    SkDeath death;
    uint8_t signal; /* that ended it; 0: none */
} SkObituary;

#define SK_WIRE_OBITUARY_SIZE (SK_FRAME_HEADER + 10)

void sk_wire_write_obituary(uint8_t out[SK_WIRE_OBITUARY_SIZE], const SkObituary *obituary);
/* Looks at the last bytes of STREAM, whatever stands before them. */
bool sk_wire_find_obituary(SkBytes stream, SkObituary *ret_obituary);

/* The result of a job that killed its worker: one finding, nothing inspected. Caller owns. */
SkInspectResult *sk_wire_result_of_death(SkDeath death, const char *detail);
/* The same in the words for what the obituary says. */
SkInspectResult *sk_wire_result_of_obituary(const SkObituary *obituary);
