/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-page.h"

#include <string.h>

#include "base/text.h"

/* Bytes of one foreign text; the longest that is sensible is a reason. */
#define FOREIGN_MAX 4000

void
sk_web_answer_free(SkWebAnswer *answer)
{
    if (answer == NULL)
        return;
    g_free(answer->body);
    g_free(answer->location);
    g_free(answer);
}

void
sk_web_put(GString *page, const char *foreign)
{
    g_autofree char *safe = sk_text_safe(sk_bytes(foreign, strlen(foreign)), FOREIGN_MAX);

    for (const char *p = safe; *p != '\0'; p++) {
        switch (*p) {
        case '&':
            g_string_append(page, "&amp;");
            break;
        case '<':
            g_string_append(page, "&lt;");
            break;
        case '>':
            g_string_append(page, "&gt;");
            break;
        case '"':
            g_string_append(page, "&quot;");
            break;
        case '\'':
            g_string_append(page, "&#39;");
            break;
        default:
            g_string_append_c(page, *p);
        }
    }
}

void
sk_web_put_tag(GString *page, const char *tag, const char *foreign)
{
    g_string_append_printf(page, "<%s>", tag);
    sk_web_put(page, foreign);
    g_string_append_printf(page, "</%s>", tag);
}

static void
put_head(GString *page, const SkWebPlace *place, SkWebLanguage language, const char *title)
{
    g_string_append_printf(page,
                           "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n"
                           "<meta charset=\"utf-8\">\n"
                           "<meta name=\"viewport\" "
                           "content=\"width=device-width, initial-scale=1\">\n"
                           "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
                           sk_web_language_name(language));
    sk_web_put(page, title);
    g_string_append(page, "</title>\n<link rel=\"stylesheet\" href=\"");
    sk_web_put(page, place->prefix);
    g_string_append(page, "/style.css\">\n</head>\n<body>\n");
}

/* Links to the same page: what the address said beside the language is not repeated. */
static void
put_languages(GString *page, SkWebLanguage language)
{
    static const char *const own_names[SK_N_WEB_LANGUAGES] = {
        [SK_WEB_JA] = "日本語", [SK_WEB_EN] = "English"};

    g_string_append(page, "<nav aria-label=\"");
    sk_web_put(page, sk_web_text(language, SK_WEB_TEXT_LANGUAGE));
    g_string_append(page, "\">");
    for (unsigned i = 0; i < SK_N_WEB_LANGUAGES; i++) {
        const char *name = sk_web_language_name((SkWebLanguage)i);

        g_string_append_printf(
            page, "<a href=\"?lang=%s\" lang=\"%s\" hreflang=\"%s\"%s>%s</a>", name, name, name,
            i == language ? " aria-current=\"true\"" : "", own_names[i]);
    }
    g_string_append(page, "</nav>");
}

SkWebAnswer *
sk_web_page(const SkWebPlace *place,
            SkWebLanguage language,
            unsigned status,
            const char *title,
            const char *main)
{
    SkWebAnswer *answer = g_new0(SkWebAnswer, 1);
    GString *page = g_string_sized_new(4096);

    put_head(page, place, language, title);
    g_string_append(page, "<header>");
    sk_web_put_tag(page, "p", sk_web_text(language, SK_WEB_TEXT_BRAND));
    put_languages(page, language);
    g_string_append_printf(page, "</header>\n<main>\n%s</main>\n</body>\n</html>\n", main);
    answer->status = status;
    answer->type = "text/html; charset=utf-8";
    answer->language = language;
    answer->len = page->len;
    answer->body = g_string_free(page, FALSE);
    return answer;
}

/* A link, since loading the answer to a form again would send the form again. */
static void
put_again(GString *main, SkWebLanguage language)
{
    g_string_append_printf(main, "<p><a class=\"again\" href=\"?lang=%s\">",
                           sk_web_language_name(language));
    sk_web_put(main, sk_web_text(language, SK_WEB_TEXT_AGAIN));
    g_string_append(main, "</a></p>\n");
}

SkWebAnswer *
sk_web_plain(const SkWebPlace *place,
             SkWebLanguage language,
             unsigned status,
             SkWebText heading,
             SkWebText text)
{
    g_autoptr(GString) main = g_string_new(NULL);

    sk_web_put_tag(main, "h1", sk_web_text(language, heading));
    sk_web_put_tag(main, "p", sk_web_text(language, text));
    if (status == 429 || status == 503)
        put_again(main, language);
    return sk_web_page(place, language, status, sk_web_text(language, heading), main->str);
}
