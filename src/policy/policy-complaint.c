/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-complaint.h"

#include <string.h>

void
sk_complaint_free(SkComplaint *complaint)
{
    if (complaint == NULL)
        return;
    g_free(complaint->file);
    g_free(complaint->message);
    g_free(complaint->source);
    g_free(complaint);
}

void
sk_complaints_add(SkComplaints *complaints,
                  SkComplaintGrade grade,
                  size_t at,
                  const char *format,
                  ...)
{
    SkComplaint *one = g_new0(SkComplaint, 1);
    va_list args;

    va_start(args, format);
    one->message = g_strdup_vprintf(format, args);
    va_end(args);
    one->grade = grade;
    one->observed = complaints->observed;
    one->stored = complaints->stored;
    one->file = g_strdup(complaints->file);
    one->line = complaints->line;
    one->column = (unsigned)at + 1;
    one->source = g_strndup((const char *)complaints->source.data, complaints->source.len);
    complaints->errors += grade == SK_COMPLAINT_ERROR;
    if (complaints->list != NULL)
        g_ptr_array_add(complaints->list, one);
    else
        sk_complaint_free(one);
}

/* Columns of a terminal that C takes. */
static unsigned
width(gunichar c)
{
    if (g_unichar_iszerowidth(c))
        return 0;
    return g_unichar_iswide(c) ? 2 : 1;
}

/* One character of the source to LINE, and its width in blanks to CARETS unless that is NULL.
 * What is not printable is shown as "?": the text may be anything. */
static const char *
append_char(GString *line, GString *carets, const char *p)
{
    gunichar c = g_utf8_get_char_validated(p, -1);
    bool broken = c == (gunichar)-1 || c == (gunichar)-2;
    bool shown = !broken && (c == '\t' || g_unichar_isprint(c));

    g_string_append_unichar(line, shown ? c : '?');
    for (unsigned i = shown ? width(c) : 1; carets != NULL && i > 0; i--)
        g_string_append_c(carets, c == '\t' ? '\t' : ' ');
    return broken ? p + 1 : g_utf8_next_char(p);
}

char *
sk_complaint_where(const SkComplaint *complaint)
{
    return g_strdup_printf(complaint->stored ? "%s, line %u, column %u" : "%s:%u:%u",
                           complaint->file, complaint->line, complaint->column);
}

char *
sk_complaint_format(const SkComplaint *complaint)
{
    g_autofree char *where = sk_complaint_where(complaint);
    g_autoptr(GString) line = g_string_new(NULL);
    g_autoptr(GString) carets = g_string_new(NULL);
    const char *caret =
        complaint->source + MIN(complaint->column - 1, strlen(complaint->source));

    for (const char *p = complaint->source; *p != '\0';)
        p = append_char(line, p < caret ? carets : NULL, p);
    return g_strdup_printf("%s: %s: %s\n%s\n%s^", where,
                           complaint->grade == SK_COMPLAINT_ERROR ? "error" : "warning",
                           complaint->message, line->str, carets->str);
}
