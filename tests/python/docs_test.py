"""Docstrings that come from the doc blocks of the ops' headers."""

import re

import pytest
import torch

from bisque3d._docs import doc_block, document, op_doc
from tests.build import ROOT

HEADERS = {path.parent.name: path for parent in ("ops3d", "core/ops") for path in (ROOT / parent).glob("*/*.h") if path.stem == path.parent.name}
OPS = sorted(name for name in HEADERS if hasattr(torch.ops.bisque, name))


def test_there_are_ops():
    assert len(OPS) >= 50


@pytest.mark.parametrize("name", OPS)
def test_a_doc_block_is_the_whole_block_of_the_header(name):
    """Compared by words, since C++ names are written as Python's."""
    lines = HEADERS[name].read_text().splitlines()
    end = next(i for i, line in enumerate(lines) if line.startswith("inline") and (f" {name}(" in line or f" {name}(" in f"{line} {lines[i + 1].strip()}"))
    begin = end
    while lines[begin - 1].startswith("///"):
        begin -= 1
    words = lambda text: re.findall(r"[a-z]{3,}", re.sub(r"\bk(?=[A-Z])", "", text).lower())
    found, expected = words(doc_block(name)), words(" ".join(line[3:] for line in lines[begin:end]))
    assert expected[0] in found and not set(expected) - set(found) - {"data", "options", "bisque"}
    assert "::" not in doc_block(name) and "///" not in doc_block(name)


@pytest.mark.parametrize("name", [name for name in OPS if "Options and their defaults" in doc_block(name)])
def test_options_are_arguments_of_the_op(name):
    options = dict(re.findall(r"^  (\w+) = (\S+)", doc_block(name).split("Options and their defaults:")[1], re.M))
    arguments = {argument.name: argument for argument in getattr(torch.ops.bisque, name).default._schema.arguments}
    of_functions = {"coverage", "bin_size", "max_faces_per_bin", "max_points_per_bin"}  # which the op does not have
    assert options and set(options) <= set(arguments) | of_functions


def test_names_are_pythons():
    text = doc_block("knn_points")
    assert "lengths1  [N]         int64 in [0, P1], the points of each cloud of p1; None: P1" in text
    assert re.search(r"^  K = 1 +neighbours of a point, at least 1; may exceed", text, re.M)
    assert "return_sorted = True" in text
    assert 'align = "topleft"' in doc_block("cubify")
    assert "reflection = False  The highlight: (v.r)^shininess" in doc_block("phong_shading")
    assert re.search(r"^  points_per_pixel = 8 +K, from 1 to 65536$", doc_block("rasterize_points"), re.M), "the comment below belongs to the next option"


def test_a_function_keeps_its_own_docstring_first():
    @op_doc("mesh_edges")
    def plain(verts, faces): ...

    @op_doc("mesh_edges")
    def own(verts, faces):
        """My edges."""

    assert plain.__doc__ == doc_block("mesh_edges") and own.__doc__ == f"My edges.\n\nThe op bisque::mesh_edges:\n\n{doc_block('mesh_edges')}"


def test_the_functions_of_a_package():
    def mesh_edges(verts, faces): ...

    def box3d_overlap(boxes1, boxes2):
        """Overlaps."""

    def other():
        """Mine."""

    document(dict(mesh_edges=mesh_edges, box3d_overlap=box3d_overlap, other=other, knn_points=3), box3d_overlap="iou_box3d")
    assert mesh_edges.__doc__ == doc_block("mesh_edges") and other.__doc__ == "Mine."
    assert box3d_overlap.__doc__ == f"Overlaps.\n\nThe op bisque::iou_box3d:\n\n{doc_block('iou_box3d')}"


@pytest.mark.parametrize("name, message", [("no_such_op", "has no header of the op no_such_op"), ("mesh_tensors", "has no doc block before its function")])
def test_an_op_without_a_doc_block_is_an_error(name, message):
    with pytest.raises(ImportError, match=message):
        doc_block(name)


def test_the_functions_of_the_ops_have_their_docs():
    from bisque3d import ops, transforms

    documented = {"knn_points": ops.knn_points, "cubify": ops.cubify, "iou_box3d": ops.box3d_overlap, "quaternion_to_matrix": transforms.quaternion_to_matrix}
    for name, function in documented.items():
        assert function.__doc__.endswith(f"\n\nThe op bisque::{name}:\n\n{doc_block(name)}")
