/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-diff.h"

#include <string.h>

#include "base/text.h"

/* Lines that stand around a change. */
#define CONTEXT 3
/* Changed lines up to which the shortest way is looked for; what is remembered of the search
 * grows with its square: 4 MB. */
#define STEPS_MAX 1000
/* Bytes of one line that is shown. */
#define LINE_MAX_SHOWN 4000

typedef struct {
    SkBytes text; /* without its newline */
    bool open;    /* it has none: the last one */
    bool changed; /* deleted, or added */
} Line;

static GArray *
split(SkBytes text)
{
    GArray *lines = g_array_new(FALSE, FALSE, sizeof(Line));

    for (size_t at = 0; at < text.len;) {
        size_t end = sk_bytes_find(text, "\n", 1, at);
        size_t stop = MIN(end, text.len);
        Line line = {.text = sk_bytes_slice(text, at, stop - at), .open = stop == text.len};

        g_array_append_val(lines, line);
        at = stop + 1;
    }
    return lines;
}

static Line *
line_at(const GArray *lines, guint i)
{
    return &g_array_index(lines, Line, i);
}

static bool
is_same(const Line *a, const Line *b)
{
    return a->open == b->open && a->text.len == b->text.len &&
           (a->text.len == 0 || memcmp(a->text.data, b->text.data, a->text.len) == 0);
}

/* What lies between the equal beginnings and ends of both. */
typedef struct {
    GArray *a, *b;
    guint start;
    int n, m; /* lines of a and of b */
} Middle;

static bool
equal_in(const Middle *middle, int x, int y)
{
    return is_same(line_at(middle->a, middle->start + (guint)x),
                   line_at(middle->b, middle->start + (guint)y));
}

static Middle
trim(GArray *a, GArray *b)
{
    Middle middle = {.a = a, .b = b};
    guint shorter = MIN(a->len, b->len), end = 0;

    while (middle.start < shorter &&
           is_same(line_at(a, middle.start), line_at(b, middle.start)))
        middle.start++;
    while (end < shorter - middle.start &&
           is_same(line_at(a, a->len - 1 - end), line_at(b, b->len - 1 - end)))
        end++;
    middle.n = (int)(a->len - middle.start - end);
    middle.m = (int)(b->len - middle.start - end);
    return middle;
}

/* How far one gets with D changes on each diagonal K = x - y, from -D to D (Myers 1986, "An
 * O(ND) difference algorithm"): FURTHEST points at K = 0. Whether K is reached from K + 1, by a
 * line that is added. */
static bool
comes_from_above(const int *furthest, int k, int d)
{
    return k == -d || (k != d && furthest[k - 1] < furthest[k + 1]);
}

static int
step(const Middle *middle, const int *furthest, int k, int d)
{
    int x = 0, y;

    if (d > 0)
        x = comes_from_above(furthest, k, d) ? furthest[k + 1] : furthest[k - 1] + 1;
    y = x - k;
    while (x < middle->n && y < middle->m && equal_in(middle, x, y)) {
        x++;
        y++;
    }
    return x;
}

/* TRACE (of int *, each for K from -D to D) of every D until the ends are reached; false: not
 * within STEPS_MAX. */
static bool
search(const Middle *middle, GPtrArray *trace)
{
    g_autofree int *room = g_new0(int, 2 * STEPS_MAX + 3);
    int *furthest = room + STEPS_MAX + 1;

    for (int d = 0; d <= STEPS_MAX; d++) {
        bool there = false;

        for (int k = -d; k <= d; k += 2) {
            furthest[k] = step(middle, furthest, k, d);
            there = there || (furthest[k] >= middle->n && furthest[k] - k >= middle->m);
        }
        g_ptr_array_add(trace, g_memdup2(furthest - d, (gsize)(2 * d + 1) * sizeof(int)));
        if (there)
            return true;
    }
    return false;
}

static void
walk_back(const Middle *middle, const GPtrArray *trace)
{
    int x = middle->n, y = middle->m;

    for (int d = (int)trace->len - 1; d > 0; d--) {
        const int *before = (const int *)trace->pdata[d - 1] + (d - 1);
        int k = x - y;
        bool added = comes_from_above(before, k, d);

        k += added ? 1 : -1;
        x = before[k];
        y = x - k;
        if (added)
            line_at(middle->b, middle->start + (guint)y)->changed = true;
        else
            line_at(middle->a, middle->start + (guint)x)->changed = true;
    }
}

static void
mark_all(const Middle *middle)
{
    for (int i = 0; i < middle->n; i++)
        line_at(middle->a, middle->start + (guint)i)->changed = true;
    for (int i = 0; i < middle->m; i++)
        line_at(middle->b, middle->start + (guint)i)->changed = true;
}

static void
compare(GArray *a, GArray *b)
{
    Middle middle = trim(a, b);
    g_autoptr(GPtrArray) trace = g_ptr_array_new_with_free_func(g_free);

    if (middle.n == 0 || middle.m == 0 || !search(&middle, trace))
        mark_all(&middle);
    else
        walk_back(&middle, trace);
}

static void
append_line(GString *out, char sign, const Line *line)
{
    g_autofree char *safe = sk_text_safe(line->text, LINE_MAX_SHOWN);

    g_string_append_printf(out, "%c%s\n", sign, safe);
    if (line->open)
        g_string_append(out, "\\ No newline at end of file\n");
}

static bool
is_changed(const GArray *lines, guint i)
{
    return i < lines->len && line_at(lines, i)->changed;
}

/* Takes the changed lines at *X and *Y and the unchanged one after them. */
static void
take_change(GString *out, const GArray *a, const GArray *b, guint *x, guint *y)
{
    for (; is_changed(a, *x); ++*x)
        append_line(out, '-', line_at(a, *x));
    for (; is_changed(b, *y); ++*y)
        append_line(out, '+', line_at(b, *y));
}

/* Unchanged lines from X on, at most MAX. */
static guint
count_unchanged(const GArray *a, const GArray *b, guint x, guint y, guint max)
{
    guint n = 0;

    while (n < max && x + n < a->len && !is_changed(a, x + n) && !is_changed(b, y + n))
        n++;
    return n;
}

static void
take_context(GString *out, const GArray *a, guint *x, guint *y, guint n)
{
    for (guint i = 0; i < n; i++)
        append_line(out, ' ', line_at(a, *x + i));
    *x += n;
    *y += n;
}

/* A number of a first line; of no lines, that of the one before. */
static guint
place(guint first, guint lines)
{
    return lines > 0 ? first + 1 : first;
}

/* One hunk: changes that less than twice the context lies between. BEFORE: unchanged lines that
 * can be shown above. */
static void
append_hunk(GString *out, const GArray *a, const GArray *b, guint *x, guint *y, guint before)
{
    g_autoptr(GString) body = g_string_new(NULL);
    guint x0 = *x - MIN(before, CONTEXT), y0 = *y - MIN(before, CONTEXT), between;

    *x = x0;
    *y = y0;
    take_context(body, a, x, y, MIN(before, CONTEXT));
    for (;;) {
        take_change(body, a, b, x, y);
        between = count_unchanged(a, b, *x, *y, 2 * CONTEXT + 1);
        if (between > 2 * CONTEXT ||
            !(is_changed(a, *x + between) || is_changed(b, *y + between)))
            break;
        take_context(body, a, x, y, between);
    }
    take_context(body, a, x, y, MIN(between, CONTEXT));
    g_string_append_printf(out, "@@ -%u,%u +%u,%u @@\n%s", place(x0, *x - x0), *x - x0,
                           place(y0, *y - y0), *y - y0, body->str);
}

static void
append_hunks(GString *out, const GArray *a, const GArray *b)
{
    guint x = 0, y = 0;

    while (x < a->len || y < b->len) {
        guint same = count_unchanged(a, b, x, y, G_MAXUINT);

        x += same;
        y += same;
        if (is_changed(a, x) || is_changed(b, y))
            append_hunk(out, a, b, &x, &y, same);
    }
}

static bool
has_change(const GArray *lines)
{
    for (guint i = 0; i < lines->len; i++) {
        if (line_at(lines, i)->changed)
            return true;
    }
    return false;
}

bool
sk_cli_diff(GString *out, const char *a_name, SkBytes a, const char *b_name, SkBytes b)
{
    g_autoptr(GArray) left = split(a);
    g_autoptr(GArray) right = split(b);

    compare(left, right);
    if (!has_change(left) && !has_change(right))
        return false;
    g_string_append_printf(out, "--- %s\n+++ %s\n", a_name, b_name);
    append_hunks(out, left, right);
    return true;
}
