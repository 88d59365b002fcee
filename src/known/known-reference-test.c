/* SPDX-License-Identifier: Apache-2.0 */
#include "known/known-reference.h"

#include <string.h>

typedef struct {
    const char *value;
    bool last_first;
    guint max;
    const char *ids; /* with blanks between */
} Case;

static const Case cases[] = {
    {" <a@x>", false, 10, "<a@x>"},
    {" <a@x>\r\n <b@x>\t<c@x>", false, 10, "<a@x> <b@x> <c@x>"},
    {" <a@x>\r\n <b@x>\t<c@x>", true, 10, "<c@x> <b@x> <a@x>"},
    {" <a@x> <b@x> <c@x>", true, 2, "<c@x> <b@x>"},
    {"<a@x><b@x>", false, 10, "<a@x> <b@x>"},
    {"Your message of Monday <a@x> (was: <b x>)", false, 10, "<a@x>"},
    {"a@x", false, 10, ""},
    {"<>", false, 10, ""},
    {"<a@x", false, 10, ""},
    {"<<a@x>>", false, 10, "<a@x>"},
    {"<\xe3\x81\x82@x> <b@x>", false, 10, "<b@x>"},
    {"", true, 10, ""},
};

static char *
read(const Case *one)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    size_t len = strlen(one->value);
    /* Exactly as large as it is, so that reading beyond it is seen. */
    g_autofree char *copy = g_memdup2(one->value, len);

    sk_known_references(sk_bytes(copy, len), one->last_first, one->max, ids);
    g_ptr_array_add(ids, NULL);
    return g_strjoinv(" ", (char **)ids->pdata);
}

static void
test_cases(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *ids = read(&cases[i]);

        g_assert_cmpstr(ids, ==, cases[i].ids);
    }
}

static void
test_long(void)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *fill = g_strnfill(SK_KNOWN_ID_MAX, 'a');
    g_autofree char *value = g_strdup_printf("<%s> <b@x>", fill);

    sk_known_references(sk_bytes(value, strlen(value)), false, 10, ids);
    g_assert_cmpuint(ids->len, ==, 1);
    g_assert_cmpstr(ids->pdata[0], ==, "<b@x>");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/known/reference/cases", test_cases);
    g_test_add_func("/known/reference/long", test_long);
    return g_test_run();
}
