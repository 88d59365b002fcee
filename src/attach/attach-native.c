/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-office.h"
#include "base/limit.h"
#include "base/text.h"

/* Flags that a packaged file begins with; streams of other objects do not have them. */
#define PACKAGE_FLAGS 0x0002u
/* The packaged thing is a file that is stored here; 1 would be a link to one. */
#define PACKAGE_FILE 0x0003u

/* The text up to the next NUL; *AT moves behind it. False when there is no NUL. */
static bool
take_text(SkBytes b, uint64_t *at, SkBytes *ret_text)
{
    size_t end = sk_bytes_find(b, "", 1, (size_t)*at);

    if (end == SK_BYTES_NONE)
        return false;
    *ret_text = sk_bytes_slice(b, *at, end - *at);
    *at = end + 1;
    return true;
}

/* What follows the last folder; the text is in some Windows charset, its separators are ASCII.
 */
static SkBytes
base_name(SkBytes path)
{
    size_t from = 0;

    for (size_t i = 0; i < path.len; i++) {
        if (path.data[i] == '\\' || path.data[i] == '/')
            from = i + 1;
    }
    return sk_bytes_from(path, from);
}

typedef struct {
    SkBytes label, path, content;
} Package;

static bool
parse_package(SkBytes native, Package *ret)
{
    uint64_t at = 2;
    uint32_t len;

    if (sk_bytes_le16(native, 0) != PACKAGE_FLAGS || !take_text(native, &at, &ret->label) ||
        !take_text(native, &at, &ret->path))
        return false;
    if (sk_bytes_le16(native, at + 2) != PACKAGE_FILE)
        return false;
    at += 4;
    at += 4 + (uint64_t)sk_bytes_le32(native, at); /* the path it had while it was dragged in */
    len = sk_bytes_le32(native, at);
    ret->content = sk_bytes_slice(native, at + 4, len);
    return ret->content.len == len && len > 0;
}

void
sk_attach_ole_package(SkAttachScan *scan, SkAttachFile *file, SkBytes native)
{
    g_autofree char *name = NULL;
    Package package;

    if (!sk_budget_take_unpacked(sk_attach_budget(scan))) {
        (void)sk_attach_is_over(scan, file);
        return;
    }
    if (!parse_package(native, &package)) {
        sk_attach_member(scan, file, "package", native);
        return;
    }
    name = sk_text_safe(base_name(package.label.len > 0 ? package.label : package.path),
                        SK_LIMIT_NAME);
    sk_attach_member(scan, file, name, package.content);
}

void
sk_attach_office_ole10native(const SkAttachOffice *office, uint32_t stream)
{
    g_auto(SkBuffer) scratch = {0};
    SkBytes native;

    if (!sk_attach_office_read(office, stream, UINT64_MAX, &scratch, &native))
        return;
    /* Equations, pictures and the like keep data of their own there, which nothing extracts. */
    if (sk_bytes_le16(native, 4) == PACKAGE_FLAGS)
        sk_attach_ole_package(office->scan, office->file, sk_bytes_from(native, 4));
}
