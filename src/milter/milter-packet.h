/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * milter-packet - the packets of the milter protocol: length, command, data
 *
 * Reads and writes single packets; what may follow what is the session's business. Reading
 * copies nothing: results lie in the bytes given.
 *
 * Limits: SK_LIMIT_MILTER_PACKET bytes a packet.
 * Security: every reader is strict: data that is missing, left over or not terminated makes the
 * packet malformed.
 * Standards: the Sendmail milter protocol, version 6 (libmilter/mfdef.h names the numbers).
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"

/* Bytes before the data of a packet: the length (4, network order, counts what follows it) and
 * the command. */
#define SK_MILTER_HEAD 5

#define SK_MILTER_VERSION 6

typedef enum {
    SK_MILTER_ABORT = 'A',
    SK_MILTER_BODY = 'B',
    SK_MILTER_CONNECT = 'C',
    SK_MILTER_MACRO = 'D',
    SK_MILTER_END = 'E',
    SK_MILTER_HELO = 'H',
    SK_MILTER_QUIT_NC = 'K', /* a new SMTP client on the same socket */
    SK_MILTER_HEADER = 'L',
    SK_MILTER_MAIL = 'M',
    SK_MILTER_EOH = 'N',
    SK_MILTER_NEGOTIATE = 'O',
    SK_MILTER_QUIT = 'Q',
    SK_MILTER_RCPT = 'R',
    SK_MILTER_DATA = 'T',
    SK_MILTER_UNKNOWN = 'U',
} SkMilterCommand;

typedef enum {
    SK_MILTER_SAYS_ACCEPT = 'a',
    SK_MILTER_SAYS_CONTINUE = 'c',
    SK_MILTER_SAYS_DISCARD = 'd',
    SK_MILTER_SAYS_INSERT = 'i',
    SK_MILTER_SAYS_CHANGE = 'm',
    SK_MILTER_SAYS_SKIP = 's',
    SK_MILTER_SAYS_REPLY = 'y',
} SkMilterAnswer;

/* What a filter may do (SMFIF_*). */
enum {
    SK_MILTER_MAY_ADD = 1 << 0,
    SK_MILTER_MAY_CHANGE = 1 << 4,
    SK_MILTER_MAY_SET_MACROS = 1 << 8,
};

/* Steps left out, and steps without an answer (SMFIP_*). */
enum {
    SK_MILTER_NR_HEADER = 1 << 7,
    SK_MILTER_NO_UNKNOWN = 1 << 8,
    SK_MILTER_NO_DATA = 1 << 9,
    SK_MILTER_CAN_SKIP = 1 << 10,
    SK_MILTER_NR_CONNECT = 1 << 12,
    SK_MILTER_NR_HELO = 1 << 13,
    SK_MILTER_NR_MAIL = 1 << 14,
    SK_MILTER_NR_RCPT = 1 << 15,
    SK_MILTER_NR_DATA = 1 << 16,
    SK_MILTER_NR_UNKNOWN = 1 << 17,
    SK_MILTER_NR_EOH = 1 << 18,
    SK_MILTER_NR_BODY = 1 << 19,
    SK_MILTER_LEADING_SPACE = 1 << 20, /* header values come with their leading blanks */
};

typedef struct {
    SkMilterCommand command;
    size_t size; /* of the data */
} SkMilterHead;

/* Reads the head of a packet from the SK_MILTER_HEAD bytes at the front of IN. NULL, or what is
 * wrong with it. */
const char *sk_milter_head_read(SkBytes in, SkMilterHead *ret_head);

/* Takes a NUL-terminated string off the front of DATA; the NUL is behind *ret_text. */
bool sk_milter_string_take(SkBytes *data, SkBytes *ret_text);

typedef struct {
    SkBytes name;
    SkBytes value;
} SkMilterPair;

/* Takes two strings: a macro and its value, a header field and its value. */
bool sk_milter_pair_take(SkBytes *data, SkMilterPair *ret_pair);

typedef struct {
    uint32_t version;
    uint32_t actions;
    uint32_t protocol;
} SkMilterOffer;

/* What the peer offers, or is answered; what follows the three numbers is ignored. */
bool sk_milter_offer_read(SkBytes data, SkMilterOffer *ret_offer);

typedef struct {
    SkBytes name;
    char family; /* '4', '6', 'L', or 'U', which has no address */
    SkBytes address;
} SkMilterPeer;

bool sk_milter_peer_read(SkBytes data, SkMilterPeer *ret_peer);

typedef struct {
    SkBytes address; /* without its angle brackets */
    SkBytes args;    /* strings, each with its NUL */
} SkMilterAddress;

/* The data of MAIL and RCPT. */
bool sk_milter_address_read(SkBytes data, SkMilterAddress *ret_address);

/* Appends a packet whose data are the N PARTS after each other. False when OUT is full. */
bool sk_milter_packet_append(SkBuffer *out, char command, const SkBytes *parts, size_t n);
/* Appends a packet without data. */
bool sk_milter_packet_append_bare(SkBuffer *out, char command);
