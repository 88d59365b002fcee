/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * inspector-edit - carries out one order of process-edit over a message in memory
 *
 * Security: the message is hostile; to be called behind the sandbox.
 */

#include "base/budget.h"
#include "process/process-edit-wire.h"

/* RET_CUTS is initialised by the caller or here, and the caller's to clear. Caller owns the
 * result, whose findings say why it FAILED or what a password opened. */
SkInspectResult *sk_inspector_edit(const SkWireEdit *order,
                                   SkBytes message,
                                   const SkBudgetLimits *limits,
                                   SkEditOutcome *ret_outcome,
                                   SkMailCuts *ret_cuts);
