"""What ops do under torch.autocast: tensors of half precision are cast up, because ops compute in float32 or float64."""

import torch

_DEVICES = [device for device in ("cpu", "cuda") if torch.amp.is_autocast_available(device)]
_TAKE_HALF = ("bisque::batch_norm", "bisque::group_norm", "bisque::row_norm")  # like torch's, these keep the dtype of their input


def link(name: str, library):
    """Casts the tensors of half precision that the op gets under autocast to float32; float64 is left alone."""
    if name not in _TAKE_HALF:
        for device in _DEVICES:
            torch.library.register_autocast(name, device, torch.float32, lib=library)
