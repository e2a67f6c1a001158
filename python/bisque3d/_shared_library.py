"""Checks a shared library before the loader maps it, like core/serialization/shared_library.cpp."""

import os
import platform
import stat
import struct

_MACHINES = {"x86_64": 62, "aarch64": 183}
_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_DYNAMIC = struct.Struct("<qQ")
_LOAD, _DYNAMIC_SEGMENT, _NOTE = 1, 2, 4
_NOTE_HEADER = struct.Struct("<III")
_MOST_NOTE_BYTES = 1 << 20
_STRTAB, _SYMTAB = 5, 6


def check_shared_library(path) -> None:
    """Raises RuntimeError: not a regular file, not a shared library of this machine, or a truncated one. The loader maps a truncated library,
    and the process dies of SIGBUS when it touches a missing page."""
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):  # opening a FIFO would wait for its writer
            what = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
            raise RuntimeError(f"{path}: is {what}, expected a shared library.")
        with open(path, "rb") as file:
            _check(path, file, os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise RuntimeError(f"{path}: cannot be read ({error.strerror}).") from None


def _check(path, file, size):
    def require(offset, length, what):
        if offset + length > size:
            raise RuntimeError(f"{path}: is truncated, its {what} end at byte {offset + length}, but the file has {size} bytes.")

    def read(offset, length):
        file.seek(offset)
        return file.read(length)

    start = read(0, _HEADER.size)
    if not start:
        raise RuntimeError(f"{path}: is empty, expected a shared library.")
    if start[:4] != b"\x7fELF"[: len(start)]:
        raise RuntimeError(f"{path}: is not a shared library (an ELF file); it begins with {ascii(start[:24])[1:]}.")
    require(0, _HEADER.size, "header")
    kind, elf_type, machine, _, _, segments, sections, _, _, segment_size, num_segments, section_size, num_sections, _ = _HEADER.unpack(start)
    expected = _MACHINES.get(platform.machine(), machine)
    if kind[4:6] != b"\2\1" or machine != expected:
        bits = 32 if kind[4] == 1 else 64
        raise RuntimeError(
            f"{path}: is built for another kind of machine (ELF machine {machine}, {bits} bits), expected {platform.machine()}."
        )
    if elf_type != 3:
        raise RuntimeError(f"{path}: is an ELF file of type {elf_type}, expected a shared library.")
    if segment_size != _SEGMENT.size or num_segments == 0:
        raise RuntimeError(
            f"{path}: is damaged, its program headers are {num_segments} of {segment_size} bytes, expected some of {_SEGMENT.size}."
        )
    require(segments, num_segments * segment_size, "program headers")
    dynamic = None
    for segment in _SEGMENT.iter_unpack(read(segments, num_segments * segment_size)):
        if segment[0] in (_LOAD, _DYNAMIC_SEGMENT):
            require(segment[2], segment[5], "segments")
        if segment[0] == _DYNAMIC_SEGMENT:
            dynamic = segment
    if sections:  # the loader does not read them, but they are at the end and reveal truncation
        require(sections, num_sections * section_size, "section headers")
    if dynamic is None:
        raise RuntimeError(f"{path}: has no dynamic section, expected a shared library.")
    tags = _dynamic_tags(read(dynamic[2], min(dynamic[5], 65536)))
    if not {_STRTAB, _SYMTAB} <= tags:  # as in a file whose end was reserved but never written
        raise RuntimeError(f"{path}: is damaged, its dynamic section has no symbol table.")


def notes_of(path):
    """The notes of a checked library: (owner, type, description), each as bytes."""
    with open(path, "rb") as file:
        header = _HEADER.unpack(file.read(_HEADER.size))
        file.seek(header[5])
        segments = file.read(header[10] * _SEGMENT.size)
        for kind, _, offset, _, _, size, _, _ in _SEGMENT.iter_unpack(segments):
            if kind == _NOTE:
                file.seek(offset)
                yield from _notes_in(path, file.read(min(size, _MOST_NOTE_BYTES)))


def _notes_in(path, notes: bytes):
    padded = lambda size: size + 3 & ~3
    at = 0
    while at + _NOTE_HEADER.size <= len(notes):
        name_size, size, kind = _NOTE_HEADER.unpack_from(notes, at)
        name = at + _NOTE_HEADER.size
        text = name + padded(name_size)
        at = text + padded(size)
        if text + size > len(notes):
            raise RuntimeError(f"{path}: is damaged, its notes extend beyond their segment.")
        yield notes[name : name + name_size], kind, notes[text : text + size]


def _dynamic_tags(section: bytes) -> set[int]:
    tags = set()
    for tag, _ in _DYNAMIC.iter_unpack(section[: len(section) // _DYNAMIC.size * _DYNAMIC.size]):
        if tag == 0:
            break
        tags.add(tag)
    return tags
