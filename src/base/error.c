/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>

G_DEFINE_QUARK(sk_error, sk_error)

static SkError
code_of_errno(int errnum)
{
    switch (errnum) {
    case ETIMEDOUT:
    case EAGAIN:
        return SK_ERROR_TIMEOUT;
    case ENOENT:
        return SK_ERROR_NOT_FOUND;
    case EACCES:
    case EPERM:
        return SK_ERROR_DENIED;
    default:
        return SK_ERROR_IO;
    }
}

bool
sk_error_set_errno(GError **error, int errnum, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, SK_ERROR, code_of_errno(errnum), "%s: %s", what, g_strerror(errnum));
    return false;
}
