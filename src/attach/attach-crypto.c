/* SPDX-License-Identifier: Apache-2.0 */

/*
 * S/MIME and OpenPGP: what is encrypted is stated, what is only signed or packed is opened.
 * Wanted encryption has ids of its own, so that a policy can tell it from a ZIP with a
 * password.
 */

#include <glib.h>

#include "attach/attach-armour.h"
#include "attach/attach-der.h"
#include "attach/attach-extension.h"
#include "attach/attach-file.h"
#include "attach/attach-library.h"
#include "attach/attach-pgp.h"
#include "attach/attach-zlib.h"
#include "base/limit.h"

/* Packets of one message that are looked at. */
#define PACKETS 256

#define CMS_PKCS7 "\x2a\x86\x48\x86\xf7\x0d\x01\x07"
#define CMS_SMIME "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01"

typedef enum {
    CMS_OTHER,
    CMS_DATA,
    CMS_SIGNED,
    CMS_SEALED, /* enveloped, encrypted, signed and enveloped */
    CMS_AUTHENTICATED,
    CMS_COMPRESSED,
} CmsKind;

static CmsKind
kind_of(SkBytes oid)
{
    uint8_t last = oid.len > 0 ? oid.data[oid.len - 1] : 0;

    if (sk_bytes_is(oid, 0, CMS_PKCS7) && oid.len == 9) {
        if (last == 3 || last == 4 || last == 6)
            return CMS_SEALED;
        return last == 2 ? CMS_SIGNED : last == 1 ? CMS_DATA : CMS_OTHER;
    }
    if (!sk_bytes_is(oid, 0, CMS_SMIME) || oid.len != 11)
        return CMS_OTHER;
    if (last == 23)
        return CMS_SEALED;
    return last == 9 ? CMS_COMPRESSED : last == 2 ? CMS_AUTHENTICATED : CMS_OTHER;
}

/* The EncapsulatedContentInfo among the fields of a SignedData, AuthenticatedData or
 * CompressedData: the first SEQUENCE that begins with an object identifier and is followed by
 * [0]. Digest and compression algorithms are SEQUENCEs too, but hold no [0]. */
static bool
find_content(SkBytes fields, SkDer *ret_octets)
{
    size_t at = 0;

    for (unsigned i = 0; i < 8 && at != SK_BYTES_NONE && at < fields.len; i++) {
        SkDer field, oid, wrapped;

        if (!sk_der_read(fields, at, &field))
            return false;
        if (field.tag == SK_DER_SEQUENCE && sk_der_read(field.body, 0, &oid) &&
            oid.tag == SK_DER_OID && sk_der_read(field.body, oid.end, &wrapped) &&
            wrapped.tag == SK_DER_CONTEXT_0 && sk_der_read(wrapped.body, 0, ret_octets))
            return (ret_octets->tag & ~SK_DER_CONSTRUCTED) == SK_DER_OCTETS;
        at = sk_der_skip(fields, at, 0);
    }
    return false;
}

/* "invoice.pdf" of "invoice.pdf.p7m"; what S/MIME itself wraps has no name of its own. */
static char *
inner_name(const SkAttachFile *file)
{
    const char *name = file->name;

    if (!sk_extension_is(name, "p7m p7s p7z p7c asc gpg pgp sig") || strlen(name) < 5)
        return g_strdup("content");
    return g_strndup(name, strlen(name) - 4);
}

static void
judge_content(SkAttachScan *scan, SkAttachFile *file, SkBytes content)
{
    g_autofree char *name = inner_name(file);

    if (content.len > 0)
        sk_attach_member(scan, file, name, content);
}

static void
state_no_room(SkAttachScan *scan, SkAttachFile *file, const char *what)
{
    if (!sk_attach_is_over(scan, file))
        sk_attach_broken(scan, file, "%s", what);
}

static void
open_compressed(SkAttachScan *scan, SkAttachFile *file, SkBytes packed)
{
    g_auto(SkBuffer) out = {0};

    sk_buffer_init(&out, SK_LIMIT_UNPACKED);
    if (!sk_inflate(packed, SK_INFLATE_ZLIB, sk_attach_budget(scan), &out))
        state_no_room(scan, file, "compressed content does not unpack");
    judge_content(scan, file, sk_buffer_bytes(&out));
}

static void
open_content(SkAttachScan *scan, SkAttachFile *file, CmsKind kind, SkBytes fields)
{
    g_auto(SkBuffer) out = {0};
    SkBytes content;
    SkDer octets;

    sk_buffer_init(&out, SK_LIMIT_UNPACKED);
    if (!find_content(fields, &octets))
        return; /* a detached signature */
    content = octets.body;
    if ((octets.tag & SK_DER_CONSTRUCTED) != 0) {
        if (!sk_der_octets(&octets, 0, &out))
            sk_attach_broken(scan, file, "signed content is cut");
        content = sk_buffer_bytes(&out);
    }
    if (kind == CMS_COMPRESSED)
        open_compressed(scan, file, content);
    else
        judge_content(scan, file, content);
}

/* Whether the end of the message is missing. What it still holds is opened all the same. */
static bool
is_cut(SkBytes der, const SkDer *info)
{
    size_t end = info->indefinite ? sk_der_skip(der, 0, 0) : info->end;

    return info->cut || end > der.len; /* SK_BYTES_NONE is */
}

static void
open_cms(SkAttachScan *scan, SkAttachFile *file, SkBytes der)
{
    SkDer info, oid, wrapped, fields;
    CmsKind kind;

    if (!sk_der_read(der, 0, &info) || !sk_der_read(info.body, 0, &oid) ||
        oid.tag != SK_DER_OID) {
        sk_attach_broken(scan, file, "not a CMS message");
        return;
    }
    kind = kind_of(oid.body);
    if (kind == CMS_SEALED) {
        sk_attach_state_encrypted(scan, file, SK_FINDING_SMIME_ENCRYPTED, SK_ENCRYPTED_ALL,
                                  NULL, NULL);
        return;
    }
    if (is_cut(der, &info))
        sk_attach_broken(scan, file, "it is cut short");
    if (kind == CMS_OTHER || !sk_der_read(info.body, oid.end, &wrapped) ||
        !sk_der_read(wrapped.body, 0, &fields))
        return;
    if (kind == CMS_DATA)
        judge_content(scan, file, fields.body);
    else
        open_content(scan, file, kind, fields.body);
}

/* The pieces of a literal packet, or the one it has. */
static SkBytes
collect(SkBytes bytes, SkPgpPacket *packet, SkBuffer *out)
{
    if (!packet->partial)
        return packet->body;
    (void)sk_buffer_append(out, packet->body.data, packet->body.len);
    while (packet->partial && sk_pgp_read_piece(bytes, packet->next, packet)) {
        if (!sk_buffer_append(out, packet->body.data, packet->body.len))
            break;
    }
    return sk_buffer_bytes(out);
}

static void
open_literal(SkAttachScan *scan, SkAttachFile *file, SkBytes body)
{
    uint8_t len = sk_bytes_u8(body, 1);
    g_autofree char *name = inner_name(file);

    sk_attach_member(scan, file, name, sk_bytes_from(body, 6u + len));
}

/* What comes out are packets again: a level of its own, judged as a message. */
static void
open_packed(SkAttachScan *scan, SkAttachFile *file, SkBytes body)
{
    uint8_t algorithm = sk_bytes_u8(body, 0);
    g_auto(SkBuffer) out = {0};

    sk_buffer_init(&out, SK_LIMIT_UNPACKED);
    if (algorithm != 1 && algorithm != 2) {
        sk_attach_unopened(scan, file, "compressed by an algorithm that is not read here");
        return;
    }
    if (!sk_inflate(sk_bytes_from(body, 1), algorithm == 1 ? SK_INFLATE_RAW : SK_INFLATE_ZLIB,
                    sk_attach_budget(scan), &out))
        state_no_room(scan, file, "compressed packet does not unpack");
    if (out.len > 0)
        sk_attach_member_as(scan, file, "packet", sk_buffer_bytes(&out), SK_ATTACH_PGP);
}

static void
open_packet(SkAttachScan *scan, SkAttachFile *file, SkBytes bytes, SkPgpPacket *packet)
{
    g_auto(SkBuffer) pieces = {0};
    uint8_t tag = packet->tag;
    SkBytes body;

    sk_buffer_init(&pieces, SK_LIMIT_UNPACKED);
    if (tag != SK_PGP_COMPRESSED && tag != SK_PGP_LITERAL)
        return;
    body = collect(bytes, packet, &pieces);
    if (packet->cut || packet->partial)
        sk_attach_broken(scan, file, "a packet is cut short");
    if (tag == SK_PGP_LITERAL)
        open_literal(scan, file, body);
    else
        open_packed(scan, file, body);
}

static void
open_pgp(SkAttachScan *scan, SkAttachFile *file, SkBytes bytes)
{
    SkPgpPacket packet = {.next = 0};

    for (unsigned i = 0; i < PACKETS && sk_pgp_read(bytes, packet.next, &packet); i++) {
        if (sk_attach_is_over(scan, file))
            return;
        if (sk_pgp_tag_is_encrypted(packet.tag)) {
            sk_attach_state_encrypted(scan, file, SK_FINDING_PGP_ENCRYPTED, SK_ENCRYPTED_ALL,
                                      NULL, NULL);
            return;
        }
        open_packet(scan, file, bytes, &packet);
    }
    if (packet.next < bytes.len)
        sk_attach_broken(scan, file, "not every packet can be read");
}

static bool
is_armoured(SkBytes bytes)
{
    return sk_bytes_find(sk_bytes_slice(bytes, 0, 64), "-----BEGIN", 10, 0) != SK_BYTES_NONE;
}

void
sk_attach_crypto_open(SkAttachScan *scan, SkAttachFile *file)
{
    g_auto(SkBuffer) plain = {0};
    SkBytes bytes = file->bytes;

    sk_buffer_init(&plain, SK_LIMIT_UNPACKED);
    if (is_armoured(bytes)) {
        /* Armour that cannot be decoded is still what it says. */
        if (!sk_armour_decode(bytes, &plain)) {
            sk_attach_state_encrypted(scan, file,
                                      file->type == SK_ATTACH_PGP ? SK_FINDING_PGP_ENCRYPTED
                                                                  : SK_FINDING_SMIME_ENCRYPTED,
                                      SK_ENCRYPTED_ALL, NULL, "its armour cannot be read");
            return;
        }
        bytes = sk_buffer_bytes(&plain);
    }
    if (file->type == SK_ATTACH_PGP)
        open_pgp(scan, file, bytes);
    else
        open_cms(scan, file, bytes);
}
