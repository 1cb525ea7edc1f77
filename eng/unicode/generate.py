#!/usr/bin/env python3
"""Writes src/Custos.Detection/Text/unicode.tables from the Unicode Character Database.

    apt-get install unicode-data            (Debian: 15.0.0)
    eng/unicode/generate.py [--ucd /usr/share/unicode] --confusables confusables.txt   (UTS 39, Unicode 17.0.0)

The program reads these tables and calls neither the runtime's normaliser nor ICU, because those differ between machines.
Same inputs give the same bytes. The inputs' versions and SHA-256 go into unicode.sources.txt beside the tables.

Layout, little-endian: "CUSTUCD2", then seven counted arrays (uint32 count, then the elements):
  stage1  uint16[8704]   block number of code point >> 7
  main    uint32[n*128]  bits 0-15 mapping (0 = itself), 16-23 combining class, 24 word, 25 emoji, 26 mark, 27 may compose backwards,
                         28 decimal digit, 29 letter
  fold    uint16[n*128]  bits 0-7 the ASCII letter or digit it looks like (0 = none), 8-15 script (0 common, 1 Latin, 2.. others)
  mapAt   uint16[m+1]    where mapping i begins in mapTo (mapping 1 is empty)
  mapTo   uint32[]       code points: NFD(NFKC_CF(c))
  pair    uint64[]       sorted: first << 42 | second << 21 | composed
  digits  uint32[]       sorted: code point << 8 | value, for decimal digits outside ASCII
"""
import argparse, hashlib, os, struct, unicodedata

here = os.path.dirname(os.path.abspath(__file__))
out_dir = os.path.join(here, "..", "..", "src", "Custos.Detection", "Text")
args = argparse.ArgumentParser()
args.add_argument("--ucd", default="/usr/share/unicode")
args.add_argument("--confusables", required=True)
args = args.parse_args()
sources = []

def read(path):
    with open(path, "rb") as f:
        data = f.read()
    sources.append((os.path.basename(path), hashlib.sha256(data).hexdigest()))
    return data.decode("utf-8-sig").splitlines()

def rows(path):
    for line in read(path):
        line = line.split("#", 1)[0].strip()
        if line:
            yield [f.strip() for f in line.split(";")]

def span(text):
    a, _, b = text.partition("..")
    return range(int(a, 16), int(b or a, 16) + 1)

u = lambda name: os.path.join(args.ucd, name)
category, ccc, canonical, digit = {}, {}, {}, {}
first = None
for line in read(u("UnicodeData.txt")):
    f = line.split(";")
    c = int(f[0], 16)
    cells = range(c, c + 1)
    if f[1].endswith(", First>"):
        first = c
        continue
    if f[1].endswith(", Last>"):
        cells = range(first, c + 1)
    for x in cells:
        category[x] = f[2]
        if f[3] != "0":
            ccc[x] = int(f[3])
    if f[5] and not f[5].startswith("<"):
        canonical[c] = [int(x, 16) for x in f[5].split()]
    if f[2] == "Nd":
        digit[c] = int(f[6])

excluded, maybe, casefold = set(), set(), {}
for f in rows(u("DerivedNormalizationProps.txt")):
    if f[1] == "Full_Composition_Exclusion":
        excluded.update(span(f[0]))
    elif f[1] == "NFC_QC" and f[2] == "M":
        maybe.update(span(f[0]))
    elif f[1] == "NFKC_CF":
        to = [int(x, 16) for x in f[2].split()] if f[2] else []
        for c in span(f[0]):
            casefold[c] = to

emoji = set()
for f in rows(u("emoji/emoji-data.txt")):
    if f[1] in ("Emoji_Presentation", "Extended_Pictographic"):
        emoji.update(span(f[0]))
emoji -= set(range(0x80))

scripts, names = {}, ["Common", "Latin"]
for f in rows(u("Scripts.txt")):
    name = "Common" if f[1] in ("Common", "Inherited") else f[1]
    if name not in names:
        names.append(name)
    for c in span(f[0]):
        scripts[c] = names.index(name)
assert len(names) < 256

looks = {}
prototype = {}
for f in rows(args.confusables):
    prototype[int(f[0], 16)] = [int(x, 16) for x in f[1].split()]
targets = {}
for a in list(range(0x30, 0x3A)) + list(range(0x41, 0x5B)) + list(range(0x61, 0x7B)):
    # UTS 39: two strings look alike if their skeletons are equal, so an ASCII letter is known by its own prototype.
    targets.setdefault(tuple(prototype.get(a, [a])), []).append(a)
for c, to in prototype.items():
    if c >= 0x80 and tuple(to) in targets:
        # Several ASCII characters may share one prototype (I, l, 1 and |): the lower-case letter is what folding reads.
        alike = targets[tuple(to)]
        lower = [a for a in alike if 0x61 <= a <= 0x7A]
        looks[c] = (lower or alike)[0]
        if not lower and 0x41 <= looks[c] <= 0x5A:
            looks[c] += 0x20
counted = len(looks)
# Reviewed supplement: small Cyrillic letters whose prototype is a small capital, squared and negative letters, regional indicators.
for c, a in {0x432: "b", 0x43A: "k", 0x43C: "m", 0x43D: "h", 0x442: "t"}.items():
    looks.setdefault(c, ord(a))
for base in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6):
    for i in range(26):
        looks.setdefault(base + i, 0x61 + i)

def nfd(cps):
    out = []
    def put(c):
        if 0xAC00 <= c < 0xAC00 + 11172:
            s = c - 0xAC00
            out.extend([0x1100 + s // 588, 0x1161 + s % 588 // 28] + ([0x11A7 + s % 28] if s % 28 else []))
        elif c in canonical:
            for d in canonical[c]:
                put(d)
        else:
            out.append(c)
    for c in cps:
        put(c)
    i = 0
    while i < len(out):
        if not ccc.get(out[i]):
            i += 1
            continue
        j = i
        while j < len(out) and ccc.get(out[j]):
            j += 1
        out[i:j] = sorted(out[i:j], key=lambda c: ccc[c])
        i = j
    return out

maps, map_of = [[], []], {}
index = {(): 1}
for c in range(0x110000):
    if 0xD800 <= c < 0xE000 or 0xAC00 <= c < 0xAC00 + 11172:
        continue
    to = nfd(casefold[c] if c in casefold else [c])
    if to == [c]:
        continue
    key = tuple(to)
    if key not in index:
        index[key] = len(maps)
        maps.append(to)
    map_of[c] = index[key]
assert len(maps) < 0xFFFF

pairs = []
for c, d in canonical.items():
    if len(d) == 2 and c not in excluded:
        pairs.append(d[0] << 42 | d[1] << 21 | c)
pairs.sort()

blocks, stage1, main, fold = {}, [], [], []
for b in range(0x110000 >> 7):
    m, g = [], []
    for c in range(b << 7, (b + 1) << 7):
        cat = category.get(c, "Cn")
        r = map_of.get(c, 0) | ccc.get(c, 0) << 16
        word = cat[0] in "LMN" or cat == "Co"
        r |= word << 24 | (c in emoji) << 25 | (cat[0] == "M") << 26 | (c in maybe) << 27 | (cat == "Nd") << 28 | (cat[0] == "L") << 29
        m.append(r)
        g.append(looks.get(c, 0) | scripts.get(c, 0) << 8)
    key = (tuple(m), tuple(g))
    if key not in blocks:
        blocks[key] = len(blocks)
        main += m
        fold += g
    stage1.append(blocks[key])

offsets, flat = [], []
for m in maps:
    offsets.append(len(flat))
    flat += m
offsets.append(len(flat))
assert offsets[-1] < 0x10000
digits = sorted(c << 8 | v for c, v in digit.items() if c >= 0x80)

blob = b"CUSTUCD2"
for fmt, values in (("H", stage1), ("I", main), ("H", fold), ("H", offsets), ("I", flat), ("Q", pairs), ("I", digits)):
    blob += struct.pack("<I", len(values)) + struct.pack("<%d%s" % (len(values), fmt), *values)
with open(os.path.join(out_dir, "unicode.tables"), "wb") as f:
    f.write(blob)
with open(os.path.join(out_dir, "unicode.sources.txt"), "w", newline="\n") as f:
    f.write("Unicode Character Database 15.0.0 (Debian unicode-data 15.0.0-1); confusables.txt of Unicode 17.0.0.\n")
    f.write("Licence: Unicode License v3. Written by eng/unicode/generate.py.\n\n")
    for name, digest in sources:
        f.write(f"sha256:{digest}  {name}\n")
    f.write(f"\nsha256:{hashlib.sha256(blob).hexdigest()}  unicode.tables\n")
    f.write(f"mappings {len(map_of)}, compositions {len(pairs)}, blocks {len(blocks)}, scripts {len(names)}, ASCII look-alikes {counted} and a supplement of {len(looks) - counted}\n")
print(open(os.path.join(out_dir, "unicode.sources.txt")).read())
