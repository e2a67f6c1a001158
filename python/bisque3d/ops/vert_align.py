"""Features of a picture at the verts of meshes."""

import torch
from torch.nn import functional


def vert_align(
    feats,
    verts,
    return_packed: bool = False,
    interp_mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = True,
) -> torch.Tensor:
    """Samples features [N, C, H, W], or a list of such tensors, at the x and y in [-1, 1] of verts [N, V, 3], Meshes or Pointclouds, as
    torch.nn.functional.grid_sample does.

    Returns [N, V, sum of C], or [sum V, sum of C] if `return_packed`. Differentiable. ValueError: other shapes or types."""
    if torch.is_tensor(verts):
        if verts.dim() != 3:
            raise ValueError("verts tensor should be 3 dimensional")
        grid = verts
    elif hasattr(verts, "verts_padded"):
        grid = verts.verts_padded()
    elif hasattr(verts, "points_padded"):
        grid = verts.points_padded()
    else:
        raise ValueError("verts must be a tensor or have a `points_padded' or`verts_padded` attribute.")
    feats = [feats] if torch.is_tensor(feats) else list(feats)
    for feat in feats:
        if feat.dim() != 4:
            raise ValueError("feats must have shape (N, C, H, W)")
        if grid.shape[0] != feat.shape[0]:
            raise ValueError("inconsistent batch dimension")
    points = grid[:, None, :, :2]
    sampled = [
        functional.grid_sample(feat, points, mode=interp_mode, padding_mode=padding_mode, align_corners=align_corners) for feat in feats
    ]
    rows = torch.cat([feat[:, :, 0].transpose(1, 2) for feat in sampled], dim=2)
    if not return_packed:
        return rows
    rows = rows.reshape(-1, rows.shape[-1])
    for name in ("verts_padded_to_packed_idx", "padded_to_packed_idx"):
        if hasattr(verts, name):
            return rows[getattr(verts, name)()]
    return rows
