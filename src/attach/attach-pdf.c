/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-pdf.h"

#include <stdlib.h>

/* Bytes in front of "/ObjStm" in which its object begins. */
#define BEFORE_OBJSTM 1024

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(qpdf_data, qpdf_cleanup)

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

static void
on_error(SkAttachScan *scan, SkAttachFile *file, qpdf_data pdf)
{
    qpdf_error error = qpdf_get_error(pdf);

    switch (qpdf_get_error_code(pdf, error)) {
    case qpdf_e_password:
        on_password(scan, file);
        return;
    case qpdf_e_unsupported:
        on_unsupported(scan, file);
        return;
    default:
        on_damage(scan, file, qpdf_get_error_message_detail(pdf, error));
    }
}

/* The number N in "N G obj", the last such before AT; -1 when there is none. */
static int
object_before(SkBytes bytes, size_t at)
{
    size_t floor = at > BEFORE_OBJSTM ? at - BEFORE_OBJSTM : 0;
    SkBytes before = sk_bytes_slice(bytes, floor, at - floor);
    size_t i = sk_bytes_find_last(before, " obj", 4, 0);
    int64_t number = 0, unit = 1;

    if (i == SK_BYTES_NONE || i < 3)
        return -1;
    while (i > 0 && g_ascii_isdigit(sk_bytes_u8(before, i - 1)))
        i--;
    if (i == 0 || sk_bytes_u8(before, --i) != ' ')
        return -1;
    while (i > 0 && g_ascii_isdigit(sk_bytes_u8(before, i - 1)) && unit < INT32_MAX) {
        number += (sk_bytes_u8(before, --i) - '0') * unit;
        unit *= 10;
    }
    return number > 0 && number < INT32_MAX ? (int)number : -1;
}

/* Whether the object stream whose mark stands at AT holds something of interest, or cannot be
 * looked into in this quick way. */
static bool
is_objstm_interesting(SkAttachScan *scan, SkAttachFile *file, qpdf_data pdf, size_t at)
{
    int number = object_before(file->bytes, at);
    g_auto(SkBuffer) text = {0};
    qpdf_oh stream;
    bool clear;

    if (number < 0)
        return true;
    stream = qpdf_get_object_by_id(pdf, number, 0);
    if (qpdf_has_error(pdf))
        return true;
    if (!qpdf_oh_is_stream(pdf, stream)) {
        qpdf_oh_release(pdf, stream);
        return false; /* an older revision's */
    }
    clear = sk_attach_pdf_stream(scan, file, pdf, stream, &text) &&
            !sk_attach_pdf_is_interesting(sk_buffer_bytes(&text));
    qpdf_oh_release(pdf, stream);
    return !clear;
}

static bool
is_interesting(SkAttachScan *scan, SkAttachFile *file, qpdf_data pdf)
{
    size_t at = 0;

    if (sk_attach_pdf_is_interesting(file->bytes))
        return true;
    while ((at = sk_bytes_find(file->bytes, "/ObjStm", 7, at)) != SK_BYTES_NONE) {
        if (is_objstm_interesting(scan, file, pdf, at))
            return true;
        if (sk_attach_is_over(scan, file))
            return false;
        at++;
    }
    return false;
}

void
sk_attach_pdf_open(SkAttachScan *scan, SkAttachFile *file)
{
    g_auto(qpdf_data) pdf = qpdf_init();

    qpdf_silence_errors(pdf);
    qpdf_set_suppress_warnings(pdf, QPDF_TRUE);
    (void)qpdf_read_memory(pdf, "attachment", (const char *)file->bytes.data, file->bytes.len,
                           "");
    if (qpdf_has_error(pdf)) {
        on_error(scan, file, pdf);
        return;
    }
    if (!sk_attach_is_over(scan, file) && is_interesting(scan, file, pdf))
        sk_attach_pdf_walk(scan, file, pdf);
}
