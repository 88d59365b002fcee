/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-letter - a message ready to be sent: lines put before it, then its bytes
 *
 * Errors: those of reading what it is made of.
 */

#include "clerk/clerk-original.h"

typedef struct SkClerkLetter SkClerkLetter;

/* HEAD: whole lines. Of the ORIGINAL, taken; or of FD, a memfd, taken; or of BYTES. */
SkClerkLetter *sk_clerk_letter_of_original(const char *head, SkClerkOriginal *original);
SkClerkLetter *sk_clerk_letter_of_fd(const char *head,
                                     int fd,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
SkClerkLetter *sk_clerk_letter_of_bytes(const char *head, GBytes *bytes);
void sk_clerk_letter_free(SkClerkLetter *letter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkClerkLetter, sk_clerk_letter_free)

uint64_t sk_clerk_letter_size(const SkClerkLetter *letter);
/* Whether there is a byte above 127 in it. */
bool sk_clerk_letter_is_8bit(SkClerkLetter *letter,
                             bool *ret_is,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* As SkSmtpMail reads: from the first byte on, once. */
bool sk_clerk_letter_read(void *letter, SkBytes *ret_piece, GError **error);
