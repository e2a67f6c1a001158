"""Faces from blendshape coefficients: models, takes, their binding, and rendering.

    model = read_model("demo")
    take = read_take("demo")
    render_take(model, take, "face.mp4")
"""

from ._frames import FrameSink, read_picture, write_picture
from ._model import BlendshapeModel, read_model
from ._renderer import BlendshapeRenderer, fit_camera, to_picture
from ._render_take import render_take
from ._takes import Binding, Take, bind, coefficients_of, read_take

__all__ = [
    "Binding",
    "BlendshapeModel",
    "BlendshapeRenderer",
    "FrameSink",
    "Take",
    "bind",
    "coefficients_of",
    "fit_camera",
    "read_model",
    "read_picture",
    "read_take",
    "render_take",
    "to_picture",
    "write_picture",
]
