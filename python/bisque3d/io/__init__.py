"""Meshes and point clouds in files."""

from .obj_io import load_obj, load_objs_as_meshes, save_obj
from .pluggable import IO
from .ply_io import load_ply, save_ply

__all__ = ["IO", "load_obj", "load_objs_as_meshes", "load_ply", "save_obj", "save_ply"]
