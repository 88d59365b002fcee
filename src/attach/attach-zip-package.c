/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-zip-package.h"

#include <glib.h>

#include "base/limit.h"

enum {
    SEEN_CONTENT_TYPES = 1 << 0,
    SEEN_MANIFEST_XML = 1 << 1,
    SEEN_MIMETYPE = 1 << 2,
    SEEN_ODF_CONTENT = 1 << 3,
    SEEN_IWORK = 1 << 4,
    SEEN_EPUB = 1 << 5,
    SEEN_JAR = 1 << 6,
    SEEN_CLASS = 1 << 7,
    SEEN_DEX = 1 << 8,
    SEEN_ANDROID = 1 << 9,
    SEEN_APPX = 1 << 10,
    SEEN_XPI = 1 << 11,
    SEEN_VSIX = 1 << 12,
    SEEN_IWORK_09 = 1 << 13,
    SEEN_IWORK_PLIST = 1 << 14,
};

typedef struct {
    const char *name;
    unsigned seen;
} Sign;

/* clang-format off */
static const Sign whole_names[] = {
    {"[Content_Types].xml", SEEN_CONTENT_TYPES},
    {"META-INF/manifest.xml", SEEN_MANIFEST_XML},
    {"mimetype", SEEN_MIMETYPE},
    {"content.xml", SEEN_ODF_CONTENT},
    {"META-INF/container.xml", SEEN_EPUB},
    {"META-INF/MANIFEST.MF", SEEN_JAR},
    {"classes.dex", SEEN_DEX},
    {"AndroidManifest.xml", SEEN_ANDROID},
    {"AppxManifest.xml", SEEN_APPX}, {"AppxMetadata/AppxBundleManifest.xml", SEEN_APPX}, {"AppxBlockMap.xml", SEEN_APPX},
    {"META-INF/mozilla.rsa", SEEN_XPI}, {"install.rdf", SEEN_XPI}, {"META-INF/cose.sig", SEEN_XPI},
    {"extension.vsixmanifest", SEEN_VSIX},
    {"index.xml", SEEN_IWORK_09}, {"index.apxl", SEEN_IWORK_09}, {"index.zip", SEEN_IWORK_09},
    {"buildVersionHistory.plist", SEEN_IWORK_PLIST}, {"Metadata/BuildVersionHistory.plist", SEEN_IWORK_PLIST},
    {"Index/Document.iwa", SEEN_IWORK}, {".iwpv2", SEEN_IWORK}, {".iwph", SEEN_IWORK},
};
/* clang-format on */

static bool
ends_with(SkBytes name, const char *end)
{
    size_t len = strlen(end);

    return name.len >= len && sk_bytes_equal_nocase(sk_bytes_from(name, name.len - len), end);
}

static unsigned
signs_of(SkBytes name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(whole_names); i++) {
        if (sk_bytes_equal_nocase(name, whole_names[i].name))
            return whole_names[i].seen;
    }
    return ends_with(name, ".class") ? SEEN_CLASS : 0;
}

/* "mimetype" comes first and stored, so that its content stands at a fixed place (ODF 1.3 part
 * 2, 3.3; EPUB OCF; ETSI EN 319 162 for ASiC). */
static SkAttachType
type_of_mimetype(const SkZip *zip)
{
    const SkZipEntry *first = sk_zip_peek(zip, 0);
    SkBytes type = sk_bytes_slice(zip->bytes, first->data, first->packed);

    if (!sk_bytes_equal_nocase(first->name, "mimetype") || first->method != 0)
        return SK_ATTACH_ZIP;
    if (sk_bytes_is(type, 0, "application/epub+zip"))
        return SK_ATTACH_EPUB;
    if (sk_bytes_is(type, 0, "application/vnd.oasis.opendocument.") ||
        sk_bytes_is(type, 0, "application/vnd.sun.xml."))
        return SK_ATTACH_ODF;
    return SK_ATTACH_ZIP;
}

static SkAttachType
type_of_signs(unsigned seen)
{
    if (seen & (SEEN_DEX | SEEN_ANDROID))
        return SK_ATTACH_APK;
    if (seen & SEEN_APPX)
        return SK_ATTACH_MSIX;
    if (seen & (SEEN_XPI | SEEN_VSIX))
        return SK_ATTACH_ADD_ON;
    if (seen & SEEN_CONTENT_TYPES)
        return SK_ATTACH_OOXML;
    if ((seen & (SEEN_JAR | SEEN_CLASS)) == (SEEN_JAR | SEEN_CLASS))
        return SK_ATTACH_JAR;
    if ((seen & SEEN_EPUB) && (seen & SEEN_MIMETYPE))
        return SK_ATTACH_EPUB;
    if (seen & SEEN_MANIFEST_XML)
        return seen & SEEN_ODF_CONTENT ? SK_ATTACH_ODF : SK_ATTACH_ZIP;
    if ((seen & SEEN_IWORK_09) && (seen & SEEN_IWORK_PLIST))
        return SK_ATTACH_IWORK;
    return seen & SEEN_IWORK ? SK_ATTACH_IWORK : SK_ATTACH_ZIP;
}

SkAttachType
sk_zip_package_type(const SkZip *zip)
{
    SkAttachType type;
    unsigned seen = 0;

    if (sk_zip_count(zip) == 0)
        return SK_ATTACH_ZIP;
    type = type_of_mimetype(zip);
    if (type != SK_ATTACH_ZIP)
        return type;
    for (size_t i = 0; i < sk_zip_count(zip); i++)
        seen |= signs_of(sk_zip_peek(zip, i)->name);
    return type_of_signs(seen);
}
