"""load_stl; tests/ops3d/io/stl_test.cpp tests the parser."""

import struct

import pytest
import torch

ops = torch.ops.bisque
TWO = [[0, 0, 0, 1, 0, 0, 0, 1, 0], [1, 0, 0, 1, 1, 0, 0, 1, 0]]


def load(path, content, **options):
    path.write_bytes(content)
    return ops.load_stl(str(path), **options)


def test_binary_with_a_header_of_ascii(tmp_path):
    content = b"solid ascii?".ljust(80) + struct.pack("<I", 2) + b"".join(struct.pack("<12fH", 0, 0, 1, *corners, 0) for corners in TWO)
    verts, faces, warnings = load(tmp_path / "a.stl", content)
    assert torch.equal(verts, torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]]))
    assert torch.equal(faces, torch.tensor([[0, 1, 2], [1, 3, 2]]))
    assert warnings == []
    verts, faces, _ = load(tmp_path / "a.stl", content, merge_verts=False)
    assert torch.equal(verts, torch.tensor(TWO).view(-1, 3).float())
    assert torch.equal(faces, torch.arange(6).view(2, 3))


def test_ascii(tmp_path):
    facets = "".join("facet normal 0 0 1\nouter loop\nvertex {} {} {}\nvertex {} {} {}\nvertex {} {} {}\nendloop\nendfacet\n".format(*c) for c in TWO)
    verts, faces, _ = load(tmp_path / "a.stl", f"solid\n{facets}endsolid\n".encode())
    assert verts.shape == (4, 3) and torch.equal(faces, torch.tensor([[0, 1, 2], [1, 3, 2]]))


def test_error(tmp_path):
    with pytest.raises(RuntimeError, match=r"a\.stl: line 2: .face. is not expected, expected facet or endsolid"):
        load(tmp_path / "a.stl", b"solid\nface")
