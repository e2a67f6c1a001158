"""run.py LIBRARY NAME...: calls ops of planted_bugs with a CUDA tensor; of NAME_ok, a correct twin, checks the result."""

import sys

import torch


def reversed_blocks(x):
    padded = torch.nn.functional.pad(x, (0, -len(x) % 64))
    return padded.reshape(-1, 64).flip(1).flatten()[: len(x)]


RESULTS = {
    "missing_barrier": reversed_blocks,
    "read_past_end": lambda x: x + torch.cat([x[1:], x.new_zeros(1)]),
    "write_past_end": lambda x: 2 * x,
    "blocks_race": lambda x: torch.tensor([float(-(-len(x) // 64))]),
    "uninitialised_read": lambda x: x,
}


def main():
    torch.ops.load_library(sys.argv[1])
    x = torch.randn(130, generator=torch.Generator().manual_seed(0))
    for name in sys.argv[2:]:
        op = name.removesuffix("_ok")
        planted = op == name
        y = getattr(torch.ops.planted_bugs, op)(x.cuda(), planted)
        assert y.is_cuda
        if not planted:
            torch.testing.assert_close(y.cpu(), RESULTS[op](x), rtol=0, atol=0)


main()
