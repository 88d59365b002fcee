/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-format.h"

#define PLAIN  SK_FORMAT_PLAIN
#define WHOLE  SK_FORMAT_WHOLE
#define CLOSED SK_FORMAT_CLOSED
#define STUB   SK_FORMAT_STUB

/* clang-format off */
static const SkAttachFormat formats[SK_ATTACH_N_TYPES] = {
    [SK_ATTACH_UNKNOWN] = {"unknown", NULL, WHOLE | STUB},
    [SK_ATTACH_EMPTY] = {"empty", NULL, PLAIN},
    [SK_ATTACH_TEXT] = {"text", NULL, STUB},
    [SK_ATTACH_HTML] = {"html", NULL, STUB},
    [SK_ATTACH_XML] = {"xml", NULL, PLAIN},
    [SK_ATTACH_OFFICE_XML] = {"office-xml", sk_attach_office_xml_open, WHOLE},
    [SK_ATTACH_RTF] = {"rtf", sk_attach_rtf_open, WHOLE},
    [SK_ATTACH_MAIL] = {"mail", sk_attach_mail_open, WHOLE},
    [SK_ATTACH_CALENDAR] = {"calendar", NULL, PLAIN},
    [SK_ATTACH_MEDIA] = {"media", NULL, STUB},
    [SK_ATTACH_SVG] = {"svg", sk_attach_svg_open, WHOLE},
    [SK_ATTACH_DATA] = {"data", NULL, STUB},
    [SK_ATTACH_ZIP] = {"zip", sk_attach_zip_open, WHOLE},
    [SK_ATTACH_7Z] = {"7z", sk_attach_7z_open, WHOLE},
    [SK_ATTACH_RAR14] = {"rar", sk_attach_rar14_open, WHOLE},
    [SK_ATTACH_RAR4] = {"rar", sk_attach_rar4_open, WHOLE},
    [SK_ATTACH_RAR5] = {"rar", sk_attach_rar5_open, WHOLE},
    [SK_ATTACH_ARJ] = {"arj", sk_attach_arj_open, WHOLE},
    [SK_ATTACH_ACE] = {"ace", sk_attach_ace_open, WHOLE},
    [SK_ATTACH_CAB] = {"cab", sk_attach_archive_open, WHOLE},
    [SK_ATTACH_LHA] = {"lha", sk_attach_lha_open, WHOLE},
    [SK_ATTACH_TAR] = {"tar", sk_attach_archive_open, WHOLE},
    [SK_ATTACH_CPIO] = {"cpio", sk_attach_cpio_open, WHOLE},
    [SK_ATTACH_AR] = {"ar", sk_attach_archive_open, WHOLE},
    [SK_ATTACH_GZIP] = {"gzip", sk_attach_archive_open, WHOLE},
    [SK_ATTACH_BZIP2] = {"bzip2", sk_attach_archive_open, WHOLE},
    [SK_ATTACH_XZ] = {"xz", sk_attach_archive_open, WHOLE},
    [SK_ATTACH_LZMA] = {"lzma", sk_attach_archive_open, WHOLE},
    [SK_ATTACH_ZSTD] = {"zstd", sk_attach_archive_open, WHOLE},
    [SK_ATTACH_LZ4] = {"lz4", sk_attach_archive_open, WHOLE},
    [SK_ATTACH_LZIP] = {"lzip", sk_attach_archive_open, WHOLE},
    [SK_ATTACH_COMPRESS] = {"compress", sk_attach_archive_open, WHOLE},
    [SK_ATTACH_OTHER_ARCHIVE] = {"archive", NULL, CLOSED},
    [SK_ATTACH_CFB] = {"cfb", sk_attach_cfb_open, WHOLE},
    [SK_ATTACH_BIFF] = {"biff", sk_attach_biff_open, WHOLE},
    [SK_ATTACH_OOXML] = {"ooxml", sk_attach_zip_open, WHOLE},
    [SK_ATTACH_ODF] = {"odf", sk_attach_zip_open, WHOLE},
    [SK_ATTACH_IWORK] = {"iwork", sk_attach_zip_open, WHOLE},
    [SK_ATTACH_EPUB] = {"epub", sk_attach_zip_open, WHOLE},
    [SK_ATTACH_ACTIVEMIME] = {"activemime", sk_attach_activemime_open, WHOLE},
    [SK_ATTACH_ACCESS] = {"access", sk_attach_access_open, WHOLE},
    [SK_ATTACH_PDF] = {"pdf", sk_attach_pdf_open, WHOLE | STUB},
    [SK_ATTACH_ONENOTE] = {"onenote", sk_attach_onenote_open, WHOLE},
    [SK_ATTACH_TNEF] = {"tnef", sk_attach_tnef_open, WHOLE},
    [SK_ATTACH_PE] = {"pe", NULL, WHOLE | STUB},
    [SK_ATTACH_DOS_EXE] = {"dos-exe", NULL, WHOLE | STUB},
    [SK_ATTACH_ELF] = {"elf", NULL, WHOLE | STUB},
    [SK_ATTACH_MACHO] = {"mach-o", NULL, PLAIN},
    [SK_ATTACH_JAVA_CLASS] = {"java-class", NULL, PLAIN},
    [SK_ATTACH_JAR] = {"jar", sk_attach_zip_open, WHOLE},
    [SK_ATTACH_APK] = {"apk", sk_attach_zip_open, WHOLE},
    [SK_ATTACH_MSIX] = {"msix", sk_attach_zip_open, WHOLE},
    [SK_ATTACH_ADD_ON] = {"add-on", NULL, WHOLE | STUB},
    [SK_ATTACH_PACKAGE] = {"package", NULL, PLAIN},
    [SK_ATTACH_DEX] = {"dex", NULL, PLAIN},
    [SK_ATTACH_LNK] = {"lnk", NULL, WHOLE | STUB},
    [SK_ATTACH_SHORTCUT_TEXT] = {"shortcut", NULL, PLAIN},
    [SK_ATTACH_CHM] = {"chm", NULL, CLOSED},
    [SK_ATTACH_HLP] = {"hlp", NULL, PLAIN},
    [SK_ATTACH_SCRIPT] = {"script", NULL, STUB},
    [SK_ATTACH_SWF] = {"swf", NULL, PLAIN},
    [SK_ATTACH_ISO] = {"iso", sk_attach_archive_open, WHOLE},
    [SK_ATTACH_UDF] = {"udf", NULL, CLOSED},
    [SK_ATTACH_VHD] = {"vhd", NULL, CLOSED},
    [SK_ATTACH_VHDX] = {"vhdx", NULL, CLOSED},
    [SK_ATTACH_VMDK] = {"vmdk", NULL, CLOSED},
    [SK_ATTACH_VDI] = {"vdi", NULL, CLOSED},
    [SK_ATTACH_QCOW] = {"qcow", NULL, CLOSED},
    [SK_ATTACH_FAT] = {"fat", NULL, CLOSED},
    [SK_ATTACH_NTFS] = {"ntfs", NULL, CLOSED},
    [SK_ATTACH_FILESYSTEM] = {"filesystem", NULL, CLOSED},
    [SK_ATTACH_WIM] = {"wim", NULL, CLOSED},
    [SK_ATTACH_DMG] = {"dmg", NULL, CLOSED},
    [SK_ATTACH_PKCS7] = {"pkcs7", sk_attach_crypto_open, WHOLE},
    [SK_ATTACH_PGP] = {"pgp", sk_attach_crypto_open, WHOLE},
    [SK_ATTACH_CERTIFICATE] = {"certificate", NULL, PLAIN},
};
/* clang-format on */

const SkAttachFormat *
sk_attach_format(SkAttachType type)
{
    g_assert(type < SK_ATTACH_N_TYPES);
    g_assert(formats[type].name != NULL);
    return &formats[type];
}
