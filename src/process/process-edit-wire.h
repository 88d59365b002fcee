/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-edit-wire - orders to change a message or to try a password on it, as frames
 *
 * Client to a fresh worker: an order; the message lies in a memfd that is sent along. Worker to
 * client: what came of it and where to cut, then its findings as a result (process-wire), which
 * ends the answer. Number 1 stands for the job on its connection.
 *
 * Limits: SK_EDIT_WIRE_ORDER_LIMIT, SK_EDIT_WIRE_ANSWER_LIMIT; SK_EDIT_WIRE_PARTS parts.
 * Errors: none; false for what is no order or answer.
 * Security: an answer may come from a worker that a message took over: cuts are believed only
 * in order and inside the message. Frames with a password are wiped by who holds them.
 */

#include "mail/mail-cut.h"
#include "process/process-edit.h"
#include "process/process-wire.h"

enum {
    SK_WIRE_EDIT = 16,
    SK_WIRE_EDITED = 17,
};

#define SK_EDIT_WIRE_PARTS        SK_LIMIT_FINDINGS
#define SK_EDIT_WIRE_NOTICE       (64 * SK_KIB)
#define SK_EDIT_WIRE_PASSWORD     1024
#define SK_EDIT_WIRE_ORDER_LIMIT  (512 * SK_KIB)
#define SK_EDIT_WIRE_ANSWER_LIMIT (SK_CUT_TEXT + SK_CUT_MAX * 20 + SK_KIB)

/* The job on a connection for an edit. */
#define SK_EDIT_WIRE_NUMBER 1

typedef struct {
    uint64_t size;  /* of the message */
    char *password; /* to be tried; NULL: parts are to be replaced */
    char **parts;   /* ends with NULL */
    char *notice;
    char *notice_name; /* or NULL */
} SkWireEdit;

/* ORDER, or PASSWORD. False: over a limit. */
bool sk_wire_put_edit(SkBuffer *out,
                      uint64_t size,
                      const SkStripOrder *order,
                      const char *password);
bool sk_wire_get_edit(SkBytes body, SkWireEdit *ret_edit);
/* Wipes the password. */
void sk_wire_edit_clear(SkWireEdit *edit);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkWireEdit, sk_wire_edit_clear)

bool sk_wire_put_edited(SkBuffer *out, SkEditOutcome outcome, const SkMailCuts *cuts);
/* SIZE: of the message. RET_CUTS is initialised, the caller's to clear. */
bool sk_wire_get_edited(SkBytes body,
                        uint64_t size,
                        SkEditOutcome *ret_outcome,
                        SkMailCuts *ret_cuts);
