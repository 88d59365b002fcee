#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# make-7z-cases - has 7-Zip (26.02) pack the cases, and damages some
#
# Usage: make-7z-cases.sh FOLDER      writes FOLDER/CASE/NAME for each case
#
# Each case that is to be opened has inner.7z in it, which is encrypted: only who opened the
# outer archive can say so. Cipher texts differ from run to run. What is encrypted is asked of
# 7-Zip itself: "7z l -slt" says "Encrypted = +" of the same files that the cases expect, and
# says nothing without the password for 7z-encrypted-headers.
set -eu
out=$(mkdir -p "$1" && cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

pack() { # CASE FILE, then what 7z is given
    mkdir -p "$out/$1"
    archive="$out/$1/$2"
    shift 2
    7z a -bso0 -bsp0 "$archive" "$@"
}

damage() { # CASE NAME FROM-CASE FROM-NAME EXPRESSION: d is the bytes of the other
    mkdir -p "$out/$1"
    python3 - "$out/$3/$4" "$out/$1/$2" "$5" <<'PYTHON'
import struct, sys, zlib
d = bytearray(open(sys.argv[1], "rb").read())
def start():
    """Puts the checksum of the first header right again."""
    d[8:12] = struct.pack("<I", zlib.crc32(d[12:32]))
exec(sys.argv[3])
open(sys.argv[2], "wb").write(d)
PYTHON
}

echo "hello, world" >a.txt
echo "the secret" >secret.txt
seq 1 400 >numbers.csv
: >empty.txt
mkdir folder
echo "こんにちは" >folder/日本語.txt
7z a -bso0 -bsp0 -psecret -mhe=off inner.7z secret.txt
# Something the x86 filters have work with: calls with a relative address.
python3 -c 'import sys
for i in range(300): sys.stdout.buffer.write(b"\xe8" + (2000 - 5 * i).to_bytes(4, "little"))' >code.bin

pack 7z-plain plain.7z a.txt empty.txt folder inner.7z
pack 7z-encrypted-all locked.7z -psecret a.txt empty.txt numbers.csv folder
pack 7z-encrypted-headers headers.7z -psecret -mhe=on a.txt numbers.csv
pack 7z-encrypted-plain-list locked.7z -psecret -mhc=off a.txt
pack 7z-plain-list plain.7z -mhc=off a.txt inner.7z
pack 7z-empty-files-password empty.7z -psecret empty.txt
pack 7z-nothing nothing.7z a.txt
7z d -bso0 -bsp0 "$out/7z-nothing/nothing.7z" a.txt
pack 7z-not-solid plain.7z -ms=off a.txt numbers.csv folder inner.7z

pack 7z-mixed mixed.7z -ms=off a.txt
7z a -bso0 -bsp0 -psecret "$out/7z-mixed/mixed.7z" secret.txt
7z a -bso0 -bsp0 "$out/7z-mixed/mixed.7z" inner.7z
pack 7z-two-passwords two.7z -ms=off -pone a.txt
7z a -bso0 -bsp0 -ptwo "$out/7z-two-passwords/two.7z" secret.txt

for method in LZMA LZMA2 PPMd BZip2 Deflate Copy; do
    pack "7z-method-$method" packed.7z -m0=$method inner.7z numbers.csv
done
pack 7z-method-BCJ packed.7z -m0=BCJ -m1=LZMA2 code.bin inner.7z
pack 7z-method-BCJ2 packed.7z -m0=BCJ2 -m1=LZMA -m2=LZMA -m3=LZMA -mb0:1 -mb0s1:2 -mb0s2:3 \
    code.bin inner.7z
pack 7z-method-Delta packed.7z -m0=Delta:4 -m1=LZMA2 numbers.csv inner.7z
# libarchive 3.6 knows neither, so they are not opened, and must not pass as opened.
pack 7z-method-Deflate64 packed.7z -m0=Deflate64 numbers.csv inner.7z
pack 7z-method-ARM64 packed.7z -m0=ARM64 -m1=LZMA2 code.bin inner.7z
pack 7z-method-BCJ-PPMd packed.7z -m0=BCJ -m1=PPMd code.bin inner.7z

mkdir many
for i in $(seq 1 300); do echo "$i" >"many/$i.txt"; done
cp inner.7z many/
pack 7z-many many.7z -ms=off many

pack 7z-split archive.7z -v200b -m0=Copy inner.7z numbers.csv
mv "$out/7z-split/archive.7z.001" "$work/first"
rm "$out"/7z-split/*
mv "$work/first" "$out/7z-split/archive.7z.001"

damage 7z-truncated cut.7z 7z-encrypted-all locked.7z 'del d[-7:]'
damage 7z-wrong-start sum.7z 7z-encrypted-all locked.7z 'd[13] ^= 1'
damage 7z-wrong-list sum.7z 7z-encrypted-all locked.7z 'd[-3] ^= 1'
damage 7z-wrong-data data.7z 7z-method-Copy packed.7z 'd[40] ^= 1'
damage 7z-wrong-data-lzma data.7z 7z-plain plain.7z 'd[50] ^= 1'
damage 7z-list-beyond size.7z 7z-plain plain.7z 'd[12:20] = b"\xff" * 8; start()'
damage 7z-list-huge size.7z 7z-plain plain.7z 'd[20:28] = b"\xff" * 7 + b"\x7f"; start()'
damage 7z-trailing trailing.7z 7z-encrypted-all locked.7z 'd += b"trailing"'
