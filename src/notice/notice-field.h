/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * notice-field - header fields of messages that we write ourselves
 *
 * Limits: texts are cut at SK_NOTICE_FIELD_TEXT bytes, at a character.
 * Errors: none. Security: values are foreign; no line end of theirs survives.
 * Standards: RFC 5322 2.2.3, 3.3, 3.6.4; RFC 2047 2, 5; RFC 6532 for addresses.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define SK_NOTICE_FIELD_TEXT 300

/* Ours: nothing is done to VALUE. */
void sk_notice_field(GString *out, const char *name, const char *value);
/* Any text, in encoded words if it must be. */
void sk_notice_field_text(GString *out, const char *name, const char *text);
/* Nothing for what is no Message-ID. */
void sk_notice_field_id(GString *out, const char *name, const char *id);
void sk_notice_field_date(GString *out, const char *name, int64_t time_us, GTimeZone *zone);

typedef struct {
    const char *id;        /* of the Message-ID */
    const char *from;      /* our address, with our name before it */
    const char *to;        /* both fit fields: sk_notice_is_address() */
    const char *reply_to;  /* or NULL */
    const char *answers;   /* or NULL */
    const char *subject;   /* any text */
    const char *submitted; /* of Auto-Submitted: "auto-generated" */
    int64_t now_us;
    GTimeZone *zone;
} SkNoticeHead;
/* The fields every message of ours has, up to MIME-Version. */
void sk_notice_field_head(GString *out, const SkNoticeHead *head);
