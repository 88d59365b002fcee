/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-script.h"

#include <glib.h>

#include "attach/attach-extension.h"

typedef struct {
    char text[SK_ATTACH_SCRIPT_LOOK + 1];
    size_t len;
    const char *name;
} Look;

typedef struct {
    const char *start;
    SkAttachType type;
} Start;

/* Beginnings that decide alone, in lower case. */
/* clang-format off */
static const Start starts[] = {
    {"#!", SK_ATTACH_SCRIPT},
    {"#@~^", SK_ATTACH_SCRIPT}, /* encoded JScript or VBScript */
    {"@echo off", SK_ATTACH_SCRIPT}, {"@echo on", SK_ATTACH_SCRIPT}, {"@setlocal", SK_ATTACH_SCRIPT}, {"@if not ", SK_ATTACH_SCRIPT},
    {"windows registry editor version", SK_ATTACH_SCRIPT}, {"regedit4", SK_ATTACH_SCRIPT},
    {"<hta:application", SK_ATTACH_SCRIPT}, {"<scriptlet", SK_ATTACH_SCRIPT}, {"<component", SK_ATTACH_SCRIPT},
    {"<job", SK_ATTACH_SCRIPT}, {"<package><job", SK_ATTACH_SCRIPT}, {"<jnlp", SK_ATTACH_SCRIPT},
    {"[internetshortcut", SK_ATTACH_SHORTCUT_TEXT}, {"[{000214a0-", SK_ATTACH_SHORTCUT_TEXT}, {"[desktop entry]", SK_ATTACH_SHORTCUT_TEXT},
    {"[shell]", SK_ATTACH_SHORTCUT_TEXT}, {"<librarydescription", SK_ATTACH_SHORTCUT_TEXT}, {"<persistedquery", SK_ATTACH_SHORTCUT_TEXT},
    {"<searchconnectordescription", SK_ATTACH_SHORTCUT_TEXT}, {"full address:s:", SK_ATTACH_SHORTCUT_TEXT},
    {"-----begin pgp message-----", SK_ATTACH_PGP}, {"-----begin pgp message, part", SK_ATTACH_PGP},
    {"-----begin pkcs7-----", SK_ATTACH_PKCS7}, {"-----begin pkcs #7 signed data-----", SK_ATTACH_PKCS7}, {"-----begin cms-----", SK_ATTACH_PKCS7},
    {"-----begin pgp ", SK_ATTACH_CERTIFICATE}, {"-----begin certificate", SK_ATTACH_CERTIFICATE}, {"-----begin x509 crl", SK_ATTACH_CERTIFICATE},
    {"-----begin new certificate", SK_ATTACH_CERTIFICATE}, {"-----begin trusted certificate", SK_ATTACH_CERTIFICATE},
    {"begin:vcalendar", SK_ATTACH_CALENDAR}, {"begin:vcard", SK_ATTACH_CALENDAR},
    {"# disk descriptorfile", SK_ATTACH_VMDK}, {"{\\rt", SK_ATTACH_RTF},
};

/* Phrases that make an XML file more than data. */
static const Start in_xml[] = {
    {"<job", SK_ATTACH_SCRIPT}, {"<scriptlet", SK_ATTACH_SCRIPT}, {"<jnlp", SK_ATTACH_SCRIPT}, {"<mmc_consolefile", SK_ATTACH_SCRIPT},
    {"<hta:application", SK_ATTACH_SCRIPT}, {"xmlns:ms=\"urn:schemas-microsoft-com:xslt\"", SK_ATTACH_SCRIPT},
    {"settingcontent", SK_ATTACH_SHORTCUT_TEXT}, {"<librarydescription", SK_ATTACH_SHORTCUT_TEXT}, {"<persistedquery", SK_ATTACH_SHORTCUT_TEXT},
    {"<searchconnectordescription", SK_ATTACH_SHORTCUT_TEXT}, {"<appinstaller", SK_ATTACH_SHORTCUT_TEXT}, {"<asmv1:assembly", SK_ATTACH_SHORTCUT_TEXT},
    {"<?mso-application", SK_ATTACH_OFFICE_XML}, {"<pkg:package", SK_ATTACH_OFFICE_XML}, {"<w:worddocument", SK_ATTACH_OFFICE_XML},
    {"<html", SK_ATTACH_HTML}, {"<svg", SK_ATTACH_SVG},
};

static const char *const html_starts[] = {
    "<!doctype html", "<html", "<head", "<body", "<script", "<meta", "<title", "<table", "<div", "<center", "<iframe", "<style", "<base ", "<form",
};

/* Anywhere in a text that no viewer claims. */
static const char *const phrases[] = {
    "createobject(\"wscript.shell", "createobject(\"scripting.filesystemobject", "createobject(\"shell.application", "createobject(\"msxml2.",
    "createobject(\"microsoft.xmlhttp", "createobject(\"adodb.stream", "createobject(\"winhttp.", "getobject(\"winmgmts:",
    "activexobject(\"", "activexobject('", "wscript.createobject(", "wscript.sleep", "wscript.echo", "wscript.arguments",
    "powershell -e", "powershell.exe -e", "powershell -nop", "powershell.exe -nop", "powershell -w", "powershell.exe -w", "-executionpolicy bypass",
    "frombase64string(", "invoke-expression", "downloadstring(", "new-object net.webclient", "new-object system.net.webclient", "set-strictmode -", "[cmdletbinding",
    "signature=\"$windows nt$\"", "signature=\"$chicago$\"", "signature = \"$windows nt$\"",
};

/* Header fields of which a message has at least two. */
static const char *const fields[] = {
    "received:", "return-path:", "from:", "to:", "subject:", "date:", "message-id:", "mime-version:", "content-type:", "content-transfer-encoding:",
    "delivered-to:", "reply-to:", "cc:", "dkim-signature:", "x-mailer:", "content-class:", "x-mimeole:", "importance:", "user-agent:", "content-location:",
};
/* clang-format on */

static SkAttachType
match_start(const Start *table, size_t n, const Look *look)
{
    for (size_t i = 0; i < n; i++) {
        if (g_str_has_prefix(look->text, table[i].start))
            return table[i].type;
    }
    return SK_ATTACH_UNKNOWN;
}

static bool
contains(const Look *look, const char *what)
{
    return sk_bytes_find(sk_bytes(look->text, look->len), what, strlen(what), 0) !=
           SK_BYTES_NONE;
}

/* The first character of a phrase decides for most places of the text, so that all phrases
 * together cost little more than one. */
static bool
has_phrase(const Look *look)
{
    for (const char *p = look->text; (p = strpbrk(p, "cagwp-find[s")) != NULL; p++) {
        for (size_t i = 0; i < G_N_ELEMENTS(phrases); i++) {
            if (*p == *phrases[i] && strncmp(p, phrases[i], strlen(phrases[i])) == 0)
                return true;
        }
    }
    return false;
}

static bool
is_html(const Look *look)
{
    for (size_t i = 0; i < G_N_ELEMENTS(html_starts); i++) {
        if (g_str_has_prefix(look->text, html_starts[i]))
            return true;
    }
    if (look->text[0] != '<')
        return false;
    return contains(look, "<html") || sk_extension_of(look->name) == SK_EXTENSION_PAGE;
}

static SkAttachType
type_of_xml(const Look *look)
{
    for (size_t i = 0; i < G_N_ELEMENTS(in_xml); i++) {
        if (contains(look, in_xml[i].start))
            return in_xml[i].type;
    }
    return SK_ATTACH_XML;
}

static const char *
field_at(const char *line)
{
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        if (g_str_has_prefix(line, fields[i]))
            return fields[i];
    }
    return NULL;
}

/* A field name, the colon behind it, nothing else between. */
static bool
is_field(const char *line)
{
    size_t len = strcspn(line, ": \t\r\n");

    return len > 0 && len < 80 && line[len] == ':';
}

/* Whether the text is a message: header lines from the first line to the first empty one, two
 * of them known; a MIME entity (what S/MIME signs) has one, at the very start. */
static bool
is_mail(const Look *look)
{
    const char *line = look->text;
    unsigned known = 0;

    if (g_str_has_prefix(line, "content-type:") || g_str_has_prefix(line, "mime-version:"))
        return true;
    if (g_str_has_prefix(line, "from ") && strchr(line, '\n') != NULL)
        line = strchr(line, '\n') + 1;
    for (; line != NULL && *line != '\r' && *line != '\n' && *line != '\0'; line++) {
        if (*line != ' ' && *line != '\t' && !is_field(line))
            return false;
        known += field_at(line) != NULL;
        line = strchr(line, '\n');
        if (line == NULL)
            break;
    }
    return known >= 2;
}

/* SYLK runs formulas; "ID;P" alone may head a table of somebody's own. */
static bool
is_sylk(const Look *look)
{
    const char *second = strchr(look->text, '\n');

    return g_str_has_prefix(look->text, "id;p") && second != NULL &&
           strchr("pbcfownue", second[1]) != NULL && second[1] != '\0' &&
           (second[2] == ';' || second[3] == ';');
}

/* Excel's web query: a kind, a version, an address. */
static bool
is_web_query(const Look *look)
{
    return g_str_has_prefix(look->text, "web\n1\n") ||
           g_str_has_prefix(look->text, "web\r\n1\r\n");
}

/* What the extension makes the system do with a text; UNKNOWN: nothing. */
static SkAttachType
type_of_name(const char *name)
{
    switch (sk_extension_of(name)) {
    case SK_EXTENSION_SCRIPT:
        return SK_ATTACH_SCRIPT;
    case SK_EXTENSION_SHORTCUT:
        return SK_ATTACH_SHORTCUT_TEXT;
    default:
        break;
    }
    if (sk_extension_is(name, "jnlp"))
        return SK_ATTACH_SCRIPT;
    if (sk_extension_is(name, "application appinstaller xbap"))
        return SK_ATTACH_SHORTCUT_TEXT;
    if (sk_extension_is(name, "com pif scr exe"))
        return SK_ATTACH_DOS_EXE;
    return sk_extension_is(name, "eml mht mhtml nws") ? SK_ATTACH_MAIL : SK_ATTACH_UNKNOWN;
}

static SkAttachType
type_of_markup(const Look *look)
{
    if (g_str_has_prefix(look->text, "<?xml") || g_str_has_prefix(look->text, "<svg") ||
        g_str_has_prefix(look->text, "<!doctype svg"))
        return type_of_xml(look);
    if (is_html(look))
        return contains(look, "<hta:application") ? SK_ATTACH_SCRIPT : SK_ATTACH_HTML;
    return SK_ATTACH_UNKNOWN;
}

static SkAttachType
type_of_content(const Look *look)
{
    SkExtension extension = sk_extension_of(look->name);
    SkAttachType type = match_start(starts, G_N_ELEMENTS(starts), look);

    if (type == SK_ATTACH_UNKNOWN)
        type = type_of_markup(look);
    if (type != SK_ATTACH_UNKNOWN)
        return type;
    if (is_mail(look))
        return SK_ATTACH_MAIL;
    if (is_sylk(look) || is_web_query(look))
        return SK_ATTACH_SCRIPT;
    if (extension != SK_EXTENSION_DOCUMENT && extension != SK_EXTENSION_PAGE &&
        has_phrase(look))
        return SK_ATTACH_SCRIPT;
    return SK_ATTACH_TEXT;
}

SkAttachType
sk_attach_script_type(SkBytes bytes, SkAttachTextKind kind, const char *name)
{
    SkAttachType type = type_of_name(name);
    Look look;

    if (type != SK_ATTACH_UNKNOWN)
        return type;
    look.name = name;
    look.len = sk_attach_text_fold(bytes, kind, look.text, sizeof look.text);
    return type_of_content(&look);
}
