/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-zip.h"

#include <glib.h>

#include "attach/attach-decode.h"
#include "attach/attach-extension.h"
#include "attach/attach-file.h"
#include "attach/attach-zip-decrypt.h"
#include "attach/attach-zip-package.h"
#include "attach/attach-zip-unpack.h"

/* Parts of Office documents are XML, and known by fewer bytes. */
#define XML_HEAD 256

typedef struct {
    SkAttachScan *scan;
    SkAttachFile *file;
    const SkZip *zip;
    SkZipUnpack *unpack;
    SkInspectTry *try;   /* or NULL */
    SkZipDecrypt *tried; /* with it: the worst that it came to */
} Visit;

static void
state_facts(SkAttachScan *scan, SkAttachFile *file, const SkZip *zip)
{
    g_autofree char *odd = sk_attach_decode_quoted(zip->odd_name);
    g_autofree char *broken = sk_attach_decode_quoted(zip->broken_name);

    if (zip->odd != NULL)
        sk_attach_state(scan, file, SK_FINDING_ATTACH_INCONSISTENT, "%s%s", zip->odd, odd);
    if (zip->split || (zip->broken != NULL && sk_extension_is_volume(file->name))) {
        sk_attach_state(scan, file, SK_FINDING_ATTACH_SPLIT, NULL);
        file->unopened = true;
    } else if (zip->broken != NULL) {
        sk_attach_broken(scan, file, "%s%s", zip->broken, broken);
    }
}

/* Says what is locked: all, or which and how many. */
static void
state_locks(SkAttachScan *scan, SkAttachFile *file, const SkZip *zip)
{
    const SkZipEntry *first = NULL;
    g_autofree char *name = NULL, *why = NULL;
    size_t files = 0, locked = 0;

    for (size_t i = 0; i < sk_zip_count(zip); i++) {
        const SkZipEntry *entry = sk_zip_peek(zip, i);

        if (!sk_zip_entry_is_file(entry))
            continue;
        files++;
        if (entry->lock == SK_ZIP_CLEAR)
            continue;
        locked++;
        first = first != NULL ? first : entry;
    }
    if (zip->masked) {
        sk_attach_state_encrypted(scan, file, SK_FINDING_ATTACH_ENCRYPTED_ZIP,
                                  SK_ENCRYPTED_HEADERS, NULL,
                                  "PKWARE encryption of the directory");
    } else if (locked == files && locked > 0) {
        sk_attach_state_encrypted(scan, file, SK_FINDING_ATTACH_ENCRYPTED_ZIP, SK_ENCRYPTED_ALL,
                                  NULL, sk_zip_entry_lock_text(first));
    } else if (locked > 0) {
        name = sk_zip_entry_name_dup(first);
        why = g_strdup_printf("%s; %zu of %zu files", sk_zip_entry_lock_text(first), locked,
                              files);
        sk_attach_state_encrypted(scan, file, SK_FINDING_ATTACH_ENCRYPTED_ZIP,
                                  SK_ENCRYPTED_SOME, name, why);
    }
}

static void
state_result(const Visit *visit,
             const SkZipEntry *entry,
             const char *name,
             SkUnpackResult result)
{
    switch (result) {
    case SK_UNPACK_BROKEN:
        sk_attach_broken(visit->scan, visit->file, "\"%s\" does not unpack", name);
        break;
    case SK_UNPACK_UNKNOWN: {
        g_autofree char *why = g_strdup_printf("compressed by method %u (%s)", entry->method,
                                               sk_zip_method_text(entry->method));

        sk_attach_unopened(visit->scan, visit->file, why);
        break;
    }
    case SK_UNPACK_OVER:
        if (!sk_attach_is_over(visit->scan, visit->file))
            sk_attach_broken(visit->scan, visit->file, "no memory to unpack \"%s\"", name);
        break;
    default:
        break;
    }
}

static void
look_inside(const Visit *visit, const SkZipEntry *entry, const char *name)
{
    bool xml = visit->file->parts && sk_extension_is(name, "xml rels vml");
    SkUnpackResult result =
        sk_zip_unpack_start(visit->unpack, entry, xml ? XML_HEAD : SK_ATTACH_HEAD);
    SkAttachType type;

    if (result == SK_UNPACK_PART) {
        size_t wanted =
            sk_attach_member_by_head(visit->scan, visit->file, name, visit->unpack->content,
                                     visit->zip->bytes.len, visit->unpack->charged);

        if (wanted == 0)
            return;
        result = sk_zip_unpack_more(visit->unpack, wanted);
    }
    state_result(visit, entry, name, result);
    if (result == SK_UNPACK_UNKNOWN || result == SK_UNPACK_OVER)
        return;
    type = sk_attach_member(visit->scan, visit->file, name, visit->unpack->content);
    /* Stored content is not checked when it is shown: only cipher text needs it. */
    if (type == SK_ATTACH_UNKNOWN && result == SK_UNPACK_WHOLE)
        state_result(visit, entry, name, sk_zip_unpack_verify(visit->unpack));
}

/* What a kind of package wants to know of its entries. */
static void
tell_package(const Visit *visit, const SkZipEntry *entry, const char *name)
{
    SkUnpackResult result;

    if (visit->file->type == SK_ATTACH_OOXML)
        sk_attach_ooxml_entry(visit->scan, visit->file, name);
    if (visit->file->type == SK_ATTACH_ODF)
        sk_attach_odf_entry(visit->scan, visit->file, name);
    if (visit->file->type != SK_ATTACH_ODF || strcmp(name, "META-INF/manifest.xml") != 0 ||
        entry->local == SK_BYTES_NONE || entry->lock != SK_ZIP_CLEAR)
        return;
    result = sk_zip_unpack_start(visit->unpack, entry, SIZE_MAX);
    if (result == SK_UNPACK_WHOLE)
        sk_attach_odf_manifest(visit->scan, visit->file, visit->unpack->content);
}

/* Pages, Numbers and Keynote encrypt what is in the archive and leave its flags clear; the
 * password's verifier is an entry of its own. */
static void
look_for_iwork_lock(const Visit *visit)
{
    for (size_t i = 0; i < sk_zip_count(visit->zip); i++) {
        SkBytes name = sk_zip_peek(visit->zip, i)->name;

        if (!sk_bytes_equal_nocase(name, ".iwpv2") && !sk_bytes_equal_nocase(name, ".iwph"))
            continue;
        sk_attach_state_encrypted(visit->scan, visit->file, SK_FINDING_ATTACH_ENCRYPTED_IWORK,
                                  SK_ENCRYPTED_ALL, NULL, NULL);
        return;
    }
}

/* Once the password has failed it is not tried on the rest. */
static void
open_locked(const Visit *visit, const SkZipEntry *entry, const char *name)
{
    if (*visit->tried == SK_DECRYPT_OPENED)
        *visit->tried = sk_zip_decrypt(visit->unpack, entry, visit->try->password);
    if (*visit->tried != SK_DECRYPT_OPENED) {
        sk_attach_member_by_name(visit->scan, visit->file, name);
        return;
    }
    visit->file->opened = true;
    sk_attach_member(visit->scan, visit->file, name, visit->unpack->content);
    visit->file->opened = false;
}

static void
visit_entry(const Visit *visit, const SkZipEntry *entry)
{
    g_autofree char *name = sk_zip_entry_name_dup(entry);

    tell_package(visit, entry, name);
    if (!sk_zip_entry_is_file(entry) && entry->lock == SK_ZIP_CLEAR && entry->packed == 0)
        sk_attach_member_by_name(visit->scan, visit->file, name);
    else if (visit->try != NULL && sk_zip_entry_is_file(entry) && entry->lock != SK_ZIP_CLEAR)
        open_locked(visit, entry, name);
    else if (entry->lock != SK_ZIP_CLEAR || entry->local == SK_BYTES_NONE || entry->cut)
        sk_attach_member_by_name(visit->scan, visit->file, name);
    else
        look_inside(visit, entry, name);
}

static void
visit_entries(const Visit *visit)
{
    for (size_t i = 0; i < sk_zip_count(visit->zip); i++) {
        if (sk_attach_is_over(visit->scan, visit->file))
            return;
        visit_entry(visit, sk_zip_peek(visit->zip, i));
    }
}

static bool
has_locked_file(const SkZip *zip)
{
    for (size_t i = 0; i < sk_zip_count(zip); i++) {
        const SkZipEntry *entry = sk_zip_peek(zip, i);

        if (sk_zip_entry_is_file(entry) && entry->lock != SK_ZIP_CLEAR)
            return true;
    }
    return false;
}

/* Opens everything with the password, or says as always that it is locked. */
static void
visit_with_password(const Visit *visit)
{
    SkInspectTry *try = visit->try;

    visit_entries(visit);
    visit->file->tried = true;
    switch (*visit->tried) {
    case SK_DECRYPT_OPENED:
        try->opened++;
        return;
    case SK_DECRYPT_WRONG:
        try->wrong++;
        break;
    case SK_DECRYPT_UNSUPPORTED:
        try->unsupported++;
        break;
    case SK_DECRYPT_OVER:
        (void)sk_attach_is_over(visit->scan, visit->file);
        try->over++;
        break;
    }
    state_locks(visit->scan, visit->file, visit->zip);
}

static void
take_type(SkAttachFile *file, const SkZip *zip)
{
    file->type = sk_zip_package_type(zip);
    file->program = file->type == SK_ATTACH_JAR || file->type == SK_ATTACH_APK ||
                    file->type == SK_ATTACH_MSIX || file->type == SK_ATTACH_ADD_ON;
    file->parts = file->type != SK_ATTACH_ZIP;
}

void
sk_attach_zip_open(SkAttachScan *scan, SkAttachFile *file)
{
    g_auto(SkZipUnpack) unpack = {0};
    g_auto(SkZip) zip = {0};
    SkZipDecrypt tried = SK_DECRYPT_OPENED;
    Visit visit = {scan, file, &zip, &unpack, sk_attach_try(scan, file), &tried};

    sk_zip_read(&zip, file->bytes, sk_attach_budget(scan));
    sk_zip_unpack_init(&unpack, &zip);
    take_type(file, &zip);
    state_facts(scan, file, &zip);
    if (zip.masked || !has_locked_file(&zip))
        visit.try = NULL;
    if (visit.try == NULL)
        state_locks(scan, file, &zip);
    if (file->type == SK_ATTACH_IWORK)
        look_for_iwork_lock(&visit);
    if (visit.try == NULL)
        visit_entries(&visit);
    else
        visit_with_password(&visit);
}
