/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * inspector-worker - one forked, locked-down process: reads jobs from its connection, answers
 *
 * Blocking and without an event loop: one job at a time, and nothing else to wait for. It ends
 * by itself when the client closes the connection, after its number of jobs, or after an edit:
 * what a message did to it must not touch another. The master ends it when a job takes too
 * long.
 *
 * Limits: SkInspectorLimits.
 * Errors: none to return: it exits, and the master tells the client.
 * Security: this is where hostile bytes are opened. What a worker that was taken over can
 * reach: its connection, its board, one byte to wake the master.
 */

#include <glib.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/budget.h"
#include "port/inspect.h"
#include "port/scan-now.h"
#include "process/process-edit-wire.h"

/* sk_engine_inspect(), or what stands for it in trials. */
typedef SkInspectResult *(*SkInspectorFunc)(SkInspectKind kind,
                                            const char *name,
                                            SkBytes bytes,
                                            SkScanNow *scanner,
                                            const SkBudgetLimits *limits);

/* sk_inspector_edit(), or what stands for it in trials. */
typedef SkInspectResult *(*SkInspectorEditFunc)(const SkWireEdit *order,
                                                SkBytes message,
                                                const SkBudgetLimits *limits,
                                                SkEditOutcome *ret_outcome,
                                                SkMailCuts *ret_cuts);

/* What workers do. */
typedef struct {
    SkInspectorFunc inspect;
    SkInspectorEditFunc edit;
} SkInspectorWork;

typedef struct {
    uint64_t memory;      /* bytes above what a worker starts with */
    int64_t wall_ms;      /* of one job */
    int64_t cpu_ms;       /* of one job; the inspection itself stops earlier */
    uint32_t worker_jobs; /* then it is replaced */
    SkBudgetLimits budget;
} SkInspectorLimits;

/* One page that a worker shares with the master and with nobody else. */
typedef struct {
    _Atomic uint32_t job;           /* number of the job under way, 0: none */
    _Atomic uint32_t watched;       /* the master looks at `job` by itself */
    _Atomic uint32_t out_of_memory; /* why it is about to end */
    char trouble[256];              /* why it could not be locked down */
} SkInspectorBoard;

/* Where a worker has its connection, and the master's pipe. */
#define SK_INSPECTOR_JOB_FD  3
#define SK_INSPECTOR_WAKE_FD 4

/* Exit statuses. Those above 128 are 128 + the signal that would have killed it. */
#define SK_INSPECTOR_EXIT_PROTOCOL 65
#define SK_INSPECTOR_EXIT_LOCKDOWN 71

typedef struct {
    int job_fd;
    int wake_fd;
    pid_t master;
    SkInspectorBoard *board;
    const SkInspectorLimits *limits;
    const SkInspectorWork *work;
} SkInspectorBirth;

/* In the forked child. Closes every other descriptor, locks itself down, works, exits. */
void sk_inspector_worker_run(const SkInspectorBirth *birth) G_GNUC_NORETURN;
