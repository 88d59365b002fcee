/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/* The one thing a process has that is set once and read everywhere. */
static struct {
    const char *program;
    bool debug;
} writer = {"sekisho", false};

void
sk_log_open(const char *program, bool debug)
{
    writer.program = program;
    writer.debug = debug;
}

static bool
is_plain(const char *value)
{
    for (const char *p = value; *p != '\0'; p++) {
        if (!g_ascii_isalnum(*p) && strchr("._-:@/+,<>[]", *p) == NULL)
            return false;
    }
    return *value != '\0';
}

void
sk_log_field(GString *line, const char *name, const char *value)
{
    g_autofree char *quoted = NULL;

    if (value == NULL)
        return;
    if (!is_plain(value))
        quoted = sk_text_quote(value);
    g_string_append_printf(line, " %s=%s", name, quoted != NULL ? quoted : value);
}

void
sk_log(SkLogLevel level, const char *message, ...)
{
    static const char *const names[] = {"critical", "warning", "info", "debug"};
    g_autoptr(GString) line = NULL;
    const char *name;
    va_list args;

    if (level == SK_LOG_DEBUG && !writer.debug)
        return;
    line = g_string_sized_new(256);
    g_string_append_printf(line, "%s[%d]: %s: %s", writer.program, (int)getpid(), names[level],
                           message);
    va_start(args, message);
    while ((name = va_arg(args, const char *)) != NULL)
        sk_log_field(line, name, va_arg(args, const char *));
    va_end(args);
    g_string_append_c(line, '\n');
    /* One write a line, so that lines of several programs do not mix. A full pipe loses it. */
    if (write(STDERR_FILENO, line->str, line->len) < 0)
        return;
}

void
sk_log_error(SkLogLevel level, const char *message, const GError *error)
{
    sk_log(level, message, "error", error != NULL ? error->message : "unknown", NULL);
}
