/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/milter-client.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>

#include "base/autofree.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/limit.h"
#include "milter/milter-listen.h"
#include "milter/milter-packet.h"

#define TIMEOUT_S  60
#define BODY_CHUNK 65535
/* Bytes that are sent at once. */
#define SEND_SIZE (64 * SK_KIB)
#define OFFER     0x1fffffU /* all of SMFIP_* */
#define ACTIONS   0x1ffU    /* all of SMFIF_* */

struct SkMilterClient {
    int fd;
    uint32_t protocol;
    SkBuffer out;
    SkBuffer in; /* one packet */
};

static void
edit_free(void *edit)
{
    sk_header_edit_free(edit);
}

void
sk_milter_outcome_clear(SkMilterOutcome *outcome)
{
    g_clear_pointer(&outcome->smtp, g_free);
    g_clear_pointer(&outcome->edits, g_ptr_array_unref);
}

SkMilterClient *
sk_milter_client_new(int fd)
{
    SkMilterClient *client = g_new0(SkMilterClient, 1);
    struct timeval timeout = {.tv_sec = TIMEOUT_S};

    client->fd = fd;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    sk_buffer_init(&client->out, 4 * SK_MIB);
    sk_buffer_init(&client->in, SK_LIMIT_MILTER_PACKET + SK_MILTER_HEAD);
    return client;
}

SkMilterClient *
sk_milter_client_connect(const char *endpoint, GError **error)
{
    int fd = sk_milter_connect(endpoint, error);

    return fd >= 0 ? sk_milter_client_new(fd) : NULL;
}

void
sk_milter_client_free(SkMilterClient *client)
{
    if (client == NULL)
        return;
    sk_fd_clear(&client->fd);
    sk_buffer_clear(&client->out);
    sk_buffer_clear(&client->in);
    g_free(client);
}

static bool
fail_io(int errnum, GError **error)
{
    return sk_error_set_errno(error, errnum == EAGAIN ? ETIMEDOUT : errnum,
                              "talking to the milter");
}

static bool
flush(SkMilterClient *client, GError **error)
{
    size_t done = 0;

    while (done < client->out.len) {
        ssize_t n =
            send(client->fd, client->out.data + done, client->out.len - done, MSG_NOSIGNAL);

        if (n < 0 && errno != EINTR)
            return fail_io(errno, error);
        done += n > 0 ? (size_t)n : 0;
    }
    sk_buffer_reset(&client->out, SEND_SIZE * 2);
    return true;
}

/* Queues a packet of N strings, each with its NUL; sends when much is queued. */
static bool
put(SkMilterClient *client, char command, const SkBytes *parts, size_t n, GError **error)
{
    if (!sk_milter_packet_append(&client->out, command, parts, n)) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "a milter packet is too large");
        return false;
    }
    return client->out.len < SEND_SIZE || flush(client, error);
}

static SkBytes
text(const char *string)
{
    return sk_bytes(string, strlen(string) + 1);
}

static bool
fill(SkMilterClient *client, size_t size, GError **error)
{
    uint8_t chunk[4096];

    while (client->in.len < size) {
        ssize_t n = recv(client->fd, chunk, MIN(sizeof chunk, size - client->in.len), 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_io(errno, error);
        if (n == 0 || !sk_buffer_append(&client->in, chunk, (size_t)n)) {
            g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL, "the milter closed the connection");
            return false;
        }
    }
    return true;
}

/* The next packet's letter; its data are in client->in behind the head. '\0': error. */
static char
read_packet(SkMilterClient *client, GError **error)
{
    uint32_t length;

    sk_buffer_reset(&client->in, SEND_SIZE);
    if (!fill(client, SK_MILTER_HEAD, error))
        return '\0';
    length = sk_bytes_be32(sk_buffer_bytes(&client->in), 0);
    if (length == 0 || length > SK_LIMIT_MILTER_PACKET) {
        g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL, "the milter sent a bad packet");
        return '\0';
    }
    if (!fill(client, length - 1 + SK_MILTER_HEAD, error))
        return '\0';
    return (char)sk_bytes_u8(sk_buffer_bytes(&client->in), 4);
}

static SkBytes
packet_data(SkMilterClient *client)
{
    return sk_bytes_from(sk_buffer_bytes(&client->in), SK_MILTER_HEAD);
}

/* After a step that has an answer: waits for it. */
static bool
step(SkMilterClient *client, uint32_t no_reply, GError **error)
{
    char answer;

    if ((client->protocol & no_reply) != 0)
        return true;
    if (!flush(client, error))
        return false;
    answer = read_packet(client, error);
    if (answer == SK_MILTER_SAYS_CONTINUE)
        return true;
    if (answer != '\0')
        g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL, "the milter ended the message early");
    return false;
}

static bool
put_macros(SkMilterClient *client, char stage, const SkMilterMail *mail, GError **error)
{
    SkBytes parts[5] = {sk_bytes(&stage, 1)};
    size_t n = 1;

    if (mail->queue_id != NULL) {
        parts[n++] = text("i");
        parts[n++] = text(mail->queue_id);
    }
    if (stage == SK_MILTER_MAIL && mail->login != NULL) {
        parts[n++] = text("{auth_authen}");
        parts[n++] = text(mail->login);
    }
    return put(client, SK_MILTER_MACRO, parts, n, error);
}

static bool
negotiate(SkMilterClient *client, GError **error)
{
    uint32_t numbers[] = {GUINT32_TO_BE(SK_MILTER_VERSION), GUINT32_TO_BE(ACTIONS),
                          GUINT32_TO_BE(OFFER)};
    SkBytes part = sk_bytes(numbers, sizeof numbers);
    SkMilterOffer offer;
    char answer;

    if (!put(client, SK_MILTER_NEGOTIATE, &part, 1, error) || !flush(client, error))
        return false;
    answer = read_packet(client, error);
    if (answer == '\0')
        return false;
    if (answer != SK_MILTER_NEGOTIATE || !sk_milter_offer_read(packet_data(client), &offer)) {
        g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL, "the milter does not negotiate");
        return false;
    }
    client->protocol = offer.protocol;
    return true;
}

static bool
put_connect(SkMilterClient *client, const SkMilterMail *mail, GError **error)
{
    const char *address = mail->client_address;
    char family = address == NULL ? 'U' : strchr(address, ':') != NULL ? '6' : '4';
    SkBytes parts[] = {text(mail->client_name != NULL ? mail->client_name : "unknown"),
                       sk_bytes(&family, 1), sk_bytes("\x9c\x40", 2),
                       text(address != NULL ? address : "")};

    return put_macros(client, SK_MILTER_CONNECT, mail, error) &&
           put(client, SK_MILTER_CONNECT, parts, address != NULL ? 4 : 2, error) &&
           step(client, SK_MILTER_NR_CONNECT, error);
}

bool
sk_milter_client_open(SkMilterClient *client, const SkMilterMail *mail, GError **error)
{
    SkBytes helo;

    if (!negotiate(client, error) || !put_connect(client, mail, error))
        return false;
    if (mail->helo == NULL)
        return true;
    helo = text(mail->helo);
    return put(client, SK_MILTER_HELO, &helo, 1, error) &&
           step(client, SK_MILTER_NR_HELO, error);
}

static bool
put_address(SkMilterClient *client,
            char command,
            uint32_t no_reply,
            const SkMilterMail *mail,
            const char *address,
            GError **error)
{
    g_autofree char *path = g_strdup_printf("<%s>", address);
    SkBytes part = text(path);

    return put_macros(client, command, mail, error) && put(client, command, &part, 1, error) &&
           step(client, no_reply, error);
}

static bool
put_envelope(SkMilterClient *client, const SkMilterMail *mail, GError **error)
{
    if (!put_address(client, SK_MILTER_MAIL, SK_MILTER_NR_MAIL, mail, mail->sender, error))
        return false;
    for (size_t i = 0; mail->recipients[i] != NULL; i++) {
        if (!put_address(client, SK_MILTER_RCPT, SK_MILTER_NR_RCPT, mail, mail->recipients[i],
                         error))
            return false;
    }
    if (!put_macros(client, SK_MILTER_DATA, mail, error))
        return false;
    return (client->protocol & SK_MILTER_NO_DATA) != 0 ||
           (put(client, SK_MILTER_DATA, NULL, 0, error) &&
            step(client, SK_MILTER_NR_DATA, error));
}

/* Where the line that begins at AT and the folds that follow it end, their CRLF not included.
 */
static size_t
field_end(SkBytes header, size_t at)
{
    size_t end = sk_bytes_find(header, "\r\n", 2, at);

    while (end != SK_BYTES_NONE &&
           (sk_bytes_u8(header, end + 2) == ' ' || sk_bytes_u8(header, end + 2) == '\t'))
        end = sk_bytes_find(header, "\r\n", 2, end + 2);
    return end != SK_BYTES_NONE ? end : header.len;
}

static bool
put_field(SkMilterClient *client, const SkMilterMail *mail, SkBytes field, GError **error)
{
    size_t colon = sk_bytes_find(field, ":", 1, 0);
    g_autoptr(GString) folded = NULL;
    SkBytes parts[3];

    if (colon == SK_BYTES_NONE) {
        g_set_error(error, SK_ERROR, SK_ERROR_USAGE, "a header field without a colon");
        return false;
    }
    folded =
        g_string_new_len((const char *)field.data + colon + 1, (gssize)(field.len - colon - 1));
    g_string_replace(folded, "\r\n", "\n", 0);
    parts[0] = sk_bytes_slice(field, 0, colon);
    parts[1] = sk_bytes("", 1);
    parts[2] = sk_bytes(folded->str, folded->len + 1);
    return put_macros(client, SK_MILTER_HEADER, mail, error) &&
           put(client, SK_MILTER_HEADER, parts, 3, error) &&
           step(client, SK_MILTER_NR_HEADER, error);
}

static bool
put_header(SkMilterClient *client, const SkMilterMail *mail, SkBytes header, GError **error)
{
    size_t at = 0;

    while (at < header.len) {
        size_t end = field_end(header, at);

        if (!put_field(client, mail, sk_bytes_slice(header, at, end - at), error))
            return false;
        at = end + 2;
    }
    return put_macros(client, SK_MILTER_EOH, mail, error) &&
           put(client, SK_MILTER_EOH, NULL, 0, error) && step(client, SK_MILTER_NR_EOH, error);
}

static bool
put_body(SkMilterClient *client, const SkMilterMail *mail, SkBytes body, GError **error)
{
    while (body.len >= BODY_CHUNK) {
        SkBytes chunk = sk_bytes_slice(body, 0, BODY_CHUNK);

        if (!put(client, SK_MILTER_BODY, &chunk, 1, error) ||
            !step(client, SK_MILTER_NR_BODY, error))
            return false;
        body = sk_bytes_from(body, BODY_CHUNK);
    }
    return put_macros(client, SK_MILTER_END, mail, error) &&
           put(client, SK_MILTER_END, &body, 1, error);
}

bool
sk_milter_client_submit(SkMilterClient *client,
                        const SkMilterMail *mail,
                        SkBytes message,
                        GError **error)
{
    size_t end = sk_bytes_find(message, "\r\n\r\n", 4, 0);
    SkBytes header = sk_bytes_slice(message, 0, end == SK_BYTES_NONE ? message.len : end + 2);
    SkBytes body = sk_bytes_from(message, end == SK_BYTES_NONE ? message.len : end + 4);

    if (end == SK_BYTES_NONE && sk_bytes_is(message, 0, "\r\n")) {
        header = sk_bytes_slice(message, 0, 0);
        body = sk_bytes_from(message, 2);
    }
    return put_envelope(client, mail, error) && put_header(client, mail, header, error) &&
           put_body(client, mail, body, error) && flush(client, error);
}

static char *
dup_text(SkBytes bytes)
{
    return g_strndup((const char *)bytes.data, bytes.len);
}

static bool
add_edit(SkMilterClient *client, char letter, SkMilterOutcome *outcome, GError **error)
{
    SkBytes data = packet_data(client);
    SkBytes pair_data = sk_bytes_from(data, 4);
    SkHeaderEdit *edit;
    SkMilterPair pair;

    if (!sk_milter_pair_take(&pair_data, &pair) || pair_data.len > 0) {
        g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL, "the milter sent a malformed edit");
        return false;
    }
    edit = g_new0(SkHeaderEdit, 1);
    edit->kind = letter == SK_MILTER_SAYS_INSERT ? SK_HEADER_INSERT : SK_HEADER_CHANGE;
    edit->index = sk_bytes_be32(data, 0);
    edit->name = dup_text(pair.name);
    edit->value = dup_text(pair.value);
    g_ptr_array_add(outcome->edits, edit);
    return true;
}

bool
sk_milter_client_wait(SkMilterClient *client, SkMilterOutcome *ret_outcome, GError **error)
{
    g_auto(SkMilterOutcome) outcome = {.edits = g_ptr_array_new_with_free_func(edit_free)};
    char letter;

    while ((letter = read_packet(client, error)) == SK_MILTER_SAYS_INSERT ||
           letter == SK_MILTER_SAYS_CHANGE) {
        if (!add_edit(client, letter, &outcome, error))
            return false;
    }
    if (letter == '\0')
        return false;
    outcome.verdict = letter;
    if (letter == SK_MILTER_SAYS_REPLY) {
        g_autoptr(GString) smtp = g_string_new(NULL);
        SkBytes data = packet_data(client);

        g_string_append_len(smtp, (const char *)data.data, (gssize)data.len);
        g_string_truncate(smtp, strlen(smtp->str));
        g_string_replace(smtp, "%%", "%", 0);
        outcome.smtp = g_strdup(smtp->str);
    }
    *ret_outcome = outcome;
    outcome = (SkMilterOutcome){0};
    return true;
}

bool
sk_milter_client_send(SkMilterClient *client,
                      const SkMilterMail *mail,
                      SkBytes message,
                      SkMilterOutcome *ret_outcome,
                      GError **error)
{
    return sk_milter_client_submit(client, mail, message, error) &&
           sk_milter_client_wait(client, ret_outcome, error);
}

bool
sk_milter_client_say(SkMilterClient *client, char command, GError **error)
{
    return put(client, command, NULL, 0, error) && flush(client, error);
}
