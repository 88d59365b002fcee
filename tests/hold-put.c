/* SPDX-License-Identifier: Apache-2.0 */

/*
 * hold-put - holds messages as the gate does, for tests and measurements of what releases them
 *
 * hold-put [OPTION…] CONFIG FILE RECIPIENT…
 *
 * A recipient may have ESMTP arguments behind a blank. Prints the id of each message.
 */

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "engine/engine-blob-site.h"
#include "engine/engine-hold.h"
#include "engine/engine-settings.h"
#include "engine/engine-tables.h"
#include "hold/hold-store.h"
#include "store/store-open.h"

/* Messages of one transaction. */
#define BATCH 200

typedef struct {
    char *sender, *args, *message_id;
    int seconds, count;
    gboolean inbound, strip;
    char **rest; /* CONFIG FILE RECIPIENT… */
    SkSettings *settings;
    SkSite *site;
    SkStore *store;
    SkDb *keep;
    SkBlobPlace *place;
    SkBlobSite blob_site;
    char *content;
    gsize len;
    int done;
} Put;

static void
add_recipient(const Put *put, SkPassage *passage, const char *text)
{
    size_t len = strcspn(text, " ");
    g_autofree char *address = g_strndup(text, len);
    SkPassageRecipient *recipient = sk_passage_recipient_new(address);

    g_assert_true(sk_envelope_add_recipient(passage->envelope, address,
                                            text[len] == ' ' ? text + len + 1 : NULL));
    recipient->direction = put->inbound ? SK_DIRECTION_INBOUND : SK_DIRECTION_OUTBOUND;
    recipient->decision = sk_decision_new();
    recipient->observed = sk_decision_new();
    recipient->decision->waits = SK_WAIT_TIME;
    recipient->decision->hold_s = put->seconds;
    if (put->strip) {
        recipient->decision->edits = SK_EDIT_STRIP;
        recipient->decision->strip_all = true;
    }
    g_ptr_array_add(passage->recipients, recipient);
}

static SkPassage *
make_passage(const Put *put, int64_t now_us)
{
    SkPassage *passage = sk_passage_new();

    passage->id = sk_random_id(now_us);
    passage->received_us = now_us;
    passage->origin = put->inbound ? SK_ORIGIN_INBOUND : SK_ORIGIN_OUTBOUND;
    passage->size = put->len;
    passage->envelope = sk_envelope_new();
    passage->from = g_strdup(put->sender);
    passage->message_id = g_strdup(put->message_id);
    g_assert_true(sk_envelope_set_sender(passage->envelope, put->sender, put->args));
    for (char **recipient = put->rest + 2; *recipient != NULL; recipient++)
        add_recipient(put, passage, *recipient);
    return passage;
}

static bool
hold_one(Put *put, int64_t now_us, GError **error)
{
    g_autoptr(SkPassage) passage = make_passage(put, now_us);
    g_autoptr(SkBlobWriter) writer = sk_blob_writer_new(put->place, &put->blob_site, now_us);
    g_autoptr(SkBlobRow) row = NULL;
    g_autoptr(SkHeldMessage) message = NULL;
    g_autoptr(GPtrArray) copies = NULL;

    if (!sk_blob_writer_add(writer, sk_bytes(put->content, put->len), error))
        return false;
    row = sk_blob_writer_finish(writer, error);
    if (row == NULL ||
        !sk_engine_hold(put->settings, put->site, passage, 0, now_us, &message, &copies, error))
        return false;
    message->blob = g_strdup(row->id);
    if (!sk_blob_store_add(put->keep, row, error) ||
        !sk_hold_add(put->keep, message, copies, error))
        return false;
    puts(message->id);
    return true;
}

static bool
hold_batch(SkDb *keep, void *data, GError **error)
{
    Put *put = data;
    int64_t now_us = 0;
    int n = MIN(BATCH, put->count - put->done);

    if (!sk_db_now_us(keep, &now_us, error))
        return false;
    for (int i = 0; i < n; i++) {
        if (!hold_one(put, now_us, error))
            return false;
    }
    return true;
}

static bool
hold_all(Put *put, GError **error)
{
    for (; put->done < put->count; put->done += BATCH) {
        if (!sk_db_transact(put->keep, hold_batch, put, error))
            return false;
    }
    return true;
}

static bool
open_all(Put *put, GError **error)
{
    put->settings = sk_engine_settings_read(put->rest[0], error);
    if (put->settings == NULL)
        return false;
    put->site = sk_site_new(put->settings, error);
    put->store = sk_store_new(put->settings, "sekisho-gate", sk_engine_tables, error);
    if (put->site == NULL || put->store == NULL)
        return false;
    put->keep = sk_store_open(put->store, SK_KEEP, SK_STORE_WRITE, error);
    put->place = sk_store_open_blobs(put->store, error);
    return put->keep != NULL && put->place != NULL &&
           sk_engine_blob_site_load(put->keep,
                                    sk_settings_peek_text(put->settings, "store", "hash_key"),
                                    &put->blob_site, error) &&
           g_file_get_contents(put->rest[1], &put->content, &put->len, error);
}

static void
put_clear(Put *put)
{
    sk_blob_place_close(put->place);
    sk_db_close(put->keep);
    sk_store_free(put->store);
    sk_site_free(put->site);
    sk_settings_free(put->settings);
    g_free(put->content);
    g_free(put->sender);
    g_free(put->args);
    g_free(put->message_id);
    g_strfreev(put->rest);
}

int
main(int argc, char **argv)
{
    Put put = {.count = 1};
    const GOptionEntry entries[] = {
        {"sender", 's', 0, G_OPTION_ARG_STRING, &put.sender, "MAIL FROM", "ADDRESS"},
        {"args", 'a', 0, G_OPTION_ARG_STRING, &put.args, "its ESMTP arguments", "ARGS"},
        {"message-id", 'm', 0, G_OPTION_ARG_STRING, &put.message_id, "Message-ID", "ID"},
        {"seconds", 't', 0, G_OPTION_ARG_INT, &put.seconds, "due after so many", "N"},
        {"count", 'n', 0, G_OPTION_ARG_INT, &put.count, "messages", "N"},
        {"inbound", 'i', 0, G_OPTION_ARG_NONE, &put.inbound, "from outside", NULL},
        {"strip", 0, 0, G_OPTION_ARG_NONE, &put.strip, "without attachments", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &put.rest, "", NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("CONFIG FILE RECIPIENT…");
    g_autoptr(GError) error = NULL;
    bool ok;

    g_option_context_add_main_entries(context, entries, NULL);
    ok = g_option_context_parse(context, &argc, &argv, &error) && put.rest != NULL &&
         g_strv_length(put.rest) > 2 && put.sender != NULL && open_all(&put, &error) &&
         hold_all(&put, &error);
    if (!ok)
        fprintf(stderr, "hold-put: %s\n", error != NULL ? error->message : "see --help");
    put_clear(&put);
    return ok ? 0 : 2;
}
