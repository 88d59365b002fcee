/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * passage-json - a passage as one JSON document, and back
 *
 * The form is described in doc/schemata.md. What has its plain value (no text, no, zero, an
 * empty list) is left out, so that the document of a delivered mail is short.
 *
 * Limits: texts are cut at SK_LIMIT_PASSAGE_TEXT bytes.
 * Errors: LIMIT when memory is out; PROTOCOL for a document that is none of ours, or of a newer
 * version.
 * Security: every text passes sk_text_safe(), so that no message can keep its row from being
 * written (JSON has no place for invalid UTF-8) and what is read back can be shown.
 */

#include "ledger/passage.h"

#define SK_PASSAGE_JSON_VERSION 1

/* Caller owns, g_free(). */
char *sk_passage_json_new(const SkPassage *passage, GError **error) G_GNUC_WARN_UNUSED_RESULT;
SkPassage *sk_passage_json_read(const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
