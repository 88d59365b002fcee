/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * json-out - writes a JSON document straight into a buffer
 *
 * For the one document that is written with each message: a tree of it in memory took most of
 * the time of its row. Keys are ours and are written as they are. In an object each value has a
 * key, in an array none (NULL).
 *
 * Limits: texts are cut at SK_LIMIT_PASSAGE_TEXT bytes.
 * Errors: when memory is out the buffer is `full` at the end, whatever was written in between.
 * Security: texts pass sk_text_safe(), so that the document is always valid UTF-8 and valid
 * JSON.
 */

#include "base/buffer.h"

typedef struct {
    SkBuffer text;
    bool comma; /* something stands before */
} SkJsonOut;

void sk_json_out_init(SkJsonOut *out);
void sk_json_out_clear(SkJsonOut *out);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkJsonOut, sk_json_out_clear)

/* BRACKET is '{' or '['; each is closed with its own '}' or ']'. */
void sk_json_out_open(SkJsonOut *out, const char *key, char bracket);
void sk_json_out_close(SkJsonOut *out, char bracket);
/* Nothing for NULL. */
void sk_json_out_text(SkJsonOut *out, const char *key, const char *text);
void sk_json_out_int(SkJsonOut *out, const char *key, int64_t value);
void sk_json_out_bool(SkJsonOut *out, const char *key, bool value);
/* The document, NUL-terminated, caller owns, g_free(); NULL when memory was out. */
char *sk_json_out_steal(SkJsonOut *out);
