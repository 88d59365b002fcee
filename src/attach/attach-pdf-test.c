/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-pdf.h"

/* What must lead to a look at every object, and what must not. */
static const struct {
    const char *text;
    bool interesting;
} texts[] = {
    {"<</Type/Page/MediaBox[0 0 9 9]>>", false},
    {"<</S/Launch/F(a.exe)>>", true},
    {"<</Names<</EmbeddedFiles 5 0 R>>>>", true},
    {"<</Type/Filespec/F(a)>>", true},
    {"<</FS<</EF<</F 9 0 R>>>>>>", true},
    {"<</S/L#61unch>>", true},
    {"<</#4caunch 1>>", true},
    {"<</#4C#61#75#6E#63#68 1>>", true},
    {"/#45#6D#62#65#64#64#65#64#46#69#6C#65", true},
    {"<</Type/Obj#53tm>>", false},
    {"<</A#20name/B#23>>", false},
    {"/#", false},
    {"(not a name #61)", false},
    {"/Launc#", false},
    {"#61", false},
    {"<</S/JavaScript/JS(app.alert\\(1\\))>>", false},
    {"this.exportDataObject({nLaunch:2})", true},
    {"", false},
};

static void
test_interesting(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        size_t len = strlen(texts[i].text);
        g_autofree char *exact = g_memdup2(texts[i].text, len);

        g_test_message("%s", texts[i].text);
        g_assert_cmpint(sk_attach_pdf_is_interesting(sk_bytes(exact, len)), ==,
                        texts[i].interesting);
    }
}

static void
test_hides_objects(void)
{
    g_assert_true(sk_attach_pdf_hides_objects(sk_bytes("<</Type/Obj#53tm>>", 18)));
    g_assert_false(sk_attach_pdf_hides_objects(sk_bytes("<</Type/ObjStm/#41 1>>", 22)));
}

static void
test_describe(void)
{
    static const char *const pairs[][2] = {
        {"<</Filter/Standard/V 5/CF<</StdCF<</CFM/AESV3>>>>>>", "password, AES-256"},
        {"<</CF<</StdCF<</CFM/AESV2>>>>/Filter/Standard/V 4>>", "password, AES-128"},
        {"<</Filter/Standard/V 1/R 2>>", "password, RC4 40-bit"},
        {"<</Filter/Standard/V 2/R 3>>", "password, RC4"},
        {"nothing", "password"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++)
        g_assert_cmpstr(sk_attach_pdf_describe(sk_bytes(pairs[i][0], strlen(pairs[i][0]))), ==,
                        pairs[i][1]);
}

/* Many short lines of nothing cost much; one long one, or many with words, next to nothing. */
static void
test_may_search(void)
{
    static const struct {
        const char *unit;
        bool may;
    } files[] = {
        {"%\n", false},         {" \r", false}, {"\v\n", false},
        {"\n", false},          {" ", true},    {"1 0 obj << /A (%) >> endobj\n", true},
        {"trailer (\n", false}, {"%", true},    {"a%\n", true}};
    const size_t len = 100000;

    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree uint8_t *bytes = g_malloc(len);

        for (size_t at = 0; at < len; at++)
            bytes[at] = (uint8_t)files[i].unit[at % strlen(files[i].unit)];
        g_test_message("file of %s", files[i].unit);
        g_assert_cmpint(sk_attach_pdf_may_search(sk_bytes(bytes, len)), ==, files[i].may);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pdf/interesting", test_interesting);
    g_test_add_func("/pdf/hides-objects", test_hides_objects);
    g_test_add_func("/pdf/describe", test_describe);
    g_test_add_func("/pdf/may-search", test_may_search);
    return g_test_run();
}
