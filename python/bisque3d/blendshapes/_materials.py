"""The colours and pictures of a model's materials."""

import torch

from ._model import BlendshapeModel
from ._ops import ops


class MaterialMaps(torch.nn.Module):
    """The texture maps of a model: each material's diffuse colour, which is linear, times its picture, which is sRGB.

    A picture under a diffuse colour of 0, as some programs write it, is shown unmodified. Faces without a material are white.
    """

    def __init__(self, model: BlendshapeModel):
        super().__init__()
        data, faces = model.data, model.shown_faces
        texels, layouts = [], []
        for diffuse, texture in zip(data.materials[:, 3:6], data.material_textures.tolist()):
            picture = data.pictures[texture] if texture >= 0 else diffuse.new_empty(0)
            wraps = data.texture_options[texture, 4:6].tolist() if picture.numel() else (0, 0)
            map_ = _map_of(picture, diffuse) if picture.numel() else diffuse.view(1, 1, 3)
            layouts.append([sum(len(rows) for rows in texels), *map_.shape[:2], *(int(wrap) for wrap in wraps)])
            texels.append(map_.reshape(-1, 3))
        has_materials = len(layouts) > 0 and data.face_groups.numel() > 0
        groups = data.face_groups[faces] if has_materials else torch.full(faces.shape, -1)
        self.register_buffer("face_maps", groups)
        self.register_buffer("faces_uvs", torch.arange(3 * len(faces)).view(-1, 3))
        self.register_buffer("verts_uvs", _corner_uvs(data, faces, groups).reshape(-1, 2))
        self.register_buffer("maps", torch.cat(texels) if texels else torch.empty(0, 3))
        self.register_buffer("map_layouts", torch.tensor(layouts, dtype=torch.int64).view(-1, 5))

    def forward(self, pix_to_face: torch.Tensor, bary_coords: torch.Tensor) -> torch.Tensor:
        """The colours [N, H, W, K, 3] in linear light. Faces are those of the model, in each picture of a batch."""
        faces = torch.where(pix_to_face < 0, -1, pix_to_face % max(len(self.face_maps), 1))
        return ops.sample_texture_uv(faces, bary_coords, self.faces_uvs, self.verts_uvs, self.face_maps, self.maps, self.map_layouts)


def _map_of(picture: torch.Tensor, diffuse: torch.Tensor) -> torch.Tensor:
    pixels = ops.decode_picture(picture, "a picture of the model")[..., :3].float() / 255
    return srgb_to_linear(pixels) * (diffuse if diffuse.any() else 1)


def _corner_uvs(data, faces: torch.Tensor, groups: torch.Tensor) -> torch.Tensor:
    """The uvs [F, 3, 2] at the corners of faces; 0 where a material has no picture."""
    uvs = torch.zeros(len(faces), 3, 2)
    if data.uv_faces.numel() == 0 or data.material_textures.numel() == 0:
        return uvs
    corners = data.uv_faces[faces]
    textures = torch.where(groups >= 0, data.material_textures[groups], -1)
    options = data.texture_options[textures] if len(data.texture_options) else torch.zeros(len(faces), 6)
    values = options[:, None, 0:2] * data.uvs[corners] + options[:, None, 2:4]
    return torch.where((corners >= 0)[..., None] & (textures >= 0)[:, None, None], values, uvs)


def srgb_to_linear(values: torch.Tensor) -> torch.Tensor:
    """The sRGB curve, from [0, 1] to linear light."""
    return torch.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(values: torch.Tensor) -> torch.Tensor:
    """The inverse of srgb_to_linear."""
    return torch.where(values <= 0.0031308, 12.92 * values, 1.055 * values.clamp_min(0.0031308) ** (1 / 2.4) - 0.055)
