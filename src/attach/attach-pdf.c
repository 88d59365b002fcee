/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-pdf.h"

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(qpdf_data, qpdf_cleanup)

static void
read_with(qpdf_data pdf, const SkAttachFile *file, const char *password)
{
    qpdf_silence_errors(pdf);
    qpdf_set_suppress_warnings(pdf, QPDF_TRUE);
    if (!sk_attach_pdf_may_search(file->bytes))
        qpdf_set_attempt_recovery(pdf, QPDF_FALSE);
    (void)qpdf_read_memory(pdf, "attachment", (const char *)file->bytes.data, file->bytes.len,
                           password);
}

static bool
has(SkBytes bytes, const char *word)
{
    return sk_bytes_find(bytes, word, strlen(word), 0) != SK_BYTES_NONE;
}

static void
state_encrypted(SkAttachScan *scan, SkAttachFile *file, SkEncrypted how, const char *why)
{
    sk_attach_state_encrypted(scan, file, SK_FINDING_ATTACH_ENCRYPTED_PDF, how, NULL, why);
}

static void
state_rights(SkAttachScan *scan, SkAttachFile *file, const char *why)
{
    sk_attach_state_encrypted(scan, file, SK_FINDING_ATTACH_ENCRYPTED_RIGHTS, SK_ENCRYPTED_ALL,
                              NULL, why);
}

/* A password is missing. Where streams and strings are left clear, only what is attached is
 * encrypted (the crypt filter EFF, 7.6.6). */
static void
on_password(SkAttachScan *scan, SkAttachFile *file)
{
    if (has(file->bytes, "/EFF") &&
        (has(file->bytes, "/StmF/Identity") || has(file->bytes, "/StmF /Identity")))
        state_encrypted(scan, file, SK_ENCRYPTED_SOME, "the attachments, password");
    else
        state_encrypted(scan, file, SK_ENCRYPTED_ALL, sk_attach_pdf_describe(file->bytes));
}

/* qpdf knows the standard handler only; who else encrypts is named in the dictionary. */
static void
on_unsupported(SkAttachScan *scan, SkAttachFile *file)
{
    if (has(file->bytes, "/Adobe.PubSec") || has(file->bytes, "/Adobe.PPKLite"))
        state_encrypted(scan, file, SK_ENCRYPTED_ALL, "certificate");
    else if (has(file->bytes, "/MicrosoftIRMServices"))
        state_rights(scan, file, "Microsoft rights management");
    else if (has(file->bytes, "/EBX_HANDLER") || has(file->bytes, "/FOPN_"))
        state_rights(scan, file, "rights management");
    else if (has(file->bytes, "/Encrypt"))
        state_encrypted(scan, file, SK_ENCRYPTED_ALL, "unknown encryption");
    else
        sk_attach_broken(scan, file, "the PDF uses something that cannot be read");
}

static void
on_damage(SkAttachScan *scan, SkAttachFile *file, const char *detail)
{
    sk_attach_broken(scan, file, "PDF: %s", detail);
    if (has(file->bytes, "/Encrypt"))
        state_encrypted(scan, file, SK_ENCRYPTED_ALL, "damaged");
}

/* qpdf goes on without what it cannot unpack or parse, and only warns. An object stream that
 * needs more memory than there is would hide its objects that way. */
static bool
is_loss(const char *warning)
{
    return strstr(warning, "error decoding stream data") != NULL ||
           strstr(warning, "error reading object") != NULL ||
           strstr(warning, "unfilterable") != NULL;
}

static void
look_warnings(SkAttachScan *scan, SkAttachFile *file, qpdf_data pdf)
{
    bool loss = false;

    while (qpdf_more_warnings(pdf)) {
        qpdf_error warning = qpdf_next_warning(pdf);

        loss = loss || is_loss(qpdf_get_error_message_detail(pdf, warning));
    }
    if (loss)
        sk_attach_broken(scan, file, "PDF: some objects cannot be read");
}

static void
look_inside(SkAttachScan *scan, SkAttachFile *file, qpdf_data pdf)
{
    bool interesting = sk_attach_pdf_is_interesting(file->bytes);

    if (sk_attach_pdf_hides_objects(file->bytes)) {
        sk_attach_broken(scan, file, "PDF: an object stream under a disguised name");
        return;
    }
    if (sk_attach_pdf_look_streams(scan, file, pdf, &interesting) && interesting)
        sk_attach_pdf_walk(scan, file, pdf);
    look_warnings(scan, file, pdf);
}

/* The password that is to be tried, if one is. */
static void
open_locked(SkAttachScan *scan, SkAttachFile *file)
{
    SkInspectTry *try = sk_attach_try(scan, file);
    g_auto(qpdf_data) pdf = qpdf_init();

    if (try == NULL) {
        on_password(scan, file);
        return;
    }
    read_with(pdf, file, try->password);
    file->tried = true;
    if (qpdf_has_error(pdf)) {
        try->wrong++;
        on_password(scan, file);
        return;
    }
    try->opened++;
    file->opened = true;
    if (!sk_attach_is_over(scan, file))
        look_inside(scan, file, pdf);
}

static void
on_error(SkAttachScan *scan, SkAttachFile *file, qpdf_data pdf)
{
    qpdf_error error = qpdf_get_error(pdf);

    switch (qpdf_get_error_code(pdf, error)) {
    case qpdf_e_password:
        open_locked(scan, file);
        return;
    case qpdf_e_unsupported:
        on_unsupported(scan, file);
        return;
    default:
        on_damage(scan, file, qpdf_get_error_message_detail(pdf, error));
    }
}

void
sk_attach_pdf_open(SkAttachScan *scan, SkAttachFile *file)
{
    g_auto(qpdf_data) pdf = qpdf_init();

    read_with(pdf, file, "");
    if (qpdf_has_error(pdf))
        on_error(scan, file, pdf);
    else if (!sk_attach_is_over(scan, file))
        look_inside(scan, file, pdf);
}
