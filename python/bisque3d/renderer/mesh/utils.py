"""Depths and barycentric coordinates of pixels, and the packing of rectangles."""

from typing import List, NamedTuple, Optional, Tuple

import torch

from ...ops.interp_face_attrs import interpolate_face_attributes


def _clip_barycentric_coordinates(bary: torch.Tensor) -> torch.Tensor:
    """Coordinates [..., 3] with those below 0 set to 0, scaled to a sum of 1; rows of -1, where no face is, remain."""
    if bary.shape[-1] != 3:
        raise ValueError(f"Expected barycentric coords to have last dim = 3; got {tuple(bary.shape)}.")
    is_empty = (bary == -1).all(-1, keepdim=True)
    clipped = bary.clamp_min(0)
    return torch.where(is_empty, -1.0, clipped / clipped.sum(-1, keepdim=True).clamp_min(1e-5))


def _interpolate_zbuf(pix_to_face: torch.Tensor, barycentric_coords: torch.Tensor, meshes) -> torch.Tensor:
    """The depths [N, H, W, K] at barycentric coordinates [N, H, W, K, 3]; -1 where no face is."""
    depths = meshes.verts_packed()[:, 2:][meshes.faces_packed()]
    zbuf = interpolate_face_attributes(pix_to_face, barycentric_coords, depths)[..., 0]
    return torch.where(pix_to_face < 0, -1.0, zbuf)


class Rectangle(NamedTuple):
    """A rectangle to be placed. Those of one identifier are the same picture, and share their place."""

    xsize: int
    ysize: int
    identifier: int


class PackedRectangle(NamedTuple):
    """The place of a rectangle."""

    x: int
    y: int
    flipped: bool  # turned, so that its sides are swapped
    is_first: bool  # the first with its identifier


class PackedRectangles(NamedTuple):
    """The size of the picture that holds all rectangles, and their places.

    >>> PackedRectangles(total_size=(4, 2), locations=[PackedRectangle(0, 0, False, True)]).total_size
    (4, 2)
    """

    total_size: Tuple[int, int]
    locations: List[PackedRectangle]


def _place_beside(size: Tuple[int, int], skyline: List[Tuple[int, int]], total_width: int) -> Optional[Tuple[int, int]]:
    """Finds the lowest place for a rectangle right of those that are placed, and adds it to the skyline.

    The skyline lists, from the bottom up, (right end, top) of what is placed. Its first entry is as wide as the total.
    """
    width, height = size
    start = None
    for i, (right, top) in enumerate(skyline):
        if right + width > total_width:
            start = None
            continue
        start = i if start is None else start
        bottom = skyline[start - 1][1]
        if top - bottom >= height:
            x = max(end for end, _ in skyline[start : i + 1])
            rest = [(right, top)] if top - bottom > height else []
            skyline[start : i + 1] = [(x + width, bottom + height), *rest]
            return x, bottom
    return None


def pack_rectangles(sizes: List[Tuple[int, int]]) -> PackedRectangles:
    """Places rectangles of (x size, y size) in one large rectangle, each of them turned where it helps. Error: fewer than two.

    The longest rectangle gives the width of the total. Others, from long to short, fill the gaps at the right of those that are
    placed, lying or standing; one that fits nowhere is placed on top.
    """
    if len(sizes) < 2:
        raise ValueError("Cannot pack less than two boxes")
    lying = sorted(((max(size), min(size)), i, size[0] < size[1]) for i, size in enumerate(sizes))[::-1]
    total_width, height = lying[0][0][0], 0
    skyline: List[Tuple[int, int]] = []
    locations: List[Optional[PackedRectangle]] = [None] * len(sizes)
    for number, ((length, breadth), i, flipped) in enumerate(lying):
        place = _place_beside((length, breadth), skyline, total_width) if number > 1 else None
        if place is None and number > 1:
            place = _place_beside((breadth, length), skyline, total_width)
            flipped = flipped if place is None else not flipped
        if place is None:
            place, height = (0, height), height + breadth
            skyline.append((length, height))
        locations[i] = PackedRectangle(*place, flipped, True)
    return PackedRectangles((total_width, height), locations)


def pack_unique_rectangles(rectangles: List[Rectangle]) -> PackedRectangles:
    """Like pack_rectangles; rectangles with one identifier share a place. Error: fewer than two."""
    if len(rectangles) < 2:
        raise ValueError("Cannot pack less than two boxes")
    unique = {rectangle.identifier: (rectangle.xsize, rectangle.ysize) for rectangle in reversed(rectangles)}
    order = list(dict.fromkeys(rectangle.identifier for rectangle in rectangles))
    sizes = [unique[identifier] for identifier in order]
    packed = pack_rectangles(sizes) if len(sizes) > 1 else PackedRectangles(sizes[0], [PackedRectangle(0, 0, False, True)])
    places = dict(zip(order, packed.locations))
    seen = set()
    locations = []
    for rectangle in rectangles:
        locations.append(places[rectangle.identifier]._replace(is_first=rectangle.identifier not in seen))
        seen.add(rectangle.identifier)
    return PackedRectangles(packed.total_size, locations)
