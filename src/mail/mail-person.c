/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-person.h"

#include <string.h>

#include "base/error.h"
#include "base/limit.h"
#include "base/text.h"

typedef struct {
    char *text; /* ASCII letters in lower case */
    size_t len;
    bool bounce; /* "local=domain": what stands before it may be glued to it */
} Form;

struct SkMailPerson {
    GArray *forms; /* of Form */
    char *pattern;
    char *domain;
};

static void
form_clear(void *data)
{
    Form *form = data;

    g_free(form->text);
}

/* The same one twice costs time only, and there are few. */
static void
add_form(SkMailPerson *person, const char *local, const char *between, const char *domain)
{
    g_autofree char *text = g_strconcat(local, between, domain, NULL);
    Form form = {.text = g_ascii_strdown(text, -1), .bounce = between[0] == '='};

    form.len = strlen(form.text);
    g_array_append_val(person->forms, form);
}

static void
add_forms(SkMailPerson *person, const char *local, const char *domain)
{
    add_form(person, local, "@", domain);
    add_form(person, local, "=", domain);
    add_form(person, local, "+40", domain);
}

/* RFC 3461 4: "+" and "=" are written in hexadecimal. */
static char *
xtext_new(const char *local)
{
    GString *xtext = g_string_new(NULL);

    for (const char *p = local; *p != '\0'; p++) {
        if (*p == '+' || *p == '=')
            g_string_append_printf(xtext, "+%02X", (unsigned)*p);
        else
            g_string_append_c(xtext, *p);
    }
    return g_string_free(xtext, FALSE);
}

/* What stands between the quotes, without escapes; NULL when there are none. */
static char *
unquoted_new(const char *local)
{
    size_t len = strlen(local);
    GString *bare;

    if (len < 3 || local[0] != '"' || local[len - 1] != '"')
        return NULL;
    bare = g_string_new(NULL);
    for (size_t i = 1; i < len - 1; i++) {
        if (local[i] == '\\' && i + 2 < len)
            i++;
        g_string_append_c(bare, local[i]);
    }
    return g_string_free(bare, FALSE);
}

static void
add_locals(SkMailPerson *person, const char *local, const char *domain)
{
    g_autofree char *inner = unquoted_new(local);
    const char *bare = inner != NULL ? inner : local;
    g_autofree char *quoted =
        inner != NULL ? g_strdup(local) : g_strdup_printf("\"%s\"", local);
    g_autofree char *xtext = xtext_new(bare);

    add_forms(person, bare, domain);
    add_forms(person, quoted, domain);
    if (strcmp(xtext, bare) != 0)
        add_forms(person, xtext, domain);
}

/* Everything that is written in more than one way, in a document or in a database, becomes "%":
 * what JSON and xtext escape, and what is not ASCII. "i" is "_", because the lower case of "I"
 * is another letter to a database that speaks Turkish. */
static void
append_sieve(GString *pattern, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char c = g_ascii_tolower(text[i]);

        if (c == 'i')
            g_string_append_c(pattern, '_');
        else if (c == '_')
            g_string_append(pattern, "\\_");
        else if (g_ascii_isalnum(c) || c == '-' || c == '.')
            g_string_append_c(pattern, c);
        else if (pattern->str[pattern->len - 1] != '%')
            g_string_append_c(pattern, '%');
    }
}

static bool
is_beyond_ascii(char c)
{
    return (unsigned char)c >= 0x80;
}

/* A label that is, or stands for, one in another script can be written in both. */
static bool
is_foreign_label(const char *label, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (is_beyond_ascii(label[i]))
            return true;
    }
    return n > 4 && g_ascii_strncasecmp(label, "xn--", 4) == 0;
}

static char *
pattern_new(const char *local, const char *domain)
{
    GString *pattern = g_string_new("%");

    append_sieve(pattern, local, strlen(local));
    append_sieve(pattern, "@", 1);
    while (*domain != '\0') {
        size_t n = strcspn(domain, ".");

        append_sieve(pattern, is_foreign_label(domain, n) ? "%" : domain,
                     is_foreign_label(domain, n) ? 1 : n);
        append_sieve(pattern, domain + n, domain[n] == '.');
        domain += n + (domain[n] == '.');
    }
    append_sieve(pattern, "%", 1);
    return g_string_free(pattern, FALSE);
}

static bool
refuse(const char *address, GError **error)
{
    g_autofree char *quoted = sk_text_quote(address);

    g_set_error(error, SK_ERROR, SK_ERROR_USAGE,
                "%s is no address; a person is named as in anna@example.net", quoted);
    return false;
}

static bool
is_domain(const char *domain)
{
    if (domain == NULL || *domain == '.')
        return false;
    for (const char *p = domain; *p != '\0'; p++) {
        if (!g_ascii_isalnum(*p) && !is_beyond_ascii(*p) && strchr("-.[]:_", *p) == NULL)
            return false;
    }
    return true;
}

/* What is shown otherwise than it was given was never kept as given. */
static bool
is_address(const char *address, const char *domain)
{
    size_t len = strlen(address);
    g_autofree char *safe = sk_text_safe(sk_bytes(address, len), SK_LIMIT_PASSAGE_TEXT);

    return len <= SK_LIMIT_ADDRESS && strcmp(safe, address) == 0 && is_domain(domain) &&
           domain - address >= 2;
}

SkMailPerson *
sk_mail_person_new(const char *address, GError **error)
{
    const char *domain = sk_text_domain_peek(address);
    g_autofree char *local = NULL, *ascii = NULL, *unicode = NULL;
    SkMailPerson *person;

    if (!is_address(address, domain)) {
        (void)refuse(address, error);
        return NULL;
    }
    local = g_strndup(address, (size_t)(domain - address) - 1);
    ascii = g_hostname_to_ascii(domain);
    unicode = g_hostname_to_unicode(domain);
    person = g_new0(SkMailPerson, 1);
    person->forms = g_array_new(FALSE, FALSE, sizeof(Form));
    g_array_set_clear_func(person->forms, form_clear);
    person->pattern = pattern_new(local, domain);
    person->domain = g_strdup(domain);
    add_locals(person, local, domain);
    if (ascii != NULL && g_ascii_strcasecmp(ascii, domain) != 0)
        add_locals(person, local, ascii);
    if (unicode != NULL && g_ascii_strcasecmp(unicode, domain) != 0)
        add_locals(person, local, unicode);
    return person;
}

void
sk_mail_person_free(SkMailPerson *person)
{
    if (person == NULL)
        return;
    g_array_unref(person->forms);
    g_free(person->pattern);
    g_free(person->domain);
    g_free(person);
}

/* Whether the address goes on to the left of AT and so is another one. Punctuation that nothing
 * stands before ("...anna@") is none of it in a sentence. */
static bool
goes_on_before(const char *text, size_t at, bool bounce, SkPersonText kind)
{
    char c = at > 0 ? text[at - 1] : ' ';

    if (g_ascii_isalnum(c) || (kind == SK_PERSON_ADDRESS && is_beyond_ascii(c)))
        return true;
    if (c == '.' || c == '_' || (!bounce && (c == '-' || c == '+')))
        return kind == SK_PERSON_ADDRESS || (at > 1 && g_ascii_isalnum(text[at - 2]));
    return false;
}

static bool
goes_on_after(const char *text, size_t end, SkPersonText kind)
{
    char c = text[end];

    if (c == '.' || c == '-')
        c = text[end + 1];
    return g_ascii_isalnum(c) || (kind == SK_PERSON_ADDRESS && is_beyond_ascii(c));
}

typedef struct {
    size_t at, end;
} Found;

/* The first place at or after FROM where FORM stands for itself. */
static bool
find_form(const char *lower, size_t from, const Form *form, SkPersonText kind, Found *found)
{
    const char *place = lower + from;

    while ((place = strstr(place, form->text)) != NULL) {
        size_t at = (size_t)(place - lower), end = at + form->len;

        if (!goes_on_before(lower, at, form->bounce, kind) &&
            !goes_on_after(lower, end, kind)) {
            *found = (Found){at, end};
            return true;
        }
        place++;
    }
    return false;
}

/* Of several at one place the longest. */
static bool
find(const SkMailPerson *person, const char *lower, size_t from, SkPersonText kind, Found *ret)
{
    bool any = false;

    for (guint i = 0; i < person->forms->len; i++) {
        Found found;

        if (!find_form(lower, from, &g_array_index(person->forms, Form, i), kind, &found))
            continue;
        if (!any || found.at < ret->at || (found.at == ret->at && found.end > ret->end))
            *ret = found;
        any = true;
    }
    return any;
}

bool
sk_mail_person_in(const SkMailPerson *person, const char *text, SkPersonText kind)
{
    g_autofree char *lower = text != NULL ? g_ascii_strdown(text, -1) : NULL;
    Found found;

    return lower != NULL && find(person, lower, 0, kind, &found);
}

bool
sk_mail_person_is(const SkMailPerson *person, const char *address)
{
    g_autofree char *lower = address != NULL ? g_ascii_strdown(address, -1) : NULL;
    size_t len = lower != NULL ? strlen(lower) : 0;

    for (guint i = 0; i < person->forms->len; i++) {
        const Form *form = &g_array_index(person->forms, Form, i);

        if (!form->bounce && len >= form->len && g_str_has_suffix(lower, form->text) &&
            !goes_on_before(lower, len - form->len, false, SK_PERSON_ADDRESS))
            return true;
    }
    return false;
}

char *
sk_mail_person_replace(const SkMailPerson *person,
                       const char *text,
                       SkPersonText kind,
                       const char *placeholder)
{
    g_autofree char *lower = text != NULL ? g_ascii_strdown(text, -1) : NULL;
    GString *all = NULL;
    size_t from = 0;
    Found found;

    while (lower != NULL && find(person, lower, from, kind, &found)) {
        if (all == NULL)
            all = g_string_new(NULL);
        g_string_append_len(all, text + from, (gssize)(found.at - from));
        g_string_append(all, placeholder);
        from = found.end;
    }
    if (all == NULL)
        return NULL;
    g_string_append(all, text + from);
    return g_string_free(all, FALSE);
}

const char *
sk_mail_person_pattern(const SkMailPerson *person)
{
    return person->pattern;
}

const char *
sk_mail_person_domain(const SkMailPerson *person)
{
    return person->domain;
}
