"""All elements and properties of PLY files, also those that a mesh does not have, as numpy arrays."""

import io
import itertools
import struct
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

import numpy as np

from .utils import PathManager, _open_file

_TYPES = {"char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4", "float": "f4", "double": "f8"}
_TYPES |= {"int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4", "float32": "f4", "float64": "f8"}
_FORMATS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}


class _Property(NamedTuple):
    """A column; `list_size_type` is the type of the length of a list."""

    name: str
    data_type: str
    list_size_type: Optional[str] = None


class _PlyElementType:
    """A kind of rows: its name, their count and their properties."""

    def __init__(self, name: str, count: int) -> None:
        self.name = name
        self.count = count
        self.properties: List[_Property] = []

    def add_property(self, name: str, data_type: str, list_size_type: Optional[str] = None) -> None:
        if any(known.name == name for known in self.properties):
            raise ValueError(f"Cannot have two properties called {name} in {self.name}.")
        self.properties.append(_Property(name, data_type, list_size_type))

    def is_fixed_size(self) -> bool:
        return all(known.list_size_type is None for known in self.properties)


class _PlyHeader:
    """The elements of a file, whether it is `ascii`, else `big_endian`, and its obj_info lines."""

    def __init__(self, f) -> None:
        self.elements: List[_PlyElementType] = []
        self.obj_info: List[str] = []
        self.byte_order: Optional[str] = None
        if _text(f.readline()).rstrip("\r\n") != "ply":
            raise ValueError("Invalid file header.")
        while True:
            line = _text(f.readline())
            if not line:
                raise ValueError("Invalid file header: it has no end_header line.")
            line = line.strip()
            if line == "end_header":
                break
            self._parse(line)
        if not self.elements:
            raise ValueError("No elements found.")
        self._check_last()
        if self.byte_order is None:
            raise ValueError("No format line found.")
        self.ascii = self.byte_order == ""
        self.big_endian = self.byte_order == ">"

    def _check_last(self) -> None:
        if self.elements and not self.elements[-1].properties:
            raise ValueError("Found an element with no properties.")

    def _parse(self, line: str) -> None:
        keyword, _, rest = line.partition(" ")
        if not line or keyword == "comment":
            return
        words = rest.split(" ")
        if keyword == "format":
            if self.byte_order is not None or words[0] not in _FORMATS or words[1:] != ["1.0"]:
                raise ValueError("Invalid format line.")
            self.byte_order = _FORMATS[words[0]]
        elif keyword == "obj_info":
            self.obj_info.append(rest)
        elif keyword == "element":
            self._check_last()
            if len(words) != 2:
                raise ValueError(f"Invalid line: {line}")
            if not words[1].isdecimal():
                raise ValueError(f"Number of items for {words[0]} was not a number.")
            self.elements.append(_PlyElementType(words[0], int(words[1])))
        elif keyword == "property":
            self._parse_property(line, words)
        else:
            raise ValueError(f"Invalid line: {line}.")

    def _parse_property(self, line: str, words: List[str]) -> None:
        if not self.elements:
            raise ValueError("Encountered property before any element.")
        is_list = words[0] == "list"
        if len(words) != (4 if is_list else 2):
            raise ValueError(f"Invalid line: {line}")
        for name in words[1:3] if is_list else words[:1]:
            if name not in _TYPES:
                raise ValueError(f"Invalid datatype: {name}")
        self.elements[-1].add_property(words[-1], words[-2], words[1] if is_list else None)


def _text(line) -> str:
    return line if isinstance(line, str) else line.decode("ascii", errors="replace")


def _load_ply_raw(f, path_manager: PathManager) -> Tuple[_PlyHeader, Dict[str, Any]]:
    """The header and the elements by name: without lists a list of arrays [count, columns], one for adjacent columns of one type; a single list
    of one length an array [count, length]; else a list of rows, each a list of values, in which lists are arrays. ValueError: a malformed file."""
    with _open_file(f, path_manager, "rb") as file:
        header = _PlyHeader(file)
        if header.ascii:
            elements = {element.name: _read_text(file, element) for element in header.elements}
        elif isinstance(file, io.TextIOBase):
            raise ValueError("Cannot safely read a binary ply file using a Text stream.")
        else:
            elements = {element.name: _read_binary(file, element, header.byte_order) for element in header.elements}
        end = file.read().strip()
        if len(end) != 0:
            raise ValueError(f"Extra data at end of file: {end[:20]}")
    return header, elements


def _groups(element: _PlyElementType) -> Iterator[Tuple[str, int]]:
    """The numpy type and the number of adjacent columns of one type."""
    for data_type, columns in itertools.groupby(known.data_type for known in element.properties):
        yield _TYPES[data_type], len(list(columns))


def _arranged(element: _PlyElementType, rows: List[List[Any]]) -> Any:
    """A single list of one length as an array."""
    if rows and len(element.properties) == 1 and len({len(row[0]) for row in rows}) == 1:
        return np.stack([row[0] for row in rows])
    return rows


def _read_text(f, element: _PlyElementType) -> Any:
    lines = []
    while len(lines) < element.count:
        line = _text(f.readline())
        if not line:
            raise ValueError(f"Not enough data for {element.name}.")
        if line.strip():
            lines.append(line.split())
    if not lines:
        return []
    if not element.is_fixed_size():
        length = len(lines[0])
        is_table = len(element.properties) == 1 and all(len(words) == length and words[0].isdecimal() for words in lines)
        if is_table and any(int(words[0]) != length - 1 for words in lines):
            raise ValueError(f"A line of {element.name} data did not have the specified length.")
        return _arranged(element, [_text_row(words, element) for words in lines])
    if any(len(words) != len(element.properties) for words in lines):
        raise ValueError(f"Inconsistent data for {element.name}.")
    try:
        values = np.array(lines, dtype=np.float64)
    except ValueError:
        raise ValueError("Bad numerical data.") from None
    columns = np.split(values, np.cumsum([count for _, count in _groups(element)])[:-1], axis=1)
    return [piece.astype(dtype) for piece, (dtype, _) in zip(columns, _groups(element))]


def _text_row(words: List[str], element: _PlyElementType) -> List[Any]:
    row: List[Any] = []
    at = 0
    for known in element.properties:
        if at >= len(words):
            raise ValueError("Too little data for an element.")
        count = 1
        if known.list_size_type is not None:
            if not words[at].isdecimal():
                raise ValueError("A list length was not a number.")
            count, at = int(words[at]), at + 1
        values = words[at : at + count]
        if len(values) < count:
            raise ValueError("Too little data for an element.")
        try:
            numbers = np.array(values, dtype=np.float64).astype(_TYPES[known.data_type])
        except ValueError:
            raise ValueError("Bad numerical data.") from None
        row.append(numbers[0].item() if known.list_size_type is None else numbers)
        at += count
    if at < len(words):
        raise ValueError("Too much data for an element.")
    return row


def _read_binary(f, element: _PlyElementType, byte_order: str) -> Any:
    def take(size: int) -> bytes:
        data = f.read(size)
        if len(data) != size:
            raise ValueError(f"Not enough data for {element.name}.")
        return data

    if element.count == 0:
        return []
    if element.is_fixed_size():
        dtype = np.dtype([(f"{i}", byte_order + kind, count) for i, (kind, count) in enumerate(_groups(element))])
        table = np.frombuffer(take(dtype.itemsize * element.count), dtype)
        return [table[name].reshape(element.count, -1).astype(table[name].dtype.newbyteorder("=")) for name in dtype.names]
    rows = []
    for _ in range(element.count):
        row: List[Any] = []
        for known in element.properties:
            dtype = np.dtype(byte_order + _TYPES[known.data_type])
            count = 1
            if known.list_size_type is not None:
                length = np.dtype(byte_order + _TYPES[known.list_size_type])
                (count,) = struct.unpack(byte_order + length.char, take(length.itemsize))
            values = np.frombuffer(take(dtype.itemsize * count), dtype).astype(dtype.newbyteorder("="))
            row.append(values[0].item() if known.list_size_type is None else values)
        rows.append(row)
    return _arranged(element, rows)
