"""Pictures of a texture map with a circle at each uv of its verts, to see how they fit."""

import torch

from ..renderer.mesh.textures import TexturesUV

Color = str | tuple


def texturesuv_image_matplotlib(
    texture: TexturesUV,
    *,
    texture_index: int = 0,
    radius: float = 1,
    color: Color = (1.0, 0.0, 0.0),
    subsample: int | None = 10000,
    origin: str = "upper",
) -> None:
    """Draws one map into the current axes of matplotlib, with circles of this radius in pixels. `subsample` limits their number.

    Raises ImportError without matplotlib.
    """
    try:
        import matplotlib.pyplot as plt
        from matplotlib.patches import Circle
    except ModuleNotFoundError as error:
        raise ImportError("texturesuv_image_matplotlib needs matplotlib: pip install matplotlib.", name=error.name) from None
    axes = plt.gca()
    axes.imshow(texture.maps_padded()[texture_index].detach().cpu().numpy(), origin=origin)
    for center in _centers(texture, texture_index, subsample):
        axes.add_patch(Circle(center, radius, color=color, clip_on=False))  # a uv outside of the map is shown too


def texturesuv_image_PIL(
    texture: TexturesUV, *, texture_index: int = 0, radius: float = 1, color: Color = "red", subsample: int | None = 10000
) -> "Image":  # noqa: F821
    """One map as a picture of Pillow, with filled circles of this radius in pixels. `subsample` limits their number.

    Raises ImportError without Pillow.
    """
    try:
        from PIL import Image, ImageDraw
    except ModuleNotFoundError as error:
        raise ImportError("texturesuv_image_PIL needs Pillow: pip install pillow.", name=error.name) from None
    texels = (texture.maps_padded()[texture_index].detach().cpu().clamp(0, 1) * 255).to(torch.uint8)
    image = Image.fromarray(texels.numpy())
    draw = ImageDraw.Draw(image)
    for x, y in _centers(texture, texture_index, subsample):
        draw.ellipse([(x - radius, y - radius), (x + radius, y + radius)], fill=color)
    return image


def _centers(texture: TexturesUV, index: int, subsample: int | None) -> list[list[float]]:
    """The pixels of the uvs, at most `subsample` of them."""
    centers = texture.centers_for_image(index=index).detach().cpu()
    if subsample is not None and len(centers) > subsample:
        centers = centers[torch.randperm(len(centers))[:subsample]]
    return centers.tolist()
