/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/json-out.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limit.h"
#include "base/text.h"

/* No database takes a longer text. */
#define LIMIT_DOCUMENT SK_GIB

void
sk_json_out_init(SkJsonOut *out)
{
    *out = (SkJsonOut){0};
    sk_buffer_init(&out->text, LIMIT_DOCUMENT);
}

void
sk_json_out_clear(SkJsonOut *out)
{
    sk_buffer_clear(&out->text);
}

static void
put(SkJsonOut *out, const char *text, size_t n)
{
    (void)sk_buffer_append(&out->text, text, n);
}

/* What stands before a value. */
static void
lead(SkJsonOut *out, const char *key)
{
    if (out->comma)
        put(out, ",", 1);
    out->comma = true;
    if (key == NULL)
        return;
    put(out, "\"", 1);
    put(out, key, strlen(key));
    put(out, "\":", 2);
}

void
sk_json_out_open(SkJsonOut *out, const char *key, char bracket)
{
    lead(out, key);
    put(out, &bracket, 1);
    out->comma = false;
}

void
sk_json_out_close(SkJsonOut *out, char bracket)
{
    put(out, &bracket, 1);
    out->comma = true;
}

static bool
is_plain(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] < 0x20 || text[i] > 0x7e)
            return false;
    }
    return len <= SK_LIMIT_PASSAGE_TEXT;
}

/* Safe text has no control characters: two characters are left that JSON escapes. */
static void
put_escaped(SkJsonOut *out, const char *text)
{
    size_t n;

    for (; *text != '\0'; text += n) {
        n = strcspn(text, "\"\\");
        put(out, text, n);
        if (text[n] == '\0')
            return;
        put(out, "\\", 1);
        put(out, text + n, 1);
        n++;
    }
}

void
sk_json_out_text(SkJsonOut *out, const char *key, const char *text)
{
    g_autofree char *safe = NULL;
    size_t len;

    if (text == NULL)
        return;
    len = strlen(text);
    if (!is_plain(text, len))
        safe = sk_text_safe(sk_bytes(text, len), SK_LIMIT_PASSAGE_TEXT);
    lead(out, key);
    put(out, "\"", 1);
    put_escaped(out, safe != NULL ? safe : text);
    put(out, "\"", 1);
}

void
sk_json_out_int(SkJsonOut *out, const char *key, int64_t value)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%" PRId64, value);

    lead(out, key);
    put(out, digits, (size_t)n);
}

void
sk_json_out_bool(SkJsonOut *out, const char *key, bool value)
{
    lead(out, key);
    put(out, value ? "true" : "false", value ? 4 : 5);
}

char *
sk_json_out_steal(SkJsonOut *out)
{
    char *document;

    put(out, "", 1);
    if (out->text.full)
        return NULL;
    document = (char *)out->text.data;
    sk_json_out_init(out);
    return document;
}
