#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""seal-oracle.py DUMP - compares DUMP's sealed boxes and wrapped keys with what PyNaCl makes and reads.

PyNaCl is somebody else's reading of the same formats; what must agree is every byte that is in a box, both ways.
"""
import struct
import subprocess
import sys

try:
    import nacl.bindings
    import nacl.encoding
    import nacl.exceptions
    import nacl.hash
    import nacl.public
    import nacl.pwhash
except ImportError:
    print("1..0 # SKIP python3-nacl is not installed: sealed boxes were compared with nobody else's")
    sys.exit(0)

NAME, SECRET = "0123456789abcdefghjkmnpqrs", bytes(range(32))
PLAIN = b"SKS1" + bytes([1, len(NAME)]) + NAME.encode() + SECRET


def dump(*args):
    done = subprocess.run([sys.argv[1], *args], capture_output=True, text=True, check=False)
    return done.stdout.split() if done.returncode == 0 else None


def theirs_reads_ours():
    key = nacl.public.PrivateKey.generate()
    (sealed,) = dump("seal", bytes(key.public_key).hex(), NAME, SECRET.hex())
    return nacl.public.SealedBox(key).decrypt(bytes.fromhex(sealed)) == PLAIN


def ours_reads_theirs():
    key = nacl.public.PrivateKey.generate()
    sealed = nacl.public.SealedBox(key.public_key).encrypt(PLAIN)
    most = nacl.public.SealedBox(key.public_key).encrypt(PLAIN + bytes(8192 - 32))
    return dump("open", bytes(key).hex(), NAME, sealed.hex()) == [SECRET.hex()] and \
        dump("open", bytes(key).hex(), NAME, most.hex()) == [SECRET.hex() + "00" * (8192 - 32)]


def ours_refuses_what_theirs_sealed_otherwise():
    key = nacl.public.PrivateKey.generate()
    others = (b"", b"SKS1", PLAIN[:6], PLAIN.replace(b"SKS1", b"SKS2"), b"SKS1\2" + PLAIN[5:],
              b"SKS1\1\xff" + PLAIN[6:], b"SKS1\1\x19" + PLAIN[6:],
              PLAIN + bytes(8192 - 31))
    return all(dump("open", bytes(key).hex(), NAME, nacl.public.SealedBox(key.public_key).encrypt(o).hex()) is None
               for o in others)


def theirs_unwraps_ours():
    key = nacl.public.PrivateKey.generate()
    ident, wrapped = dump("wrap", bytes(key).hex(), "-", b"an opening secret".hex())
    digest = nacl.hash.blake2b(bytes(key.public_key), digest_size=32, encoder=nacl.encoding.HexEncoder).decode()
    raw = bytes.fromhex(wrapped)
    passes, memory = struct.unpack("<II", raw[4:12])
    stretched = nacl.pwhash.argon2id.kdf(32, b"an opening secret", raw[12:28], passes, memory * 1024)
    opened = nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(raw[52:], raw[:52] + ident.encode(), raw[28:52],
                                                                      stretched)
    return raw[:4] == b"SKW1" and opened == bytes(key) and ident == digest[:16]


def main():
    checks = (theirs_reads_ours, ours_reads_theirs, ours_refuses_what_theirs_sealed_otherwise, theirs_unwraps_ours)
    print(f"1..{len(checks)}")
    for number, check in enumerate(checks, 1):
        print("%sok %d - %s" % ("" if check() else "not ", number, check.__name__))


main()
