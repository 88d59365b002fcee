/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-prime - makes the document readers' libraries load now what they load on first use
 *
 * OpenSSL reads its configuration and fetches algorithms, libxml2 and qpdf set up their tables,
 * qpdf's crypto library opens what it needs. An inspector that has locked itself down cannot
 * open files any more, so it calls this first: small built-in documents go through every
 * reader.
 *
 * Limits: about 10 ms. Errors: false when a reader does not find in its sample what is in
 * there: a library is missing or broken, and the inspector must not start.
 * Security: nothing foreign is read.
 */

#include <stdbool.h>

bool sk_attach_prime(void);
