/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hold-ticket - the field by which the gate recognises mail that the clerk releases
 *
 *     X-Sekisho-Release: copy=01kaj…-2; claim=8713; mac=<64 hexadecimal digits>
 *     X-Sekisho-Release: notice=01kak…; mac=<64 hexadecimal digits>
 *
 * Whoever reaches the release listener without one is refused; with one whose claim has ended,
 * told to come later. The key is a file of gate and clerk. A notice has no lease: it may be
 * sent twice, with the same Message-ID.
 *
 * And the other way: what the gate found anew in a released mail travels in its SMTP answer.
 *
 * Limits: SK_TICKET_MAX bytes a value.
 * Errors: none.
 * Security: HMAC-SHA-256, compared in constant time; the value is foreign until then.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define SK_TICKET_FIELD   "X-Sekisho-Release"
#define SK_TICKET_KEY_LEN 32
#define SK_TICKET_MAX     200
/* In the gate's answer to whoever has no ticket: the clerk never has its mail returned for it.
 */
#define SK_TICKET_STRANGER "Only held mail is taken here, from the clerk"

typedef struct {
    char id[32]; /* of the copy, or of the notice */
    bool notice;
    int64_t claim; /* of a copy */
} SkTicket;

/* TEXT: of the file [hold] release_key: 64 hexadecimal digits and a line end. */
bool sk_ticket_key_parse(SkBytes text, uint8_t ret_key[SK_TICKET_KEY_LEN]);
/* The value of the field. Caller owns. */
char *sk_ticket_write(const SkTicket *ticket, const uint8_t key[SK_TICKET_KEY_LEN]);
/* False: not written with KEY. */
bool sk_ticket_read(SkBytes value, const uint8_t key[SK_TICKET_KEY_LEN], SkTicket *ret_ticket);

/* "554 5.7.0 [ID] sekisho-release waits=8 review=2 …": what the copy has to wait for now.
 * Caller owns. WAITS 0: it is refused. */
char *sk_ticket_refusal_write(const char *passage, unsigned waits, unsigned review);
/* From an SMTP answer of the release listener; false: another kind of answer. */
bool sk_ticket_refusal_read(const char *smtp, unsigned *ret_waits, unsigned *ret_review);
