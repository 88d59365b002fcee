/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "attach/attach-pdf.h"
#include "attach/attach-zlib.h"
#include "base/limit.h"

/* qpdf unpacks without a limit. It is trusted with packed data up to this size, of which
 * deflate can make 130 MB and a chain of filters more; only rare streams need it. */
#define MAX_FOR_QPDF (128u * 1024)

typedef enum {
    FILTER_NONE,
    FILTER_FLATE,
    FILTER_OTHER,
} Filter;

static bool
is_flate(qpdf_data pdf, qpdf_oh name)
{
    return qpdf_oh_is_name_and_equals(pdf, name, "/FlateDecode") ||
           qpdf_oh_is_name_and_equals(pdf, name, "/Fl");
}

/* A predictor has to be undone after inflating, which is left to qpdf. */
static bool
has_parameters(qpdf_data pdf, qpdf_oh dict)
{
    qpdf_oh parms = qpdf_oh_get_key(pdf, dict, "/DecodeParms");
    bool any = !qpdf_oh_is_null(pdf, parms);

    qpdf_oh_release(pdf, parms);
    return any;
}

static Filter
classify(qpdf_data pdf, qpdf_oh dict)
{
    qpdf_oh filter = qpdf_oh_get_key(pdf, dict, "/Filter");
    Filter answer = FILTER_OTHER;

    if (qpdf_oh_is_null(pdf, filter)) {
        answer = FILTER_NONE;
    } else if (qpdf_oh_is_array(pdf, filter)) {
        int n = qpdf_oh_get_array_n_items(pdf, filter);
        qpdf_oh first = n == 1 ? qpdf_oh_get_array_item(pdf, filter, 0) : 0;

        answer = n == 0 ? FILTER_NONE : n == 1 && is_flate(pdf, first) ? FILTER_FLATE : answer;
        qpdf_oh_release(pdf, first);
    } else if (is_flate(pdf, filter)) {
        answer = FILTER_FLATE;
    }
    qpdf_oh_release(pdf, filter);
    if (answer == FILTER_FLATE && has_parameters(pdf, dict))
        answer = FILTER_OTHER;
    return answer;
}

/* Memory of qpdf's, from malloc(), becomes a buffer's. */
static bool
get_data(qpdf_data pdf, qpdf_oh stream, enum qpdf_stream_decode_level_e level, SkBuffer *out)
{
    QPDF_BOOL filtered = QPDF_FALSE;
    unsigned char *data = NULL;
    size_t len = 0;

    (void)qpdf_oh_get_stream_data(pdf, stream, level, &filtered, &data, &len);
    if (qpdf_has_error(pdf)) {
        (void)qpdf_get_error(pdf);
        free(data);
        return false;
    }
    *out = (SkBuffer){.data = data, .len = len, .cap = len, .limit = len};
    return level == qpdf_dl_none || filtered;
}

static bool
unpack(SkAttachScan *scan,
       qpdf_data pdf,
       qpdf_oh stream,
       Filter filter,
       SkBuffer *raw,
       SkBuffer *out)
{
    if (filter == FILTER_FLATE) {
        sk_buffer_init(out, SK_LIMIT_UNPACKED);
        return sk_inflate(sk_buffer_bytes(raw), SK_INFLATE_ZLIB, sk_attach_budget(scan), out);
    }
    if (filter == FILTER_NONE) {
        *out = *raw;
        *raw = (SkBuffer){0};
        return true;
    }
    return raw->len <= MAX_FOR_QPDF && get_data(pdf, stream, qpdf_dl_specialized, out) &&
           sk_budget_take_bytes(sk_attach_budget(scan), out->len, raw->len, 0);
}

bool
sk_attach_pdf_stream(SkAttachScan *scan,
                     SkAttachFile *file,
                     qpdf_data pdf,
                     qpdf_oh stream,
                     SkBuffer *out)
{
    qpdf_oh dict = qpdf_oh_get_dict(pdf, stream);
    Filter filter = classify(pdf, dict);
    g_auto(SkBuffer) raw = {0};

    qpdf_oh_release(pdf, dict);
    *out = (SkBuffer){0};
    if (get_data(pdf, stream, qpdf_dl_none, &raw) &&
        unpack(scan, pdf, stream, filter, &raw, out))
        return true;
    if (sk_attach_is_over(scan, file))
        return false;
    if (filter == FILTER_OTHER)
        sk_attach_unopened(scan, file, "a stream in it is packed in an unusual way");
    else
        sk_attach_broken(scan, file, "PDF: a stream is damaged");
    return false;
}
