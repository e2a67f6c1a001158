"""Compositors: Modules that blend the points of each pixel."""

import torch
from torch import nn

from ..compositing import alpha_composite, norm_weighted_sum, weighted_sum

Color = tuple | list | torch.Tensor


class _Compositor(nn.Module):
    """What the compositors share: the color of pixels without points."""

    def __init__(self, background_color: Color | None = None) -> None:
        super().__init__()
        self.background_color = background_color

    @staticmethod
    def blend(fragments: torch.Tensor, alphas: torch.Tensor, ptclds: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def forward(self, fragments: torch.Tensor, alphas: torch.Tensor, ptclds: torch.Tensor, **kwargs) -> torch.Tensor:
        """Indices [N, K, H, W], their alphas and features [C, P] -> pictures [N, C, H, W]. `background_color` replaces that of the Module."""
        images = self.blend(fragments, alphas, ptclds)
        background_color = kwargs.get("background_color", self.background_color)
        if background_color is None:
            return images
        return _add_background_color_to_images(fragments, images, background_color)


class AlphaCompositor(_Compositor):
    """Over-compositing of the points of each pixel, by `alpha_composite`.

    >>> AlphaCompositor(background_color=(1, 0, 0))(torch.full([1, 1, 1, 1], -1), torch.zeros(1, 1, 1, 1), torch.zeros(3, 1)).flatten()
    tensor([1., 0., 0.])
    """

    blend = staticmethod(alpha_composite)


class NormWeightedCompositor(_Compositor):
    """The mean of the points of each pixel, weighted by their alphas: `norm_weighted_sum`.

    >>> NormWeightedCompositor()(torch.zeros(1, 1, 1, 1, dtype=torch.long), torch.full([1, 1, 1, 1], 0.5), torch.ones(3, 1)).flatten()
    tensor([1., 1., 1.])
    """

    blend = staticmethod(norm_weighted_sum)


class WeightedCompositor(_Compositor):
    """The sum of the points of each pixel times their alphas: `weighted_sum`. PyTorch3D has no such Module.

    >>> WeightedCompositor()(torch.zeros(1, 1, 1, 1, dtype=torch.long), torch.full([1, 1, 1, 1], 0.5), torch.ones(3, 1)).flatten()
    tensor([0.5000, 0.5000, 0.5000])
    """

    blend = staticmethod(weighted_sum)


def _add_background_color_to_images(pix_idxs: torch.Tensor, images: torch.Tensor, background_color: Color | float) -> torch.Tensor:
    """Replaces the pixels of images [N, C, H, W] that have no nearest point by a color: a scalar, [C], or [C - 1] with an alpha of 1."""
    channels = images.shape[1]
    color = torch.as_tensor(background_color).to(images)
    if color.ndim > 1:
        raise ValueError(f"Wrong shape of background_color: expected [], [{channels}] or [{channels - 1}], but got {list(color.shape)}.")
    if color.ndim == 0:
        color = color.expand(channels)
    elif color.shape[0] + 1 == channels:
        color = torch.cat([color, color.new_ones(1)])
    if color.shape[0] != channels:
        raise ValueError(f"Background color has {color.shape[0]} channels not {channels}.")
    is_background = (pix_idxs[:, :1] < 0).all(1, keepdim=True)
    return torch.where(is_background, color[:, None, None], images)
