/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-registry - what looks at hostile content in this version, one line a capability
 *
 * What it must load before an inspector is locked down, and how it looks at parts of a message.
 * The tables that capabilities keep are in engine-tables.
 *
 * Security: for inspectors only. Who links this links every parser of hostile bytes; the gate
 * and the command line must not (tools/check-links).
 */

#include "base/budget.h"
#include "mail/mail-walk.h"
#include "port/inspect.h"
#include "port/scan-now.h"

/* A check of content, as an inspector runs it over one message. */
typedef struct {
    void *(*begin)(SkBudget *budget, SkFindings *findings);
    /* One part; false: something in it could not be opened. */
    bool (*part)(void *check, const SkMailPart *part);
    /* One bare file, as if it were an attachment. NULL: the check has nothing to say of files.
     */
    void (*file)(void *check, const char *name, SkBytes bytes, SkInspectResult *result);
    void (*end)(void *check);
    /* Before the first part: TRY, which stays until the end, is tried on what is encrypted.
     * NULL: the check opens nothing. */
    void (*password)(void *check, SkInspectTry *try);
    /* Likewise: SCANNER looks at what the check unpacks. NULL: it unpacks nothing. */
    void (*scanner)(void *check, SkScanNow *scanner);
} SkContentCheck;

typedef struct {
    const char *name;              /* of the folder */
    bool (*prime)(void);           /* loads what is loaded lazily; NULL: nothing */
    const SkContentCheck *content; /* NULL: does not look at content */
} SkCapability;

/* Ends with one without a name. */
extern const SkCapability sk_engine_registry[];

/* Primes all: before the sandbox, in the thread that will inspect. False: a library is missing
 * or broken. */
bool sk_engine_prime(void);
