/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * text - foreign text made fit to be shown, and small tools for our own
 *
 * Security: what comes out of sk_text_safe() has no control characters, no bidirectional
 * controls, no invalid UTF-8: it cannot forge a log line, a terminal escape or a shown name.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Valid UTF-8 of at most MAX bytes (cut between characters, "…" at the end then). What is not
 * UTF-8 or is a control becomes \xNN or \u{NNNN}. Caller owns. */
char *sk_text_safe(SkBytes foreign, size_t max);

/* In printable ASCII only, a "?" for each other character or byte: for SMTP replies. */
char *sk_text_ascii(const char *foreign, size_t max);

/* In double quotes, with quote and backslash escaped, through sk_text_safe: for logs. */
char *sk_text_quote(const char *foreign);

/* Lower-case hexadecimal. Caller owns. */
char *sk_text_hex(const uint8_t *data, size_t n);

/* The domain of an address, borrowed, or NULL: what follows the last "@". */
const char *sk_text_domain_peek(const char *address);

/* Whole text as a decimal number in MIN..MAX. */
bool sk_text_to_int(const char *text, int64_t min, int64_t max, int64_t *ret_value);
/* "5m": digits and one of s m h d, in seconds. */
bool sk_text_to_seconds(const char *text, int64_t *ret_seconds);
/* "10M": digits and optionally one of k M G (times 1024), in bytes. */
bool sk_text_to_size(const char *text, uint64_t *ret_bytes);
