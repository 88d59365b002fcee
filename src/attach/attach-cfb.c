/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-office.h"

/*
 * attach-cfb - compound files: what they hold is told by the names of their streams
 *
 * Every stream is looked at by its name wherever it lies, so that documents embedded in
 * documents, and messages in messages, need no descent.
 */

typedef void (*Look)(const SkAttachOffice *office, uint32_t stream);

static void look_content(const SkAttachOffice *office, uint32_t stream);
static void look_embedded(const SkAttachOffice *office, uint32_t stream);
static void look_hangul(const SkAttachOffice *office, uint32_t stream);

static const struct {
    const char *name;
    Look look;
} looks[] = {
    {"EncryptedPackage", sk_attach_office_package},
    {"WordDocument", sk_attach_office_word},
    {"Workbook", sk_attach_office_excel},
    {"Book", sk_attach_office_excel},
    {"Current User", sk_attach_office_current_user},
    {"PowerPoint Document", sk_attach_office_powerpoint},
    {"__substg1.0_37010102", sk_attach_office_msg_data},
    {"\001Ole10Native", sk_attach_office_ole10native},
    {"Package", look_embedded},
    {"CONTENTS", look_content},
    {"FileHeader", look_hangul},
};

bool
sk_attach_office_read(const SkAttachOffice *office,
                      uint32_t i,
                      uint64_t max,
                      SkBuffer *scratch,
                      SkBytes *ret)
{
    if (sk_attach_ole_read(office->ole, i, max, scratch, ret))
        return true;
    if (!sk_attach_is_over(office->scan, office->file))
        sk_attach_broken(office->scan, office->file, "the stream \"%s\" is damaged",
                         sk_attach_ole_peek(office->ole, i)->name);
    return false;
}

/* An OOXML document embedded in an old one. */
static void
look_embedded(const SkAttachOffice *office, uint32_t stream)
{
    g_auto(SkBuffer) scratch = {0};
    SkBytes data;

    if (!sk_budget_take_unpacked(sk_attach_budget(office->scan)))
        return;
    if (sk_attach_office_read(office, stream, UINT64_MAX, &scratch, &data) && data.len > 0)
        sk_attach_member(office->scan, office->file, "Package", data);
}

/* Acrobat keeps an embedded PDF there; others keep what is theirs, of no known format. */
static void
look_content(const SkAttachOffice *office, uint32_t stream)
{
    g_auto(SkBuffer) scratch = {0};
    SkBytes data;

    if (sk_attach_ole_peek(office->ole, stream)->parent == 0 ||
        !sk_attach_office_read(office, stream, UINT64_MAX, &scratch, &data))
        return;
    if (sk_bytes_find(sk_bytes_slice(data, 0, 1024), "%PDF-", 5, 0) != SK_BYTES_NONE &&
        sk_budget_take_unpacked(sk_attach_budget(office->scan)))
        sk_attach_member(office->scan, office->file, "CONTENTS", data);
}

/* HWP 5.0: the flags at 36 are bit 1 password, bit 4 rights management, bit 8 certificate. */
static void
look_hangul(const SkAttachOffice *office, uint32_t stream)
{
    g_auto(SkBuffer) scratch = {0};
    SkBytes head;
    uint32_t flags;

    if (!sk_attach_ole_read(office->ole, stream, 64, &scratch, &head) ||
        !sk_bytes_is(head, 0, "HWP Document File"))
        return;
    flags = sk_bytes_le32(head, 36);
    if ((flags & 1u << 1) != 0)
        sk_attach_state_encrypted(office->scan, office->file,
                                  SK_FINDING_ATTACH_ENCRYPTED_OFFICE, SK_ENCRYPTED_ALL, NULL,
                                  "Hangul");
    if ((flags & (1u << 4 | 1u << 8)) != 0)
        sk_attach_state_encrypted(office->scan, office->file,
                                  SK_FINDING_ATTACH_ENCRYPTED_RIGHTS, SK_ENCRYPTED_ALL, NULL,
                                  "Hangul");
}

/* Installer packages, patches and transforms by the class of the root ([MS-MSI] has no other
 * mark): {000C1084,1086,1082-0000-0000-C000-000000000046}. */
static void
look_class(const SkAttachOffice *office)
{
    static const uint8_t tail[14] = {0x0C, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46};
    const uint8_t *clsid = sk_attach_ole_peek(office->ole, 0)->clsid;

    if (memcmp(clsid + 2, tail, sizeof tail) != 0 || clsid[1] != 0x10)
        return;
    if (clsid[0] == 0x84 || clsid[0] == 0x86 || clsid[0] == 0x82)
        sk_attach_state(office->scan, office->file, SK_FINDING_ATTACH_DANGER_INSTALLER, "%s",
                        clsid[0] == 0x84   ? "Windows Installer"
                        : clsid[0] == 0x86 ? "Windows Installer patch"
                                           : "Windows Installer transform");
}

/* The package reader has named the document already when this is the project by its name. */
static bool
is_named_by_package(const SkAttachFile *file)
{
    return file->parent != NULL && file->parent->type == SK_ATTACH_OOXML &&
           file->name != NULL && g_ascii_strcasecmp(file->name, "vbaProject.bin") == 0;
}

/* A project is a storage VBA with the stream "dir" in it ([MS-OVBA] 2.2.1). */
static void
look_macros(const SkAttachOffice *office)
{
    if (is_named_by_package(office->file))
        return;
    for (uint32_t i = 1; i < sk_attach_ole_count(office->ole); i++) {
        const SkAttachOleEntry *entry = sk_attach_ole_peek(office->ole, i);

        if (entry->kind != SK_ATTACH_OLE_STORAGE || g_ascii_strcasecmp(entry->name, "VBA") != 0)
            continue;
        if (sk_attach_ole_find(office->ole, i, "dir") == SK_ATTACH_OLE_NONE &&
            sk_attach_ole_find(office->ole, i, "_VBA_PROJECT") == SK_ATTACH_OLE_NONE)
            continue;
        sk_attach_state(office->scan, office->file, SK_FINDING_ATTACH_DANGER_MACRO,
                        "Visual Basic project");
        return;
    }
}

/* Information rights management: [MS-OFFCRYPTO] 2.2. A package under it has no
 * EncryptionInfo, only a licence to show to a server. */
static bool
look_rights(const SkAttachOffice *office)
{
    static const char *const marks[] = {"DRMEncryptedTransform", "DRMEncryptedDataSpace",
                                        "\tDRMContent",          "DRMContent",
                                        "\tDRMViewerContent",    "DRMViewerContent"};

    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        if (sk_attach_ole_find(office->ole, SK_ATTACH_OLE_NONE, marks[i]) == SK_ATTACH_OLE_NONE)
            continue;
        sk_attach_state_encrypted(office->scan, office->file,
                                  SK_FINDING_ATTACH_ENCRYPTED_RIGHTS, SK_ENCRYPTED_ALL, NULL,
                                  "information rights management");
        return true;
    }
    return false;
}

static void
look_streams(const SkAttachOffice *office)
{
    for (uint32_t i = 1; i < sk_attach_ole_count(office->ole); i++) {
        const SkAttachOleEntry *entry = sk_attach_ole_peek(office->ole, i);

        for (size_t k = 0; k < G_N_ELEMENTS(looks); k++) {
            if (entry->kind == SK_ATTACH_OLE_STREAM &&
                g_ascii_strcasecmp(entry->name, looks[k].name) == 0)
                looks[k].look(office, i);
        }
        if (sk_attach_is_over(office->scan, office->file))
            return;
    }
}

/* What is said of a file whose directory cannot be read: the names lie in it all the same. */
static void
look_broken(SkAttachScan *scan, SkAttachFile *file, const char *why)
{
    static const uint8_t name[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";

    sk_attach_broken(scan, file, "compound file: %s", why);
    if (sk_bytes_find(file->bytes, name, sizeof name, 0) != SK_BYTES_NONE)
        sk_attach_state_encrypted(scan, file, SK_FINDING_ATTACH_ENCRYPTED_OFFICE,
                                  SK_ENCRYPTED_ALL, NULL, "OOXML, damaged");
}

void
sk_attach_cfb_open(SkAttachScan *scan, SkAttachFile *file)
{
    const char *why = NULL;
    g_autoptr(SkAttachOle) ole = sk_attach_ole_new(file->bytes, sk_attach_budget(scan), &why);
    SkAttachOffice office = {scan, file, ole, false};

    if (ole == NULL) {
        if (why != NULL)
            look_broken(scan, file, why);
        else
            (void)sk_attach_is_over(scan, file);
        return;
    }
    look_class(&office);
    look_macros(&office);
    office.rights = look_rights(&office);
    look_streams(&office);
    if (sk_attach_ole_is_cut(ole))
        look_broken(scan, file, "the directory is cut off");
}
