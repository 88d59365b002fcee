/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * inspector-child - one worker as its master sees it: birth, watching, death, obituary
 */

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "inspector/inspector-worker.h"

typedef struct SkInspectorChild SkInspectorChild;

/* FUNC: the child is dead and its obituary delivered or in vain; the callee frees it. */
typedef void (*SkInspectorChildFunc)(SkInspectorChild *child, void *data);

/* Forks. Takes JOB_FD, also when it fails. LIMITS are copied. In the child it does not return.
 */
SkInspectorChild *sk_inspector_child_new(SkLoop *loop,
                                         int job_fd,
                                         int wake_fd,
                                         const SkInspectorLimits *limits,
                                         const SkInspectorWork *work,
                                         SkInspectorChildFunc func,
                                         void *data,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Kills it if it lives. */
void sk_inspector_child_free(SkInspectorChild *child);

pid_t sk_inspector_child_pid(const SkInspectorChild *child);
bool sk_inspector_child_is_busy(const SkInspectorChild *child);
/* Whether the master promises to look by itself; see SkInspectorBoard. */
void sk_inspector_child_set_watched(SkInspectorChild *child, bool watched);
/* Kills it if its job is over the limits. */
void sk_inspector_child_check(SkInspectorChild *child, int64_t now_ms);
/* Ends it when it is idle, or as soon as it is: at the next check. */
void sk_inspector_child_retire(SkInspectorChild *child);
/* It was waited for, with this status. */
void sk_inspector_child_bury(SkInspectorChild *child, int status);
