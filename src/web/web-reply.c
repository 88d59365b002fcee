/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-reply.h"

static const char *const fields[][2] = {
    {"Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; "
                                "frame-ancestors 'none'; base-uri 'none'"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
    {"X-Robots-Tag", "noindex, nofollow"},
    {"Vary", "Accept-Language"},
};

static struct MHD_Response *
make_response(SkWebAnswer *answer)
{
    if (answer->body == NULL)
        return MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
    return MHD_create_response_from_buffer_with_free_callback(
        answer->len, g_steal_pointer(&answer->body), g_free);
}

static void
add(struct MHD_Response *response, const char *name, const char *value)
{
    (void)MHD_add_response_header(response, name, value);
}

static void
add_own_fields(struct MHD_Response *response, const SkWebAnswer *answer)
{
    g_autofree char *retry = g_strdup_printf("%u", answer->retry_s);

    if (answer->type != NULL) {
        add(response, "Content-Type", answer->type);
        add(response, "Content-Language", sk_web_language_name(answer->language));
    }
    if (answer->location != NULL)
        add(response, "Location", answer->location);
    if (answer->retry_s > 0)
        add(response, "Retry-After", retry);
    if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED)
        add(response, "Allow", "GET, HEAD, POST");
}

bool
sk_web_reply(struct MHD_Connection *connection, SkWebAnswer *answer, bool tls)
{
    struct MHD_Response *response = make_response(answer);
    bool ok;

    if (response == NULL)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        add(response, fields[i][0], fields[i][1]);
    if (tls)
        add(response, "Strict-Transport-Security", "max-age=31536000");
    add_own_fields(response, answer);
    ok = MHD_queue_response(connection, answer->status, response) == MHD_YES;
    MHD_destroy_response(response);
    return ok;
}
