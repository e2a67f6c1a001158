"""Bisque's ops in Python: `bisque3d.load_library(path)` loads any op library in any torch from 2.10."""

from ._plugins import Plugin, load_library, plugins

__all__ = ["Plugin", "load_library", "plugins"]
