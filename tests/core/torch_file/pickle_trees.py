"""Values, at random and of torch, and the JSON that the C++ program pickle_probe makes of their pickles."""

import collections
import struct

import torch


def float_bits(value):
    return struct.pack("<d", value).hex()


def tree(value, open_ids=()):
    """The JSON of a value; one that holds itself is "..."."""
    if id(value) in open_ids:
        return "..."
    inner = lambda item: tree(item, (*open_ids, id(value)))  # noqa: E731
    if value is None or isinstance(value, bool):
        return value
    if type(value) is int:
        if -(2**63) <= value < 2**63:
            return {"int": str(value)}
        size = ((value if value >= 0 else ~value).bit_length() + 8) // 8
        return {"bigint": value.to_bytes(size, "little", signed=True).hex()}
    if type(value) is float:
        return {"float": float_bits(value)}
    if type(value) is complex:
        return {"complex": [float_bits(value.real), float_bits(value.imag)]}
    if type(value) is str:
        return {"str": value.encode("utf-8", "surrogatepass").hex()}
    if type(value) in (bytes, bytearray):
        return {type(value).__name__: value.hex()}
    if type(value) in (list, tuple, set, frozenset):
        return {type(value).__name__: [inner(item) for item in value]}
    if isinstance(value, dict):
        return of_dict(value, inner)
    return of_torch(value, inner)


def of_dict(value, inner):
    names = {dict: "dict", collections.OrderedDict: "ordered_dict", collections.defaultdict: "defaultdict", collections.Counter: "counter"}
    result = {names[type(value)]: [inner(item) for pair in value.items() for item in pair]}
    if hasattr(value, "_metadata"):
        result["metadata"] = inner(value._metadata)
    if getattr(value, "default_factory", None) is not None:
        result["factory"] = "builtins." + value.default_factory.__name__
    return result


def of_torch(value, inner):
    if isinstance(value, torch.Tensor):
        result = {"tensor": of_tensor(value), "requires_grad": value.requires_grad, "parameter": type(value) is torch.nn.Parameter}
        if value.__dict__:
            result["attributes"] = inner(value.__dict__)
        return result
    for kind, name in ((torch.dtype, "dtype"), (torch.layout, "layout"), (torch.qscheme, "qscheme")):
        if isinstance(value, kind):
            return {name: str(value).removeprefix("torch.")}
    if isinstance(value, torch.Size):
        return {"size": list(value)}
    if isinstance(value, torch.device):
        return {"device": str(value)}
    raise TypeError(type(value))


def of_tensor(tensor):
    if tensor.device.type == "meta":
        return {"dtype": str(tensor.dtype)[6:], "sizes": list(tensor.shape), "strides": list(tensor.stride())}
    if tensor.layout != torch.strided:
        return of_sparse(tensor.detach())
    result = {
        "dtype": str(tensor.dtype)[6:],
        "location": str(tensor.device),
        "offset": tensor.storage_offset(),
        "sizes": list(tensor.shape),
        "strides": list(tensor.stride()),
        "bytes": tensor.untyped_storage().nbytes(),
        "conj": tensor.is_conj(),
        "neg": tensor.is_neg(),
    }
    if tensor.is_quantized:
        result["qscheme"] = str(tensor.qscheme())[6:]
        if tensor.qscheme() == torch.per_tensor_affine:
            result |= {"scale": float_bits(tensor.q_scale()), "zero_point": tensor.q_zero_point()}
        else:  # torch writes float_qparams as per_channel_affine
            result |= {"qscheme": "per_channel_affine", "axis": tensor.q_per_channel_axis()}
            result |= {"scales": of_tensor(tensor.q_per_channel_scales()), "zero_points": of_tensor(tensor.q_per_channel_zero_points())}
    return result


def of_sparse(tensor):
    result = {"layout": str(tensor.layout)[6:], "sizes": list(tensor.shape)}
    if tensor.layout == torch.sparse_coo:
        parts = {"indices": tensor._indices(), "values": tensor._values()}
        result["is_coalesced"] = tensor.is_coalesced()
    elif tensor.layout in (torch.sparse_csr, torch.sparse_bsr):
        parts = {"indices": tensor.crow_indices(), "plain_indices": tensor.col_indices(), "values": tensor.values()}
    else:
        parts = {"indices": tensor.ccol_indices(), "plain_indices": tensor.row_indices(), "values": tensor.values()}
    return result | {name: of_tensor(part) for name, part in parts.items()}


def random_int(random):
    return random.choice([-1, 1]) * random.getrandbits(random.choice([1, 8, 16, 17, 31, 32, 33, 63, 64, 65, 300, 3000]))


def random_text(random):
    ranges = [(0, 0x7F), (0x20, 0x7E), (0x80, 0xFF), (0x100, 0x7FF), (0x800, 0xFFFF), (0xD800, 0xDFFF), (0x10000, 0x10FFFF)]
    letters = [chr(random.randint(*random.choice(ranges))) for _ in range(random.choice([0, 1, 3, 10, 300]))]
    return random.choice(["", "\\", "\n", "\\u0041", "'"]) + "".join(letters)


def random_leaf(random):
    return random.choice(
        [
            lambda: None,
            lambda: random.random() < 0.5,
            lambda: random_int(random),
            lambda: random.choice([0.0, -0.0, 1.5, float("inf"), float("-inf"), 5e-324, 1e308, random.gauss(0, 1)]),
            lambda: complex(random.gauss(0, 1), random.choice([0.0, -0.0, 2.0])),
            lambda: random_text(random),
            lambda: random.randbytes(random.choice([0, 1, 10, 255, 256, 1000])),
        ]
    )()


def random_key(random, depth):
    if depth > 0 and random.random() < 0.3:
        return random.choice([tuple, frozenset])(random_key(random, depth - 1) for _ in range(random.randint(0, 4)))
    return random_leaf(random)


def random_value(random, depth):
    """Nested, with values that stand in several places."""
    if depth == 0 or random.random() < 0.2:
        return random_leaf(random)
    items = [random_value(random, depth - 1) for _ in range(random.choice([0, 1, 2, 3, 4, 12]))]
    items += random.choices(items, k=2) if items else []
    keys = [random_key(random, 2) for _ in items]
    return random.choice(
        [
            lambda: items,
            lambda: tuple(items),
            lambda: dict(zip(keys, items, strict=True)),
            lambda: collections.OrderedDict(zip(keys, items, strict=True)),
            lambda: collections.Counter({key: i for i, key in enumerate(keys)}),
            lambda: set(keys),
            lambda: frozenset(keys),
            lambda: bytearray(random.randbytes(len(items))),
            lambda: collections.defaultdict(list, zip(keys, items, strict=True)),
        ]
    )()
