/* SPDX-License-Identifier: Apache-2.0 */
#include <lzma.h>
#include <zlib.h>

#include "attach/attach-7z-streams.h"

typedef struct {
    lzma_filter filters[SK_ATTACH_7Z_CHAIN + 1];
} Chain;

/* 7-Zip's ids of coders, and liblzma's of the same. */
static const struct {
    uint64_t id;
    lzma_vli filter;
} known[] = {
    {0x030101, LZMA_FILTER_LZMA1EXT}, {0x21, LZMA_FILTER_LZMA2},
    {0x03, LZMA_FILTER_DELTA},        {0x03030103, LZMA_FILTER_X86},
    {0x04, LZMA_FILTER_X86},          {0x03030501, LZMA_FILTER_ARM},
    {0x07, LZMA_FILTER_ARM},          {0x03030701, LZMA_FILTER_ARMTHUMB},
    {0x08, LZMA_FILTER_ARMTHUMB},     {0x0a, LZMA_FILTER_ARM64},
};

static void
free_chain(Chain *chain)
{
    for (size_t i = 0; i < SK_ATTACH_7Z_CHAIN; i++)
        free(chain->filters[i].options); /* allocated by liblzma */
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Chain, free_chain)

/* The dictionary is allocated at once and its size is foreign; nothing in SIZE bytes can refer
 * further back than SIZE. */
static void
bound_dictionary(lzma_filter *filter, uint64_t size)
{
    lzma_options_lzma *options = filter->options;

    if (filter->id != LZMA_FILTER_LZMA1EXT && filter->id != LZMA_FILTER_LZMA2)
        return;
    options->dict_size = (uint32_t)CLAMP(size, LZMA_DICT_SIZE_MIN, options->dict_size);
    options->ext_flags = LZMA_LZMA1EXT_ALLOW_EOPM;
    lzma_set_ext_size(*options, size);
}

static bool
set_filter(lzma_filter *filter, const SkAttach7zCoder *coder, uint64_t size)
{
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        if (known[i].id != coder->id)
            continue;
        filter->id = known[i].filter;
        if (lzma_properties_decode(filter, NULL, coder->props.data, coder->props.len) !=
            LZMA_OK)
            return false;
        bound_dictionary(filter, size);
        return true;
    }
    return false;
}

static bool
set_chain(Chain *chain, const SkAttach7zStreams *streams)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < streams->n_coders; i++) {
        if (streams->coders[i].id == 0) /* copy */
            continue;
        if (!set_filter(&chain->filters[n++], &streams->coders[i], streams->size))
            return false;
    }
    chain->filters[n].id = LZMA_VLI_UNKNOWN;
    return true;
}

/* OUT has room for all that is to come. */
static bool
decode(const Chain *chain, SkBytes packed, SkBuffer *out, size_t size)
{
    lzma_stream stream = LZMA_STREAM_INIT;
    lzma_ret r;

    if (lzma_raw_decoder(&stream, chain->filters) != LZMA_OK)
        return false;
    stream.next_in = packed.data;
    stream.avail_in = packed.len;
    stream.next_out = out->data;
    stream.avail_out = size;
    do {
        r = lzma_code(&stream, LZMA_FINISH);
    } while (r == LZMA_OK && stream.avail_out > 0);
    out->len = size - stream.avail_out;
    lzma_end(&stream);
    return out->len == size;
}

static bool
unpack(const SkAttach7zStreams *streams, SkBytes packed, SkBuffer *out)
{
    g_auto(Chain) chain = {0};
    size_t size = (size_t)streams->size;

    if (!set_chain(&chain, streams) || size == 0 || !sk_buffer_reserve(out, size))
        return false;
    if (chain.filters[0].id == LZMA_VLI_UNKNOWN)
        return packed.len >= size && sk_buffer_append(out, packed.data, size);
    return decode(&chain, packed, out, size);
}

bool
sk_attach_7z_unpack(const SkAttach7zStreams *streams,
                    SkBytes archive,
                    SkBuffer *out,
                    const char **ret_wrong)
{
    SkBytes body = sk_bytes_from(archive, 32);

    if (!sk_bytes_has(body, streams->pack_at, streams->pack_size))
        *ret_wrong = "its packed list lies beyond its end";
    else if (streams->n_coders == 0)
        *ret_wrong = "its list is packed in an unknown way";
    else if (streams->size > out->limit)
        *ret_wrong = "its list is too large";
    else if (!unpack(streams, sk_bytes_slice(body, streams->pack_at, streams->pack_size), out))
        *ret_wrong = "its list cannot be unpacked";
    else if (streams->has_crc && crc32_z(0, out->data, out->len) != streams->crc)
        *ret_wrong = "its list has a wrong checksum";
    else
        return true;
    return false;
}
