"""Batches of meshes, point clouds and volumes whose elements have different sizes."""

from .meshes import Meshes, join_meshes_as_batch, join_meshes_as_scene
from .pointclouds import Pointclouds, join_pointclouds_as_batch, join_pointclouds_as_scene
from .utils import list_to_packed, list_to_padded, packed_to_list, padded_to_list, padded_to_packed
from .volumes import Volumes

__all__ = [
    "Meshes",
    "Pointclouds",
    "Volumes",
    "join_meshes_as_batch",
    "join_meshes_as_scene",
    "join_pointclouds_as_batch",
    "join_pointclouds_as_scene",
    "list_to_packed",
    "list_to_padded",
    "packed_to_list",
    "padded_to_list",
    "padded_to_packed",
]
