/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sekisho-inspector-trial - an inspector that does what it is told, for tests; never installed
 *
 * A message with "SK-TRIAL word" in its first 4 KiB (Postfix may put fields before ours) is not
 * inspected: the worker then does what a worker must never do, or be able to do. All else is
 * inspected as usual.
 */

#define _GNU_SOURCE
#include <sys/socket.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/engine-inspect.h"
#include "inspector/inspector-edit.h"
#include "inspector/inspector-start.h"
#include "process/process-wire.h"

static void
crash(void)
{
    volatile int *nowhere = NULL;

    *nowhere = 1;
}

static void
hang(void)
{
    (void)poll(NULL, 0, -1);
}

static void
spin(void)
{
    for (volatile unsigned i = 0;; i++)
        ;
}

/* In pieces that GLib allocates, as our own code does. */
static void
eat(void)
{
    for (;;)
        memset(g_malloc(8 << 20), 1, 8 << 20);
}

/* In pieces that a library allocates and does not check. */
static void
nibble(void)
{
    for (;;)
        memset(malloc(1 << 20), 1, 1 << 20);
}

static void
end_silently(void)
{
    _exit(0);
}

/* Refused, not killed: libraries try this. */
static void
open_file(void)
{
    if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0)
        abort();
}

static void
open_socket(void)
{
    (void)socket(AF_INET, SOCK_STREAM, 0);
}

static void
run_program(void)
{
    (void)execl("/bin/true", "true", (char *)NULL);
}

/* Most of an answer that says "nothing found", then a crash. */
static void
answer_half(void)
{
    g_autoptr(SkInspectResult) nothing = sk_inspect_result_new();
    g_auto(SkBuffer) out;

    sk_buffer_init(&out, SK_WIRE_RESULT_LIMIT);
    nothing->inspected = true;
    (void)sk_wire_put_result(&out, 1, false, nothing);
    (void)!write(SK_INSPECTOR_JOB_FD, out.data, out.len - 3);
    crash();
}

static void
answer_nonsense(void)
{
    (void)!write(SK_INSPECTOR_JOB_FD, "SKF1\2\0\0\0\4\0\0\0junk", 16);
    hang();
}

static const struct {
    const char *word;
    void (*act)(void);
} acts[] = {
    {"crash", crash},
    {"hang", hang},
    {"spin", spin},
    {"eat", eat},
    {"nibble", nibble},
    {"exit", end_silently},
    {"open", open_file},
    {"socket", open_socket},
    {"exec", run_program},
    {"half", answer_half},
    {"nonsense", answer_nonsense},
    {"abort", abort},
};

static void
act_on(SkBytes bytes)
{
    size_t at = sk_bytes_find(sk_bytes_slice(bytes, 0, 4096), "SK-TRIAL ", 9, 0);

    for (size_t i = 0; i < G_N_ELEMENTS(acts) && at != SK_BYTES_NONE; i++) {
        if (sk_bytes_at(bytes, at + 9, acts[i].word, strlen(acts[i].word)))
            acts[i].act();
    }
}

static SkInspectResult *
inspect(SkInspectKind kind,
        const char *name,
        SkBytes bytes,
        SkScanNow *scanner,
        const SkBudgetLimits *limits)
{
    act_on(bytes);
    return sk_engine_inspect(kind, name, bytes, scanner, limits);
}

static SkInspectResult *
edit(const SkWireEdit *order,
     SkBytes message,
     const SkBudgetLimits *limits,
     SkEditOutcome *ret_outcome,
     SkMailCuts *ret_cuts)
{
    act_on(message);
    return sk_inspector_edit(order, message, limits, ret_outcome, ret_cuts);
}

int
main(int argc, char **argv)
{
    static const SkInspectorWork work = {inspect, edit};

    return sk_inspector_start(argc, argv, &work);
}
