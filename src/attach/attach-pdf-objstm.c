/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-pdf.h"

/*
 * attach-pdf-objstm - object streams, looked into without the objects in them being made
 *
 * qpdf unpacks an object stream whole and without a limit as soon as one of its objects is
 * wanted; here each is unpacked within the budget first.
 */

/* Bytes in front of "/ObjStm" in which its object begins. */
#define BEFORE_OBJSTM 1024
/* Object streams of one file; writers put 100 or more objects into each. */
#define MAX_OBJSTMS 4096

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

static bool
is_objstm(qpdf_data pdf, qpdf_oh stream)
{
    qpdf_oh dict, type;
    bool is;

    if (!qpdf_oh_is_stream(pdf, stream))
        return false;
    dict = qpdf_oh_get_dict(pdf, stream);
    type = qpdf_oh_get_key(pdf, dict, "/Type");
    is = qpdf_oh_is_name_and_equals(pdf, type, "/ObjStm");
    qpdf_oh_release(pdf, type);
    qpdf_oh_release(pdf, dict);
    return is;
}

/* Each mark must belong to an object stream of its own. A mark that does not is an older
 * revision's, or a number in a comment that hides the true one. */
static bool
is_new(SkBuffer *seen, int number)
{
    for (size_t at = 0; at < seen->len; at += sizeof number) {
        if (memcmp(seen->data + at, &number, sizeof number) == 0)
            return false;
    }
    return sk_buffer_append(seen, &number, sizeof number);
}

/* False when the stream cannot be unpacked, which has been stated. */
static bool
look_stream(SkAttachScan *scan,
            SkAttachFile *file,
            qpdf_data pdf,
            int number,
            bool *interesting)
{
    qpdf_oh stream = qpdf_get_object_by_id(pdf, number, 0);
    g_auto(SkBuffer) text = {0};
    bool unpacked = true;

    if (!is_objstm(pdf, stream)) {
        *interesting = true;
    } else {
        unpacked = sk_attach_pdf_stream(scan, file, pdf, stream, &text);
        *interesting = *interesting || sk_attach_pdf_is_interesting(sk_buffer_bytes(&text));
    }
    qpdf_oh_release(pdf, stream);
    return unpacked;
}

bool
sk_attach_pdf_look_streams(SkAttachScan *scan,
                           SkAttachFile *file,
                           qpdf_data pdf,
                           bool *interesting)
{
    g_auto(SkBuffer) seen = {0};
    size_t at = 0;

    sk_buffer_init(&seen, MAX_OBJSTMS * sizeof(int));
    while ((at = sk_bytes_find(file->bytes, "/ObjStm", 7, at)) != SK_BYTES_NONE) {
        int number = object_before(file->bytes, at++);

        if (number < 0 || !is_new(&seen, number))
            *interesting = true;
        else if (!look_stream(scan, file, pdf, number, interesting))
            return false;
        if (sk_attach_is_over(scan, file))
            return false;
    }
    return true;
}
