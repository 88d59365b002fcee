/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-run.h"

#include <string.h>

#include "base/loop.h"
#include "cli/cli-files.h"
#include "cli/cli-progress.h"
#include "process/process-inspect.h"
#include "process/process-lend.h"

/* Files read ahead for each worker, so that none waits for the disk. */
#define AHEAD 4

/* One file, from reading to reporting. */
typedef struct Item {
    struct Run *run;
    SkSpool *spool;
    SkInspectResult *result;
} Item;

typedef struct Run {
    SkLoop *loop;
    SkInspect *inspect;
    SkInspectKind kind;
    const GPtrArray *files;
    Item *items; /* one a file */
    guint next;  /* the next to be read */
    guint reported;
    guint ahead; /* how many may be read and not reported */
    SkRunFunc func;
    void *data;
    SkProgress *progress;
    GError *error;
} Run;

static void
item_clear(Item *item)
{
    g_clear_pointer(&item->spool, sk_spool_free);
    g_clear_pointer(&item->result, sk_inspect_result_free);
}

static void
report(Run *run)
{
    while (run->reported < run->next && run->items[run->reported].result != NULL) {
        Item *item = &run->items[run->reported];

        sk_progress_hide(run->progress);
        run->func(run->files->pdata[run->reported], item->spool, item->result, run->data);
        item_clear(item);
        run->reported++;
    }
    sk_progress_set(run->progress, run->reported);
}

static void feed(Run *run);

static void
on_result(SkInspectResult *result, const GError *error, void *data)
{
    Item *item = data;
    Run *run = item->run;

    if (result == NULL) {
        if (run->error == NULL)
            run->error = g_error_copy(error);
        sk_loop_stop(run->loop);
        return;
    }
    item->result = result;
    report(run);
    feed(run);
    if (run->reported == run->files->len)
        sk_loop_stop(run->loop);
}

static bool
submit(Run *run, guint i)
{
    const char *path = run->files->pdata[i];
    g_autofree char *name = g_path_get_basename(path);
    Item *item = &run->items[i];
    SkInspectJob job = {.kind = run->kind, .fd = -1};

    item->run = run;
    item->spool = sk_cli_read_file(path, &run->error);
    if (item->spool == NULL)
        return false;
    job.bytes = sk_spool_peek_bytes(item->spool);
    job.fd = sk_spool_peek_fd(item->spool);
    job.name = run->kind == SK_INSPECT_FILE && strcmp(path, "-") != 0 ? name : NULL;
    sk_inspect_submit(run->inspect, &job, on_result, item);
    return true;
}

static void
feed(Run *run)
{
    while (run->error == NULL && run->next < run->files->len &&
           run->next - run->reported < run->ahead) {
        if (!submit(run, run->next)) {
            sk_loop_stop(run->loop);
            return;
        }
        run->next++;
    }
}

static void
run_all(Run *run)
{
    run->items = g_new0(Item, run->files->len);
    run->progress =
        sk_progress_new(run->kind == SK_INSPECT_MAIL ? "messages" : "files", run->files->len);
    feed(run);
    if (run->error == NULL && run->reported < run->files->len)
        sk_loop_run(run->loop);
    sk_progress_free(run->progress);
}

bool
sk_cli_run(const SkSettings *settings,
           const char *config,
           SkInspectKind kind,
           const GPtrArray *files,
           SkRunFunc func,
           void *data,
           GError **error)
{
    g_autoptr(SkLentInspector) lent = NULL;
    g_autoptr(SkLoop) loop = sk_loop_new(error);
    unsigned workers = g_get_num_processors();
    Run run = {.loop = loop,
               .kind = kind,
               .files = files,
               .ahead = workers * AHEAD,
               .func = func,
               .data = data};

    if (loop == NULL || files->len == 0)
        return loop != NULL;
    lent = sk_process_lend_new(NULL, config, error);
    if (lent == NULL)
        return false;
    run.inspect =
        sk_process_inspect_new(loop, sk_process_lend_peek_socket(lent), workers, G_MAXINT32);
    run_all(&run);
    sk_inspect_free(run.inspect);
    for (guint i = 0; i < files->len; i++)
        item_clear(&run.items[i]);
    g_free(run.items);
    if (run.error != NULL)
        g_propagate_error(error, run.error);
    return run.error == NULL;
}
