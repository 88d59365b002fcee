/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "web/web-form.h"

#include <stdbool.h>
#include <string.h>

struct SkWebForm {
    unsigned n;
    struct {
        char *name, *value;
    } fields[SK_WEB_FORM_FIELDS];
};

static void
wipe(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    g_free(text);
}

/* The byte that "%41" at AT stands for; -1: it is no escape. */
static int
unescape(SkBytes text, size_t at)
{
    int high = g_ascii_xdigit_value((char)sk_bytes_u8(text, at + 1));
    int low = g_ascii_xdigit_value((char)sk_bytes_u8(text, at + 2));

    return high >= 0 && low >= 0 ? high << 4 | low : -1;
}

/* NULL: it cannot be a text of ours. The length of the result is at most that of TEXT. */
static char *
decode(SkBytes text)
{
    char *out = g_malloc(text.len + 1);
    size_t len = 0;
    bool ok = true;

    for (size_t i = 0; i < text.len && ok; i++) {
        int c = sk_bytes_u8(text, i);

        if (c == '%') {
            c = unescape(text, i);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        ok = c > 0;
        out[len++] = (char)c;
    }
    out[len] = '\0';
    if (ok && g_utf8_validate(out, (gssize)len, NULL))
        return out;
    explicit_bzero(out, len);
    g_free(out);
    return NULL;
}

static bool
add(SkWebForm *form, SkBytes field)
{
    size_t equals = sk_bytes_find(field, "=", 1, 0);
    char *name, *value;

    if (form->n == SK_WEB_FORM_FIELDS)
        return false;
    name = decode(sk_bytes_slice(field, 0, equals));
    value = decode(equals != SK_BYTES_NONE ? sk_bytes_from(field, equals + 1)
                                           : sk_bytes_slice(field, 0, 0));
    if (name != NULL && value != NULL && sk_web_form_peek(form, name) == NULL) {
        form->fields[form->n].name = name;
        form->fields[form->n++].value = value;
        return true;
    }
    wipe(name);
    wipe(value);
    return false;
}

SkWebForm *
sk_web_form_parse(SkBytes text)
{
    g_autoptr(SkWebForm) form = g_new0(SkWebForm, 1);
    size_t at = 0;

    while (at < text.len) {
        size_t end = sk_bytes_find(text, "&", 1, at);
        SkBytes field = sk_bytes_slice(text, at, end != SK_BYTES_NONE ? end - at : UINT64_MAX);

        if (field.len > 0 && !add(form, field))
            return NULL;
        at += field.len + 1;
    }
    return g_steal_pointer(&form);
}

void
sk_web_form_free(SkWebForm *form)
{
    if (form == NULL)
        return;
    for (unsigned i = 0; i < form->n; i++) {
        wipe(form->fields[i].name);
        wipe(form->fields[i].value);
    }
    g_free(form);
}

const char *
sk_web_form_peek(const SkWebForm *form, const char *name)
{
    for (unsigned i = 0; form != NULL && i < form->n; i++) {
        if (strcmp(form->fields[i].name, name) == 0)
            return form->fields[i].value;
    }
    return NULL;
}
