"""Devices, and a linear layer, as pytorch3d.common has them."""

from .datatypes import Device, get_device, make_device

__all__ = ["Device", "get_device", "make_device"]
