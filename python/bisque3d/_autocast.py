"""What ops do under torch.autocast: tensors of half precision are cast up, because ops compute in float32 or float64."""

import torch

_KEYS = {device: f"Autocast{device.upper()}" for device in ("cpu", "cuda") if torch.amp.is_autocast_available(device)}
_TAKE_HALF = ("bisque::batch_norm", "bisque::group_norm", "bisque::row_norm")  # like torch's, these keep the dtype of their input


def link(name: str, library):
    """Casts the tensors of half precision that the op gets under autocast to float32; float64 is left alone."""
    if name not in _TAKE_HALF:
        for key in _KEYS.values():
            library.impl(name.split("::")[1], _kernel(name, key), key)


def _kernel(name: str, key: str):
    below = torch._C.DispatchKeySet(getattr(torch._C.DispatchKey, key))

    def kernel(*arguments, **named):
        namespace, op = name.split("::")
        with torch._C._ExcludeDispatchKeyGuard(below):
            return getattr(getattr(torch.ops, namespace), op).default(*map(_cast, arguments), **{key: _cast(value) for key, value in named.items()})

    return kernel


def _cast(value):
    if isinstance(value, (list, tuple)):
        return [_cast(part) for part in value]
    is_half = isinstance(value, torch.Tensor) and value.dtype in (torch.float16, torch.bfloat16)
    return value.float() if is_half else value
