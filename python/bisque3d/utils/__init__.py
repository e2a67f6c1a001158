"""Simple meshes and pictures."""

from .checkerboard import checkerboard
from .ico_sphere import ico_sphere
from .torus import torus

__all__ = ["checkerboard", "ico_sphere", "torus"]
