# SPDX-License-Identifier: Apache-2.0
"""A ZIP writer that lies on demand: every header field can be set by hand."""
import random
import struct
import zlib

RANDOM = random.Random(20261121)


def cipher_text(n):
    """Bytes as any cipher leaves them; nothing here is ever decrypted."""
    return RANDOM.randbytes(n)


def deflate(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def extra(identifier, data):
    return struct.pack("<HH", identifier, len(data)) + data


AES_EXTRA = extra(0x9901, struct.pack("<H2sBH", 2, b"AE", 3, 8))
STRONG_PASSWORD = extra(0x0017, struct.pack("<HHHH", 2, 0x660E, 256, 1))
STRONG_CERTIFICATE = extra(0x0017, struct.pack("<HHHH", 2, 0x660E, 256, 3 - 1))


class Entry:
    """One file. Fields of the local header are those of the directory unless `local` says so."""

    def __init__(self, name, data=b"", method=8, flags=0, extra=b"", packed=None, **more):
        self.name = name if isinstance(name, bytes) else name.encode()
        self.flags = flags
        self.method = method
        self.extra = extra
        self.packed = packed
        if packed is None:
            self.packed = deflate(data) if method == 8 else data
        self.size = more.get("size", len(data))
        self.crc = more.get("crc", zlib.crc32(data))
        self.packed_size = more.get("packed_size", len(self.packed))
        self.descriptor = more.get("descriptor", b"")
        self.local = more.get("local", {})
        self.central = more.get("central", {})

    def locked(self, flags=1, **more):
        """The same, with the flag of ZipCrypto and bytes that could be it."""
        n = len(self.packed) + 12
        return Entry(self.name, packed=cipher_text(n), size=self.size, crc=self.crc,
                     method=self.method, flags=self.flags | flags, **more)

    def fields(self, which):
        values = dict(flags=self.flags, method=self.method, crc=self.crc, size=self.size,
                      packed_size=self.packed_size, name=self.name, extra=self.extra)
        values.update(which)
        return values

    def local_header(self):
        v = self.fields(self.local)
        return struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, v["flags"], v["method"], 0, 0x5A21, v["crc"],
                           v["packed_size"], v["size"], len(v["name"]), len(v["extra"])) + v["name"] + v["extra"]

    def central_header(self, offset):
        v = self.fields(self.central)
        return struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 0x31E, 20, v["flags"], v["method"], 0, 0x5A21,
                           v["crc"], v["packed_size"], v["size"], len(v["name"]), len(v["extra"]), 0, 0, 0, 0,
                           v.get("offset", offset)) + v["name"] + v["extra"]


def end_record(count, size, offset, comment=b"", disk=0):
    return struct.pack("<4sHHHHIIH", b"PK\5\6", disk, disk, count & 0xFFFF, count & 0xFFFF, size, offset,
                       len(comment)) + comment


def archive(entries, prefix=b"", adjust=True, comment=b"", between=b"", count=None, end=True, gaps=None):
    """PREFIX, the files, BETWEEN, the directory, its end. ADJUST: offsets count from the file's start."""
    out = prefix
    base = len(prefix) if not adjust else 0
    offsets = []
    for i, entry in enumerate(entries):
        out += (gaps or {}).get(i, b"")
        offsets.append(len(out) - base)
        out += entry.local_header() + entry.packed + entry.descriptor
    out += between
    start = len(out)
    for entry, offset in zip(entries, offsets):
        out += entry.central_header(offset)
    if end:
        out += end_record(len(entries) if count is None else count, len(out) - start, start - base, comment)
    return out


def descriptor(entry_crc, packed, size, mark=True):
    return (b"PK\7\10" if mark else b"") + struct.pack("<III", entry_crc, packed, size)
