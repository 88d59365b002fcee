/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/inspector-fate.h"

#include <sys/mman.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/limit.h"
#include "process/process-sandbox.h"

/* The sanitizer has signal handlers of its own, and its reports must be seen. */
#if !SK_SANDBOX_ASAN
/* Memory is out when this much is no longer to be had. */
#    define PROBE (2 * SK_MIB)

/* A signal handler has no argument of ours to find the board by. One process, one board. */
static SkInspectorBoard *handler_board;

static void
on_fatal_signal(int signum)
{
    void *probe = mmap(NULL, PROBE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (probe == MAP_FAILED)
        atomic_store(&handler_board->out_of_memory, 1);
    _exit(128 + signum);
}

static void
arrange_signals(SkInspectorBoard *board)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT};
    /* Of its own: the usual cause of SIGSEGV is a stack that ran out. */
    static uint8_t stack[64 * SK_KIB];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = on_fatal_signal, .sa_flags = SA_ONSTACK};

    handler_board = board;
    sigaltstack(&alternate, NULL);
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
        sigaction(signals[i], &action, NULL);
}

static void
arrange_output(void)
{
    int fd = open("/dev/null", O_RDWR);

    for (int i = STDIN_FILENO; fd >= 0 && i <= STDERR_FILENO; i++)
        dup2(fd, i);
    if (fd > STDERR_FILENO)
        close(fd);
}
#else
const char *__asan_default_options(void);

/* As malloc does without the sanitizer. */
const char *
__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void
arrange_signals(SkInspectorBoard *board)
{
    (void)board;
}

static void
arrange_output(void)
{
}
#endif

/* GLib says this, and nothing else, when an allocation fails. */
static GLogWriterOutput
on_glib_log(GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
    SkInspectorBoard *board = data;

    (void)level;
    for (gsize i = 0; i < n_fields; i++) {
        if (strcmp(fields[i].key, "MESSAGE") == 0 &&
            strstr(fields[i].value, "failed to allocate") != NULL)
            atomic_store(&board->out_of_memory, 1);
    }
    return G_LOG_WRITER_HANDLED;
}

void
sk_inspector_fate_arrange(SkInspectorBoard *board)
{
    arrange_output();
    arrange_signals(board);
    g_log_set_writer_func(on_glib_log, board, NULL);
}
