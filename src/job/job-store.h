/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * job-store - work that is due at a time, claimed by one program with a lease (database keep)
 *
 * A job waits until it is due; a program claims it and has it for itself until its lease ends;
 * then it is anybody's again. Each claim has a number, and every change of the job names it:
 * a program that was frozen and wakes up holds an old number and cannot change anything. What
 * a job does to the database happens in the transaction that finishes the job, so it happens
 * exactly once; what it does to the rest of the world happens at least once.
 *
 * Limits: SK_JOB_TRIES failures, then a job is given up: it stays, with its last error, until
 * retention takes it. Payloads of SK_JOB_PAYLOAD_MAX bytes.
 * Errors: those of port/db.h. CONFLICT from hold, finish and the others that take a job: the
 * lease is lost, somebody else has it or had it; nothing may be written.
 */

#include "port/tables.h"

#define SK_JOB_TRIES       12
#define SK_JOB_PAYLOAD_MAX (64 * 1024)

extern const SkTables sk_job_tables;

/* Copies, freed with sk_job_free(). */
typedef struct {
    char *id;      /* text of the adder's choice, unique: what makes adding twice harmless */
    char *kind;    /* which duty does it */
    char *payload; /* of the kind's own form, or NULL */
    int64_t due_us;
    unsigned tries;         /* failures so far, leases that ended by themselves included */
    int64_t claim;          /* number of this claim */
    int64_t lease_until_us; /* by sk_db_now_us() */
} SkJob;

void sk_job_free(SkJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkJob, sk_job_free)

/* In the caller's transaction, if there is one: the job is there when that is committed. One of
 * the same id is left as it is. */
bool sk_job_add(SkDb *keep,
                const char *id,
                const char *kind,
                const char *payload,
                int64_t due_us,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* One of the same id becomes due then, if that is earlier and nobody is at it; one that was
 * given up begins anew. */
bool sk_job_hasten(SkDb *keep, const char *id, int64_t due_us, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Claims at most N due jobs of KIND, the longest due first, in a transaction of its own.
 * HOLDER says who, for people ("sekisho-clerk host 4711"). RET_JOBS (of SkJob) is the
 * caller's; empty: nothing is due. */
bool sk_job_claim(SkDb *keep,
                  const char *kind,
                  const char *holder,
                  int64_t lease_us,
                  unsigned n,
                  GPtrArray **ret_jobs,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* When the next job of KIND can be claimed; INT64_MAX: there is none. */
bool sk_job_next_due(SkDb *keep, const char *kind, int64_t *ret_due_us, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* In a transaction of the caller's: sees to it that the lease is still ours until its commit
 * (the row is locked). To be called first in each transaction that a job writes in. */
bool sk_job_hold(SkDb *keep, const SkJob *job, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The lease ends LEASE_US from now. */
bool sk_job_renew(SkDb *keep, SkJob *job, int64_t lease_us, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Done: the job is gone. Best in the transaction of its effect. */
bool sk_job_finish(SkDb *keep, const SkJob *job, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Done for this time: it is due again then, with PAYLOAD, and no failures. */
bool sk_job_repeat(SkDb *keep,
                   const SkJob *job,
                   const char *payload,
                   int64_t due_us,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Failed: due again at RETRY_US, or given up. WHY is kept for people. */
bool sk_job_fail(SkDb *keep,
                 const SkJob *job,
                 const char *why,
                 int64_t retry_us,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How many, for `store status`. */
typedef struct {
    int64_t waiting; /* due later */
    int64_t due;     /* due, nobody is at it */
    int64_t leased;
    int64_t given_up;
    int64_t oldest_due_us; /* of the due ones; 0: none */
} SkJobCounts;
bool sk_job_count(SkDb *keep,
                  SkJobCounts *ret_counts,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
