/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>

#include "attach/attach-pdf.h"

/* Longest name looked at for escapes, with them; the words of interest fit even if every letter
 * of them is escaped. */
#define MAX_ESCAPED 64
/* Bytes of an encryption dictionary looked at. */
#define MAX_DICTIONARY 4096

static bool
has(SkBytes bytes, const char *word)
{
    return sk_bytes_find(bytes, word, strlen(word), 0) != SK_BYTES_NONE;
}

static bool
is_regular(uint8_t c)
{
    return c > ' ' && c != 0x7F && strchr("()<>[]{}/%", c) == NULL;
}

/* Names that only files of interest hold; by what they begin with. */
static const char *const words[] = {
    "/EmbeddedFile", "/EF", "/Launch", "/Filespec", "/FileAttachment", "/EncryptedPayload"};

static bool
is_word(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (g_str_has_prefix(name, words[i]))
            return true;
    }
    return false;
}

static bool
is_objstm(const char *name)
{
    return g_str_has_prefix(name, "/ObjStm");
}

/* The name that begins at AT, its escapes resolved; cut where no word of ours is longer. */
static void
resolve_name(SkBytes bytes, size_t at, char name[MAX_ESCAPED])
{
    size_t n = 0;

    name[n++] = '/';
    for (at++; n < MAX_ESCAPED - 1 && is_regular(sk_bytes_u8(bytes, at)); at++) {
        int high = g_ascii_xdigit_value((char)sk_bytes_u8(bytes, at + 1));
        int low = g_ascii_xdigit_value((char)sk_bytes_u8(bytes, at + 2));
        bool escape = sk_bytes_u8(bytes, at) == '#' && high >= 0 && low >= 0;

        name[n++] = escape ? (char)(high << 4 | low) : (char)sk_bytes_u8(bytes, at);
        at += escape ? 2 : 0;
    }
    name[n] = '\0';
}

/* Whether the "#" at AT is in a name that is one of ours: "/L#61unch". */
static bool
is_escaped(SkBytes bytes, size_t at, bool (*is_ours)(const char *name))
{
    char name[MAX_ESCAPED];

    for (size_t n = 1; n < MAX_ESCAPED && n <= at; n++) {
        uint8_t c = sk_bytes_u8(bytes, at - n);

        if (c == '/') {
            resolve_name(bytes, at - n, name);
            return is_ours(name);
        }
        if (!is_regular(c))
            return false;
    }
    return false;
}

static bool
has_escaped(SkBytes bytes, bool (*is_ours)(const char *name))
{
    size_t at = 0;

    while ((at = sk_bytes_find(bytes, "#", 1, at)) != SK_BYTES_NONE) {
        if (is_escaped(bytes, at, is_ours))
            return true;
        at++;
    }
    return false;
}

bool
sk_attach_pdf_is_interesting(SkBytes bytes)
{
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (has(bytes, words[i]))
            return true;
    }
    return has(bytes, "exportDataObject") || has_escaped(bytes, is_word);
}

bool
sk_attach_pdf_hides_objects(SkBytes bytes)
{
    return has_escaped(bytes, is_objstm);
}

/* The encryption dictionary is never encrypted, nor packed into an object stream; its crypt
 * filters name the cipher, older ones only a version. */
static const char *
describe_standard(SkBytes dictionary)
{
    if (has(dictionary, "/AESV3"))
        return "password, AES-256";
    if (has(dictionary, "/AESV2"))
        return "password, AES-128";
    if (has(dictionary, "/V 1") || has(dictionary, "/R 2"))
        return "password, RC4 40-bit";
    return "password, RC4";
}

const char *
sk_attach_pdf_describe(SkBytes bytes)
{
    size_t at = sk_bytes_find(bytes, "/Standard", 9, 0);
    SkBytes around;

    if (at == SK_BYTES_NONE)
        return "password";
    around = sk_bytes_slice(bytes, at > MAX_DICTIONARY ? at - MAX_DICTIONARY : 0,
                            MAX_DICTIONARY * 2);
    return describe_standard(around);
}
