/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-progress.h"

#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define WIDTH          30
#define FIRST_AFTER_MS 1000
#define EVERY_MS       100

struct SkProgress {
    const char *what;
    uint64_t total;
    int64_t started_ms;
    int64_t drawn_ms;
    bool is_terminal;
    bool is_shown;
};

static int64_t
now_ms(void)
{
    return sk_clock_mono_ms(sk_clock_real());
}

SkProgress *
sk_progress_new(const char *what, uint64_t total)
{
    SkProgress *progress = g_new0(SkProgress, 1);

    progress->what = what;
    progress->total = total;
    progress->started_ms = now_ms();
    progress->is_terminal = isatty(STDERR_FILENO);
    return progress;
}

static void
draw(SkProgress *progress, uint64_t done, int64_t now)
{
    int filled = progress->total > 0 ? (int)(done * WIDTH / progress->total) : 0;
    double rate = (double)done * 1000 / (double)MAX(now - progress->started_ms, 1);

    fprintf(stderr, "\r[%.*s%*s] %" PRIu64 "/%" PRIu64 " %s, %.0f/s ", filled,
            "==============================", WIDTH - filled, "", done, progress->total,
            progress->what, rate);
    fflush(stderr);
    progress->drawn_ms = now;
    progress->is_shown = true;
}

void
sk_progress_set(SkProgress *progress, uint64_t done)
{
    int64_t now;

    if (!progress->is_terminal)
        return;
    now = now_ms();
    if (now - progress->started_ms >= FIRST_AFTER_MS && now - progress->drawn_ms >= EVERY_MS)
        draw(progress, done, now);
}

void
sk_progress_hide(SkProgress *progress)
{
    if (!progress->is_shown)
        return;
    fputs("\r\x1b[K", stderr);
    fflush(stderr);
    progress->is_shown = false;
}

void
sk_progress_free(SkProgress *progress)
{
    if (progress == NULL)
        return;
    sk_progress_hide(progress);
    g_free(progress);
}
