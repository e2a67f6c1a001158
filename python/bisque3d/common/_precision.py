"""Geometry under torch.autocast."""

import contextlib

import torch


def full_precision(device: torch.device):
    """A context without autocast: positions in half types would be off by pixels."""
    kind = device.type
    if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
        return torch.autocast(kind, enabled=False)
    return contextlib.nullcontext()
