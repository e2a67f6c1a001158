"""How the K faces of each pixel become one colour."""

from typing import NamedTuple, Sequence, Tuple, Union

import torch

from .._ops import ops
from ..common.datatypes import Device
from .utils import per_picture


class BlendParams(NamedTuple):
    """sigma: the width of edges; gamma: the sharpness in depth, of softmax_rgb_blend; background_color: [3], where no face is."""

    sigma: float = 1e-4
    gamma: float = 1e-4
    background_color: Union[torch.Tensor, Sequence[float]] = (1.0, 1.0, 1.0)


def _get_background_color(blend_params: BlendParams, device: Device, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.as_tensor(blend_params.background_color, dtype=dtype, device=device)


def hard_rgb_blend(colors: torch.Tensor, fragments, blend_params: BlendParams) -> torch.Tensor:
    """[N, H, W, C + 1] of colors [N, H, W, K, C]: the colour of the nearest face or the background, and whether there is a face."""
    background = _get_background_color(blend_params, colors.device, colors.dtype)
    with_alpha = torch.nn.functional.pad(colors[..., 0, :], (0, 1), value=1.0), torch.nn.functional.pad(background, (0, 1))
    return torch.where(fragments.pix_to_face[..., :1] >= 0, *with_alpha)


def sigmoid_alpha_blend(colors: torch.Tensor, fragments, blend_params: BlendParams) -> torch.Tensor:
    """[N, H, W, 4] of colors [N, H, W, K, 3]: the nearest face's colour, and an alpha that is differentiable by the silhouette.

    A face covers sigmoid(-dists / sigma) of its pixel. Source: Liu et al., Soft Rasterizer (2019).
    """
    dists, sigma = _in_widths(fragments.dists, blend_params.sigma)
    return ops.sigmoid_blend(colors, fragments.pix_to_face, dists, sigma)


def softmax_rgb_blend(
    colors: torch.Tensor,
    fragments,
    blend_params: BlendParams,
    znear: Union[float, torch.Tensor] = 1.0,
    zfar: Union[float, torch.Tensor] = 100,
) -> torch.Tensor:
    """[N, H, W, 4] of colors [N, H, W, K, 3], blended by coverage and depth. znear and zfar, numbers or [N], are the range of depth.

    A face has the weight sigmoid(-dists / sigma) exp(nearness / gamma), where nearness is 1 at znear and 0 at zfar. Differentiable
    by all tensors. Source: Liu et al., Soft Rasterizer (2019).
    """
    zbuf, planes = fragments.zbuf, [_per_picture(name, plane, colors) for name, plane in (("znear", znear), ("zfar", zfar))]
    dists, sigma = _in_widths(fragments.dists, blend_params.sigma)
    gamma = blend_params.gamma
    if any(_has_gradient(value) for value in (*planes, gamma)):  # the op takes them as constants
        near, far = (plane[:, None, None, None] for plane in planes)
        nearness, gamma = _in_widths((far - zbuf) / (far - near), gamma)
        zbuf, planes = 1 - nearness, [torch.zeros_like(planes[0]), torch.ones_like(planes[0])]

    def blend(of_faces: torch.Tensor, of_background: torch.Tensor) -> torch.Tensor:
        return ops.softmax_blend(of_faces, fragments.pix_to_face, zbuf, dists, of_background, *planes, sigma, float(gamma))

    background = _get_background_color(blend_params, colors.device, colors.dtype)
    if not background.requires_grad:
        return blend(colors, background)
    # The op takes the background as a constant. The picture is linear in it: its share is the picture of black faces before white.
    share = blend(torch.zeros_like(colors), torch.ones_like(background))[..., :3]
    return blend(colors, torch.zeros_like(background)) + torch.nn.functional.pad(share * background, (0, 1))


def _has_gradient(value) -> bool:
    return torch.is_tensor(value) and value.requires_grad


def _in_widths(values: torch.Tensor, width: Union[float, torch.Tensor]) -> Tuple[torch.Tensor, float]:
    """Values and the width that an op divides them by, as a number: 1 where the width has a gradient, and they are divided before."""
    return (values / width, 1.0) if _has_gradient(width) else (values, float(width))


def _per_picture(name: str, value: Union[float, torch.Tensor], colors: torch.Tensor) -> torch.Tensor:
    return per_picture(name, torch.as_tensor(value, dtype=colors.dtype, device=colors.device).reshape(-1), len(colors))
