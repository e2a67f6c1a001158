"""Pictures of blendshape models."""

import math
from collections.abc import Sequence

import torch

from ..renderer.cameras import FoVPerspectiveCameras, look_at_view_transform
from ._materials import MaterialMaps, linear_to_srgb, srgb_to_linear
from ._model import BlendshapeModel
from ._ops import ops

# A soft key light from the upper left of the picture, a fill from the right and a rim light from behind, as seen by a camera in front that looks
# along -Z: as studio_lighting() in renderer/shaders/studio_shader.cpp.
_AMBIENT = (0.030, 0.032, 0.038)
_LIGHTS = ((-0.65, 0.75, 0.70), (0.95, 0.05, 0.55), (0.55, 0.50, -0.85))
_LIGHT_COLORS = ((0.66, 0.63, 0.59), (0.085, 0.095, 0.12), (0.34, 0.36, 0.40))
_SPECULAR, _SHININESS, _WRAP = 0.15, 24.0, 0.25
_SAMPLES = {1: 1, 4: 2, 16: 4}  # along each side of a pixel


def fit_camera(
    verts: torch.Tensor,
    aspect: float = 1.0,
    fov: float = 25,
    elevation: float = 0,
    azimuth: float = 0,
    margin: float = 0.08,
    distance: float = 0,
    offset: Sequence[float] = (0, 0, 0),
    scene: torch.Tensor | None = None,
) -> FoVPerspectiveCameras:
    """A camera that sees all of verts [V, 3].

    Args:
        aspect: width / height of the picture.
        fov: angle of view of the picture's shorter side, in degrees.
        elevation, azimuth: of the camera about the verts, in degrees.
        margin: free fraction of the picture on each side of the verts' box.
        distance: of the camera; 0: fits the verts.
        offset: of the camera's target from the middle of the box.
        scene: [S, 3] points that the near plane must not cut; default: verts.
    """
    if verts.dim() != 2 or verts.shape[1] != 3 or verts.shape[0] == 0:
        raise ValueError(f"fit_camera: expected verts to have shape [V, 3] with at least one vertex, but got {list(verts.shape)}.")
    unit = _unit_of(verts)
    points = verts.detach().cpu().float() * (1 / unit)
    if not points.isfinite().all():
        raise ValueError("fit_camera: expected verts to be finite, but some are NaN or infinite.")
    target = ((points.amin(0) + points.amax(0)) / 2).double() + torch.tensor(offset, dtype=torch.float64) / unit
    about = points - target.float()
    origin = torch.zeros(3, dtype=torch.float64)
    R, _ = look_at_view_transform(eye=_orbit(1, elevation, azimuth, origin)[None], at=origin[None])
    view = about @ R[0].float()
    slope = math.tan(math.radians(fov / 2)) * (1 - 2 * margin)
    sides = torch.tensor([slope * max(aspect, 1), slope * max(1 / aspect, 1)])
    fitting = (view[:, :2].abs() / sides - view[:, 2:]).max().item()
    radius = max(about.norm(dim=1).max().item(), 1e-6)
    distance = max(distance / unit if distance > 0 else fitting, 1e-3 * radius)
    if scene is not None and len(scene):
        radius = max(radius, (scene.detach().cpu().float() * (1 / unit) - target.float()).double().norm(dim=1).max().item())
    near, far = max(distance - 2 * radius, distance * 1e-2) * unit, (distance + 4 * radius) * unit
    target = target * unit
    R, T = look_at_view_transform(eye=_orbit(distance * unit, elevation, azimuth, target)[None], at=target[None])
    return FoVPerspectiveCameras(znear=near, zfar=far, fov=fov, R=R.float(), T=T.float())


def _orbit(distance: float, elevation: float, azimuth: float, at: torch.Tensor) -> torch.Tensor:
    e, a = math.radians(elevation), math.radians(azimuth)
    return at + distance * at.new_tensor([math.cos(e) * math.sin(a), math.sin(e), math.cos(e) * math.cos(a)])


def _unit_of(verts: torch.Tensor) -> float:
    """A power of two near the size of the verts' box, by which lengths are divided, so that pictures do not depend on the model's unit."""
    if len(verts) == 0:
        return 1.0
    size = (verts.detach().double().amax(0) - verts.detach().double().amin(0)).max().item()
    if not (0 < size < math.inf):
        return 1.0
    return 2.0 ** min(max(math.frexp(size / 24)[1] - 1, -120), 120)


class BlendshapeRenderer(torch.nn.Module):
    """Renders a model: coefficients -> vertices -> normals -> camera -> rasterizer -> studio lights.

    Args:
        model: what is drawn; a part of this Module.
        camera: one camera; default: fit_camera of the part that the model frames.
        size: height and width of the pictures.
        samples: per pixel: 1, 4 or 16.
        shading: "white", or "textured" with the colours and pictures of the model's materials.

    Differentiable by coefficients and angles, inside the outlines of the faces.
    """

    def __init__(
        self,
        model: BlendshapeModel,
        camera: FoVPerspectiveCameras | None = None,
        size: Sequence[int] = (512, 512),
        samples: int = 4,
        shading: str = "white",
    ):
        super().__init__()
        if samples not in _SAMPLES:
            raise ValueError(f"BlendshapeRenderer: expected samples to be 1, 4 or 16, but got {samples}.")
        if shading not in ("white", "textured"):
            raise ValueError(f'BlendshapeRenderer: expected shading to be "white" or "textured", but got "{shading}".')
        everything = model.framed_verts("all")
        if camera is None:
            camera = fit_camera(model.framed_verts(), size[1] / size[0], scene=everything)
        if len(camera) != 1:
            raise ValueError(f"BlendshapeRenderer: expected one camera, but got {len(camera)}.")
        self.model, self.size, self.samples = model, tuple(size), samples
        self.unit = _unit_of(everything)
        self.znear = float(camera.znear.min())
        self.maps = MaterialMaps(model) if shading == "textured" else None
        R, T = camera.R[0], camera.T[0]
        scale = 1 / (camera.fov * (math.pi / 360)).tan() if camera.degrees else 1 / (camera.fov / 2).tan()
        to_view = torch.cat((R.T, (T / self.unit)[:, None]), 1)  # [3, 4]
        across = torch.stack((scale[0] / camera.aspect_ratio[0], scale[0]))[:, None]
        self.register_buffer("projection", torch.cat((across * to_view[:2], to_view[2:])))  # x and y times the depth, and the depth
        self.register_buffer("camera_position", camera.get_camera_center() / self.unit)
        seen = torch.tensor(_LIGHTS) * torch.tensor([-1.0, 1.0, -1.0])  # in view space: left, up, away
        self.register_buffer("lights", torch.nn.functional.pad(seen @ R.T.cpu(), (0, 1)))
        self.register_buffer("light_colors", torch.tensor(_LIGHT_COLORS))
        self.register_buffer("ambient", torch.tensor(_AMBIENT))
        faces = model.faces if model.normal_verts is None else model.normal_verts[model.faces]
        corners, order = faces.reshape(-1).sort(stable=True)
        counts = corners.bincount(minlength=model.neutral.shape[0])
        self.register_buffer("normal_faces", faces)
        self.register_buffer("vert_faces_offsets", torch.nn.functional.pad(counts.cumsum(0), (1, 0)))
        self.register_buffer("vert_faces", order // 3)

    def forward(
        self,
        coefficients: torch.Tensor,
        head: torch.Tensor | None = None,
        left_eye: torch.Tensor | None = None,
        right_eye: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Pictures [N, H, W, 4] in linear light, colour times coverage, and coverage; `to_picture` shows them. The arguments are the model's."""
        verts = self.model(coefficients, head, left_eye, right_eye) * (1 / self.unit)
        normals = ops.vertex_normals(verts, self.normal_faces, self.vert_faces_offsets, self.vert_faces)
        if self.model.normal_verts is not None:
            normals = normals[:, self.model.normal_verts]
        pix_to_face, bary_coords = self._rasterize(verts)
        texels = None if self.maps is None else self.maps(pix_to_face, bary_coords)
        num_pictures, num_verts = verts.shape[:2]
        for_each = lambda values: values.expand(num_pictures, *values.shape)  # noqa: E731
        first = num_verts * torch.arange(num_pictures, device=verts.device)[:, None, None]
        return ops.phong_shading(
            verts.reshape(-1, 3),
            normals.reshape(-1, 3),
            (self.model.faces + first).reshape(-1, 3),
            pix_to_face,
            bary_coords,
            texels,
            self.camera_position.expand(num_pictures, 3),
            for_each(self.lights),
            for_each(self.light_colors),
            for_each(self.light_colors * _SPECULAR),
            for_each(self.ambient),
            verts.new_full((num_pictures,), _SHININESS),
            _WRAP,
            False,
            _SAMPLES[self.samples],
            4,
        ).select(3, 0)

    def _rasterize(self, verts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """pix_to_face of the faces of all pictures, packed, and bary_coords."""
        rows = self.projection[:, :3] @ verts.mT + self.projection[:, 3:]
        depth = rows[:, 2]
        smallest = min(self.znear / self.unit, 1.0) * 1e-6
        divisor = torch.where(depth < 0, depth.clamp_max(-smallest), depth.clamp_min(smallest))
        projected = torch.stack((rows[:, 0] / divisor, rows[:, 1] / divisor, depth), 2)
        count, num_faces = len(verts), len(self.model.faces)
        index = torch.arange(count, device=verts.device)
        faces = self.model.faces.repeat(count, 1)
        side, (height, width) = _SAMPLES[self.samples], self.size
        pix_to_face, _, bary_coords, _ = ops.rasterize_meshes(
            projected.reshape(-1, 3),
            faces,
            index * num_faces,
            torch.full_like(index, num_faces),
            side * height,
            side * width,
            z_clip=self.znear / self.unit,
            with_dists=False,
            mesh_to_vert_offset=index * verts.shape[1],
        )
        return pix_to_face, bary_coords


def to_picture(image: torch.Tensor, background: Sequence[float] | None = (48 / 255, 52 / 255, 58 / 255)) -> torch.Tensor:
    """The bytes of pictures of a BlendshapeRenderer, on their device.

    Args:
        image: [..., 4] in linear light, colour times coverage, and coverage.
        background: sRGB from 0 to 1; None: transparent.

    Returns [..., 3] uint8, or [..., 4] without a background.
    """
    if image.shape[-1] != 4 or not image.is_floating_point():
        raise ValueError(f"to_picture: expected image to be floating point [..., 4], but got {image.dtype} {list(image.shape)}.")
    color, alpha = image[..., :3], image[..., 3:]
    if background is not None:
        behind = srgb_to_linear(image.new_tensor(background))
        return _bytes(linear_to_srgb(_clipped(color + (1 - alpha) * behind)))
    shown = torch.where(alpha > 0, linear_to_srgb(_clipped(color / alpha)), 0)
    return torch.cat((_bytes(shown), _bytes(_clipped(alpha))), -1)


def _clipped(values: torch.Tensor) -> torch.Tensor:
    return torch.where(values > 0, values.clamp_max(1), 0)  # NaN is black


def _bytes(values: torch.Tensor) -> torch.Tensor:
    return (values * 255 + 0.5).to(torch.uint8)
