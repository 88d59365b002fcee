/* SPDX-License-Identifier: Apache-2.0 */

/*
 * seal-dump - seals, opens and wraps what it is given, all in hexadecimal, for seal-oracle.py
 */

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "seal/seal-wrap.h"

static GByteArray *
from_hex(const char *hex)
{
    GByteArray *bytes = g_byte_array_new();

    for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
        uint8_t byte =
            (uint8_t)(g_ascii_xdigit_value(hex[0]) * 16 + g_ascii_xdigit_value(hex[1]));

        g_byte_array_append(bytes, &byte, 1);
    }
    return bytes;
}

static int
print(const void *data, size_t len)
{
    g_autofree char *hex = sk_text_hex(data, len);

    puts(hex);
    return 0;
}

static int
print_bytes(GBytes *bytes)
{
    int status = print(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));

    g_bytes_unref(bytes);
    return status;
}

static int
open_sealed(SkBytes private, const char *name, SkBytes sealed)
{
    g_autoptr(SkSealPair) pair = sk_seal_pair_read(private);
    g_autoptr(GError) error = NULL;
    g_autoptr(SkSecret) secret = sk_seal_open(pair, SK_SEAL_BLOB, name, sealed, &error);

    if (secret != NULL)
        return print(secret->data, secret->len);
    fprintf(stderr, "%s\n", error->message);
    return 1;
}

static int
wrap(SkBytes private, SkBytes secret)
{
    g_autoptr(SkSealPair) pair = sk_seal_pair_read(private);
    SkSealPublic public = sk_seal_pair_get_public(pair);
    g_autofree char *id = sk_seal_id(&public);

    puts(id);
    return print_bytes(sk_seal_wrap(pair, secret, (SkSealCost){1, 64}, NULL));
}

/* seal PUBLIC NAME SECRET | open PRIVATE NAME SEALED | wrap PRIVATE - SECRET */
int
main(int argc, char **argv)
{
    g_autoptr(GByteArray) key = argc == 5 ? from_hex(argv[2]) : NULL;
    g_autoptr(GByteArray) data = argc == 5 ? from_hex(argv[4]) : NULL;
    SkSealPublic public;

    if (argc != 5)
        return 2;
    if (strcmp(argv[1], "open") == 0)
        return open_sealed(sk_bytes(key->data, key->len), argv[3],
                           sk_bytes(data->data, data->len));
    if (strcmp(argv[1], "wrap") == 0)
        return wrap(sk_bytes(key->data, key->len), sk_bytes(data->data, data->len));
    if (!sk_seal_public_read(sk_bytes(key->data, key->len), &public))
        return 1;
    return print_bytes(
        sk_seal(&public, SK_SEAL_BLOB, argv[3], sk_bytes(data->data, data->len)));
}
