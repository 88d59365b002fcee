/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * log - one writer: a line of key=value to standard error
 *
 * journald and syslog add time and host. Words of ours are in MESSAGE; everything foreign goes
 * through fields, where it is quoted. Programs (ring 4) and composition (ring 3) log; what is
 * below returns errors instead.
 *
 * Security: never bodies, passwords, tokens, link ids, keys.
 */

#include <glib.h>
#include <stdbool.h>

typedef enum {
    SK_LOG_CRITICAL, /* somebody must act */
    SK_LOG_WARNING,  /* something is wrong, we went on; the text says how */
    SK_LOG_INFO,     /* what happened: one line a message */
    SK_LOG_DEBUG,    /* for us */
} SkLogLevel;

/* Names the program in each line; to be called once, by main(). DEBUG shows debug lines. */
void sk_log_open(const char *program, bool debug);

/* One line: MESSAGE, then NULL-terminated pairs of field name and value; a NULL value leaves
 * the pair out. sk_log(SK_LOG_INFO, "passage", "id", id, "from", from, NULL) */
void sk_log(SkLogLevel level, const char *message, ...) G_GNUC_NULL_TERMINATED;

/* A line that says what failed: MESSAGE and error="…" */
void sk_log_error(SkLogLevel level, const char *message, const GError *error);

/* "name=value" appended to LINE, quoted where it must be. For callers who build a line. */
void sk_log_field(GString *line, const char *name, const char *value);
