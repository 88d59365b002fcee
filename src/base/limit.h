/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * limit - every built-in limit, with its unit and its reason
 *
 * What an administrator may change is in the settings, with these as defaults.
 */

#define SK_KIB (1024ULL)
#define SK_MIB (1024ULL * SK_KIB)
#define SK_GIB (1024ULL * SK_MIB)

/* Bytes of a message. Postfix's message_size_limit must not be larger. */
#define SK_LIMIT_MESSAGE (100 * SK_MIB)
/* Bytes above which a message lies in a memfd: copying costs more than mapping
 * (measured: 1.4 MB inline 0.2 ms, by memfd 0.7; 50 MB inline 16 ms, by memfd 11.5). */
#define SK_LIMIT_INLINE (4 * SK_MIB)

/* Bytes of the header section. Postfix's header_size_limit is 100 KiB a field. */
#define SK_LIMIT_HEADER (2 * SK_MIB)
/* Header fields of one message or part. */
#define SK_LIMIT_HEADER_FIELDS 5000
/* Addresses read from one header field. */
#define SK_LIMIT_ADDRESSES 2000
/* Recipients of one message; Postfix's smtpd_recipient_limit is 1000. */
#define SK_LIMIT_RECIPIENTS 10000
/* Bytes of an address with the brackets and route a client may send (RFC 5321 4.5.3.1: 256). */
#define SK_LIMIT_ADDRESS 1024

/* MIME parts of one message, those of messages inside it included. */
#define SK_LIMIT_PARTS 2000
/* Containers in containers: archive in mail in archive. Outlook opens about six by hand. */
#define SK_LIMIT_DEPTH 8
/* Multiparts in multiparts, and forwarded messages, before we say that we did not look. */
#define SK_LIMIT_MIME_DEPTH 30
/* Bytes of a file name, after decoding. */
#define SK_LIMIT_NAME 1024

/* Entries of archives listed for one message. */
#define SK_LIMIT_ENTRIES 20000
/* Entries unpacked for one message. */
#define SK_LIMIT_UNPACKED_ENTRIES 2000
/* Bytes unpacked for one message. */
#define SK_LIMIT_UNPACKED (100 * SK_MIB)
/* Unpacked bytes to packed bytes, counted after the first MiB. Real text packs 20 to 1. */
#define SK_LIMIT_RATIO 200

/* Bytes unpacked for one message after which pictures and texts in archives are judged by their
 * head: nearly all of an archive of a megabyte would be unpacked for them alone, 3 ms. */
#define SK_LIMIT_BEHIND_HARMLESS (128 * SK_KIB)

/* CPU milliseconds of one inspection; and wall milliseconds. */
#define SK_LIMIT_INSPECT_CPU_MS  10000
#define SK_LIMIT_INSPECT_WALL_MS 20000
/* Address space of one inspector worker above what it has when it is born. */
#define SK_LIMIT_INSPECT_MEMORY (512 * SK_MIB)
/* Messages a worker sees before it is replaced: what one message leaves behind ends here. */
#define SK_LIMIT_WORKER_JOBS 1000

/* Findings kept for one message; the rest are counted in one inspect.limit. */
#define SK_LIMIT_FINDINGS 500
/* Bytes of a finding's subject or detail: they come from foreign names. */
#define SK_LIMIT_FINDING_TEXT 512

/* Bytes of a rule's text in an SMTP answer, and of the address of the help page: with code, id
 * and some words about what was found they fit one reply line. */
#define SK_LIMIT_ANSWER_TEXT 200
#define SK_LIMIT_HELP_URL    120

/* Bytes of a policy, of a list file of a policy, of a configuration file. */
#define SK_LIMIT_POLICY      (1 * SK_MIB)
#define SK_LIMIT_POLICY_LIST (16 * SK_MIB)
#define SK_LIMIT_CONFIG      (1 * SK_MIB)

/* Bytes of one milter packet (Postfix sends body chunks of 65,535). */
#define SK_LIMIT_MILTER_PACKET (1 * SK_MIB)
/* Seconds a milter connection may be silent: longer than Postfix's smtpd_timeout. */
#define SK_LIMIT_MILTER_IDLE_S 3600

/* Milliseconds to wait for a database that somebody else is writing to. */
#define SK_LIMIT_DB_WAIT_MS 5000
/* How often a transaction is tried that others keep from happening: some 250 ms of pauses. */
#define SK_LIMIT_DB_TRIES 8
/* Milliseconds one statement may take on a server. */
#define SK_LIMIT_DB_STATEMENT_MS 30000
/* The same of a step that changes tables: an index over years of passages. */
#define SK_LIMIT_DB_MIGRATE_MS (3600 * 1000)
/* Bytes of a blob's ciphertext that lie in its row, one fsync instead of three: a message of
 * 256 KiB with the field that we add. */
#define SK_LIMIT_BLOB_IN_ROW (272 * SK_KIB)
/* Seconds after which a blob that no row names is removed: longer than any transaction. */
#define SK_LIMIT_BLOB_ORPHAN_S 86400
/* Bytes of one text of a passage: an address at its limit with every byte escaped. */
#define SK_LIMIT_PASSAGE_TEXT 4096
/* Bytes of all recipients of a passage that can be searched by; its document has them all. */
#define SK_LIMIT_PASSAGE_SEARCH (64 * SK_KIB)
/* Messages and recipients, added up, that wait to be written to the ledger: about 40 MB. */
#define SK_LIMIT_LEDGER_QUEUE 20000
