"""SplatterBlender: blending in which each pixel splats its color onto its neighbours, so that detached rasterizing has gradients.

Source: Cole et al., "Differentiable Surface Rendering via Non-Differentiable Sampling", ICCV 2021. Of N pictures [H, W] with K layers of
surfaces, q is a pixel that receives colors, and p is one of the 9 pixels around it (itself included) that splats.
"""

import itertools

import torch
import torch.nn.functional as F

from .blending import BlendParams, _get_background_color
from .cameras import FoVPerspectiveCameras

_EPSILON = 0.05  # keeps the normalization above the sum of the weights, so that it has a gradient inside of surfaces too


def _precompute(input_shape: tuple[int, int, int, int], device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Constants for pictures (N, H, W, K): indices that crop padded rows [N, H, W + 2, K, 9, 5] and columns [N, H, W, K, 9, 5] to what each
    direction splats, and the 9 directions [9, 2], (-1, -1), (-1, 0), ..., (1, 1) in x and y."""
    N, H, W, K = input_shape
    directions = torch.tensor(list(itertools.product((-1, 0, 1), repeat=2)), device=device)
    rows = torch.arange(H, device=device)[:, None] + directions[:, 1] + 1  # [H, 9]
    columns = torch.arange(W, device=device)[:, None] + directions[:, 0] + 1  # [W, 9]
    crop_ids_h = rows[None, :, None, None, :, None].expand(N, H, W + 2, K, 9, 5)
    crop_ids_w = columns[None, None, :, None, :, None].expand(N, H, W, K, 9, 5)
    return crop_ids_h, crop_ids_w, directions


def _prepare_pixels_and_colors(
    pixel_coords_cameras: torch.Tensor, colors: torch.Tensor, cameras: FoVPerspectiveCameras, background_mask: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """View points [N, H, W, K, 3] in screen space, where x and y are not flipped so that gradients have the right sign, and colors [..., 4]
    with their opacity. Pixels of `background_mask` [N, H, W, K] are at (1, 1, 1) and have no opacity."""
    N, H, W = colors.shape[:3]
    screen = cameras.transform_points_screen(pixel_coords_cameras.reshape(N, -1, 3), image_size=(H, W), with_xyflip=False)
    is_background = background_mask[..., None]
    colors = F.pad(colors, (0, 1), value=1.0)
    return screen.reshape(pixel_coords_cameras.shape).masked_fill(is_background, 1.0), colors.masked_fill(is_background, 0.0)


def _get_splat_kernel_normalization(offsets: torch.Tensor, sigma: float = 0.5) -> torch.Tensor:
    """What the weights of the 9 directions are multiplied by. Raises ValueError for a sigma that is not positive."""
    if sigma <= 0.0:
        raise ValueError(f"Only positive standard deviations make sense. Got sigma = {sigma}.")
    return (1 + _EPSILON) / torch.exp(offsets.square().sum(1) / (-2 * sigma**2)).sum()


def _compute_occlusion_layers(q_depth: torch.Tensor) -> torch.Tensor:
    """Which layer of p belongs to the same surface as the first layer of q, [N, H, W, 9], of depths [N, H, W, K]. The 9 neighbours are counted by
    rows, (-1, -1), (0, -1), ..., (1, 1) in x and y.

    0: the first layer of both is the same surface. l > 0: layer l of p is the surface of q's first layer, and the layers before it are in
    front. -l < 0: the first layer of p is the surface of q's layer l, and all of p is behind. Pixels beyond the border have depth 0.
    """
    N, H, W, K = q_depth.shape
    q = q_depth.permute(0, 3, 1, 2)
    p = F.unfold(q, kernel_size=3, padding=1).view(N, K, 9, H, W)
    q = q[:, :, None]
    distance_of_p, nearest_of_p = (p - q[:, :1]).abs().min(1)  # to the first layer of q
    distance_of_q, nearest_of_q = (q - p[:, :1]).abs().min(1)  # to the first layer of p
    return torch.where(distance_of_q < distance_of_p, -nearest_of_q, nearest_of_p).permute(0, 2, 3, 1)


def _compute_splatting_colors_and_weights(
    pixel_coords_screen: torch.Tensor, colors: torch.Tensor, sigma: float, offsets: torch.Tensor
) -> torch.Tensor:
    """What each pixel splats in the 9 directions: its color [..., 4] times the weight of the direction, and the weight; [N, H, W, K, 9, 5].

    The weight is a Gaussian about the place of the pixel, pixel_coords_screen [N, H, W, K, 2 or 3], which is its center up to rounding, but
    has a gradient by the surface.
    """
    places = pixel_coords_screen[..., :2]
    from_center = (torch.floor(places) - places + 0.5)[..., None, :]
    squares = (from_center + offsets).square().sum(-1)
    weights = colors[..., 3:] * _get_splat_kernel_normalization(offsets, sigma) * torch.exp(squares / (-2 * sigma**2))
    return torch.cat([weights[..., None] * colors[..., None, :], weights[..., None]], -1)


def _offset_splats(splat_colors_and_weights: torch.Tensor, crop_ids_h: torch.Tensor, crop_ids_w: torch.Tensor) -> torch.Tensor:
    """Moves what each pixel splats to the pixel that receives it. Splats from beyond the border are 0."""
    padded = F.pad(splat_colors_and_weights, (0, 0, 0, 0, 0, 0, 1, 1, 1, 1))
    return padded.gather(1, crop_ids_h).gather(2, crop_ids_w)


def _compute_splatted_colors_and_weights(occlusion_layers: torch.Tensor, splat_colors_and_weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The sums of colors [N, H, W, 4, 3] and weights [N, H, W, 1, 3] that a pixel receives in front of, on and behind its surface."""
    N, H, W, K = splat_colors_and_weights.shape[:4]
    layers = torch.arange(K, device=occlusion_layers.device)[:, None]
    surface = occlusion_layers[:, :, :, None]
    masks = torch.stack([surface > layers, surface == layers, surface < layers], -1)  # [N, H, W, K, 9, 3]
    splats = splat_colors_and_weights.flatten(3, 4)
    sums = splats.transpose(-1, -2) @ masks.flatten(3, 4).to(splats.dtype)
    return sums[..., :4, :], sums[..., 4:, :]


def _normalize_and_compose_all_layers(
    background_color: torch.Tensor, splatted_colors_per_occlusion_layer: torch.Tensor, splatted_weights_per_occlusion_layer: torch.Tensor
) -> torch.Tensor:
    """Divides the three sums by their weights where those exceed 1, and composes them over the background: [N, H, W, 4]."""
    layers = splatted_colors_per_occlusion_layer / splatted_weights_per_occlusion_layer.clamp_min(1.0)
    composed = F.pad(background_color, (0, 1))
    for layer in reversed(layers.unbind(-1)):  # opacities are in the colors already
        composed = layer + (1.0 - layer[..., 3:]) * composed
    return composed


class SplatterBlender(torch.nn.Module):
    """Blends the colors of N pictures with K layers by splatting; `input_shape` is (N, H, W, K)."""

    def __init__(self, input_shape: tuple[int, int, int, int], device) -> None:
        super().__init__()
        self.crop_ids_h, self.crop_ids_w, self.offsets = _precompute(input_shape, device)

    def to(self, device) -> "SplatterBlender":
        """Moves the constants too."""
        self.crop_ids_h = self.crop_ids_h.to(device)
        self.crop_ids_w = self.crop_ids_w.to(device)
        self.offsets = self.offsets.to(device)
        return super().to(device)

    def forward(
        self,
        colors: torch.Tensor,
        pixel_coords_cameras: torch.Tensor,
        cameras: FoVPerspectiveCameras,
        background_mask: torch.Tensor,
        blend_params: BlendParams,
    ) -> torch.Tensor:
        """Pictures [N, H, W, 4], transparent where no surface is.

        colors [N, H, W, K, 3]; pixel_coords_cameras [N, H, W, K, 3], the points of the surfaces in view space, interpolated from verts so
        that gradients reach them; background_mask [N, H, W, K], where no surface is. blend_params: the Gaussian's sigma, and the color of
        the background. Differentiable by colors and points.
        """
        screen, colors = _prepare_pixels_and_colors(pixel_coords_cameras, colors, cameras, background_mask)
        by_rows = _compute_occlusion_layers(screen[..., 2])
        occlusion_layers = by_rows.unflatten(-1, (3, 3)).transpose(-1, -2).flatten(-2)  # in the order of the directions
        splats = _compute_splatting_colors_and_weights(screen, colors, blend_params.sigma, self.offsets)
        splats = _offset_splats(splats, self.crop_ids_h, self.crop_ids_w)
        sums = _compute_splatted_colors_and_weights(occlusion_layers, splats)
        return _normalize_and_compose_all_layers(_get_background_color(blend_params, colors.device), *sums)
