/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * inspector-prime - has every library do once, in the master, what it does only once
 *
 * Tables, locales, providers and files that libraries load when they first need them are there
 * before the first worker is forked: shared by all of them, and never asked for behind the
 * sandbox. Whoever adds a parser adds a sample here, or a line for his folder's own priming.
 */

#include <stdbool.h>

/* Before any worker is forked. False: a library that is needed is missing or broken. */
bool sk_inspector_prime(void);
