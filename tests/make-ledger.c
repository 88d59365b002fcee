/* SPDX-License-Identifier: Apache-2.0 */

/*
 * make-ledger - a ledger of N passages as they mostly are, for measuring
 *
 * Every 100th comes from measured@example.net and every 1000th goes to him.
 */

#include <stdio.h>

#include "base/text.h"
#include "ledger/passage-store.h"
#include "ledger/passage-testing.h"
#include "store/store-migrate.h"
#include "store/store-sqlite.h"

#define MEASURED "measured@example.net"
#define BATCH    1000

static SkPassage *
passage_new(int64_t i)
{
    g_autofree char *id = g_strdup_printf("01j8zk3fa7%010" G_GINT64_FORMAT, i);
    g_autofree char *sender =
        i % 100 == 0 ? g_strdup(MEASURED)
                     : g_strdup_printf("person%" G_GINT64_FORMAT "@example.org", i % 5003);
    SkPassage *passage = sk_test_passage_plain(id, 1798884000000000 + i * 7000000);

    g_assert_true(sk_envelope_set_sender(passage->envelope, sender, "SIZE=4711"));
    g_free(passage->from);
    passage->from = g_strdup(sender);
    if (i % 1000 == 1)
        sk_test_passage_add_recipient(passage, MEASURED, SK_DIRECTION_OUTBOUND);
    if (i % 20 == 0)
        sk_findings_add(passage->findings, SK_FINDING_ATTACH_ANY, "2", "請求書.pdf", NULL);
    return passage;
}

static bool
add_batch(SkDb *db, int64_t from, int64_t until, GError **error)
{
    g_autoptr(SkPassageAdder) adder = NULL;
    bool ok = sk_db_begin(db, error);

    adder = ok ? sk_passage_adder_new(db, error) : NULL;
    for (int64_t i = from; adder != NULL && ok && i < until; i++) {
        g_autoptr(SkPassage) passage = passage_new(i);

        ok = sk_passage_adder_add(adder, passage, error);
    }
    return adder != NULL && ok && sk_db_commit(db, error);
}

static bool
fill(const char *path, int64_t n, GError **error)
{
    g_autoptr(SkDb) db = sk_store_sqlite_open(path, SK_STORE_NORMAL, error);

    if (db == NULL ||
        !sk_store_migrate(db, sk_passage_tables.name, sk_passage_tables.steps, error))
        return false;
    for (int64_t i = 0; i < n; i += BATCH) {
        if (!add_batch(db, i, MIN(i + BATCH, n), error))
            return false;
    }
    return true;
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    int64_t n;

    if (argc != 3 || !sk_text_to_int(argv[2], 1, INT64_C(1000000000), &n)) {
        fputs("usage: make-ledger FOLDER/know.db N\n", stderr);
        return 2;
    }
    if (fill(argv[1], n, &error))
        return 0;
    fprintf(stderr, "make-ledger: %s\n", error->message);
    return 2;
}
