"""What corners of faces carry, at the pixels of a picture."""

import torch

from .._ops import ops


def interpolate_face_attributes(
    pix_to_face: torch.Tensor, barycentric_coords: torch.Tensor, face_attributes: torch.Tensor
) -> torch.Tensor:
    """[N, H, W, K, D]: the sum over the corners of barycentric_coords [N, H, W, K, 3] times face_attributes [F, 3, D] of the faces pix_to_face
    [N, H, W, K]; 0 where that is negative. Differentiable by both. ValueError: other shapes."""
    if face_attributes.dim() != 3 or face_attributes.shape[1] != 3:
        raise ValueError(f"Faces can only have three vertices; got {tuple(face_attributes.shape)}")
    if barycentric_coords.dim() != 5 or pix_to_face.shape != barycentric_coords.shape[:-1]:
        raise ValueError(f"pix_to_face must have shape (batch_size, H, W, K); got {tuple(pix_to_face.shape)}")
    dtype = torch.promote_types(torch.promote_types(barycentric_coords.dtype, face_attributes.dtype), torch.float32)
    return ops.interpolate_face_attributes(pix_to_face.to(torch.int64), barycentric_coords.to(dtype), face_attributes.to(dtype))


interpolate_face_attributes_python = interpolate_face_attributes
