# SPDX-License-Identifier: Apache-2.0
"""What sekisho-keeper and its clients say to each other, written a second time: frames, and sealed keys of our own.

Needs python3-nacl.
"""
import hashlib
import socket
import struct

import nacl.public

GRANT, GRANTED, REQUEST, OPENED, REFUSED = 16, 17, 18, 19, 20
UNSEAL, RESEAL = 1, 2
BLOB, CHECK = 1, 2


def field(data):
    return struct.pack("<I", len(data)) + data


def frame(kind, body, magic=b"SKF1"):
    return magic + struct.pack("<HHI", kind, 0, len(body)) + body


def aim(operation, use, name):
    return bytes([operation, use]) + field(name.encode())


def seal(public, use, name, secret):
    """As any program that has the site's public key may."""
    plain = b"SKS1" + bytes([use, len(name)]) + name.encode() + secret
    return nacl.public.SealedBox(nacl.public.PublicKey(public)).encrypt(plain)


def open_sealed(private, name, sealed):
    return nacl.public.SealedBox(private).decrypt(sealed)[6 + len(name):]


def key_id(public):
    return hashlib.blake2b(public, digest_size=32).hexdigest()[:16]


class Client:
    """One connection; blocking, with a time-out."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def read(self, n):
        data = b""
        while len(data) < n:
            more = self.socket.recv(n - len(data))
            if not more:
                raise ConnectionError("the keeper closed the connection")
            data += more
        return data

    def ask(self, question):
        """(type, body) of the answer."""
        self.socket.sendall(question)
        magic, kind, zero, length = struct.unpack("<4sHHI", self.read(12))
        assert (magic, zero) == (b"SKF1", 0)
        return kind, self.read(length)

    def grant(self, operation, use, name, count=1, why="a test"):
        """The token."""
        kind, body = self.ask(frame(GRANT, aim(operation, use, name) + struct.pack("<I", count) + field(why.encode())))
        assert kind == GRANTED, body
        return body[4:]

    def request(self, token, operation, use, name, key, sealed, to=b""):
        """What was opened, or None and the reason. KEY: (id, wrapped)."""
        kind, body = self.ask(frame(REQUEST, field(token) + aim(operation, use, name) + field(key[0].encode())
                                    + field(key[1]) + field(sealed) + field(to)))
        if kind == REFUSED:
            return None, body[5:].decode()
        assert kind == OPENED
        return body[4:], None

    def is_closed(self):
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True
