"""Mutations of files by their structure: opcodes, JSON values, lines and words, fields. Each takes a random.Random."""

import io
import json
import pickletools
import random
import struct
import zipfile

INTEGERS = (0, 1, -1, 2, 5, 127, 255, 256, 65535, 2**20, 2**31 - 1, 2**31, -(2**31), 2**32 - 1, 2**40, 2**62, 2**63 - 1, -(2**63))
NUMBERS = (*INTEGERS, 0.5, -0.0, 1e-300, 1e300, 1e39, 1e7)
TEXTS = ("", "a", "a.b", "..", "/", "a/b", "\x1b[31m", "\x00", "\n", "\x9b0m", "\u202ex", "x" * 70, "é" * 1000, "k" * 200_000, '"', "\\", "nan", "%s%n", "__metadata__")


def mutate_bytes(data: bytes, rng: random.Random) -> bytes:
    """Bits, runs and lengths, for unknown formats."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data)) if data else 0
        length = rng.choice((1, 2, 4, 8, 64))
        match rng.randrange(5):
            case 0 if data:
                data[at] ^= 1 << rng.randrange(8)
            case 1:
                data[at : at + 4] = struct.pack(rng.choice("<>") + "q", rng.choice(INTEGERS))[:4]
            case 2:
                data[at:at] = data[at : at + length]
            case 3:
                del data[at : at + length]
            case _:
                del data[at:]
    return bytes(data)


# ---- JSON


def places(value, path=()):
    """The path of every value in a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def another_json(rng: random.Random):
    match rng.randrange(6):
        case 0 | 1:
            return rng.choice(NUMBERS)
        case 2:
            return rng.choice(TEXTS)
        case 3:
            return rng.choice((None, True, False, [], {}, [[]], {"": {}}))
        case 4:
            nested = rng.choice(([], {}))
            for _ in range(rng.choice((5, 70, 400))):
                nested = [nested] if rng.random() < 0.7 else {"a": nested}
            return nested
        case _:
            return [rng.choice(NUMBERS)] * rng.choice((1, 3, 1000))


def mutate_json(document, rng: random.Random):
    """The document with some values changed, swapped, copied or dropped."""
    for _ in range(rng.randint(1, 3)):
        path = rng.choice(list(places(document)))
        if not path:
            if rng.random() < 0.1:
                document = another_json(rng)
            continue
        parent = document
        for key in path[:-1]:
            parent = parent[key]
        key = path[-1]
        match rng.randrange(6):
            case 0 | 1 | 2:
                parent[key] = another_json(rng)
            case 3:
                del parent[key]
            case 4 if isinstance(parent, list):
                parent.extend(parent[: rng.choice((1, 10))] * rng.choice((1, 500)))
            case 4:
                parent[rng.choice(TEXTS)] = parent[key]
            case _:
                other = rng.choice(list(parent)) if isinstance(parent, dict) else rng.randrange(len(parent))
                parent[key], parent[other] = parent[other], parent[key]
    return document


def dump_json(document, rng: random.Random) -> bytes:
    """As text, at times with a member twice, a lone surrogate or NaN."""
    try:
        text = json.dumps(document, ensure_ascii=rng.random() < 0.5)
    except RecursionError:
        text = "[" * 5000 + "]" * 5000
    if rng.random() < 0.05:
        text = text.replace('"', '"\\ud800', 1)
    if rng.random() < 0.05:
        text = text.replace(":", ": NaN, \"x\":", 1)
    return text.encode("utf-8", "surrogatepass")


def mutate_json_file(data: bytes, rng: random.Random) -> bytes:
    return dump_json(mutate_json(json.loads(data), rng), rng)


def mutate_safetensors(data: bytes, rng: random.Random) -> bytes:
    """The header, mostly with its right length, or the data after it."""
    length = struct.unpack("<Q", data[:8])[0]
    header, rest = data[8 : 8 + length], data[8 + length :]
    if rng.random() < 0.3:
        return data[: 8 + length] + mutate_numbers(rest, rng)
    header = dump_json(mutate_json(json.loads(header), rng), rng)
    length = len(header) if rng.random() < 0.9 else rng.choice(INTEGERS) & (2**64 - 1)
    return struct.pack("<Q", length) + header + rest


def mutate_numbers(data: bytes, rng: random.Random) -> bytes:
    """Some elements of an array: indices out of range, infinities, NaN."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        if len(data) < 8:
            break
        at = rng.randrange(len(data) // 4) * 4
        number = rng.choice((b"\xff\xff\xff\xff", b"\0\0\xc0\x7f", b"\0\0\x80\x7f", b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\0\0\x80\xff"))
        data[at : at + 4] = number[: len(data) - at]
    return bytes(data)


def mutate_glb(data: bytes, rng: random.Random) -> bytes:
    """The JSON chunk, the order and number of chunks, or their lengths."""
    chunks, at = [], 12
    while at + 8 <= len(data):
        length, kind = struct.unpack_from("<I4s", data, at)
        chunks.append([kind, data[at + 8 : at + 8 + length]])
        at += 8 + length
    match rng.randrange(6):
        case 0:
            rng.shuffle(chunks)
        case 1:
            chunks.append(rng.choice(chunks))
        case 2:
            chunks[1][1] = mutate_numbers(chunks[1][1], rng)
        case _:
            chunks[0][1] = dump_json(mutate_json(json.loads(chunks[0][1]), rng), rng)
    body = b""
    for kind, chunk in chunks:
        chunk += b" " * (-len(chunk) % 4)
        length = len(chunk) if rng.random() < 0.97 else rng.choice(INTEGERS) & 0xFFFFFFFF
        body += struct.pack("<I4s", length, kind) + chunk
    total = 12 + len(body) if rng.random() < 0.95 else rng.choice(INTEGERS) & 0xFFFFFFFF
    return b"glTF" + struct.pack("<II", 2, total) + body


# ---- Lines and words


def mutate_lines(data: bytes, rng: random.Random, separator: str) -> bytes:
    """Lines and the words in them."""
    lines = data.decode().split("\n")
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(lines))
        words = lines[at].split(separator)
        word = rng.randrange(len(words))
        match rng.randrange(9):
            case 0:
                del lines[at]
                lines = lines or [""]
            case 1:
                lines[at:at] = [lines[at]] * rng.choice((1, 3, 5000))
            case 2:
                other = rng.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case 3 | 4:
                words[word] = str(rng.choice((*NUMBERS, "nan", "inf", "-inf", "1e999")))
            case 5:
                words[word] = rng.choice(TEXTS)
            case 6:
                del words[word]
            case 7:
                words += words * rng.choice((1, 200))
            case _:
                words[word] = words[word].replace("1", str(rng.choice(INTEGERS)), 1)
        if at < len(lines) and rng.random() < 0.9:
            lines[at] = separator.join(words)
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def mutate_npy(data: bytes, rng: random.Random) -> bytes:
    """The words of the header, or the numbers after it."""
    length = struct.unpack("<H", data[8:10])[0]
    header, rest = data[10 : 10 + length].decode("latin1"), data[10 + length :]
    if rng.random() < 0.3:
        return data[: 10 + length] + mutate_numbers(rest, rng)
    changes = [("f4", "f8"), ("<", ">"), ("<", "|"), ("f4", "O"), ("(", "(%d, " % rng.choice(INTEGERS)), ("False", "True"), ("5,", "%d," % rng.choice(INTEGERS)),
               ("{", "{'a': 1, "), ("'descr'", "'shape'"), ("}", ""), ("f4", "f%d" % rng.choice(INTEGERS)), ("61", "0")]  # fmt: skip
    header = header.replace(*rng.choice(changes), 1)
    length = len(header) if rng.random() < 0.8 else rng.choice(INTEGERS) & 0xFFFF
    return data[:8] + struct.pack("<H", length) + header.encode("latin1") + rest


# ---- Pickles


def opcodes(data: bytes) -> list[bytes]:
    """A pickle's instructions, each with its argument."""
    starts = [position for _, _, position in pickletools.genops(data)]
    return [data[begin:end] for begin, end in zip(starts, [*starts[1:], starts[-1] + 1])]


def text_opcode(text: str) -> bytes:
    encoded = text.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def another_opcode(code: bytes, rng: random.Random) -> bytes:
    """Another argument of the same kind, or another value."""
    kind = code[:1]
    if kind == b"X":
        return text_opcode(rng.choice((*TEXTS, "\ud800", "cuda:0", "cpu", "meta", "nowhere", "0", "1")))
    if kind in b"KMJ\x8a" or rng.random() < 0.3:
        return b"\x8a\x08" + struct.pack("<q", rng.choice(INTEGERS))
    if kind == b"c":
        module, name = code[1:-1].split(b"\n")
        names = (b"FloatStorage", b"LongStorage", b"QInt8Storage", b"BoolStorage", b"_rebuild_tensor_v2", b"_rebuild_sparse_tensor",
                 b"_rebuild_qtensor", b"Size", b"device", b"float32", b"Tensor", b"UntypedStorage", b"_rebuild_nested_tensor")  # fmt: skip
        return b"c" + module + b"\n" + rng.choice(names) + b"\n" if rng.random() < 0.8 else b"cposix\nsystem\n"
    if kind in b"hqjr":
        return kind + bytes([rng.randrange(40)]) + code[2:]
    return rng.choice((b"N", b"\x88", b")", b"]", b"}", b"G" + struct.pack(">d", rng.choice((float("nan"), 1e300, 0.5)))))


def mutate_pickle(data: bytes, rng: random.Random) -> bytes:
    codes = opcodes(data)
    for _ in range(rng.randint(1, 4)):
        at, other = rng.randrange(1, len(codes)), rng.randrange(1, len(codes))
        match rng.randrange(9):
            case 0 | 1 | 2 | 3:
                codes[at] = another_opcode(codes[at], rng)
            case 4:
                codes[at], codes[other] = codes[other], codes[at]
            case 5:
                del codes[at]
            case 6:  # the same value many times
                codes[at:at] = [b"2"] * rng.choice((1, 20, 3000)) + [b"t"] * rng.randrange(2)
            case 7:  # a list of itself many times, some times over
                for _ in range(rng.choice((1, 4, 30))):
                    codes[at:at] = [b"q\xfa", b"(", *[b"h\xfa"] * rng.choice((2, 10)), b"t"]
            case _:
                codes[at:at] = codes[min(at, other) : max(at, other)]
        if len(codes) < 3:
            break
    return b"".join(codes)


def mutate_torch(data: bytes, rng: random.Random) -> bytes:
    """The pickle in the archive, its records, or the numbers in one."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        records = [[name, archive.read(name)] for name in archive.namelist()]
    pickle = next(record for record in records if record[0].endswith("data.pkl"))
    storages = [record for record in records if "/data/" in record[0]]
    choice = rng.randrange(10)
    if choice < 6:
        pickle[1] = mutate_pickle(pickle[1], rng)
    elif choice < 8 and storages:
        storage = rng.choice(storages)
        storage[1] = mutate_numbers(storage[1], rng) if rng.random() < 0.7 else storage[1][: rng.randrange(len(storage[1]) + 1)]
    else:
        record = rng.choice(records)
        match rng.randrange(4):
            case 0:
                records.remove(record)
            case 1:
                record[0] = rng.choice(("../a", "a\x1b", "archive/data/0", "x" * 5000, "archive/constants.pkl"))
            case 2:
                rng.shuffle(records)
            case _:
                record[1] = mutate_bytes(record[1], rng)
    out = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if rng.random() < 0.2 else zipfile.ZIP_STORED
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in records:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out.getvalue() if rng.random() < 0.95 else mutate_bytes(out.getvalue(), rng)


def mutate_legacy(data: bytes, rng: random.Random) -> bytes:
    """One of the pickles that the file begins with, or a byte."""
    if rng.random() < 0.3:
        return mutate_bytes(data, rng)
    pickles, rest = [], data
    for _ in range(5):  # magic number, protocol, system, data, keys
        length = list(pickletools.genops(rest))[-1][2] + 1
        pickles.append(rest[:length])
        rest = rest[length:]
    at = rng.choice((2, 3, 3, 3, 3, 4))
    pickles[at] = mutate_pickle(pickles[at], rng)
    return b"".join(pickles) + rest


def mutate_chunks(data: bytes, rng: random.Random) -> bytes:
    """The fields of a WAV header."""
    fields = {20: "H", 22: "H", 24: "I", 28: "I", 32: "H", 34: "H", 16: "I", 40: "I", 4: "I"}
    data = bytearray(data)
    for at in rng.sample(list(fields), rng.randint(1, 2)):
        form = "<" + fields[at]
        struct.pack_into(form, data, at, rng.choice(INTEGERS) & (256 ** struct.calcsize(form) - 1))
    return bytes(data) if rng.random() < 0.7 else mutate_bytes(bytes(data), rng)


MUTATIONS = {
    "torch": mutate_torch,
    "legacy": mutate_legacy,
    "safetensors": mutate_safetensors,
    "model": mutate_safetensors,
    "take": mutate_safetensors,
    "gltf": mutate_json_file,
    "glb": mutate_glb,
    "json": mutate_json_file,
    "obj": lambda data, rng: mutate_lines(data, rng, " "),
    "csv": lambda data, rng: mutate_lines(data, rng, ","),
    "npy": mutate_npy,
    "packets": mutate_bytes,
    "wav": mutate_chunks,
}
