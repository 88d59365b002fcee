/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-turn - a turnstile before the write lock of a SQLite file, so that every program gets
 * its turn
 *
 * SQLite's write lock has no queue: who commits and begins again at once is faster than all who
 * sleep and ask again, and who waits longest sleeps longest. So whoever wants to write first
 * takes the turn, waits with it for the write lock, and gives it back as soon as he has the
 * lock. There is one who waits for the lock at a time, and a greedy writer stands behind him.
 *
 * The turn is a lock on a file of its own beside the database ("keep.db-turn"), which belongs
 * to the open file: connections of one process queue like those of several, and the kernel
 * gives back the turn of a process that died. The lock is never on a file of SQLite's, whose
 * own locks would be dropped when ours is closed.
 *
 * Errors: TIMEOUT: others had it all the time; else those of the file.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* DATABASE is the path of a file that exists; the turnstile gets its mode and, made by root,
 * its owner. RET_FD is the caller's to close. */
bool sk_turn_open(const char *database, int *ret_fd, GError **error);
/* Whether DATABASE was ever opened with a turnstile. */
bool sk_turn_exists(const char *database);

/* Asks again and again until UNTIL_MS of sk_clock_mono_ms(). */
bool sk_turn_take(int fd, int64_t until_ms, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_turn_leave(int fd);
