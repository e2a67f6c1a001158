"""Devices by name or as torch.device."""

from typing import Optional, Union, get_args, get_origin  # noqa: F401 (public here, as in PyTorch3D)

import torch

Device = Union[str, torch.device]


def make_device(device: Device) -> torch.device:
    """The torch.device of a name or a device; "cuda" without a number is the current GPU."""
    device = torch.device(device)
    if device.type == "cuda" and device.index is None:
        return torch.device("cuda", torch.cuda.current_device())
    return device


def get_device(x, device: Optional[Device] = None) -> torch.device:
    """`device` if it is given, else that of the tensor `x`, else the CPU."""
    if device is not None:
        return make_device(device)
    return x.device if torch.is_tensor(x) else torch.device("cpu")
