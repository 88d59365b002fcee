/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/inspector-prime.h"

#include <glib.h>
#include <libintl.h>
#include <locale.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include "engine/engine-inspect.h"
#include "engine/engine-registry.h"

/* A message with the usual Japanese charset in header and text, HTML, and a ZIP. */
static const char MAIL[] =
    "From: =?ISO-2022-JP?B?GyRCOzMbKEI=?= <yama@example.jp>\r\n"
    "To: kawa@example.com\r\n"
    "Subject: =?UTF-8?B?5bGx?= =?windows-31j?Q?=8ER?=\r\n"
    "Date: Mon, 2 Mar 2026 09:00:00 +0900\r\n"
    "Message-ID: <prime@example.jp>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=prime\r\n"
    "\r\n"
    "--prime\r\n"
    "Content-Type: text/plain; charset=iso-2022-jp\r\n"
    "Content-Transfer-Encoding: 7bit\r\n"
    "\r\n"
    "\x1b$B;3\x1b(B\r\n"
    "--prime\r\n"
    "Content-Type: text/html; charset=euc-jp\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n"
    "<p>=BB=B3</p>\r\n"
    "--prime\r\n"
    "Content-Type: application/zip\r\n"
    "Content-Disposition: attachment; filename*=UTF-8''%E5%B1%B1.zip\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "UEsDBAoAAAAAAAAAIQB9r3GaAwAAAAMAAAAFAAAAYS50eHRhYgpQSwECHgMKAAAAAAAAACEAfa9x\r\n"
    "mgMAAAADAAAABQAAAAAAAAAAAAAApIEAAAAAYS50eHRQSwUGAAAAAAEAAQAzAAAAJgAAAAAA\r\n"
    "--prime--\r\n";

static const char PDF[] = "%PDF-1.4\n"
                          "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
                          "2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"
                          "trailer\n<</Root 1 0 R/Size 3>>\n%%EOF\n";

static const char TEXT[] = "plain text\n";

static void
prime_libc(void)
{
    /* libarchive gives no Japanese names in the locale "C". */
    if (setlocale(LC_ALL, "C.UTF-8") == NULL)
        setlocale(LC_ALL, "");
    setenv("TZ", "UTC", 1);
    tzset();
    (void)g_time_zone_unref(g_time_zone_new_local());
    (void)g_random_int();
    (void)dgettext("glib20", "file");
}

static void
prime_openssl(void)
{
    unsigned char byte;

    /* Nothing is taken down at exit: what is loaded here stays to the end. */
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
    /* The providers stay loaded: old Office files and old S/MIME need RC4, RC2 and DES. Loading
     * one by name turns the automatic default off, so both. */
    (void)OSSL_PROVIDER_load(NULL, "default");
    (void)OSSL_PROVIDER_load(NULL, "legacy");
    (void)RAND_bytes(&byte, 1);
    (void)EVP_Q_digest(NULL, "SHA256", NULL, "", 0, (unsigned char[EVP_MAX_MD_SIZE]){0}, NULL);
}

static void
prime_inspection(SkInspectKind kind, const char *name, SkBytes bytes)
{
    SkBudgetLimits limits = sk_budget_limits_default();

    sk_inspect_result_free(sk_engine_inspect(kind, name, bytes, NULL, &limits));
}

bool
sk_inspector_prime(void)
{
    prime_libc();
    prime_openssl();
    if (!sk_engine_prime())
        return false;
    prime_inspection(SK_INSPECT_MAIL, NULL, sk_bytes(MAIL, sizeof MAIL - 1));
    prime_inspection(SK_INSPECT_FILE, "a.pdf", sk_bytes(PDF, sizeof PDF - 1));
    prime_inspection(SK_INSPECT_FILE, "a.txt", sk_bytes(TEXT, sizeof TEXT - 1));
    return true;
}
