"""Figures of meshes, clouds, cameras and rays with plotly, and pictures of textures with matplotlib or Pillow, where these are installed."""

from .texture_vis import texturesuv_image_matplotlib, texturesuv_image_PIL

_OF_PLOTLY = ("AxisArgs", "Lighting", "get_camera_wireframe", "plot_batch_individually", "plot_scene")

__all__ = ["texturesuv_image_PIL", "texturesuv_image_matplotlib", *_OF_PLOTLY]


def __getattr__(name: str):
    if name in _OF_PLOTLY:  # imported when it is used, because plotly is large and optional
        from . import plotly_vis

        return getattr(plotly_vis, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
