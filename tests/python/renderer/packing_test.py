"""Packed rectangles: they are disjoint, within the total, and close together."""

import itertools
import random

import pytest
import torch

from bisque3d.renderer.mesh.utils import (
    PackedRectangle,
    Rectangle,
    _clip_barycentric_coordinates,
    _interpolate_zbuf,
    pack_rectangles,
    pack_unique_rectangles,
)
from bisque3d.structures import Meshes


def check(sizes, packed):
    boxes = []
    for size, place in zip(sizes, packed.locations, strict=True):
        width, height = size[::-1] if place.flipped else size
        assert place.x >= 0 and place.y >= 0
        assert place.x + width <= packed.total_size[0] and place.y + height <= packed.total_size[1]
        boxes.append((place.x, place.y, place.x + width, place.y + height))
    for a, b in itertools.combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (a, b)


@pytest.mark.parametrize("seed", range(30))
def test_random_rectangles(seed):
    generator = random.Random(seed)
    sizes = [(generator.randint(1, 30), generator.randint(1, 30)) for _ in range(generator.randint(2, 40))]
    packed = pack_rectangles(sizes)
    check(sizes, packed)
    assert all(place.is_first for place in packed.locations)
    used, total = sum(a * b for a, b in sizes), packed.total_size[0] * packed.total_size[1]
    assert packed.total_size[0] == max(map(max, sizes))
    assert total <= used * 2.5 + max(map(max, sizes)) ** 2


@pytest.mark.parametrize(
    "sizes, total",
    [
        ([(3, 4), (4, 3)], (4, 6)),
        ([(4, 4), (4, 4), (4, 4)], (4, 12)),
        ([(6, 2), (4, 2), (2, 2)], (6, 4)),  # the gap beside the second
        ([(6, 2), (3, 3), (3, 1), (3, 2)], (6, 5)),
        ([(7, 3), (1, 5), (3, 3), (2, 2)], (7, 7)),
    ],
)
def test_gaps_are_filled(sizes, total):
    packed = pack_rectangles(sizes)
    check(sizes, packed)
    assert packed.total_size == total


def test_equal_identifiers_share_a_place():
    rectangles = [Rectangle(4, 2, 7), Rectangle(3, 3, 8), Rectangle(4, 2, 7), Rectangle(1, 2, 9), Rectangle(3, 3, 8)]
    packed = pack_unique_rectangles(rectangles)
    places = packed.locations
    assert places[0][:3] == places[2][:3] and places[1][:3] == places[4][:3]
    assert [place.is_first for place in places] == [True, True, False, True, False]
    check([(4, 2), (3, 3), (1, 2)], packed._replace(locations=[places[0], places[1], places[3]]))
    same = pack_unique_rectangles([Rectangle(4, 2, 7)] * 3)
    assert same.total_size == (4, 2)
    assert same.locations == [PackedRectangle(0, 0, False, first) for first in (True, False, False)]


def test_one_rectangle_is_an_error():
    for pack in (lambda: pack_rectangles([(1, 2)]), lambda: pack_unique_rectangles([Rectangle(1, 2, 3)])):
        with pytest.raises(ValueError, match="Cannot pack less than two boxes"):
            pack()


def test_clip_barycentric_coordinates():
    bary = torch.tensor([[0.2, 0.3, 0.5], [-0.5, 0.75, 0.75], [-1.0, -1.0, -1.0], [2.0, -1.0, 0.0]])
    kept = bary.clone()
    expected = torch.tensor([[0.2, 0.3, 0.5], [0.0, 0.5, 0.5], [-1.0, -1.0, -1.0], [1.0, 0.0, 0.0]])
    torch.testing.assert_close(_clip_barycentric_coordinates(bary), expected)
    torch.testing.assert_close(bary, kept)
    with pytest.raises(ValueError, match=r"Expected barycentric coords to have last dim = 3; got \(2,\)"):
        _clip_barycentric_coordinates(torch.zeros(2))


def test_interpolate_zbuf():
    meshes = Meshes([torch.tensor([[0.0, 0, 1], [1, 0, 2], [0, 1, 4]])], [torch.tensor([[0, 1, 2]])])
    zbuf = _interpolate_zbuf(torch.tensor([[[[0, -1]]]]), torch.tensor([[[[[0.5, 0.25, 0.25], [-1.0, -1, -1]]]]]), meshes)
    torch.testing.assert_close(zbuf, torch.tensor([[[[2.0, -1.0]]]]))
