"""PLY files of the Python package."""

import io
import struct

import numpy as np
import pytest
import torch

from bisque3d.io import load_ply, save_ply
from bisque3d.io.ply_io import _load_ply_raw
from bisque3d.io.utils import PathManager

VERTS = torch.tensor([[0.01, 0.2, 0.301], [0.2, 0.03, 0.408], [0.3, 0.4, 0.05]])
FACES = torch.tensor([[0, 2, 1], [0, 1, 2]])


class TestPly:
    @pytest.mark.parametrize("ascii", [True, False])
    def test_file_objects(self, ascii):
        file = io.BytesIO()
        save_ply(file, VERTS, FACES, verts_normals=VERTS, ascii=ascii)
        file.seek(0)
        verts, faces = load_ply(file)
        assert torch.equal(verts, VERTS) and torch.equal(faces, FACES)
        if ascii:
            assert torch.equal(load_ply(io.StringIO(file.getvalue().decode()))[0], VERTS)
        else:
            with pytest.raises(ValueError, match="Cannot safely read a binary ply file using a Text stream"):
                load_ply(io.StringIO(file.getvalue().decode(errors="replace")))

    def test_without_faces_or_verts(self, tmp_path):
        save_ply(tmp_path / "a.ply", VERTS)
        assert load_ply(tmp_path / "a.ply")[1].shape == (0, 3)
        with pytest.warns(UserWarning, match="Empty 'verts' provided"):
            save_ply(tmp_path / "b.ply", torch.zeros(0, 3))

    @pytest.mark.parametrize(
        ["arguments", "message"],
        [
            (dict(verts=torch.rand(3, 2)), "Argument 'verts' should"),
            (dict(faces=torch.zeros(3, 2)), "Argument 'faces' should"),
            (dict(verts_normals=torch.rand(2, 3)), "Argument 'verts_normals' should"),
        ],
    )
    def test_errors(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            save_ply(io.BytesIO(), **(dict(verts=VERTS, faces=FACES) | arguments))

    @pytest.mark.parametrize(
        ["old", "new", "message"],
        [
            ("ply\n", "pl\n", 'Invalid file header. .*is not a PLY file'),
            ("format ascii 1.0\n", "", "No format line found"),
            ("format ascii 1.0", "format ascii 2.0", 'Invalid format line. .*line 2: has PLY version "2.0"'),
            ("element vertex 3", "element vertex x", "Number of items for vertex was not a number"),
            ("property float z", "property real z", "Invalid datatype: real"),
            ("property float z", "properties float z", "Invalid line: properties float z"),
            ("element vertex", "element point", "The ply file has no vertex element"),
            ("property float z", "property float w", "Invalid vertices in file. .*lacks a property"),
            ("0 1 0\n3 0 1 2\n", "", "Not enough data for vertex"),
            ("3 0 1 2\n", "", "Not enough data for face"),
            ("3 0 1 2\n", "3 0 1\n", "A line of face data did not have the specified length"),
            ("3 0 1 2\n", "3 0 1 a\n", "Bad numerical data"),
            ("3 0 1 2\n", "3 0 1 2\n5\n", "Extra data at end of file"),
            ("3 0 1 2\n", "2 0 1\n", "Faces must have at least 3 vertices. .*skips faces of fewer than 3 corners"),
            ("3 0 1 2\n", "3 0 1 3\n", "Faces have invalid indices .*face 0 refers to vertex 3"),
        ],
    )
    def test_errors_of_files(self, old, new, message):
        file = io.StringIO()
        save_ply(file, torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]), torch.tensor([[0, 1, 2]]), ascii=True)
        text = file.getvalue()
        assert old in text
        with pytest.raises(ValueError, match=message):
            load_ply(io.StringIO(text.replace(old, new)))

    def test_list_of_coordinates(self):
        text = "ply\nformat ascii 1.0\nelement vertex 1\nproperty list uchar float x\nproperty float y\nproperty float z\nend_header\n1 2 3 4\n"
        with pytest.raises(ValueError, match="Invalid vertices in file: did not expect list."):
            load_ply(io.StringIO(text))

    @pytest.mark.parametrize("ascii", [True, False])
    def test_header(self, ascii):
        save_ply(file := io.BytesIO(), VERTS, FACES, ascii=ascii)
        expected = ["element vertex 3", *(f"property float {axis}" for axis in "xyz"), "element face 2", "property list uchar int vertex_index"]
        lines = file.getvalue().partition(b"end_header\n")[0].decode().splitlines()
        assert lines == ["ply", f"format {'ascii' if ascii else 'binary_little_endian'} 1.0", *expected]


RAW = """ply
format ascii 1.0
comment a cloud of points with more
obj_info made here
element vertex 2
property float x
property float y
property uchar red
element quad 2
property list uchar int corners
element ragged 2
property list uchar double values
element row 1
property int first
property list uchar int values
property int last
end_header
0.5 1.5 255
2.5 3.5 7
4 0 1 2 3
4 3 2 1 0
1 0.5
2 1.5 2.5
1 2 3 4 5
"""


def binary_of(text, order):
    """The same file in binary."""
    header, _, rows = text.partition("end_header\n")
    codes = [["ffB"] * 2, ["Biiii"] * 2, ["Bd", "Bdd"], ["iBiii"]]
    packed = [
        struct.pack(order + code, *(int(float(word)) if kind in "Bi" else float(word) for kind, word in zip(code, line.split())))
        for code, line in zip(sum(codes, []), rows.splitlines())
    ]
    name = "binary_little_endian" if order == "<" else "binary_big_endian"
    return (header.replace("ascii", name) + "end_header\n").encode() + b"".join(packed)


class TestRawPly:
    @pytest.mark.parametrize("content", [RAW, RAW.encode(), binary_of(RAW, "<"), binary_of(RAW, ">")], ids=["text", "bytes", "little", "big"])
    def test_all_elements(self, content):
        header, elements = _load_ply_raw(io.StringIO(content) if isinstance(content, str) else io.BytesIO(content), PathManager())
        assert [element.name for element in header.elements] == ["vertex", "quad", "ragged", "row"] and header.obj_info == ["made here"]
        assert header.ascii == (b"ascii" in (content.encode() if isinstance(content, str) else content))
        places, reds = elements["vertex"]
        assert places.tolist() == [[0.5, 1.5], [2.5, 3.5]] and places.dtype == np.float32 and reds.tolist() == [[255], [7]] and reds.dtype == np.uint8
        assert elements["quad"].tolist() == [[0, 1, 2, 3], [3, 2, 1, 0]] and elements["quad"].dtype == np.int32
        assert [row[0].tolist() for row in elements["ragged"]] == [[0.5], [1.5, 2.5]]
        assert [elements["row"][0][0], elements["row"][0][1].tolist(), elements["row"][0][2]] == [1, [3, 4], 5]

    @pytest.mark.parametrize(
        ["old", "new", "message"],
        [
            ("ply\n", "pl\n", "Invalid file header"),
            ("end_header\n", "", "Invalid line: 0.5 1.5 255"),
            ("format ascii 1.0\n", "", "No format line found"),
            ("format ascii 1.0", "format ascii 2.0", "Invalid format line"),
            ("comment", "kommentar", "Invalid line: kommentar"),
            ("element vertex 2", "element vertex two", "Number of items for vertex was not a number"),
            ("element vertex 2", "element vertex", "Invalid line: element vertex"),
            ("element vertex 2\n", "property int a\nelement vertex 2\n", "Encountered property before any element"),
            ("property uchar red\n", "property uchar x\n", "Cannot have two properties called x in vertex"),
            ("property uchar red\n", "property rgb red\n", "Invalid datatype: rgb"),
            ("property uchar red\n", "property list uchar red\n", "Invalid line: property list uchar red"),
            ("element quad", "element none 1\nelement quad", "Found an element with no properties"),
            ("2.5 3.5 7\n", "2.5 3.5\n", "Inconsistent data for vertex"),
            ("2.5 3.5 7\n", "2.5 x 7\n", "Bad numerical data"),
            ("4 3 2 1 0\n", "4 3 2 1\n", "Too little data for an element"),
            ("4 3 2 1 0\n", "4 3 2 1 0 9\n", "Too much data for an element"),
            ("4 3 2 1 0\n", "3 3 2 1 0\n", "A line of quad data did not have the specified length"),
            ("4 3 2 1 0\n", "four 3 2 1 0\n", "A list length was not a number"),
            ("1 2 3 4 5\n", "1 2 3 4 5 6\n", "Too much data for an element"),
            ("1 2 3 4 5\n", "1 2 3 4\n", "Too little data for an element"),
            ("1 2 3 4 5\n", "1 2 3 x 5\n", "Bad numerical data"),
            ("1 2 3 4 5\n", "", "Not enough data for row"),
            ("1 2 3 4 5\n", "1 2 3 4 5\n6\n", "Extra data at end of file: 6"),
            ("element row 1\n", "element row 0\n", "Extra data at end of file: 1 2 3 4 5"),
        ],
    )
    def test_errors(self, old, new, message):
        assert old in RAW
        with pytest.raises(ValueError, match=message):
            _load_ply_raw(io.StringIO(RAW.replace(old, new)), PathManager())

    def test_errors_of_binary_files(self):
        content = binary_of(RAW, "<")
        for end in range(content.index(b"end_header\n") + 11, len(content)):
            with pytest.raises(ValueError, match="Not enough data for"):
                _load_ply_raw(io.BytesIO(content[:end]), PathManager())
        with pytest.raises(ValueError, match="Text stream"):
            _load_ply_raw(io.StringIO(RAW.replace("ascii", "binary_little_endian")), PathManager())
        for text, message in (("ply\nformat ascii 1.0\nend_header\n", "No elements found"), ("ply\nformat ascii 1.0\n", "no end_header line")):
            with pytest.raises(ValueError, match=message):
                _load_ply_raw(io.StringIO(text), PathManager())
