/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-agile.h"

#include <glib.h>

#include <openssl/evp.h>

#include "attach/attach-xml.h"

#define SEGMENT 4096u
/* Segments between two looks at the clock. */
#define SEGMENTS_PER_LOOK 64u

static uint64_t
attr_number(const SkAttachElement *element, const char *name)
{
    SkBytes value = sk_attach_xml_attr(element, name);
    uint64_t n = 0;

    for (size_t i = 0; i < value.len && i < 10; i++) {
        if (!g_ascii_isdigit(value.data[i]))
            return 0;
        n = n * 10 + (value.data[i] - '0');
    }
    return n;
}

/* Base64 of at most MAX bytes; 0 when it is none. */
static size_t
attr_base64(const SkAttachElement *element, const char *name, uint8_t *out, size_t max)
{
    SkBytes value = sk_attach_xml_attr(element, name);
    uint8_t decoded[256];
    size_t len;

    if (value.len == 0 || value.len % 4 != 0 || value.len / 4 * 3 > sizeof decoded ||
        EVP_DecodeBlock(decoded, value.data, (int)value.len) < 0)
        return 0;
    len = value.len / 4 * 3 - (value.data[value.len - 1] == '=') -
          (value.data[value.len - 2] == '=');
    if (len > max)
        return 0;
    memcpy(out, decoded, len);
    return len;
}

static void
read_key(const SkAttachElement *element, SkAttachAgileKey *key)
{
    static const char *const hashes[] = {"SHA1", "SHA256", "SHA384", "SHA512", "MD5"};
    SkBytes name = sk_attach_xml_attr(element, "hashAlgorithm");
    bool aes = sk_bytes_equal_nocase(sk_attach_xml_attr(element, "cipherAlgorithm"), "AES");

    *key = (SkAttachAgileKey){.key_bits = (unsigned)attr_number(element, "keyBits")};
    for (size_t i = 0; i < G_N_ELEMENTS(hashes); i++) {
        if (sk_bytes_equal_nocase(name, hashes[i]))
            g_strlcpy(key->hash, hashes[i], sizeof key->hash);
    }
    if (sk_bytes_equal_nocase(name, "SHA-1"))
        g_strlcpy(key->hash, "SHA1", sizeof key->hash);
    if (!aes || (key->key_bits != 128 && key->key_bits != 192 && key->key_bits != 256))
        key->hash[0] = '\0';
    key->cbc =
        sk_bytes_equal_nocase(sk_attach_xml_attr(element, "cipherChaining"), "ChainingModeCBC");
    key->salt_len = attr_base64(element, "saltValue", key->salt, sizeof key->salt);
}

static void
on_element(const SkAttachElement *element, void *data)
{
    SkAttachAgile *agile = data;

    if (strcmp(element->name, "keyData") == 0)
        read_key(element, &agile->data);
    if (strcmp(element->name, "encryptedKey") != 0)
        return;
    if (sk_attach_xml_attr(element, "X509Certificate").len > 0) {
        agile->has_certificate = true;
        return;
    }
    agile->has_password = true;
    read_key(element, &agile->lock);
    agile->spins = (uint32_t)MIN(attr_number(element, "spinCount"), UINT32_MAX);
    agile->input_len =
        attr_base64(element, "encryptedVerifierHashInput", agile->input, sizeof agile->input);
    agile->hash_len =
        attr_base64(element, "encryptedVerifierHashValue", agile->hash, sizeof agile->hash);
    agile->key_len = attr_base64(element, "encryptedKeyValue", agile->key, sizeof agile->key);
}

bool
sk_attach_agile_read(SkBytes xml, SkAttachAgile *ret_agile)
{
    *ret_agile = (SkAttachAgile){0};
    return sk_attach_xml_read(xml, on_element, ret_agile);
}

static bool
is_usable(const SkAttachAgile *agile)
{
    return agile->has_password && agile->spins <= SK_ATTACH_CRYPT_MAX_SPINS &&
           agile->lock.cbc && agile->data.cbc && agile->lock.hash[0] != '\0' &&
           agile->data.hash[0] != '\0' && agile->lock.salt_len >= 16 &&
           agile->input_len >= 16 && agile->hash_len >= 16 &&
           agile->key_len * 8 >= agile->data.key_bits && agile->input_len % 16 == 0 &&
           agile->hash_len % 16 == 0 && agile->key_len % 16 == 0;
}

/* Opens one of the three values that the password locks; each has a key of its own. */
static bool
unlock(const SkAttachAgile *agile,
       const SkAttachHash *base,
       const uint8_t purpose[8],
       SkBytes value,
       uint8_t *out)
{
    SkAttachHash key;

    if (!sk_attach_hash(agile->lock.hash, sk_bytes(base->bytes, base->len),
                        sk_bytes(purpose, 8), &key))
        return false;
    if (key.len < agile->lock.key_bits / 8) /* a short hash is filled up (2.3.4.11) */
        memset(key.bytes + key.len, 0x36, sizeof key.bytes - key.len);
    return sk_attach_aes_decrypt(key.bytes, agile->lock.key_bits, agile->lock.salt, value, out);
}

bool
sk_attach_agile_matches(SkAttachAgile *agile, SkBudget *budget, const char *password)
{
    static const uint8_t input_key[8] = {0xFE, 0xA7, 0xD2, 0x76, 0x3B, 0x4B, 0x9E, 0x79};
    static const uint8_t hash_key[8] = {0xD7, 0xAA, 0x0F, 0x6D, 0x30, 0x61, 0x34, 0x4E};
    static const uint8_t value_key[8] = {0x14, 0x6E, 0x0B, 0xE7, 0xAB, 0xAC, 0xD0, 0xD6};
    uint8_t input[64], hash[128], key[64];
    SkAttachHash base, h;

    if (!is_usable(agile) ||
        !sk_attach_hash_password(budget, agile->lock.hash,
                                 sk_bytes(agile->lock.salt, agile->lock.salt_len), password,
                                 agile->spins, &base))
        return false;
    if (!unlock(agile, &base, input_key, sk_bytes(agile->input, agile->input_len), input) ||
        !unlock(agile, &base, hash_key, sk_bytes(agile->hash, agile->hash_len), hash) ||
        !unlock(agile, &base, value_key, sk_bytes(agile->key, agile->key_len), key))
        return false;
    if (!sk_attach_hash(agile->lock.hash, sk_bytes(input, agile->input_len), sk_bytes("", 0),
                        &h) ||
        h.len > agile->hash_len || memcmp(h.bytes, hash, h.len) != 0)
        return false;
    memcpy(agile->secret, key, sizeof agile->secret);
    return true;
}

static bool
decrypt_segment(const SkAttachAgile *agile, SkBytes in, uint32_t number, SkBuffer *out)
{
    uint8_t counter[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                          (uint8_t)(number >> 24)};
    uint8_t clear[SEGMENT];
    SkAttachHash iv;

    return sk_attach_hash(agile->data.hash, sk_bytes(agile->data.salt, agile->data.salt_len),
                          sk_bytes(counter, 4), &iv) &&
           sk_attach_aes_decrypt(agile->secret, agile->data.key_bits, iv.bytes, in, clear) &&
           sk_buffer_append(out, clear, in.len);
}

bool
sk_attach_agile_decrypt(const SkAttachAgile *agile,
                        SkBudget *budget,
                        SkBytes package,
                        SkBuffer *out)
{
    uint64_t size = sk_bytes_le64(package, 0);
    SkBytes cipher = sk_bytes_from(package, 8);
    uint32_t number = 0;

    cipher.len -= cipher.len % 16;
    sk_buffer_init(out, cipher.len);
    if (size > cipher.len || !sk_budget_take_bytes(budget, cipher.len, package.len, 0))
        return false;
    for (size_t at = 0; at < size; at += SEGMENT, number++) {
        if (number % SEGMENTS_PER_LOOK == 0 && !sk_budget_check_time(budget))
            return false;
        if (!decrypt_segment(agile, sk_bytes_slice(cipher, at, SEGMENT), number, out))
            return false;
    }
    out->len = (size_t)MIN(out->len, size);
    return true;
}
