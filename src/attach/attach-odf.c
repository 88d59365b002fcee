/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-file.h"
#include "attach/attach-xml.h"

/*
 * attach-odf - what an OpenDocument package says about its encryption, and its macros
 *
 * Standards: OASIS OpenDocument 1.3 part 2, 4.3 to 4.8.
 */

typedef struct {
    unsigned files, encrypted;
    bool in_file; /* the entry being read is a file */
    bool keys;    /* OpenPGP keys open it */
    char cipher[32];
} Manifest;

/* Only the last word of "http://www.w3.org/2001/04/xmlenc#aes256-cbc" says anything. */
static void
keep_cipher(Manifest *manifest, SkBytes algorithm)
{
    size_t at = sk_bytes_find_last(algorithm, "#", 1, 0);
    SkBytes word = sk_bytes_from(algorithm, at != SK_BYTES_NONE ? at + 1 : 0);
    size_t n = MIN(word.len, sizeof manifest->cipher - 1);

    if (n == 0 || manifest->cipher[0] != '\0')
        return;
    memcpy(manifest->cipher, word.data, n);
    manifest->cipher[n] = '\0';
}

static void
on_entry(Manifest *manifest, const SkAttachElement *element)
{
    SkBytes path = sk_attach_xml_attr(element, "full-path");

    manifest->in_file = path.len > 0 && sk_bytes_u8(path, path.len - 1) != '/';
    manifest->files += manifest->in_file;
}

static void
on_element(const SkAttachElement *element, void *data)
{
    Manifest *manifest = data;

    if (strcmp(element->name, "file-entry") == 0)
        on_entry(manifest, element);
    if (strcmp(element->name, "encryption-data") == 0)
        manifest->encrypted++;
    if (strcmp(element->name, "encrypted-key") == 0 || strcmp(element->name, "PGPData") == 0)
        manifest->keys = true;
    if (strcmp(element->name, "algorithm") == 0)
        keep_cipher(manifest, sk_attach_xml_attr(element, "algorithm-name"));
}

static void
state_encrypted(SkAttachScan *scan, SkAttachFile *file, const Manifest *manifest)
{
    SkEncrypted how =
        manifest->encrypted >= manifest->files ? SK_ENCRYPTED_ALL : SK_ENCRYPTED_SOME;
    g_autofree char *why =
        g_strdup_printf("%s%s%s", manifest->keys ? "OpenPGP" : "password",
                        manifest->cipher[0] != '\0' ? ", " : "", manifest->cipher);

    sk_attach_state_encrypted(scan, file, SK_FINDING_ATTACH_ENCRYPTED_ODF, how, NULL, why);
}

void
sk_attach_odf_manifest(SkAttachScan *scan, SkAttachFile *file, SkBytes manifest)
{
    Manifest read = {0};
    bool whole = sk_attach_xml_read(manifest, on_element, &read);

    if (!whole)
        sk_attach_broken(scan, file, "META-INF/manifest.xml cannot be read");
    /* Damage behind the mark, or in front of it, does not take the encryption away. */
    if (!whole && sk_bytes_find(manifest, "encryption-data", 15, 0) != SK_BYTES_NONE)
        read.encrypted++;
    if (read.encrypted > 0 || read.keys)
        state_encrypted(scan, file, &read);
}

/* Libraries list their modules in files that stand there even when there are none. */
static bool
is_list(const char *name)
{
    static const char *const lists[] = {"script-lc.xml", "script-lb.xml", "dialog-lc.xml",
                                        "dialog-lb.xml", "parcel-descriptor.xml"};
    const char *slash = strrchr(name, '/');

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        if (slash != NULL && strcmp(slash + 1, lists[i]) == 0)
            return true;
    }
    return false;
}

void
sk_attach_odf_entry(SkAttachScan *scan, SkAttachFile *file, const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || name[len - 1] == '/' || is_list(name))
        return;
    if (g_str_has_prefix(name, "Basic/"))
        sk_attach_state(scan, file, SK_FINDING_ATTACH_DANGER_MACRO, "Basic module");
    if (g_str_has_prefix(name, "Scripts/"))
        sk_attach_state(scan, file, SK_FINDING_ATTACH_DANGER_MACRO, "script");
}
