/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-settings - the tables of every setting there is, and the file they are read from
 *
 * sekisho.conf(5) describes them; a test compares it with these tables.
 */

#include "base/budget.h"
#include "base/settings.h"

#define SK_CONFIG_FILE "/etc/sekisho/sekisho.conf"

/* All tables, for sk_settings_read(). */
extern const SkSettingSpec *const sk_engine_setting_tables[];

/* PATH NULL: the packaged defaults. */
SkSettings *sk_engine_settings_read(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The limits of one inspection, out of section [limits]. */
SkBudgetLimits sk_engine_settings_limits(const SkSettings *settings);
/* Names of the checks that the settings leave out, as SkPolicyWorld wants them. Static. */
const char *const *sk_engine_settings_disabled(const SkSettings *settings);
