"""Texture maps: brought to one size, and joined in one large map."""

from typing import List, Sequence, Tuple

import torch
import torch.nn.functional as F

from .utils import PackedRectangle, PackedRectangles, Rectangle, pack_unique_rectangles


def _resized(map_: torch.Tensor, size: Tuple[int, int], align_corners: bool) -> torch.Tensor:
    """A map [..., H, W, C] of another size, by bilinear interpolation."""
    if map_.shape[-3:-1] == size:
        return map_
    pictures = map_.reshape(-1, *map_.shape[-3:]).permute(0, 3, 1, 2)
    resized = F.interpolate(pictures, size=size, mode="bilinear", align_corners=align_corners)
    return resized.permute(0, 2, 3, 1).reshape(*map_.shape[:-3], *size, map_.shape[-1])


def padded_maps(maps: Sequence[torch.Tensor], align_corners: bool) -> torch.Tensor:
    """Maps [H_i, W_i, C] or [M_i, H_i, W_i, C] as [N, H, W, C] or [N, M, H, W, C] of the largest sizes: resized, zeros after M_i."""
    if len(maps) == 1:
        return maps[0][None]
    size = max(m.shape[-3] for m in maps), max(m.shape[-2] for m in maps)
    resized = [_resized(m, size, align_corners) for m in maps]
    if resized[0].dim() == 3:
        return torch.stack(resized)
    most = max(len(m) for m in resized)
    return torch.stack([F.pad(m, (0, 0, 0, 0, 0, 0, 0, most - len(m))) for m in resized])


class JoinedMaps:
    """Maps [H_i, W_i, C] side by side in one. Without align_corners each has a border of a texel, which continues it or is 0."""

    def __init__(self, maps: Sequence[torch.Tensor], align_corners: bool, padding_mode: str):
        self.border = 0 if align_corners else 1
        self.padding_mode = padding_mode
        rectangles = [Rectangle(m.shape[0] + 2 * self.border, m.shape[1] + 2 * self.border, id(m)) for m in maps]
        plan = pack_unique_rectangles(rectangles) if len(maps) > 1 else PackedRectangles(rectangles[0][:2], [PackedRectangle(0, 0, False, True)])
        self.places: List[Tuple[torch.Tensor, PackedRectangle]] = list(zip(maps, plan.locations))
        self.total = plan.total_size

    def map(self) -> torch.Tensor:
        first = self.places[0][0]
        joined = first.new_zeros(*self.total, first.shape[-1])
        for map_, place in self.places:
            if place.is_first:
                part = self._with_border(map_.transpose(0, 1) if place.flipped else map_)
                joined[place.x : place.x + part.shape[0], place.y : place.y + part.shape[1]] = part
        return joined

    def _with_border(self, map_: torch.Tensor) -> torch.Tensor:
        if self.border == 0:
            return map_
        mode = "constant" if self.padding_mode == "zeros" else "replicate"
        return F.pad(map_.permute(2, 0, 1)[None], (1, 1, 1, 1), mode=mode)[0].permute(1, 2, 0)

    def uvs(self, i: int, uvs: torch.Tensor) -> torch.Tensor:
        """The coordinates [V, 2] in the map i as those in the joined map."""
        map_, place = self.places[i]
        row, column = self._position(uvs, map_.shape)
        if place.flipped:
            row, column = column, row
        row, column = row + place.x + self.border, column + place.y + self.border
        height, width = (self._length(side) for side in self.total)
        half = 0.5 * self.border
        return torch.stack(((column + half) / max(width, 1), 1 - (row + half) / max(height, 1)), 1)

    def _length(self, side: int) -> int:
        """Of a side, in texels: between the middles of the first and last, or between the edges."""
        return side - 1 + self.border

    def _position(self, uvs: torch.Tensor, size: Sequence[int]) -> Tuple[torch.Tensor, torch.Tensor]:
        """The row and column in texels, 0 at the middle of the first."""
        u, v = uvs.unbind(1)
        half = 0.5 * self.border
        return (1 - v) * self._length(size[0]) - half, u * self._length(size[1]) - half
