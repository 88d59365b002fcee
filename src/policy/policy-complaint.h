/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-complaint - what is wrong with a policy, collected while it is read
 *
 * Limits: reading stops after SK_COMPLAINTS_MAX errors.
 */

#include "base/bytes.h"
#include "policy/policy.h"

#define SK_COMPLAINTS_MAX 20

/* On the reader's stack; everything in it is borrowed. */
typedef struct {
    const char *file;
    GPtrArray *list; /* of SkComplaint; NULL: nobody listens */
    unsigned errors;
    unsigned line; /* the one being read */
    bool observed; /* its rule only observes */
    bool stored;   /* FILE is no file */
    SkBytes source;
} SkComplaints;

/* AT is an offset in the line being read. */
void sk_complaints_add(SkComplaints *complaints,
                       SkComplaintGrade grade,
                       size_t at,
                       const char *format,
                       ...) G_GNUC_PRINTF(4, 5);
