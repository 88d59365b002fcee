/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-run.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/loop.h"
#include "cli/cli-files.h"
#include "cli/cli-progress.h"
#include "cli/cli.h"
#include "process/process-inspect.h"
#include "process/process-lend.h"

/* Files read ahead for each worker, so that none waits for the disk. */
#define AHEAD 4

/* One file, from reading to reporting. */
typedef struct Item {
    struct Run *run;
    SkSpool *spool; /* NULL and done: it could not be read */
    SkInspectResult *result;
    bool done;
} Item;

typedef struct Run {
    SkLoop *loop;
    SkInspect *inspect;
    SkInspectKind kind;
    size_t limit;
    const GPtrArray *files;
    Item *items; /* one a file */
    guint next;  /* the next to be read */
    guint reported;
    guint ahead; /* how many may be read and not reported */
    SkRunFunc func;
    void *data;
    SkProgress *progress;
    bool trouble;
    bool over;
} Run;

static void
item_clear(Item *item)
{
    g_clear_pointer(&item->spool, sk_spool_free);
    g_clear_pointer(&item->result, sk_inspect_result_free);
}

static void
say_trouble(Run *run, const GError *error)
{
    sk_progress_hide(run->progress);
    (void)sk_cli_fail_error(error);
    run->trouble = true;
}

static void
report_one(Run *run, guint i)
{
    Item *item = &run->items[i];

    if (item->result != NULL) {
        sk_progress_hide(run->progress);
        run->func(run->files->pdata[i], item->spool, item->result, run->data);
    }
    item_clear(item);
    /* Who does not take the answers does not want the others. The end of the program says it.
     */
    run->over = run->over || ferror(stdout) != 0;
}

static void
report(Run *run)
{
    while (run->reported < run->next && run->items[run->reported].done)
        report_one(run, run->reported++);
    sk_progress_set(run->progress, run->reported);
}

static void advance(Run *run);

static void
on_result(SkInspectResult *result, const GError *error, void *data)
{
    Item *item = data;
    Run *run = item->run;

    item->result = result;
    item->done = true;
    if (result == NULL && !run->over) {
        say_trouble(run, error);
        run->over = true;
    }
    advance(run);
}

static void
submit(Run *run, guint i)
{
    const char *path = run->files->pdata[i];
    g_autofree char *name = g_path_get_basename(path);
    g_autoptr(GError) error = NULL;
    Item *item = &run->items[i];
    SkInspectJob job = {.kind = run->kind, .fd = -1};

    item->run = run;
    item->spool = sk_cli_read_file(path, run->limit, &error);
    if (item->spool == NULL) {
        say_trouble(run, error);
        item->done = true;
        return;
    }
    job.bytes = sk_spool_peek_bytes(item->spool);
    job.fd = sk_spool_peek_fd(item->spool);
    job.name = run->kind == SK_INSPECT_FILE && strcmp(path, "-") != 0 ? name : NULL;
    sk_inspect_submit(run->inspect, &job, on_result, item);
}

/* Reports what can be, and reads on. */
static void
advance(Run *run)
{
    report(run);
    while (!run->over && run->next < run->files->len &&
           run->next - run->reported < run->ahead) {
        submit(run, run->next++);
        report(run);
    }
    if (run->over || run->reported == run->files->len)
        sk_loop_stop(run->loop);
}

static void
run_all(Run *run)
{
    run->items = g_new0(Item, run->files->len);
    run->progress =
        sk_progress_new(run->kind == SK_INSPECT_MAIL ? "messages" : "files", run->files->len);
    advance(run);
    sk_loop_run(run->loop);
    sk_progress_free(run->progress);
    sk_inspect_free(run->inspect);
    for (guint i = 0; i < run->files->len; i++)
        item_clear(&run->items[i]);
    g_free(run->items);
}

int
sk_cli_run(const SkSettings *settings,
           const char *config,
           SkInspectKind kind,
           const GPtrArray *files,
           SkRunFunc func,
           void *data)
{
    g_autoptr(SkLentInspector) lent = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(SkLoop) loop = sk_loop_new(&error);
    /* More than processors: while this process judges, others have a file before them. */
    unsigned workers = 2 * g_get_num_processors();
    Run run = {.loop = loop,
               .kind = kind,
               .limit = (size_t)sk_settings_get_int(settings, "gate", "message_limit"),
               .files = files,
               .ahead = workers * AHEAD,
               .func = func,
               .data = data};

    if (loop != NULL)
        lent = sk_process_lend_new(NULL, config, &error);
    if (lent == NULL)
        return sk_cli_fail_error(error);
    run.inspect =
        sk_process_inspect_new(loop, sk_process_lend_peek_socket(lent), workers, G_MAXINT32);
    run_all(&run);
    return run.trouble ? SK_EXIT_TROUBLE : SK_EXIT_CLEAN;
}
