/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-file - the interface between the scan and the readers of single formats
 *
 * A reader is one function, sk_attach_FORMAT_open(scan, file): it says what it finds through
 * the functions below and hands over what is inside as members, which are judged in turn.
 *
 * Limits: the scan's budget; a reader asks it before it spends.
 * Errors: none. A reader that cannot go on says sk_attach_broken() and returns.
 * Security: file->bytes are hostile; members borrow memory the reader owns until it returns.
 */

#include "attach/attach-scan.h"
#include "attach/attach-type.h"

typedef struct SkAttachFile SkAttachFile;
struct SkAttachFile {
    SkBytes bytes;
    const char *name;  /* UTF-8, without folders; or NULL */
    const char *part;  /* MIME part it came in; or NULL */
    const char *shown; /* for people: "a.zip > b.doc" */
    uint32_t depth;    /* 1: an attachment; 2: a member of it … */
    SkAttachFile *parent;
    /* what becomes of it */
    SkAttachType type;
    SkEncrypted encrypted;
    bool unopened; /* something in it was not read */
    bool parts;    /* members are parts of a document: of no known format is no news */
    bool walked;   /* a part of a message: the MIME walk has opened what is in its text */
    bool tried;    /* the password was tried on it, and what came of it noted */
    bool opened;   /* members of now were opened with a password */
    bool program;  /* members are parts of one program, which is stated as a whole */
};

typedef void (*SkAttachReader)(SkAttachScan *scan, SkAttachFile *file);

SkBudget *sk_attach_budget(SkAttachScan *scan);
SkFindings *sk_attach_findings(SkAttachScan *scan);

/* The password to be tried on FILE, and what to note of it; NULL: none. */
SkInspectTry *sk_attach_try(SkAttachScan *scan, const SkAttachFile *file);

/* States ID about FILE. FORMAT may be NULL: no detail. Foreign text may go in by %s. */
void sk_attach_state(SkAttachScan *scan,
                     SkAttachFile *file,
                     SkFindingId id,
                     const char *format,
                     ...) G_GNUC_PRINTF(4, 5);

/* FILE, or MEMBER of it (NULL: the whole), is encrypted. WHY: "WinZip AES", "RC4, CryptoAPI".
 * A password that should be tried counts as one that cannot be, unless file->tried. */
void sk_attach_state_encrypted(SkAttachScan *scan,
                               SkAttachFile *file,
                               SkFindingId id,
                               SkEncrypted how,
                               const char *member,
                               const char *why);

/* Something in FILE cannot be read: attach.broken; it does not count as inspected. */
void sk_attach_broken(SkAttachScan *scan, SkAttachFile *file, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* FILE is of a known kind that is not opened: attach.unopened; not inspected. */
void sk_attach_unopened(SkAttachScan *scan, SkAttachFile *file, const char *why);

/* If the budget ran out: states the attach.limit.* for it and says true. Readers return then.
 */
bool sk_attach_is_over(SkAttachScan *scan, SkAttachFile *file);

/* Judges a member of FILE, and says what its bytes are. NAME may be NULL. */
SkAttachType sk_attach_member(SkAttachScan *scan,
                              SkAttachFile *file,
                              const char *name,
                              SkBytes bytes);

/* The same, taken for TYPE whatever its bytes say. */
SkAttachType sk_attach_member_as(SkAttachScan *scan,
                                 SkAttachFile *file,
                                 const char *name,
                                 SkBytes bytes,
                                 SkAttachType type);

/* The same from the HEAD of a member. Says how many bytes of it are wanted in all, to be given
 * to sk_attach_member(): SIZE_MAX if its kind has something inside; some if it is harmless, but
 * an archive may stand behind it and looking there is cheap; 0 if it was judged by its head.
 * PACKED and MADE are those of sk_budget_take_bytes(). */
size_t sk_attach_member_by_head(SkAttachScan *scan,
                                SkAttachFile *file,
                                const char *name,
                                SkBytes head,
                                uint64_t packed,
                                uint64_t made);

/* A member of which only the NAME can be read. */
void sk_attach_member_by_name(SkAttachScan *scan, SkAttachFile *file, const char *name);

/* A part of FILE, which is a message. */
void sk_attach_member_part(SkAttachScan *scan, SkAttachFile *file, const SkMailPart *part);

/* Bytes of a member that its kind is known by. */
#define SK_ATTACH_HEAD 2048

/* The readers. */
void sk_attach_zip_open(SkAttachScan *scan, SkAttachFile *file); /* and OOXML, JAR … */
void sk_attach_7z_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_rar14_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_rar4_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_rar5_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_arj_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_ace_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_archive_open(SkAttachScan *scan, SkAttachFile *file); /* through libarchive */
void sk_attach_cpio_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_lha_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_cfb_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_biff_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_access_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_pdf_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_onenote_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_rtf_open(SkAttachScan *scan, SkAttachFile *file); /* objects in it */
void sk_attach_mail_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_tnef_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_svg_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_office_xml_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_activemime_open(SkAttachScan *scan, SkAttachFile *file);
void sk_attach_crypto_open(SkAttachScan *scan, SkAttachFile *file); /* PKCS#7, OpenPGP */

/* Called by the ZIP reader once it has listed a package, with what the package's kind needs. */

/* META-INF/manifest.xml of an ODF package: encryption is said there, not in ZIP flags. */
void sk_attach_odf_manifest(SkAttachScan *scan, SkAttachFile *file, SkBytes manifest);
/* Names of an ODF package decide on macros. */
void sk_attach_odf_entry(SkAttachScan *scan, SkAttachFile *file, const char *name);
/* Names of an OOXML package decide on macros (vbaProject.bin), rights and embedded objects. */
void sk_attach_ooxml_entry(SkAttachScan *scan, SkAttachFile *file, const char *name);
