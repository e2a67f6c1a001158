from harness import bench, ict, peer

NAME = "packed_to_padded_64"
COUNTS = [1000 + 37 * i % 700 for i in range(64)]


def inputs():
    """64 elements of 1,000 to 1,699 rows, 16 columns."""
    import torch

    counts = torch.tensor(COUNTS)
    return torch.randn(int(counts.sum()), 16, generator=torch.Generator().manual_seed(0)), counts.cumsum(0) - counts


@bench(NAME, work="64 elements of 1,000 to 1,699 rows of 16 floats, padded")
def ours():
    ops, (rows, first) = ict.ops(), inputs()
    return lambda: ops.packed_to_padded(rows, first, max(COUNTS))


@peer(NAME, "torch pad_sequence of split")
def pad_sequence():
    import torch

    rows, _ = inputs()
    return lambda: torch.nn.utils.rnn.pad_sequence(rows.split(COUNTS), batch_first=True)
