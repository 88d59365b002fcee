/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-crypt.h"

#include <glib.h>

#include "attach/attach-agile.h"

static SkBudget
make_budget(int64_t cpu_ms)
{
    SkBudgetLimits limits = sk_budget_limits_default();
    SkBudget budget;

    limits.cpu_ms = cpu_ms;
    sk_budget_init(&budget, &limits);
    return budget;
}

static size_t
unhex(const char *hex, uint8_t *out)
{
    size_t n = strlen(hex) / 2;

    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(g_ascii_xdigit_value(hex[i * 2]) << 4 |
                           g_ascii_xdigit_value(hex[i * 2 + 1]));
    return n;
}

/* The known answer of the cipher's first publication. */
static void
test_rc4(void)
{
    static const uint8_t want[] = {0xBB, 0xF3, 0x16, 0xE8, 0xD9, 0x40, 0xAF, 0x0A, 0xD3};
    uint8_t out[9];
    SkAttachRc4 rc4;

    sk_attach_rc4_init(&rc4, (const uint8_t *)"Key", 3);
    sk_attach_rc4_apply(&rc4, (const uint8_t *)"Plaintext", out, sizeof out);
    g_assert_cmpmem(out, sizeof out, want, sizeof want);
    sk_attach_rc4_init(&rc4, (const uint8_t *)"Key", 3);
    sk_attach_rc4_skip(&rc4, 4);
    sk_attach_rc4_apply(&rc4, (const uint8_t *)"ntext", out, 5);
    g_assert_cmpmem(out, 5, want + 4, 5);
}

/* 9A0A is the verifier of Excel's default password in every workbook that has it. */
static void
test_xor(void)
{
    uint8_t array[16], want[16];

    g_assert_cmphex(sk_attach_xor_verifier(SK_ATTACH_EXCEL_PASSWORD), ==, 0x9A0A);
    g_assert_cmphex(sk_attach_xor_key(SK_ATTACH_EXCEL_PASSWORD), ==, 0xB359);
    g_assert_cmphex(sk_attach_xor_key("a"), ==, 0x9D77);
    g_assert_cmphex(sk_attach_xor_verifier("a"), ==, 0xCE88);
    sk_attach_xor_array(SK_ATTACH_EXCEL_PASSWORD, array);
    g_assert_cmpuint(unhex("876b9ae21ee305621e699660986e9404", want), ==, 16);
    g_assert_cmpmem(array, 16, want, 16);
}

/* Descriptions under Excel's default password, of tests/corpus/make-document-cases.py. */
static const struct {
    const char *how;
    const char *hex;
} infos[] = {
    {"RC4, 40-bit",
     "01000100101112131415161718191a1b1c1d1e1f9948c2016001bcd648a29580d7f784eba77c7b29"
     "dc7f83a72e245554a81ef0f7"},
    {"RC4, CryptoAPI",
     "04000200040000002000000004000000000000000168000004800000280000000100000000000000"
     "0000000010000000101112131415161718191a1b1c1d1e1fc6c0ba4116711b7fe33199dac5eff4bb"
     "14000000988ff8777547d3e964bd81bd44a9c7429baefa29"},
    {"RC4, CryptoAPI",
     "04000200040000002000000004000000000000000168000004800000800000000100000000000000"
     "0000000010000000101112131415161718191a1b1c1d1e1f14f56f76817521bd880c6bede13f652c"
     "14000000e4d4228c9b333e69a6cce49689adfc8bb5834f60"},
    {"standard encryption, AES-128",
     "04000200240000002000000024000000000000000e66000004800000800000001800000000000000"
     "0000000010000000101112131415161718191a1b1c1d1e1f805db6a600a751025ff30419a6f0027d"
     "1400000054d08a8d7befc4a3724828a929bb6c89f5aba63e71935f1b8e7672369bfc7bc9"},
};

static void
test_verifiers(void)
{
    SkBudget budget = make_budget(60000);

    for (size_t i = 0; i < G_N_ELEMENTS(infos); i++) {
        g_autofree uint8_t *info = g_malloc(strlen(infos[i].hex) / 2);
        size_t n = unhex(infos[i].hex, info);
        SkAttachVerifier v = sk_attach_verifier_read(sk_bytes(info, n));

        g_assert_cmpstr(v.how, ==, infos[i].how);
        g_assert_true(sk_attach_verifier_matches(&v, &budget, SK_ATTACH_EXCEL_PASSWORD));
        g_assert_false(sk_attach_verifier_matches(&v, &budget, "velvetsweatshop"));
        info[n - 1] ^= 1;
        if (!v.aes) /* the last bytes of an AES value are padding */
            g_assert_false(sk_attach_verifier_matches(&v, &budget, SK_ATTACH_EXCEL_PASSWORD));
    }
}

/* No length makes a description readable that is not all there. */
static void
test_cut_verifiers(void)
{
    SkBudget budget = make_budget(60000);

    for (size_t i = 0; i < G_N_ELEMENTS(infos); i++) {
        uint8_t whole[256];
        size_t n = unhex(infos[i].hex, whole);

        for (size_t len = 0; len < n; len++) {
            g_autofree uint8_t *exact = g_memdup2(whole, len);
            SkAttachVerifier v = sk_attach_verifier_read(sk_bytes(exact, len));

            g_assert_false(sk_attach_verifier_matches(&v, &budget, SK_ATTACH_EXCEL_PASSWORD));
        }
    }
}

/* Ten million rounds are allowed by the standard; the budget ends them. */
static void
test_time(void)
{
    SkBudget budget = make_budget(20);
    SkAttachHash hash;

    g_assert_false(sk_attach_hash_password(&budget, "SHA512", sk_bytes("salt", 4), "password",
                                           SK_ATTACH_CRYPT_MAX_SPINS, &hash));
    g_assert_cmpint(budget.spent, ==, SK_BUDGET_TIME);
    budget = make_budget(60000);
    g_assert_false(sk_attach_hash_password(&budget, "SHA512", sk_bytes("salt", 4), "password",
                                           SK_ATTACH_CRYPT_MAX_SPINS + 1, &hash));
    g_assert_cmpint(budget.spent, ==, SK_BUDGET_OK);
    g_assert_false(
        sk_attach_hash_password(&budget, "NONE", sk_bytes("salt", 4), "password", 1, &hash));
}

#define KEY_DATA                                                                               \
    "keyBits=\"256\" cipherAlgorithm=\"AES\" cipherChaining=\"ChainingModeCBC\" "              \
    "hashAlgorithm=\"SHA512\" saltValue=\"AAAAAAAAAAAAAAAAAAAAAA==\""

static void
test_agile_lies(void)
{
    static const char *const xmls[] = {
        "<e><keyData " KEY_DATA "/><encryptedKey spinCount=\"1\" " KEY_DATA "/></e>",
        "<e><keyData " KEY_DATA "/><encryptedKey spinCount=\"99999999999999\" " KEY_DATA
        " encryptedVerifierHashInput=\"AAAAAAAAAAAAAAAAAAAAAA==\"/></e>",
        "<e><encryptedKey encryptedKeyValue=\"====\" saltValue=\"A\"/></e>",
        "<e/>",
    };
    SkBudget budget = make_budget(60000);
    SkAttachAgile agile;

    for (size_t i = 0; i < G_N_ELEMENTS(xmls); i++) {
        g_assert_true(sk_attach_agile_read(sk_bytes(xmls[i], strlen(xmls[i])), &agile));
        g_assert_false(sk_attach_agile_matches(&agile, &budget, SK_ATTACH_EXCEL_PASSWORD));
    }
    g_assert_false(sk_attach_agile_read(sk_bytes("<e>", 3), &agile));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/crypt/rc4", test_rc4);
    g_test_add_func("/crypt/xor", test_xor);
    g_test_add_func("/crypt/verifiers", test_verifiers);
    g_test_add_func("/crypt/cut-verifiers", test_cut_verifiers);
    g_test_add_func("/crypt/time", test_time);
    g_test_add_func("/crypt/agile-lies", test_agile_lies);
    return g_test_run();
}
