/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-name.h"

#include <glib.h>

#include "attach/attach-extension.h"

/* Blanks in a row that push what follows out of a column of names. */
#define PUSHING 5

static bool
is_running(SkExtension extension)
{
    return extension == SK_EXTENSION_PROGRAM || extension == SK_EXTENSION_SCRIPT ||
           extension == SK_EXTENSION_SHORTCUT || extension == SK_EXTENSION_IMAGE;
}

static bool
is_blank(gunichar c)
{
    return c == 0xa0 || c == 0x2800 || c == 0x3164 || c == 0x115f || c == 0x200b ||
           g_unichar_isspace(c);
}

/* The longest row of blanks in the N bytes at NAME. */
static unsigned
blanks_in_row(const char *name, size_t n)
{
    unsigned row = 0, longest = 0;

    for (const char *p = name; p < name + n; p = g_utf8_next_char(p)) {
        row = is_blank(g_utf8_get_char(p)) ? row + 1 : 0;
        longest = MAX(longest, row);
    }
    return longest;
}

/* STEM without what separates it from its extension: a row of underlines does as well. */
static void
strip_end(GString *stem)
{
    while (stem->len > 0) {
        const char *last = g_utf8_prev_char(stem->str + stem->len);
        gunichar c = g_utf8_get_char(last);

        if (!is_blank(c) && c != '.' && c != '_')
            return;
        g_string_truncate(stem, (gsize)(last - stem->str));
    }
}

/* Characters that are shown as a full stop. */
static void
plain_dots(GString *stem)
{
    g_string_replace(stem, "\xe2\x80\xa4", ".", 0); /* U+2024 one dot leader */
    g_string_replace(stem, "\xef\xbc\x8e", ".", 0); /* U+FF0E full width */
    g_string_replace(stem, "\xef\xb9\x92", ".", 0); /* U+FE52 small */
}

/* A class id as extension is hidden by Explorer, and names the program that opens the file. */
static bool
is_class_id(SkBytes extension)
{
    return extension.len == 38 && extension.data[0] == '{' && extension.data[37] == '}';
}

/* Whether STEM ends like a document, which it is not. A web page made of a source file is
 * called "a.txt.html" by many programs; nobody calls one "a.pdf.html" to tell the truth. */
static bool
has_decoy(const char *stem, SkExtension last)
{
    SkExtension before = sk_extension_of(stem);

    if (last == SK_EXTENSION_PAGE)
        return sk_extension_is(stem, "pdf doc docx xls xlsx ppt pptx jpg jpeg png tif zip");
    return before == SK_EXTENSION_DOCUMENT || before == SK_EXTENSION_ARCHIVE;
}

const char *
sk_attach_name_extension_trick(const char *name)
{
    g_autoptr(GString) stem = NULL;
    SkExtension last_class;
    SkBytes last;
    size_t n;

    if (name == NULL || !g_utf8_validate(name, -1, NULL))
        return NULL;
    last = sk_extension_peek(name);
    if (is_class_id(last))
        return "a class id as extension, which is not shown";
    last_class = sk_extension_class(last);
    if (!is_running(last_class) && last_class != SK_EXTENSION_PAGE)
        return NULL;
    n = (size_t)((const char *)last.data - name) - 1;
    if (blanks_in_row(name, n) >= PUSHING)
        return "blanks push the extension out of sight";
    stem = g_string_new_len(name, (gssize)n);
    strip_end(stem);
    plain_dots(stem);
    return has_decoy(stem->str, last_class) ? "two extensions, of which the last one counts"
                                            : NULL;
}

bool
sk_attach_name_is_bidi(const char *name)
{
    if (name == NULL || !g_utf8_validate(name, -1, NULL))
        return false;
    for (const char *p = name; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
            return true;
    }
    return false;
}
