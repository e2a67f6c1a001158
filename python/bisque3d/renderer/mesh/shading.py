"""Surfaces under lights: at each pixel, each vertex or each face."""

from typing import Tuple

import torch

from ..._ops import ops
from ...ops.interp_face_attrs import interpolate_face_attributes
from ..lighting import AmbientLights, DirectionalLights, PointLights
from ..materials import Materials
from ..utils import TensorProperties, per_picture
from .textures import TexturesVertex


def _beside(colors: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """Colours [N, C] as [N, 1, ..., C], beside points [N, ..., 3]."""
    return colors.reshape(-1, *(1,) * (points.dim() - 2), colors.shape[-1])


def _for_pictures(properties: TensorProperties, num_pictures: int) -> TensorProperties:
    """The properties of lights or materials of each mesh, for all cameras that see it."""
    rows = len(properties)
    if rows in (0, 1, num_pictures):
        return properties
    pictures = per_picture(type(properties).__name__, torch.arange(rows, device=properties.device), num_pictures)
    return properties.clone().gather_props(pictures)


def _apply_lighting(points: torch.Tensor, normals: torch.Tensor, lights, cameras, materials) -> Tuple[torch.Tensor, ...]:
    """The ambient, diffuse and specular light at points with normals, [N, ..., 3] or packed [P, 3]."""
    diffuse = lights.diffuse(normals=normals, points=points)
    specular = lights.specular(normals=normals, points=points, camera_position=cameras.get_camera_center(), shininess=materials.shininess)
    return (
        _beside(materials.ambient_color * lights.ambient_color, points),
        _beside(materials.diffuse_color, points) * diffuse,
        _beside(materials.specular_color, points) * specular,
    )


def _shade(points, normals, faces, fragments, lights, cameras, materials, texels: torch.Tensor) -> torch.Tensor:
    """[N, H, W, K, C]: texels under the light at the points [V, 3] of faces [F, 3], interpolated."""
    pictures = fragments.pix_to_face.shape[0]
    if type(lights) is AmbientLights:
        colors = per_picture("lights", lights.ambient_color, pictures) * per_picture("materials", materials.ambient_color, pictures)
        return _beside(colors, texels) * texels
    if _has_op(lights, materials, texels):
        return _shade_by_op(points, normals, faces, fragments, lights, cameras, materials, texels)
    lights, materials = _for_pictures(lights, pictures), _for_pictures(materials, pictures)
    at_pixels = [interpolate_face_attributes(fragments.pix_to_face, fragments.bary_coords, values[faces]) for values in (points, normals)]
    ambient, diffuse, specular = _apply_lighting(*at_pixels, lights, cameras, materials)
    return (ambient + diffuse) * texels + specular


def _has_op(lights, materials, texels: torch.Tensor) -> bool:
    """Whether the op phong_shading has these lights: those of a derived class may have another law."""
    if type(lights) not in (PointLights, DirectionalLights) or type(materials) is not Materials or texels.shape[-1] != 3:
        return False
    rows = (_place(lights)[0], lights.ambient_color, lights.diffuse_color, lights.specular_color)
    return all(row.dim() == 2 for row in rows) and materials.ambient_color.shape[1:] == (3,)


def _place(lights) -> Tuple[torch.Tensor, float]:
    return (lights.location, 1.0) if isinstance(lights, PointLights) else (lights.direction, 0.0)


def _shade_by_op(points, normals, faces, fragments, lights, cameras, materials, texels) -> torch.Tensor:
    pictures = fragments.pix_to_face.shape[0]

    def rows(name: str, values: torch.Tensor) -> torch.Tensor:
        return per_picture(name, values, pictures).to(points.dtype)

    place, is_point = _place(lights)
    return ops.phong_shading(
        points,
        normals,
        faces,
        fragments.pix_to_face,
        fragments.bary_coords,
        texels.to(points.dtype),
        rows("cameras", cameras.get_camera_center()),
        torch.nn.functional.pad(rows("lights", place), (0, 1), value=is_point)[:, None],
        (rows("lights", lights.diffuse_color) * rows("materials", materials.diffuse_color))[:, None],
        (rows("lights", lights.specular_color) * rows("materials", materials.specular_color))[:, None],
        rows("lights", lights.ambient_color) * rows("materials", materials.ambient_color),
        rows("materials", materials.shininess),
        reflection=True,
        channels=3,
    )


def phong_shading(meshes, fragments, lights, cameras, materials, texels: torch.Tensor) -> torch.Tensor:
    """The colours [N, H, W, K, C] of texels under the light at each pixel: texel (ambient + diffuse) + specular."""
    points, normals = meshes.verts_packed(), meshes.verts_normals_packed() if type(lights) is not AmbientLights else None
    return _shade(points, normals, meshes.faces_packed(), fragments, lights, cameras, materials, texels)


def _phong_shading_with_pixels(meshes, fragments, lights, cameras, materials, texels: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    """phong_shading, and the positions [N, H, W, K, 3] of the pixels in world space."""
    corners = meshes.verts_packed()[meshes.faces_packed()]
    positions = interpolate_face_attributes(fragments.pix_to_face, fragments.bary_coords, corners)
    return phong_shading(meshes, fragments, lights, cameras, materials, texels), positions


def flat_shading(meshes, fragments, lights, cameras, materials, texels: torch.Tensor) -> torch.Tensor:
    """The colours [N, H, W, K, C] of texels under the light at the middle of each face, with its normal."""
    # Faces whose three corners are their middles.
    middles = meshes.verts_packed()[meshes.faces_packed()].mean(1)
    faces = torch.arange(len(middles), device=middles.device)[:, None].expand(-1, 3)
    return _shade(middles, meshes.faces_normals_packed(), faces, fragments.detach(), lights, cameras, materials, texels)


def gouraud_shading(meshes, fragments, lights, cameras, materials) -> torch.Tensor:
    """The colours [N, H, W, K, C] of verts under the light at each, interpolated. Error (ValueError): textures other than TexturesVertex."""
    if not isinstance(meshes.textures, TexturesVertex):
        raise ValueError("Mesh textures must be an instance of TexturesVertex")
    pictures, num_meshes = fragments.pix_to_face.shape[0], max(len(meshes), 1)
    views = max(pictures // num_meshes, 1)

    def of_pictures(padded: torch.Tensor) -> torch.Tensor:
        """[N, V, 1, 1, 3], in the form of pixels, which lights of any class take."""
        return (padded.repeat_interleave(views, 0) if views > 1 else padded)[:, :, None, None]

    points, normals = of_pictures(meshes.verts_padded()), of_pictures(meshes.verts_normals_padded())
    lights, materials = _for_pictures(lights, pictures), _for_pictures(materials, pictures)
    ambient, diffuse, specular = _apply_lighting(points, normals, lights, cameras, materials)
    factor, highlight = (_packed_by_view(values.expand_as(diffuse), meshes, views) for values in (ambient + diffuse, specular))
    colors = meshes.textures.verts_features_packed() * factor + highlight  # [views, sum of verts, C]
    faces, first = meshes.faces_packed(), fragments.pix_to_face
    corners = colors[:, faces].flatten(0, 1)
    if views > 1:
        of_view = torch.arange(views, device=first.device).repeat(num_meshes).view(-1, 1, 1, 1) * len(faces)
        first = torch.where(first < 0, -1, first + of_view)
    return interpolate_face_attributes(first, fragments.bary_coords, corners)


def _packed_by_view(padded: torch.Tensor, meshes, views: int) -> torch.Tensor:
    """Values [B views, V, 1, 1, C] of verts as [views, sum of verts, C]."""
    channels = padded.shape[-1]
    by_view = padded.reshape(len(meshes), views, -1, channels).transpose(0, 1).reshape(views, -1, channels)
    if by_view.shape[1] != meshes.verts_packed().shape[0]:
        by_view = by_view.index_select(1, meshes.verts_padded_to_packed_idx())
    return by_view
