/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-split.h"

#include <glib.h>

typedef struct {
    size_t line; /* where its line begins */
    size_t next; /* where the line behind it begins */
    bool closing;
} Delimiter;

void
sk_mail_split_init(SkMailSplit *split, SkBytes body, SkBytes boundary)
{
    *split = (SkMailSplit){
        .body = body, .boundary = boundary, .preamble = body.len, .epilogue = SK_BYTES_NONE};
}

/* Where the line behind AT begins, when only blanks stand between; else 0. */
static size_t
line_end(SkBytes body, size_t at)
{
    while (sk_bytes_u8(body, at) == ' ' || sk_bytes_u8(body, at) == '\t')
        at++;
    if (at >= body.len)
        return body.len;
    if (sk_bytes_is(body, at, "\r\n"))
        return at + 2;
    return body.data[at] == '\n' ? at + 1 : 0;
}

/* Whether the text at AT, which stands behind "--boundary", makes the line a delimiter. */
static bool
judge_rest(SkMailSplit *split, size_t at, Delimiter *ret)
{
    ret->closing = sk_bytes_is(split->body, at, "--");
    ret->next = line_end(split->body, ret->closing ? at + 2 : at);
    if (ret->next == 0)
        split->loose = true;
    return ret->next != 0;
}

static bool
is_line_start(SkMailSplit *split, size_t at)
{
    uint8_t before = at > 0 ? split->body.data[at - 1] : '\n';

    if (before == '\r')
        split->bare_cr = true;
    return before == '\n';
}

/* The next "--boundary". Looked for from one "--" to the next: a boundary of one letter
 * repeated stands in a line of that letter once for each byte. */
static size_t
find_dashes(const SkMailSplit *split, size_t from)
{
    size_t at = sk_bytes_find(split->body, "--", 2, from);

    while (at != SK_BYTES_NONE) {
        size_t name =
            sk_bytes_find(split->body, split->boundary.data, split->boundary.len, at + 2);

        if (name == SK_BYTES_NONE)
            return name;
        if (name == at + 2)
            return at;
        at = sk_bytes_find(split->body, "--", 2, name - 2);
    }
    return at;
}

static bool
find_delimiter(SkMailSplit *split, size_t from, Delimiter *ret)
{
    size_t at = find_dashes(split, from);

    while (at != SK_BYTES_NONE) {
        size_t rest = at + 2 + split->boundary.len;

        if (is_line_start(split, at) && judge_rest(split, rest, ret)) {
            ret->line = at;
            return true;
        }
        at = find_dashes(split, at + 1);
    }
    return false;
}

/* The end of what stands before the delimiter line at LINE: its line end is the delimiter's. */
static size_t
before_line(SkBytes body, size_t from, size_t line)
{
    size_t end = line;

    if (end > from && body.data[end - 1] == '\n')
        end--;
    if (end > from && end < line && body.data[end - 1] == '\r')
        end--;
    return end;
}

static void
pass_delimiter(SkMailSplit *split, const Delimiter *delimiter)
{
    if (!split->found)
        split->preamble = delimiter->line;
    split->found = true;
    split->reopened |= split->closed;
    if (delimiter->closing && !split->closed)
        split->epilogue = delimiter->next;
    split->closed |= delimiter->closing;
    split->in_part = !delimiter->closing;
    split->at = delimiter->next;
}

bool
sk_mail_split_next(SkMailSplit *split, SkBytes *ret_part)
{
    while (split->at != SK_BYTES_NONE) {
        bool in_part = split->in_part;
        size_t start = split->at, end = split->body.len;
        Delimiter delimiter;

        if (find_delimiter(split, start, &delimiter)) {
            end = before_line(split->body, start, delimiter.line);
            pass_delimiter(split, &delimiter);
        } else {
            split->at = SK_BYTES_NONE;
            in_part = in_part && start < end;
        }
        if (in_part) {
            *ret_part = sk_bytes_slice(split->body, start, end - start);
            return true;
        }
    }
    return false;
}

SkBytes
sk_mail_split_guess(SkBytes body)
{
    size_t at = 0, end;

    while (at != SK_BYTES_NONE && !sk_bytes_is(body, at, "--")) {
        at = sk_bytes_find(body, "\n--", 3, at);
        at = at == SK_BYTES_NONE ? at : at + 1;
    }
    if (at == SK_BYTES_NONE)
        return sk_bytes_slice(body, 0, 0);
    end = MIN(sk_bytes_find(body, "\n", 1, at), body.len);
    while (end > at && g_ascii_isspace(body.data[end - 1]))
        end--;
    return sk_bytes_slice(body, at + 2, end > at + 2 ? end - at - 2 : 0);
}
