/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-danger.h"

#include "attach/attach-extension.h"
#include "attach/attach-format.h"
#include "attach/attach-name.h"

typedef struct {
    SkFindingId id;
    const char *what; /* NULL: no danger */
} Danger;

/* clang-format off */
static const Danger dangers[SK_ATTACH_N_TYPES] = {
    [SK_ATTACH_PE] = {SK_FINDING_ATTACH_DANGER_EXECUTABLE, "Windows program"},
    [SK_ATTACH_DOS_EXE] = {SK_FINDING_ATTACH_DANGER_EXECUTABLE, "DOS program"},
    [SK_ATTACH_ELF] = {SK_FINDING_ATTACH_DANGER_EXECUTABLE, "Linux program"},
    [SK_ATTACH_MACHO] = {SK_FINDING_ATTACH_DANGER_EXECUTABLE, "macOS program"},
    [SK_ATTACH_DEX] = {SK_FINDING_ATTACH_DANGER_EXECUTABLE, "Android program"},
    [SK_ATTACH_SWF] = {SK_FINDING_ATTACH_DANGER_EXECUTABLE, "Flash program"},
    [SK_ATTACH_SCRIPT] = {SK_FINDING_ATTACH_DANGER_SCRIPT, "script"},
    [SK_ATTACH_LNK] = {SK_FINDING_ATTACH_DANGER_SHORTCUT, "Windows shortcut"},
    [SK_ATTACH_SHORTCUT_TEXT] = {SK_FINDING_ATTACH_DANGER_SHORTCUT, "shortcut in a text file"},
    [SK_ATTACH_JAVA_CLASS] = {SK_FINDING_ATTACH_DANGER_JAVA, "class file"},
    [SK_ATTACH_JAR] = {SK_FINDING_ATTACH_DANGER_JAVA, "JAR archive"},
    [SK_ATTACH_APK] = {SK_FINDING_ATTACH_DANGER_INSTALLER, "Android package"},
    [SK_ATTACH_MSIX] = {SK_FINDING_ATTACH_DANGER_INSTALLER, "Windows app package"},
    [SK_ATTACH_ADD_ON] = {SK_FINDING_ATTACH_DANGER_INSTALLER, "add-on for a browser or an editor"},
    [SK_ATTACH_PACKAGE] = {SK_FINDING_ATTACH_DANGER_INSTALLER, "Linux or macOS package"},
    [SK_ATTACH_CHM] = {SK_FINDING_ATTACH_DANGER_HELP, "compiled HTML help"},
    [SK_ATTACH_HLP] = {SK_FINDING_ATTACH_DANGER_HELP, "Windows help"},
    [SK_ATTACH_ISO] = {SK_FINDING_ATTACH_DANGER_DISK_IMAGE, "ISO 9660"},
    [SK_ATTACH_UDF] = {SK_FINDING_ATTACH_DANGER_DISK_IMAGE, "UDF"},
    [SK_ATTACH_VHD] = {SK_FINDING_ATTACH_DANGER_DISK_IMAGE, "VHD"},
    [SK_ATTACH_VHDX] = {SK_FINDING_ATTACH_DANGER_DISK_IMAGE, "VHDX"},
    [SK_ATTACH_VMDK] = {SK_FINDING_ATTACH_DANGER_DISK_IMAGE, "VMDK"},
    [SK_ATTACH_VDI] = {SK_FINDING_ATTACH_DANGER_DISK_IMAGE, "VDI"},
    [SK_ATTACH_QCOW] = {SK_FINDING_ATTACH_DANGER_DISK_IMAGE, "QCOW"},
    [SK_ATTACH_FAT] = {SK_FINDING_ATTACH_DANGER_DISK_IMAGE, "FAT"},
    [SK_ATTACH_NTFS] = {SK_FINDING_ATTACH_DANGER_DISK_IMAGE, "NTFS"},
    [SK_ATTACH_FILESYSTEM] = {SK_FINDING_ATTACH_DANGER_DISK_IMAGE, "file system"},
    [SK_ATTACH_WIM] = {SK_FINDING_ATTACH_DANGER_DISK_IMAGE, "WIM"},
    [SK_ATTACH_DMG] = {SK_FINDING_ATTACH_DANGER_DISK_IMAGE, "DMG"},
};
/* clang-format on */

/* A document's, a picture's or an archive's extension on what runs. Disk images, help files
 * and packages do nothing under another name. */
static bool
is_disguised(const SkAttachFile *file)
{
    SkExtension extension = sk_extension_of(file->name);

    if (extension != SK_EXTENSION_DOCUMENT && extension != SK_EXTENSION_PAGE &&
        extension != SK_EXTENSION_ARCHIVE)
        return false;
    switch (file->type) {
    case SK_ATTACH_PE:
    case SK_ATTACH_DOS_EXE:
    case SK_ATTACH_ELF:
    case SK_ATTACH_MACHO:
    case SK_ATTACH_SCRIPT:
    case SK_ATTACH_LNK:
    case SK_ATTACH_SHORTCUT_TEXT:
    case SK_ATTACH_JAVA_CLASS:
        return !sk_extension_is(file->name, "svg");
    default:
        return false;
    }
}

/* A script host runs what it is given, whatever else the bytes are. */
static void
state_extension(SkAttachScan *scan, SkAttachFile *file)
{
    switch (sk_extension_of(file->name)) {
    case SK_EXTENSION_SCRIPT:
        sk_attach_state(scan, file, SK_FINDING_ATTACH_DANGER_SCRIPT,
                        "run because of its extension");
        break;
    case SK_EXTENSION_SHORTCUT:
        sk_attach_state(scan, file, SK_FINDING_ATTACH_DANGER_SHORTCUT,
                        "followed because of its extension");
        break;
    default:
        break;
    }
}

void
sk_attach_danger_state(SkAttachScan *scan, SkAttachFile *file)
{
    const Danger *danger = &dangers[file->type];

    if (danger->what != NULL)
        sk_attach_state(scan, file, danger->id, "%s", danger->what);
    else if (file->type != SK_ATTACH_EMPTY)
        state_extension(scan, file);
    if (is_disguised(file))
        sk_attach_state(scan, file, SK_FINDING_ATTACH_DANGER_DISGUISED, "a %s",
                        sk_attach_format(file->type)->name);
}

void
sk_attach_danger_state_name(SkAttachScan *scan, SkAttachFile *file)
{
    const char *trick = sk_attach_name_extension_trick(file->name);

    if (trick != NULL)
        sk_attach_state(scan, file, SK_FINDING_ATTACH_DANGER_EXTENSION, "%s", trick);
    if (sk_attach_name_is_bidi(file->name))
        sk_attach_state(scan, file, SK_FINDING_ATTACH_DANGER_BIDI, NULL);
}
