"""Values of every kind that files hold, and whether two are the same, bit for bit."""

import collections

import torch

FLOATS = [torch.float64, torch.float32, torch.float16, torch.bfloat16]
DTYPES = [
    *FLOATS, torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.complex32, torch.complex64,
    torch.complex128, torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.uint16, torch.uint32, torch.uint64,
]


def some(dtype, *shape):
    generator = torch.Generator().manual_seed(1)
    raw = torch.randint(0, 2 if dtype == torch.bool else 120, (*shape, dtype.itemsize), generator=generator, dtype=torch.uint8)
    return raw.view(dtype).reshape(shape)


PLAIN = {
    "numbers": [0, 1, -1, 255, 256, 2**31, -(2**31) - 1, 2**63 - 1, -(2**63), 2**63, -(2**200), 0.0, -0.0, 1e300, float("inf"), float("nan")],
    "text": ["", "plain", "ä€😀", "x" * 300],
    "others": [None, True, False, b"", b"\x00\xff", bytearray(b"ab"), 1 + 2j, (), (1,), (1, "a", None, [2]), set(), {1, 2}],
    "dicts": {"a": {}, "b": {1: "one", (1, 2): "pair", None: 0, True: 1.5}, "c": collections.OrderedDict([("x", 1), (2, [3])])},
    "torch": [torch.Size([1, 2]), torch.Size([]), torch.float32, torch.int8, torch.device("cpu"), torch.device("cuda", 1)],
}

OTHERS = {
    "parameter": lambda: torch.nn.Parameter(torch.rand(3)),
    "frozen_parameter": lambda: torch.nn.Parameter(torch.rand(3), requires_grad=False),
    "requires_grad": lambda: torch.rand(3, requires_grad=True),
    "nested": lambda: torch.nested.nested_tensor([torch.rand(2, 3), torch.rand(1, 3), torch.rand(0, 3)]),
    "nested_view": lambda: torch.nested.nested_tensor([torch.rand(2, 3), torch.rand(4, 1)]).transpose(1, 2),
    "meta": lambda: torch.empty(3, 4, device="meta"),
    "coo": lambda: torch.sparse_coo_tensor([[0, 2, 0], [1, 0, 1]], [1.0, 2.0, 3.0], (3, 4)),
    "coalesced": lambda: torch.rand(3, 4).to_sparse(),
    "hybrid": lambda: torch.rand(3, 4, 5).to_sparse(1),
    "csr": lambda: torch.eye(3).to_sparse_csr(),
    "csc": lambda: torch.eye(3).to_sparse_csc(),
    "bsr": lambda: torch.eye(4).to_sparse_bsr((2, 2)),
    "bsc": lambda: torch.eye(4).to_sparse_bsc((2, 2)),
    "quint8": lambda: torch.quantize_per_tensor(torch.rand(3, 4), 0.1, 3, torch.quint8),
    "qint8": lambda: torch.quantize_per_tensor(torch.rand(3, 4), 0.1, 3, torch.qint8),
    "qint32": lambda: torch.quantize_per_tensor(torch.rand(3, 4), 0.1, 3, torch.qint32),
    "per_channel": lambda: torch.quantize_per_channel(torch.rand(3, 4), torch.tensor([0.1, 0.2, 0.3]), torch.tensor([0, 1, 2]), 0, torch.qint8),
}


def bits(tensor):
    """A strided tensor's values as bytes."""
    return tensor.detach().contiguous().view(torch.uint8) if tensor.dim() else tensor.detach().reshape(1).contiguous().view(torch.uint8)


def same(a, b):
    assert type(a) is type(b)
    if isinstance(a, torch.Tensor) and a.is_nested:
        assert b.is_nested and a.dtype == b.dtype and a.size(0) == b.size(0)
        for x, y in zip(a.unbind(), b.unbind(), strict=True):
            assert x.stride() == y.stride() and torch.equal(x, y)
    elif isinstance(a, torch.Tensor):
        assert (a.dtype, a.shape, a.layout, a.requires_grad, a.device) == (b.dtype, b.shape, b.layout, b.requires_grad, b.device)
        if a.layout == torch.sparse_coo:
            assert a.is_coalesced() == b.is_coalesced()
            same(a.detach()._indices(), b.detach()._indices())
            same(a.detach()._values(), b.detach()._values())
        elif a.layout != torch.strided:
            same(a.to_dense(), b.to_dense())
        elif a.is_quantized:
            assert a.qscheme() == b.qscheme()
            assert torch.equal(a.int_repr(), b.int_repr()) and torch.equal(a.dequantize(), b.dequantize())
        elif a.is_meta:
            assert a.stride() == b.stride()
        else:
            assert a.stride() == b.stride() and a.storage_offset() == b.storage_offset()
            assert (a.is_conj(), a.is_neg()) == (b.is_conj(), b.is_neg())
            assert torch.equal(bits(a.resolve_conj().resolve_neg()), bits(b.resolve_conj().resolve_neg()))
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            same(a[key], b[key])
        assert getattr(a, "_metadata", None) == getattr(b, "_metadata", None)
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            same(x, y)
    else:
        assert a == b or (a != a and b != b)
