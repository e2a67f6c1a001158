"""Ray samplers: Modules that give the rays of cameras, and the lengths at which a field is evaluated along them."""

import warnings

import torch
import torch.nn.functional as F

from ...ops import padded_to_packed
from ..cameras import CamerasBase
from .utils import HeterogeneousRayBundle, RayBundle


class MultinomialRaysampler(torch.nn.Module):
    """The rays of a grid of pixels whose centers are from (min_x, min_y), upper left, to (max_x, max_y), lower right, in NDC.

    All rays, [N, image_height, image_width, ...], unless some are drawn with torch.multinomial: `n_rays_per_image` from each camera, or
    `n_rays_total` from all, where each ray draws its camera. A ray has `n_pts_per_ray` lengths in equal steps from min_depth to max_depth,
    which with `stratified_sampling` are moved at random between the middles of the steps. Lengths are depths in view space, or with
    `unit_directions` distances.

    >>> sampler = MultinomialRaysampler(
    ...     min_x=1, max_x=-1, min_y=1, max_y=-1, image_width=4, image_height=3, n_pts_per_ray=8, min_depth=1, max_depth=2
    ... )
    >>> sampler._xy_grid.shape
    torch.Size([3, 4, 2])
    """

    def __init__(
        self,
        *,
        min_x: float,
        max_x: float,
        min_y: float,
        max_y: float,
        image_width: int,
        image_height: int,
        n_pts_per_ray: int,
        min_depth: float,
        max_depth: float,
        n_rays_per_image: int | None = None,
        n_rays_total: int | None = None,
        unit_directions: bool = False,
        stratified_sampling: bool = False,
    ) -> None:
        super().__init__()
        self._n_pts_per_ray = n_pts_per_ray
        self._min_depth = min_depth
        self._max_depth = max_depth
        self._n_rays_per_image = n_rays_per_image
        self._n_rays_total = n_rays_total
        self._unit_directions = unit_directions
        self._stratified_sampling = stratified_sampling
        self.min_x, self.max_x = min_x, max_x
        self.min_y, self.max_y = min_y, max_y
        x = torch.linspace(min_x, max_x, image_width, dtype=torch.float32)
        y = torch.linspace(min_y, max_y, image_height, dtype=torch.float32)
        self.register_buffer("_xy_grid", torch.stack(torch.meshgrid(x, y, indexing="xy"), -1), persistent=False)

    def forward(
        self,
        cameras: CamerasBase,
        *,
        mask: torch.Tensor | None = None,
        min_depth: float | None = None,
        max_depth: float | None = None,
        n_rays_per_image: int | None = None,
        n_pts_per_ray: int | None = None,
        stratified_sampling: bool | None = None,
        n_rays_total: int | None = None,
        **kwargs,
    ) -> RayBundle | HeterogeneousRayBundle:
        """The rays of N cameras, in world space. Arguments that are not None replace those of the Module.

        `mask` [N, image_height, image_width] says how likely each pixel is drawn. Without a number of rays, as many are drawn as the mask
        with the fewest pixels has. Drawn rays are [N, n_rays_per_image, 1, ...]; with n_rays_total they are [n_rays_total, 1, 1, ...] in a
        HeterogeneousRayBundle. Raises ValueError for both numbers at once, and for a mask of another shape.
        """
        n_rays_total = n_rays_total or self._n_rays_total
        n_rays_per_image = n_rays_per_image or self._n_rays_per_image
        if n_rays_total is not None and n_rays_per_image is not None:
            raise ValueError("`n_rays_total` and `n_rays_per_image` cannot both be defined.")
        if n_rays_total:
            cameras, mask, camera_ids, camera_counts, n_rays_per_image = _sample_cameras_and_masks(n_rays_total, cameras, mask)
        xy_grid = self._xy_grid.to(cameras.device).expand(cameras.R.shape[0], -1, -1, -1)
        xy_grid = _sample_pixels(xy_grid, mask, n_rays_per_image)
        ray_bundle = _xy_to_ray_bundle(
            cameras,
            xy_grid,
            _first_given(min_depth, self._min_depth),
            _first_given(max_depth, self._max_depth),
            _first_given(n_pts_per_ray, self._n_pts_per_ray),
            self._unit_directions,
            _first_given(stratified_sampling, self._stratified_sampling),
        )
        return _pack_ray_bundle(ray_bundle, camera_ids, camera_counts) if n_rays_total else ray_bundle


class NDCMultinomialRaysampler(MultinomialRaysampler):
    """The rays of the pixels of a picture as the rasterizers have them: the shorter side spans [-1, 1]; see MultinomialRaysampler.

    >>> sampler = NDCMultinomialRaysampler(image_width=4, image_height=2, n_pts_per_ray=8, min_depth=1, max_depth=2)
    >>> sampler.min_x, sampler.min_y
    (1.5, 0.5)
    """

    def __init__(
        self,
        *,
        image_width: int,
        image_height: int,
        n_pts_per_ray: int,
        min_depth: float,
        max_depth: float,
        n_rays_per_image: int | None = None,
        n_rays_total: int | None = None,
        unit_directions: bool = False,
        stratified_sampling: bool = False,
    ) -> None:
        shorter = min(image_width, image_height)
        x, y = (image_width - 1) / shorter, (image_height - 1) / shorter
        super().__init__(
            min_x=x,
            max_x=-x,
            min_y=y,
            max_y=-y,
            image_width=image_width,
            image_height=image_height,
            n_pts_per_ray=n_pts_per_ray,
            min_depth=min_depth,
            max_depth=max_depth,
            n_rays_per_image=n_rays_per_image,
            n_rays_total=n_rays_total,
            unit_directions=unit_directions,
            stratified_sampling=stratified_sampling,
        )


class MonteCarloRaysampler(torch.nn.Module):
    """Rays through random places of a rectangle in NDC: [N, n_rays_per_image, ...], or with `n_rays_total` [n_rays_total, 1, ...] in a
    HeterogeneousRayBundle, where each ray draws its camera; see MultinomialRaysampler for the other arguments.

    >>> sampler = MonteCarloRaysampler(-1, 1, -1, 1, n_rays_per_image=5, n_pts_per_ray=8, min_depth=1, max_depth=2)
    >>> sampler._n_rays_per_image
    5
    """

    def __init__(
        self,
        min_x: float,
        max_x: float,
        min_y: float,
        max_y: float,
        n_rays_per_image: int | None,
        n_pts_per_ray: int,
        min_depth: float,
        max_depth: float,
        *,
        n_rays_total: int | None = None,
        unit_directions: bool = False,
        stratified_sampling: bool = False,
    ) -> None:
        super().__init__()
        self._min_x, self._max_x = min_x, max_x
        self._min_y, self._max_y = min_y, max_y
        self._n_rays_per_image = n_rays_per_image
        self._n_pts_per_ray = n_pts_per_ray
        self._min_depth = min_depth
        self._max_depth = max_depth
        self._n_rays_total = n_rays_total
        self._unit_directions = unit_directions
        self._stratified_sampling = stratified_sampling

    def forward(self, cameras: CamerasBase, *, stratified_sampling: bool | None = None, **kwargs) -> RayBundle | HeterogeneousRayBundle:
        """The rays of N cameras, in world space. Raises ValueError unless exactly one number of rays is given."""
        if (self._n_rays_total is None) == (self._n_rays_per_image is None):
            raise ValueError("Exactly one of `self.n_rays_total` and `self.n_rays_per_image` must be given.")
        n_rays = self._n_rays_per_image
        if self._n_rays_total:
            cameras, _, camera_ids, camera_counts, n_rays = _sample_cameras_and_masks(self._n_rays_total, cameras, None)
        size = cameras.R.shape[0], n_rays, 1
        ranges = (self._min_x, self._max_x), (self._min_y, self._max_y)
        xys = torch.cat([torch.rand(size, device=cameras.device) * (high - low) + low for low, high in ranges], 2)
        ray_bundle = _xy_to_ray_bundle(
            cameras,
            xys,
            self._min_depth,
            self._max_depth,
            self._n_pts_per_ray,
            self._unit_directions,
            _first_given(stratified_sampling, self._stratified_sampling),
        )
        return _pack_ray_bundle(ray_bundle, camera_ids, camera_counts) if self._n_rays_total else ray_bundle


def GridRaysampler(
    min_x: float,
    max_x: float,
    min_y: float,
    max_y: float,
    image_width: int,
    image_height: int,
    n_pts_per_ray: int,
    min_depth: float,
    max_depth: float,
) -> MultinomialRaysampler:
    """Deprecated: a MultinomialRaysampler that gives all rays."""
    arguments = dict(locals())
    _warn_of("GridRaysampler", "MultinomialRaysampler")
    return MultinomialRaysampler(**arguments)


def NDCGridRaysampler(image_width: int, image_height: int, n_pts_per_ray: int, min_depth: float, max_depth: float) -> NDCMultinomialRaysampler:
    """Deprecated: an NDCMultinomialRaysampler that gives all rays."""
    arguments = dict(locals())
    _warn_of("NDCGridRaysampler", "NDCMultinomialRaysampler")
    return NDCMultinomialRaysampler(**arguments)


def _warn_of(old: str, new: str) -> None:
    warnings.warn(f"{old} is deprecated, use {new} instead.", PendingDeprecationWarning, stacklevel=3)


def _first_given(value, default):
    return default if value is None else value


def _sample_pixels(xy_grid: torch.Tensor, mask: torch.Tensor | None, n_rays_per_image: int | None) -> torch.Tensor:
    """Draws pixels of grids [N, H, W, 2]: [N, n_rays_per_image, 1, 2]. Without a mask or a number, all pixels."""
    if mask is None and n_rays_per_image is None:
        return xy_grid
    batch, pixels = xy_grid.shape[0], xy_grid.shape[1] * xy_grid.shape[2]
    if mask is None:
        weights = xy_grid.new_ones(batch, pixels)
    elif mask.shape != xy_grid.shape[:3]:
        raise ValueError(f"Expected mask to have shape {tuple(xy_grid.shape[:3])}, but got {tuple(mask.shape)}.")
    else:
        weights = mask.reshape(batch, pixels).to(xy_grid)
        if n_rays_per_image is None:
            n_rays_per_image = int((weights > 0).sum(1).min())
    chosen = _safe_multinomial(weights, n_rays_per_image)
    return xy_grid.reshape(batch, pixels, 2).gather(1, chosen[..., None].expand(-1, -1, 2))[:, :, None]


def _safe_multinomial(input: torch.Tensor, num_samples: int) -> torch.Tensor:
    """Draws num_samples columns of each row of weights [B, n]: without repetition for rows that have as many weights above 0, else with."""
    if num_samples == 0:
        return torch.zeros(input.shape[0], 0, dtype=torch.long, device=input.device)
    enough = (input > 0).sum(-1) >= num_samples
    if enough.all():
        return torch.multinomial(input, num_samples, replacement=False)
    drawn = torch.multinomial(input, num_samples, replacement=True)
    drawn[enough] = torch.multinomial(input[enough], num_samples, replacement=False)
    return drawn


def _xy_to_ray_bundle(
    cameras: CamerasBase,
    xy_grid: torch.Tensor,
    min_depth: float,
    max_depth: float,
    n_pts_per_ray: int,
    unit_directions: bool,
    stratified_sampling: bool = False,
) -> RayBundle:
    """The rays through places xy_grid [N, ..., 2] in NDC."""
    batch, rays = xy_grid.shape[0], xy_grid.shape[1:-1]
    lengths = torch.linspace(min_depth, max_depth, n_pts_per_ray, dtype=xy_grid.dtype, device=xy_grid.device)
    lengths = lengths.expand(batch, *rays, n_pts_per_ray)
    if stratified_sampling and n_pts_per_ray > 0:
        lengths = _jiggle_within_stratas(lengths)
    # A ray is the line through two points, at the depths 1 and 2.
    flat = xy_grid.reshape(batch, rays.numel(), 2)
    ends = torch.cat([F.pad(flat, (0, 1), value=depth) for depth in (1.0, 2.0)], 1)
    near, far = cameras.unproject_points(ends, from_ndc=True).tensor_split(2, 1)
    directions = far - near
    origins = near - directions
    if unit_directions:
        directions = F.normalize(directions, dim=-1)
    shape = batch, *rays, 3
    return RayBundle(origins.reshape(shape), directions.reshape(shape), lengths, xy_grid)


def _jiggle_within_stratas(bin_centers: torch.Tensor) -> torch.Tensor:
    """Moves each of the rising numbers [..., P] at random between the middles of it and its neighbours; the first and the last move inwards."""
    middles = (bin_centers[..., 1:] + bin_centers[..., :-1]) / 2
    lower = torch.cat([bin_centers[..., :1], middles], -1)
    upper = torch.cat([middles, bin_centers[..., -1:]], -1)
    return lower + (upper - lower) * torch.rand_like(lower)


def _sample_cameras_and_masks(
    n_samples: int, cameras: CamerasBase, mask: torch.Tensor | None = None
) -> tuple[CamerasBase, torch.Tensor | None, torch.Tensor, torch.Tensor, int]:
    """Draws n_samples cameras with repetition. Returns the cameras that were drawn with their masks, ids and counts, and the largest count."""
    drawn = torch.randint(0, len(cameras), (n_samples,), dtype=torch.long)
    ids, counts = drawn.unique(return_counts=True)
    return cameras[ids], mask[ids] if mask is not None else None, ids, counts, int(counts.max())


def _pack_ray_bundle(ray_bundle: RayBundle, camera_ids: torch.Tensor, camera_counts: torch.Tensor) -> HeterogeneousRayBundle:
    """The first camera_counts[m] rays of each camera m of a bundle [M, R, ...], as [sum of the counts, 1, ...]."""
    camera_counts = camera_counts.to(ray_bundle.origins.device)
    first = camera_counts.cumsum(0) - camera_counts
    total = int(camera_counts.sum())
    packed = {name: padded_to_packed(tensor, first, total)[:, None] for name, tensor in ray_bundle._asdict().items()}
    return HeterogeneousRayBundle(**packed, camera_ids=camera_ids, camera_counts=camera_counts)
