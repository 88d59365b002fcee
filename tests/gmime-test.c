/* SPDX-License-Identifier: Apache-2.0 */

/*
 * gmime-test - asks GMime for its opinion on ordinary messages
 *
 * The argument is a folder of cases: for each "clean-*" in it, GMime and sk_mail_walk() must
 * see the same leaves with the same content.
 */

#include <string.h>

#include <gmime/gmime.h>

#include "mail/mail-walk.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMessage, g_object_unref)

static void
append_leaf(GString *out, const char *type, const void *data, size_t len)
{
    g_autofree char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, data, len);

    g_string_append_printf(out, "%s %zu %s\n", type, len, sum);
}

static void
on_part(const SkMailPart *part, void *data)
{
    append_leaf(data, part->type, part->content.data, part->content.len);
}

static void
on_trouble(SkMailTrouble what, const char *path, const char *detail, void *data)
{
    g_string_append_printf(data, "! %d %s %s\n", what, path, detail);
}

static void
append_part(GMimeObject *part, GString *out)
{
    g_autofree char *type = g_mime_content_type_get_mime_type(part->content_type);
    g_autofree char *lower = g_ascii_strdown(type, -1);
    g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();
    GByteArray *bytes = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)stream);

    if (!GMIME_IS_PART(part))
        return;
    g_mime_data_wrapper_write_to_stream(g_mime_part_get_content((GMimePart *)part), stream);
    append_leaf(out, lower, bytes->data, bytes->len);
}

static void
append_object(GMimeObject *object, GString *out)
{
    if (GMIME_IS_MULTIPART(object)) {
        for (int i = 0; i < g_mime_multipart_get_count((GMimeMultipart *)object); i++)
            append_object(g_mime_multipart_get_part((GMimeMultipart *)object, i), out);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
        append_object(g_mime_message_get_mime_part(
                          g_mime_message_part_get_message((GMimeMessagePart *)object)),
                      out);
    } else {
        append_part(object, out);
    }
}

static void
run_case(const void *data)
{
    const char *path = data;
    g_autofree char *bytes = NULL;
    g_autoptr(GString) ours = g_string_new(NULL), theirs = g_string_new(NULL);
    SkMailVisitor visitor = {on_part, on_trouble, ours};
    SkBudgetLimits limits = sk_budget_limits_default();
    SkBudget budget;
    gsize len = 0;

    g_assert_true(g_file_get_contents(path, &bytes, &len, NULL));
    sk_budget_init(&budget, &limits);
    sk_mail_walk(sk_bytes(bytes, len), NULL, 0, &budget, &visitor);
    {
        g_autoptr(GMimeStream) stream = g_mime_stream_mem_new_with_buffer(bytes, len);
        g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
        g_autoptr(GMimeMessage) message = g_mime_parser_construct_message(parser, NULL);

        g_assert_nonnull(message);
        append_object(g_mime_message_get_mime_part(message), theirs);
    }
    g_assert_cmpstr(ours->str, ==, theirs->str);
    g_assert_cmpuint(ours->len, >, 0);
}

int
main(int argc, char **argv)
{
    g_autoptr(GDir) dir = NULL;
    const char *name;

    g_test_init(&argc, &argv, NULL);
    g_mime_init();
    dir = g_dir_open(argc > 1 ? argv[1] : ".", 0, NULL);
    g_assert_nonnull(dir);
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *test = g_strdup_printf("/gmime/%s", name);

        if (g_str_has_prefix(name, "clean-"))
            g_test_add_data_func_full(
                test, g_build_filename(argv[1], name, "message.eml", NULL), run_case, g_free);
    }
    return g_test_run();
}
