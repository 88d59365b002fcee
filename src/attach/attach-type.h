/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-type - what a file is, by its bytes
 *
 * The name is used only where bytes cannot decide: scripts are text, and text is what its
 * extension makes a system do with it. What a ZIP archive holds besides (OOXML, JAR …) is the
 * ZIP reader's to say.
 *
 * Limits: looks at the first 64 KiB, and at the places where a format keeps its mark (0x8001
 * for ISO 9660, the last 512 bytes for VHD and DMG, the end for a ZIP directory).
 * Errors: none; SK_ATTACH_UNKNOWN is an answer.
 */

#include "base/bytes.h"

typedef enum {
    SK_ATTACH_UNKNOWN,
    SK_ATTACH_EMPTY,
    /* text */
    SK_ATTACH_TEXT,
    SK_ATTACH_HTML,
    SK_ATTACH_XML,
    SK_ATTACH_OFFICE_XML, /* a whole Office document written as one XML file */
    SK_ATTACH_RTF,
    SK_ATTACH_MAIL,
    SK_ATTACH_CALENDAR,
    /* pictures, sound, film, fonts: nothing to open */
    SK_ATTACH_MEDIA,
    SK_ATTACH_SVG, /* without script; with one it is a SCRIPT */
    /* data bases, drawings, scientific data and the like: nothing to open */
    SK_ATTACH_DATA,
    /* archives */
    SK_ATTACH_ZIP,
    SK_ATTACH_7Z,
    SK_ATTACH_RAR14,
    SK_ATTACH_RAR4,
    SK_ATTACH_RAR5,
    SK_ATTACH_ARJ,
    SK_ATTACH_ACE,
    SK_ATTACH_CAB,
    SK_ATTACH_LHA,
    SK_ATTACH_TAR,
    SK_ATTACH_CPIO,
    SK_ATTACH_AR,
    SK_ATTACH_GZIP,
    SK_ATTACH_BZIP2,
    SK_ATTACH_XZ,
    SK_ATTACH_LZMA,
    SK_ATTACH_ZSTD,
    SK_ATTACH_LZ4,
    SK_ATTACH_LZIP,
    SK_ATTACH_COMPRESS,
    SK_ATTACH_OTHER_ARCHIVE, /* EGG, ALZ, StuffIt, XAR …: known, not opened */
    /* documents */
    SK_ATTACH_CFB,  /* OLE2 compound file: DOC, XLS, PPT, MSG, MSI, encrypted OOXML */
    SK_ATTACH_BIFF, /* raw BIFF without CFB */
    SK_ATTACH_OOXML,
    SK_ATTACH_ODF,
    SK_ATTACH_IWORK,
    SK_ATTACH_EPUB,       /* ZIP inside */
    SK_ATTACH_ACTIVEMIME, /* Word's editdata.mso: a packed CFB with macros */
    SK_ATTACH_ACCESS,
    SK_ATTACH_PDF,
    SK_ATTACH_ONENOTE,
    SK_ATTACH_TNEF,
    /* what can do harm by a double click */
    SK_ATTACH_PE,
    SK_ATTACH_DOS_EXE,
    SK_ATTACH_ELF,
    SK_ATTACH_MACHO,
    SK_ATTACH_JAVA_CLASS,
    SK_ATTACH_JAR,
    SK_ATTACH_APK,
    SK_ATTACH_MSIX,
    SK_ATTACH_ADD_ON,  /* for a browser or an editor: XPI, CRX, VSIX */
    SK_ATTACH_PACKAGE, /* DEB, RPM, Apple's PKG */
    SK_ATTACH_DEX,
    SK_ATTACH_LNK,
    SK_ATTACH_SHORTCUT_TEXT, /* .url, .desktop, .settingcontent-ms, .library-ms … */
    SK_ATTACH_CHM,
    SK_ATTACH_HLP,
    SK_ATTACH_SCRIPT,
    SK_ATTACH_SWF,
    /* disk images */
    SK_ATTACH_ISO,
    SK_ATTACH_UDF,
    SK_ATTACH_VHD,
    SK_ATTACH_VHDX,
    SK_ATTACH_VMDK,
    SK_ATTACH_VDI,
    SK_ATTACH_QCOW,
    SK_ATTACH_FAT,
    SK_ATTACH_NTFS,
    SK_ATTACH_FILESYSTEM, /* ext, SquashFS, HFS+, or a disk with a partition table */
    SK_ATTACH_WIM,
    SK_ATTACH_DMG,
    /* cryptography */
    SK_ATTACH_PKCS7,
    SK_ATTACH_PGP,
    SK_ATTACH_CERTIFICATE,
    SK_ATTACH_N_TYPES
} SkAttachType;

/* NAME may be NULL. */
SkAttachType sk_attach_type_of(SkBytes bytes, const char *name);

/* The same when only the head of the file is at hand: marks that stand at its end or far into
 * it are not looked for. */
SkAttachType sk_attach_type_of_head(SkBytes head, const char *name);
