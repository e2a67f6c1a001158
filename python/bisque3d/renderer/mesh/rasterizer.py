"""MeshRasterizer: what cameras see of meshes."""

from dataclasses import dataclass
from typing import Optional, Tuple, Union

import torch
from torch import nn

from .._camera_base import nearest_plane
from ..cameras import try_get_projection_transform
from ..utils import parse_image_size
from .rasterize_meshes import call_op, check_bin_size, rasterize_meshes

_NEAREST_DEPTH = 1e-6  # x and y of verts are divided by no depth nearer to 0, so that gradients are finite


@dataclass(frozen=True)
class Fragments:
    """The K faces nearest to the camera at each pixel, from near to far; -1 where there are fewer.

    pix_to_face [N, H, W, K] int64, an index into faces_packed(); zbuf [N, H, W, K], the depth in view space; bary_coords [N, H, W, K,
    3]; dists [N, H, W, K], the signed squared distance in NDC to the nearest edge, negative inside.
    """

    pix_to_face: torch.Tensor
    zbuf: torch.Tensor
    bary_coords: torch.Tensor
    dists: Optional[torch.Tensor]

    def detach(self) -> "Fragments":
        """The same without gradients."""
        dists = None if self.dists is None else self.dists.detach()
        return Fragments(self.pix_to_face, self.zbuf.detach(), self.bary_coords.detach(), dists)


@dataclass
class RasterizationSettings:
    """How meshes are rasterized.

    image_size               a side, or (height, width), in pixels
    blur_radius              a face also takes pixels outside of it nearer than this, a squared distance in NDC
    faces_per_pixel          K
    perspective_correct      interpolate as in 3D; None: for perspective cameras
    clip_barycentric_coords  set coordinates below 0 to 0; None: with a blur_radius
    cull_backfaces           leave out faces that are clockwise in the picture
    z_clip_value             the near plane, at which faces are cut; None: at half the cameras' znear
    bin_size, max_faces_per_bin, max_faces_opengl and cull_to_frustum have no effect on pictures
    """

    image_size: Union[int, Tuple[int, int]] = 256
    blur_radius: float = 0.0
    faces_per_pixel: int = 1
    bin_size: Optional[int] = None
    max_faces_opengl: int = 10_000_000
    max_faces_per_bin: Optional[int] = None
    perspective_correct: Optional[bool] = None
    clip_barycentric_coords: Optional[bool] = None
    cull_backfaces: bool = False
    z_clip_value: Optional[float] = None
    cull_to_frustum: bool = False


class MeshRasterizer(nn.Module):
    """Rasterizes meshes as cameras see them. Keyword arguments of forward replace the cameras and settings.

    B meshes are seen by one camera each, all by a single one, or by N = B V: then picture b V + v is mesh b seen by camera b V + v,
    and no faces are copied.
    """

    def __init__(self, cameras=None, raster_settings: Optional[RasterizationSettings] = None) -> None:
        super().__init__()
        self.cameras = cameras
        self.raster_settings = RasterizationSettings() if raster_settings is None else raster_settings

    def to(self, device) -> "MeshRasterizer":
        if self.cameras is not None:
            self.cameras = self.cameras.to(device)
        return self

    def _get_cameras(self, kwargs):
        cameras = kwargs.get("cameras", self.cameras)
        if cameras is None:
            raise ValueError("Cameras must be specified either at initialization or in the forward pass of MeshRasterizer")
        return cameras

    def transform(self, meshes_world, **kwargs):
        """The meshes with verts that the cameras have projected: x and y in NDC, z in view space."""
        cameras = self._get_cameras(kwargs)
        if len(cameras) not in (1, len(meshes_world)):
            raise ValueError(f"Wrong number ({len(cameras)}) of cameras for {len(meshes_world)} meshes")
        return meshes_world.update_padded(new_verts_padded=_project(cameras, meshes_world.verts_padded(), kwargs))

    def forward(self, meshes_world, **kwargs) -> Fragments:
        cameras = self._get_cameras(kwargs)
        settings = kwargs.get("raster_settings", self.raster_settings)
        options = dict(
            faces_per_pixel=settings.faces_per_pixel,
            blur_radius=settings.blur_radius,
            perspective_correct=_or(settings.perspective_correct, cameras.is_perspective),
            clip_barycentric_coords=_or(settings.clip_barycentric_coords, lambda: settings.blur_radius > 0),
            cull_backfaces=settings.cull_backfaces,
        )
        z_clip = settings.z_clip_value
        if z_clip is None:
            z_clip = _near_plane(cameras, options["perspective_correct"])
        views = len(cameras) // max(len(meshes_world), 1)
        if views > 1 and views * len(meshes_world) == len(cameras):
            image_size = parse_image_size(settings.image_size)
            check_bin_size(settings.bin_size, image_size)
            return Fragments(*_rasterize_views(meshes_world, cameras, views, kwargs, image_size, z_clip_value=z_clip, **options))
        return Fragments(
            *rasterize_meshes(
                self.transform(meshes_world, **kwargs),
                image_size=settings.image_size,
                bin_size=settings.bin_size,
                max_faces_per_bin=settings.max_faces_per_bin,
                z_clip_value=z_clip,
                cull_to_frustum=settings.cull_to_frustum,
                **options,
            )
        )


def _or(value: Optional[bool], otherwise) -> bool:
    return otherwise() if value is None else value


def _near_plane(cameras, perspective_correct: bool) -> Optional[float]:
    if perspective_correct:
        znear = nearest_plane(cameras)
        return None if znear is None else znear / 2
    return None if cameras.is_perspective() else 0.0  # faces behind an orthographic camera are cut, not left out


def _project(cameras, verts: torch.Tensor, kwargs) -> torch.Tensor:
    """Verts [N, V, 3] in world space, with x and y in NDC and z in view space."""
    eps = kwargs.get("eps", _NEAREST_DEPTH if cameras.is_perspective() else None)
    view = cameras.get_world_to_view_transform(**kwargs).transform_points(verts)
    to_ndc = cameras.get_ndc_camera_transform(**kwargs)
    projection = try_get_projection_transform(cameras, kwargs)
    if projection is not None:
        ndc = projection.compose(to_ndc).transform_points(view, eps=eps)
    else:
        ndc = to_ndc.transform_points(cameras.transform_points(verts, eps=eps), eps=eps)
    return torch.cat((ndc[..., :2], view[..., 2:]), -1)


def _rasterize_views(meshes, cameras, views: int, kwargs, image_size: Tuple[int, int], **options):
    """V views of each of B meshes, which share the faces of meshes.faces_packed()."""
    num_meshes, num_verts = len(meshes), meshes.verts_packed().shape[0]
    projected = _project(cameras, meshes.verts_padded().repeat_interleave(views, 0), kwargs)
    by_view = projected.view(num_meshes, views, -1, 3).transpose(0, 1).reshape(views, -1, 3)
    if by_view.shape[1] != num_verts:
        by_view = by_view.index_select(1, meshes.verts_padded_to_packed_idx())
    first = meshes.mesh_to_faces_packed_first_idx().repeat_interleave(views)
    counts = meshes.num_faces_per_mesh().repeat_interleave(views)
    offsets = (torch.arange(views, device=first.device) * num_verts).repeat(num_meshes)
    return call_op(by_view.reshape(-1, 3), meshes.faces_packed(), first, counts, image_size, vert_offset=offsets, **options)
