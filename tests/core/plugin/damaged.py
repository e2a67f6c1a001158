"""Files that must not reach the loader: each is made from a good library, with the error message as a regular expression."""

import os
import struct


def _changed(offset: int, value: bytes, message: str):
    def make(good, path):
        data = bytearray(good.read_bytes())
        data[offset : offset + len(value)] = value
        path.write_bytes(data)
        return message

    return make


def _cut(keep, message: str):
    def make(good, path):
        data = good.read_bytes()
        path.write_bytes(data[: keep(len(data))])
        return message

    return make


def _text(data: bytes, message: str):
    def make(good, path):
        path.write_bytes(data)
        return message

    return make


def _zeros_at_the_end(good, path):
    """As an aborted download leaves it whose file was preallocated."""
    data = bytearray(good.read_bytes())
    data[len(data) // 4 :] = bytes(len(data) - len(data) // 4)
    data[40:48] = bytes(8)  # no sections
    path.write_bytes(data)
    return "is damaged, its dynamic section has no symbol table."


def _folder(good, path):
    path.mkdir()
    return "is a folder, expected a shared library."


def _fifo(good, path):
    os.mkfifo(path)
    return "is not a regular file, expected a shared library."


DAMAGED = {
    "half": _cut(lambda size: size // 2, r"is truncated, its segments end at byte \d+, but the file has \d+ bytes."),
    "one_page": _cut(lambda size: 4096, "is truncated, its segments end at byte"),
    "last_byte": _cut(lambda size: size - 1, r"is truncated, its section headers end at byte \d+, but the file has \d+ bytes."),
    "header": _cut(lambda size: 40, "is truncated, its header ends? at byte 64, but the file has 40 bytes."),
    "program_headers": _cut(lambda size: 100, "is truncated, its program headers end at byte"),
    "empty": _cut(lambda size: 0, "is empty, expected a shared library."),
    "far_segments": _changed(32, struct.pack("<Q", 2**40), "is truncated, its program headers end at byte"),
    "no_segments": _changed(56, bytes(2), "is damaged, its program headers are 0 of 56 bytes, expected some of 56."),
    "other_machine": _changed(18, struct.pack("<H", 243), r"is built for another kind of machine \(ELF machine 243, 64 bits\), expected"),
    "32_bits": _changed(4, b"\1", r"is built for another kind of machine \(ELF machine \d+, 32 bits\), expected"),
    "object_file": _changed(16, struct.pack("<H", 1), "is an ELF file of type 1, expected a shared library."),
    "git_lfs": _text(b"version https://git-lfs.github.com/spec/v1\n", r'is not a shared library \(an ELF file\); it begins with .version https://git-lfs'),
    "zip": _text(b"PK\3\4" + bytes(100), r"is not a shared library \(an ELF file\); it begins with .PK"),
    "zeros_at_the_end": _zeros_at_the_end,
    "folder": _folder,
    "fifo": _fifo,
}
