/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-desk-private - the verbs of the desk, for clerk-desk-answer, which knows who may ask
 * for which
 *
 * Each fills in ANSWER, which came as OK; false: trouble of ours. TOKEN is that of a question
 * by token; C and its copies are what is asked about, as they were before.
 */

#include "clerk/clerk-case.h"
#include "clerk/clerk-desk-answer.h"
#include "clerk/clerk-stop.h"

#define SK_DESK_TRIES_MAX     20 /* passwords for one copy */
#define SK_DESK_TRIES_AT_ONCE 5  /* wrong ones, then one in SK_DESK_PAUSE_US */
#define SK_DESK_PAUSE_US      (600 * INT64_C(1000000))

typedef struct {
    const SkDeskWorld *world;
    const SkDeskQuestion *question;
    const SkHoldToken *token; /* NULL: an operator asks */
    SkClerkCase *c;
    const char *by; /* in whose name, for people */
    SkDeskAnswer *answer;
} SkDeskCall;

/* Sets result and the sentence that goes with it; always true, to be returned. */
bool sk_clerk_desk_say(SkDeskCall *call, SkDeskResult result, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

typedef bool (*SkDeskVerbFunc)(SkDeskCall *call, GError **error);

/* clerk-desk-token.c */
bool sk_clerk_desk_stop(SkDeskCall *call, GError **error);
bool sk_clerk_desk_ask(SkDeskCall *call, GError **error);
/* clerk-desk-password.c */
bool sk_clerk_desk_password(SkDeskCall *call, GError **error);
/* clerk-desk-operator.c */
bool sk_clerk_desk_release(SkDeskCall *call, GError **error);
bool sk_clerk_desk_confirm(SkDeskCall *call, GError **error);
bool sk_clerk_desk_return(SkDeskCall *call, GError **error);
bool sk_clerk_desk_content(SkDeskCall *call, GError **error);
/* clerk-desk-list.c */
bool sk_clerk_desk_list(SkDeskCall *call, GError **error);
bool sk_clerk_desk_show(SkDeskCall *call, GError **error);
/* clerk-desk-person.c */
bool sk_clerk_desk_person(SkDeskCall *call, GError **error);
/* clerk-desk-approve.c */
bool sk_clerk_desk_approve(SkDeskCall *call, GError **error);
/* Whether ADDRESS is an administrator's. */
bool sk_clerk_desk_is_admin(const SkDeskCall *call, const char *address);
/* Whether ADDRESS is one of those who approve COPY; RET_MAY. */
bool sk_clerk_desk_is_approver(const SkDeskCall *call,
                               const SkHeldCopy *copy,
                               const char *address,
                               bool *ret_may,
                               GError **error);
