/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-7z-streams.h"

enum {
    ID_END = 0x00,
    ID_PACK_INFO = 0x06,
    ID_UNPACK_INFO = 0x07,
    ID_SUBSTREAMS_INFO = 0x08,
    ID_SIZE = 0x09,
    ID_CRC = 0x0a,
    ID_FOLDER = 0x0b,
    ID_UNPACK_SIZE = 0x0c,
    ID_N_UNPACK_STREAM = 0x0d,
};

/* In and out streams of one folder; 7-Zip refuses more than 32 coders. */
#define MAX_CODERS  32
#define MAX_STREAMS 64

/* What is to be remembered of a folder between its description and its sizes. */
typedef struct {
    SkAttach7zFolder seen;
    uint8_t n_out;
    uint8_t main_out; /* the stream that is the content: bound to no input */
    uint8_t has_crc;
    uint8_t has_ppmd;
} Folder;

typedef struct {
    SkAttachCursor *c;
    SkAttach7zStreams *s;
    SkBuffer folders; /* of Folder */
    uint64_t n_pack_streams;
} Reader;

/* What libarchive 3.6 unpacks. */
static bool
is_known(uint64_t id)
{
    static const uint64_t ids[] = {
        0x00,       0x03,       0x21,       0x030101,   0x030401,   0x040108,   0x040202,
        0x03030103, 0x0303011b, 0x03030205, 0x03030401, 0x03030501, 0x03030701, 0x03030805,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        if (ids[i] == id)
            return true;
    }
    return false;
}

static Folder *
folder_at(Reader *r, uint64_t i)
{
    return (Folder *)(void *)r->folders.data + i;
}

/* A count of folders or streams, and a bit for each unless all are set; then a CRC for each
 * that is set. ON_CRC is called for those. */
typedef void (*CrcFunc)(Reader *r, uint64_t i, uint32_t crc);

static void
read_digests(Reader *r, uint64_t n, CrcFunc on_crc)
{
    bool all = sk_attach_cursor_byte(r->c) != 0;
    SkBytes bits = all ? sk_bytes(NULL, 0) : sk_attach_cursor_take(r->c, (n + 7) / 8);

    for (uint64_t i = 0; i < n && !r->c->bad; i++) {
        if (!all && (sk_bytes_u8(bits, i / 8) & 0x80 >> i % 8) == 0)
            continue;
        on_crc(r, i, sk_attach_cursor_u32(r->c));
    }
}

static void
ignore_crc(Reader *r, uint64_t i, uint32_t crc)
{
    (void)r, (void)i, (void)crc;
}

static void
take_folder_crc(Reader *r, uint64_t i, uint32_t crc)
{
    folder_at(r, i)->has_crc = true;
    if (i == 0) {
        r->s->has_crc = true;
        r->s->crc = crc;
    }
}

static void
read_pack_info(Reader *r)
{
    uint64_t id;

    r->s->pack_at = sk_attach_7z_number(r->c);
    r->n_pack_streams = sk_attach_7z_count(r->c, 1);
    while (!r->c->bad && (id = sk_attach_7z_number(r->c)) != ID_END) {
        if (id == ID_CRC)
            read_digests(r, r->n_pack_streams, ignore_crc);
        for (uint64_t i = 0; id == ID_SIZE && i < r->n_pack_streams; i++) {
            uint64_t size = sk_attach_7z_number(r->c);

            if (i == 0)
                r->s->pack_size = size;
        }
        if (id != ID_CRC && id != ID_SIZE)
            r->c->bad = true;
    }
}

static uint64_t
read_coder_id(SkAttachCursor *c, uint8_t flags)
{
    SkBytes raw = sk_attach_cursor_take(c, flags & 0x0f);
    uint64_t id = 0;

    for (size_t i = 0; i < raw.len && i < 8; i++)
        id = id << 8 | sk_bytes_u8(raw, i);
    return id;
}

/* Everything whose id starts with 06 is a cipher: 06F10701 is the one 7-Zip writes, 0601 and
 * 06F101 to 06F103 those of ZIP and RAR. */
static bool
is_cipher(uint64_t id)
{
    while (id > 0xff)
        id >>= 8;
    return id == 0x06;
}

#define CODER_PPMD 0x030401

static void
note_coder(Folder *folder, SkAttach7zStreams *s, uint64_t n, SkAttach7zCoder coder)
{
    if (is_cipher(coder.id))
        folder->seen.encrypted = true;
    else if (!is_known(coder.id))
        folder->seen.unknown = true;
    folder->has_ppmd |= coder.id == CODER_PPMD;
    if (s->n_folders == 0 && n < SK_ATTACH_7Z_CHAIN)
        s->coders[n] = coder;
}

/* Adds to the counts of in and out streams. */
static void
read_coder(Reader *r, Folder *folder, uint64_t n, uint64_t *n_in, uint64_t *n_out)
{
    uint8_t flags = sk_attach_cursor_byte(r->c);
    bool is_complex = (flags & 0x10) != 0;
    SkAttach7zCoder coder = {.id = read_coder_id(r->c, flags)};

    *n_in += is_complex ? sk_attach_7z_count(r->c, 1) : 1;
    *n_out += is_complex ? sk_attach_7z_count(r->c, 1) : 1;
    if ((flags & 0x20) != 0)
        coder.props = sk_attach_cursor_take(r->c, sk_attach_7z_count(r->c, 1));
    if ((flags & 0xc0) != 0 || *n_in > MAX_STREAMS || *n_out > MAX_STREAMS)
        r->c->bad = true;
    note_coder(folder, r->s, n, coder);
}

/* Reads which in stream is fed by which out stream; says whether that is a straight chain. */
static bool
read_binds(Reader *r, Folder *folder, uint64_t n_in)
{
    uint64_t bound = 0;
    bool is_straight = true;

    for (uint64_t i = 0; i + 1 < folder->n_out; i++) {
        uint64_t in = sk_attach_7z_number(r->c);
        uint64_t out = sk_attach_7z_number(r->c);

        if (in >= n_in || out >= folder->n_out)
            r->c->bad = true;
        else
            bound |= UINT64_C(1) << out;
        is_straight &= out == in + 1;
    }
    while (folder->main_out < folder->n_out && (bound >> folder->main_out & 1) != 0)
        folder->main_out++;
    return is_straight;
}

static void
read_folder(Reader *r)
{
    uint64_t n_coders = sk_attach_7z_count(r->c, 2);
    uint64_t n_in = 0, n_out = 0;
    Folder folder = {.seen = {.n_files = 1}};
    bool is_straight;

    if (n_coders == 0 || n_coders > MAX_CODERS)
        r->c->bad = true;
    for (uint64_t i = 0; i < n_coders && !r->c->bad; i++)
        read_coder(r, &folder, i, &n_in, &n_out);
    if (n_out == 0 || n_in + 1 < n_out)
        r->c->bad = true;
    if (r->c->bad)
        return;
    folder.n_out = (uint8_t)n_out;
    /* libarchive 3.6 calls damaged what 7-Zip packs with a filter before PPMd. */
    folder.seen.unknown |= folder.has_ppmd && n_coders > 1;
    is_straight = read_binds(r, &folder, n_in) && n_in == n_coders && n_out == n_coders;
    for (uint64_t i = 0; n_in - n_out + 1 > 1 && i < n_in - n_out + 1; i++)
        (void)sk_attach_7z_number(r->c);
    if (r->s->n_folders == 0 && is_straight && n_coders <= SK_ATTACH_7Z_CHAIN)
        r->s->n_coders = (uint32_t)n_coders;
    if (!sk_buffer_append(&r->folders, &folder, sizeof folder))
        r->c->bad = true;
    r->s->n_folders++;
}

static void
read_unpack_sizes(Reader *r)
{
    for (uint32_t i = 0; i < r->s->n_folders && !r->c->bad; i++) {
        for (uint8_t out = 0; out < folder_at(r, i)->n_out; out++) {
            uint64_t size = sk_attach_7z_number(r->c);

            if (i == 0 && out == folder_at(r, i)->main_out)
                r->s->size = size;
        }
    }
}

static void
read_unpack_info(Reader *r)
{
    uint64_t n, id;

    if (sk_attach_7z_number(r->c) != ID_FOLDER)
        r->c->bad = true;
    n = sk_attach_7z_count(r->c, 3);
    if (sk_attach_cursor_byte(r->c) != 0) /* descriptions elsewhere: no program writes that */
        r->c->bad = true;
    for (uint64_t i = 0; i < n && !r->c->bad; i++)
        read_folder(r);
    while (!r->c->bad && (id = sk_attach_7z_number(r->c)) != ID_END) {
        if (id == ID_UNPACK_SIZE)
            read_unpack_sizes(r);
        else if (id == ID_CRC)
            read_digests(r, r->s->n_folders, take_folder_crc);
        else
            r->c->bad = true;
    }
}

/* Of the files in a folder the last has no size of its own: it is what is left. */
static void
skip_file_sizes(Reader *r)
{
    for (uint32_t i = 0; i < r->s->n_folders; i++) {
        for (uint32_t n = folder_at(r, i)->seen.n_files; n > 1 && !r->c->bad; n--)
            (void)sk_attach_7z_number(r->c);
    }
}

/* A folder of one file has that file's checksum already, as its own. */
static uint64_t
count_missing_crcs(Reader *r)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < r->s->n_folders; i++) {
        const Folder *folder = folder_at(r, i);

        if (folder->seen.n_files != 1 || !folder->has_crc)
            n += folder->seen.n_files;
    }
    return n;
}

static void
read_file_counts(Reader *r)
{
    for (uint32_t i = 0; i < r->s->n_folders && !r->c->bad; i++) {
        uint64_t n = sk_attach_7z_number(r->c);

        folder_at(r, i)->seen.n_files = (uint32_t)n;
        if (n > UINT32_MAX)
            r->c->bad = true;
    }
}

static void
read_substreams(Reader *r)
{
    uint64_t id;

    while (!r->c->bad && (id = sk_attach_7z_number(r->c)) != ID_END) {
        if (id == ID_N_UNPACK_STREAM)
            read_file_counts(r);
        else if (id == ID_SIZE)
            skip_file_sizes(r);
        else if (id == ID_CRC)
            read_digests(r, count_missing_crcs(r), ignore_crc);
        else
            r->c->bad = true;
    }
}

static void
hand_over(Reader *r, SkBuffer *folders)
{
    for (uint32_t i = 0; i < r->s->n_folders && !r->c->bad; i++) {
        const SkAttach7zFolder *seen = &folder_at(r, i)->seen;

        r->s->n_files += seen->n_files;
        if (!sk_buffer_append(folders, seen, sizeof *seen))
            r->c->bad = true;
    }
}

void
sk_attach_7z_streams_read(SkAttachCursor *c, SkBuffer *folders, SkAttach7zStreams *ret_streams)
{
    SkAttach7zStreams s = {0};
    Reader r = {.c = c, .s = &s};
    uint64_t id;

    sk_buffer_init(&r.folders, SK_ATTACH_7Z_FOLDERS * sizeof(Folder));
    while (!c->bad && (id = sk_attach_7z_number(c)) != ID_END) {
        if (id == ID_PACK_INFO)
            read_pack_info(&r);
        else if (id == ID_UNPACK_INFO && s.n_folders == 0)
            read_unpack_info(&r);
        else if (id == ID_SUBSTREAMS_INFO)
            read_substreams(&r);
        else
            c->bad = true;
    }
    hand_over(&r, folders);
    sk_buffer_clear(&r.folders);
    *ret_streams = s;
}
