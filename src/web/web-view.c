/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-view.h"

#include <string.h>

#include "verdict/finding-words.h"
#include "web/web-forms.h"
#include "web/web-state.h"
#include "web/web-time.h"

/* Recipients and findings shown of a copy: a page has to stay one. */
#define SHOWN 20

typedef struct {
    GString *page;
    const SkWebPlace *place;
    SkWebLanguage language;
    const SkDeskAnswer *looked;
    SkWebSum sum;
} View;

static void
put_text(const View *view, const char *tag, SkWebText text)
{
    sk_web_put_tag(view->page, tag, sk_web_text(view->language, text));
}

static SkWebText
find_heading(const View *view)
{
    const SkWebSum *sum = &view->sum;
    bool in = sum->inbound;

    if (sum->waiting > 0 && sum->gone > 0)
        return in ? SK_WEB_TEXT_HEAD_PARTLY_DELIVERED : SK_WEB_TEXT_HEAD_PARTLY;
    if (sum->waiting > 0)
        return in ? SK_WEB_TEXT_HEAD_NOT_DELIVERED : SK_WEB_TEXT_HEAD_WAITING;
    if (sum->gone > 0)
        return in ? SK_WEB_TEXT_HEAD_DELIVERED : SK_WEB_TEXT_HEAD_SENT;
    if (sum->stopped > 0)
        return SK_WEB_TEXT_HEAD_STOPPED;
    return sum->returned > 0 ? SK_WEB_TEXT_HEAD_RETURNED : SK_WEB_TEXT_HEAD_EXPIRED;
}

static SkWebText
find_intro(const View *view)
{
    const SkWebSum *sum = &view->sum;

    if ((sum->can & (1u << SK_DESK_STOP)) != 0 && sum->gone > 0)
        return SK_WEB_TEXT_INTRO_PARTLY;
    if ((sum->can & (1u << SK_DESK_STOP)) != 0)
        return sum->colleague ? SK_WEB_TEXT_INTRO_COLLEAGUE : SK_WEB_TEXT_INTRO_STOP;
    if (sum->waiting > 0 && sum->inbound)
        return sum->original ? SK_WEB_TEXT_INTRO_ORIGINAL : SK_WEB_TEXT_INTRO_RECIPIENT;
    if (sum->recipient && sum->gone == 0)
        return SK_WEB_TEXT_INTRO_NOT_DELIVERED;
    return sum->gone > 0 && !sum->inbound ? SK_WEB_TEXT_INTRO_LATE : SK_WEB_TEXT_INTRO_NOTHING;
}

static void
put_banner(const View *view, const SkWebBanner *banner)
{
    g_string_append_printf(view->page, "<p class=\"banner%s\" role=\"%s\">",
                           banner->bad ? " bad" : "", banner->bad ? "alert" : "status");
    sk_web_put(view->page, sk_web_text(view->language, banner->text));
    g_string_append(view->page, "</p>\n");
}

/* Foreign names keep their direction of writing to themselves. */
static void
put_row(const View *view, SkWebText name, const char *value)
{
    put_text(view, "dt", name);
    g_string_append(view->page, "<dd><bdi>");
    sk_web_put(view->page, value);
    g_string_append(view->page, "</bdi></dd>\n");
}

static const char *
or_words(const View *view, const char *value, SkWebText words)
{
    return value != NULL && *value != '\0' ? value : sk_web_text(view->language, words);
}

static void
put_recipients(const View *view, const SkDeskCopy *copy)
{
    guint n = copy->recipients->len;

    g_string_append(view->page, "<dt class=\"copy\">");
    sk_web_put(view->page, sk_web_text(view->language, SK_WEB_TEXT_TO));
    g_string_append(view->page, "</dt><dd>");
    for (guint i = 0; i < MIN(n, SHOWN); i++) {
        g_string_append(view->page, i > 0 ? "<br><bdi>" : "<bdi>");
        sk_web_put(view->page, copy->recipients->pdata[i]);
        g_string_append(view->page, "</bdi>");
    }
    if (n > SHOWN) {
        g_autofree char *more = g_strdup_printf("%u", n - SHOWN);
        g_autofree char *text =
            sk_web_text_fill(view->language, SK_WEB_TEXT_TO_MORE, more, NULL);

        g_string_append(view->page, "<br>");
        sk_web_put(view->page, text);
    }
    g_string_append(view->page, "</dd>\n");
}

static void
put_copy(const View *view, const SkDeskCopy *copy)
{
    put_recipients(view, copy);
    put_text(view, "dt", SK_WEB_TEXT_STATE);
    g_string_append_printf(view->page, "<dd class=\"state %s\">",
                           sk_copy_state_name(copy->state));
    sk_web_state_put(view->page, view->place, view->language, copy);
    g_string_append(view->page, "</dd>\n");
    if (sk_copy_state_is_end(copy->state) && copy->why != NULL && *copy->why != '\0')
        put_row(view, SK_WEB_TEXT_WHY, copy->why);
}

/* Copies of one message differ in recipients and fate only. */
static void
put_mail(const View *view)
{
    const SkDeskCopy *first = view->looked->copies->pdata[0];

    g_string_append(view->page, "<dl class=\"card\">\n");
    put_row(view, SK_WEB_TEXT_SUBJECT, or_words(view, first->subject, SK_WEB_TEXT_NO_SUBJECT));
    put_row(
        view, SK_WEB_TEXT_FROM,
        or_words(view, first->from != NULL ? first->from : first->sender, SK_WEB_TEXT_NO_FROM));
    for (guint i = 0; i < view->looked->copies->len; i++)
        put_copy(view, view->looked->copies->pdata[i]);
    g_string_append(view->page, "</dl>\n");
}

/* "attach.encrypted.zip: report.zip" in words; what we do not know as it is. */
static void
put_finding(const View *view, const char *finding)
{
    const char *colon = strstr(finding, ": ");
    g_autofree char *name =
        g_strndup(finding, colon != NULL ? (size_t)(colon - finding) : strlen(finding));
    const char *language = sk_web_language_name(view->language);
    SkFindingId id;

    g_string_append(view->page, "<li>");
    if (!sk_finding_id_parse(name, &id)) {
        sk_web_put_tag(view->page, "bdi", finding);
    } else {
        sk_web_put(view->page, sk_finding_words(id, language));
        if (colon != NULL) {
            g_string_append(view->page, "<br>");
            sk_web_put_tag(view->page, "bdi", colon + strlen(": "));
        }
    }
    g_string_append(view->page, "</li>\n");
}

static void
add_findings(GPtrArray *all, const SkDeskCopy *copy)
{
    for (guint i = 0; i < copy->findings->len && all->len < SHOWN; i++) {
        char *finding = copy->findings->pdata[i];

        if (!g_ptr_array_find_with_equal_func(all, finding, g_str_equal, NULL))
            g_ptr_array_add(all, finding);
    }
}

/* Of all copies, each once, as many as are shown. */
static GPtrArray *
join_findings(const View *view)
{
    GPtrArray *all = g_ptr_array_new();

    for (guint i = 0; i < view->looked->copies->len; i++)
        add_findings(all, view->looked->copies->pdata[i]);
    return all;
}

static void
put_findings(const View *view)
{
    g_autoptr(GPtrArray) all = join_findings(view);

    if (all->len == 0)
        return;
    g_string_append(view->page, "<section class=\"card\">");
    put_text(view, "h2", SK_WEB_TEXT_FOUND);
    g_string_append(view->page, "<ul>\n");
    for (guint i = 0; i < all->len; i++)
        put_finding(view, all->pdata[i]);
    g_string_append(view->page, "</ul></section>\n");
}

static void
put_as_of(const View *view)
{
    int64_t now_us = sk_clock_now_us(view->place->clock);
    g_autofree char *now = sk_web_time(view->language, view->place->zone, now_us, now_us);
    g_autofree char *text = sk_web_text_fill(view->language, SK_WEB_TEXT_AS_OF, now, NULL);

    g_string_append(view->page, "<p class=\"note\">");
    sk_web_put(view->page, text);
    g_string_append(view->page, "</p>\n");
}

SkWebAnswer *
sk_web_view(const SkWebPlace *place,
            SkWebLanguage language,
            const SkDeskAnswer *looked,
            const SkWebBanner *banner)
{
    g_autoptr(GString) main = g_string_sized_new(4096);
    View view = {main, place, language, looked, sk_web_state_sum(looked)};
    SkWebText heading = find_heading(&view);

    put_text(&view, "h1", heading);
    if (banner != NULL)
        put_banner(&view, banner);
    put_text(&view, "p", find_intro(&view));
    put_mail(&view);
    /* Who decides about mail from others reads first what was found in it; who stops his own
     * presses first. */
    if (view.sum.inbound)
        put_findings(&view);
    sk_web_forms_put(main, language, &view.sum);
    if (!view.sum.inbound)
        put_findings(&view);
    put_as_of(&view);
    return sk_web_page(place, language, 200, sk_web_text(language, heading), main->str);
}
