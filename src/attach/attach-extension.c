/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-extension.h"

#include <glib.h>
#include <stdlib.h>

/* No extension that counts is longer ("settingcontent-ms", "searchconnector-ms"). */
#define LONGEST 18

/* A look-up compares lengths along some 250 words: it is done once a file, and costs less than
 * keeping a sorted copy right. */
/* clang-format off */
static const struct {
    SkExtension is;
    const char *words;
} table[] = {
    {SK_EXTENSION_DOCUMENT,
     "pdf doc docx docm dot dotx dotm xls xlsx xlsm xlsb xlt xltx xltm ppt pptx pptm pps ppsx pot"
     " potx rtf txt text csv tsv log md odt ods odp odg ott ots otp pages numbers key epub xps oxps"
     " jpg jpeg jpe jfif png gif bmp tif tiff webp heic heif avif ico psd ai eps ps wmf emf"
     " mp3 mp4 m4a m4v wav wma wmv avi mov mkv flac ogg mpg mpeg webm aac mid"
     " vsd vsdx pub msg eml ics vcf json xml yaml yml jtd jtt xdw dwg dxf jww ttf otf woff"},
    {SK_EXTENSION_PAGE, "htm html xhtml shtml mht mhtml svg"},
    {SK_EXTENSION_ARCHIVE,
     "zip zipx 7z rar r00 tar gz tgz bz2 tbz tbz2 xz txz zst lz4 lz lzma z cab lzh lha arj ace"
     " alz egg zoo cpio"},
    {SK_EXTENSION_IMAGE, "iso img vhd vhdx vmdk dmg udf wim esd bin"},
    {SK_EXTENSION_PROGRAM,
     "exe com scr pif cpl dll ocx sys drv msi msp mst msix msixbundle appx appxbundle appinstaller"
     " application jar jnlp apk xll wll xap gadget chm hlp app pkg mpkg deb rpm run appimage air"
     " crx xpi vsix xbap msu"},
    {SK_EXTENSION_SCRIPT,
     "js jse vbs vbe vb wsf wsh wsc ws sct hta bat cmd btm ps1 ps1xml ps2 ps2xml psc1 psc2 psm1"
     " psd1 msh msh1 msh2 mshxml msh1xml msh2xml cdxml reg inf ins isp msc py pyw pyz pyzw sh bash"
     " csh ksh zsh command scpt scptd applescript workflow terminal iqy oqy rqy dqy slk"
     },
    {SK_EXTENSION_SHORTCUT,
     "lnk url website webloc inetloc fileloc desktop scf settingcontent-ms library-ms search-ms"
     " searchconnector-ms appref-ms rdp theme themepack deskthemepack mad maf mag mam maq mar mas"
     " mat mav maw mcf shb shs job osdx"},
};
/* clang-format on */

static bool
is_ignored_at_end(uint8_t c)
{
    return c == '.' || c == ' ' || c == '\t';
}

SkBytes
sk_extension_peek(const char *name)
{
    SkBytes all = sk_bytes(name, strlen(name));
    size_t dot, stream;

    /* "a.txt:b.exe" names a second stream of a.txt; "a.exe::$DATA" the first of a.exe. */
    stream = sk_bytes_find(all, "::$", 3, 0);
    if (stream != SK_BYTES_NONE)
        all.len = stream;
    while (all.len > 0 && is_ignored_at_end(all.data[all.len - 1]))
        all.len--;
    dot = sk_bytes_find_last(all, ".", 1, 0);
    return dot == SK_BYTES_NONE ? sk_bytes_from(all, all.len) : sk_bytes_from(all, dot + 1);
}

/* Whether EXTENSION is one of the blank-separated WORDS. */
static bool
is_among(SkBytes extension, const char *words)
{
    while (*words != '\0') {
        size_t len = strcspn(words, " ");

        if (len == extension.len &&
            g_ascii_strncasecmp(words, (const char *)extension.data, len) == 0)
            return true;
        words += len;
        words += strspn(words, " ");
    }
    return false;
}

SkExtension
sk_extension_class(SkBytes extension)
{
    if (extension.len == 0 || extension.len > LONGEST)
        return SK_EXTENSION_OTHER;
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        if (is_among(extension, table[i].words))
            return table[i].is;
    }
    return SK_EXTENSION_OTHER;
}

SkExtension
sk_extension_of(const char *name)
{
    return name != NULL ? sk_extension_class(sk_extension_peek(name)) : SK_EXTENSION_OTHER;
}

bool
sk_extension_is(const char *name, const char *list)
{
    SkBytes extension;

    if (name == NULL)
        return false;
    extension = sk_extension_peek(name);
    return extension.len > 0 && is_among(extension, list);
}

bool
sk_extension_is_volume(const char *name)
{
    SkBytes e;
    uint8_t first;

    if (name == NULL)
        return false;
    e = sk_extension_peek(name);
    first = g_ascii_tolower((char)sk_bytes_u8(e, 0));
    return e.len == 3 && (g_ascii_isdigit(first) || first == 'z' || first == 'r') &&
           g_ascii_isdigit(e.data[1]) && g_ascii_isdigit(e.data[2]);
}
