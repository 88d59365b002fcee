/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/json-out.h"

#include <jansson.h>
#include <string.h>

#include "base/limit.h"

/* What TEXT is as the only member of an object, read by somebody else's reader. */
static char *
text_back(const char *text)
{
    g_auto(SkJsonOut) out;
    g_autofree char *document = NULL;
    json_t *object;
    char *back;

    sk_json_out_init(&out);
    sk_json_out_open(&out, NULL, '{');
    sk_json_out_text(&out, "t", text);
    sk_json_out_close(&out, '}');
    document = sk_json_out_steal(&out);
    object = json_loads(document, JSON_REJECT_DUPLICATES, NULL);
    g_assert_nonnull(object);
    back = g_strdup(json_string_value(json_object_get(object, "t")));
    json_decref(object);
    return back;
}

static void
test_texts(void)
{
    static const char *const texts[][2] = {
        {"", ""},
        {"plain", "plain"},
        {"\"quoted\" and \\back\\", "\"quoted\" and \\back\\"},
        {"\\", "\\"},
        {"日本語", "日本語"},
        {"line\nend\ttab", "line\\x0aend\\x09tab"},
        {"not UTF-8: \xff\"", "not UTF-8: \\xff\""},
        {"\x7f", "\\x7f"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *back = text_back(texts[i][0]);

        g_assert_cmpstr(back, ==, texts[i][1]);
    }
}

static void
test_long_text(void)
{
    g_autofree char *text = g_strnfill(2 * SK_LIMIT_PASSAGE_TEXT, '"');
    g_autofree char *back = text_back(text);

    g_assert_cmpuint(strlen(back), ==, SK_LIMIT_PASSAGE_TEXT + strlen("…"));
    g_assert_true(g_str_has_suffix(back, "\"…"));
}

static void
test_structure(void)
{
    g_auto(SkJsonOut) out;
    g_autofree char *document = NULL;

    sk_json_out_init(&out);
    sk_json_out_open(&out, NULL, '{');
    sk_json_out_text(&out, "none", NULL);
    sk_json_out_int(&out, "min", INT64_MIN);
    sk_json_out_open(&out, "list", '[');
    sk_json_out_text(&out, NULL, "a");
    sk_json_out_open(&out, NULL, '{');
    sk_json_out_close(&out, '}');
    sk_json_out_open(&out, NULL, '[');
    sk_json_out_close(&out, ']');
    sk_json_out_close(&out, ']');
    sk_json_out_bool(&out, "yes", true);
    sk_json_out_bool(&out, "no", false);
    sk_json_out_close(&out, '}');
    document = sk_json_out_steal(&out);
    g_assert_cmpstr(
        document, ==,
        "{\"min\":-9223372036854775808,\"list\":[\"a\",{},[]],\"yes\":true,\"no\":false}");
}

static void
test_no_memory(void)
{
    g_auto(SkJsonOut) out;

    sk_json_out_init(&out);
    out.text.limit = 8;
    sk_json_out_open(&out, NULL, '{');
    sk_json_out_text(&out, "key", "value");
    sk_json_out_close(&out, '}');
    g_assert_null(sk_json_out_steal(&out));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json-out/texts", test_texts);
    g_test_add_func("/json-out/long-text", test_long_text);
    g_test_add_func("/json-out/structure", test_structure);
    g_test_add_func("/json-out/no-memory", test_no_memory);
    return g_test_run();
}
