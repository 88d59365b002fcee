/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/finding-words.h"

/* Whoever adds a finding adds the words for it. */
static void
test_all_are_translated(void)
{
    for (unsigned id = 0; id < SK_N_FINDINGS; id++) {
        const char *ja = sk_finding_words((SkFindingId)id, "ja");

        g_test_message("%s", sk_finding_id_name((SkFindingId)id));
        g_assert_cmpstr(ja, !=, sk_finding_id_meaning((SkFindingId)id));
        g_assert_true(g_utf8_validate(ja, -1, NULL));
    }
}

static void
test_languages(void)
{
    g_assert_cmpstr(sk_finding_words(SK_FINDING_ATTACH_ENCRYPTED_ZIP, "ja"), ==,
                    "パスワード付き ZIP です");
    g_assert_cmpstr(sk_finding_words(SK_FINDING_ATTACH_ENCRYPTED_ZIP, "en"), ==,
                    "a ZIP archive that needs a password");
    g_assert_cmpstr(sk_finding_words(SK_FINDING_ATTACH_ENCRYPTED_ZIP, ""), ==,
                    "a ZIP archive that needs a password");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/finding-words/all-are-translated", test_all_are_translated);
    g_test_add_func("/finding-words/languages", test_languages);
    return g_test_run();
}
