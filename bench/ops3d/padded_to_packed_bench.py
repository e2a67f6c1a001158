from harness import bench, ict, peer

NAME = "padded_to_packed_64"
COUNTS = [1000 + 37 * i % 700 for i in range(64)]


def inputs():
    """64 elements of 1,000 to 1,699 rows, 16 columns, padded."""
    import torch

    counts = torch.tensor(COUNTS)
    padded = torch.randn(64, max(COUNTS), 16, generator=torch.Generator().manual_seed(0))
    return padded, counts, counts.cumsum(0) - counts


@bench(NAME, work="64 padded elements of 1,000 to 1,699 rows of 16 floats, packed")
def ours():
    ops, (padded, counts, first) = ict.ops(), inputs()
    total = int(counts.sum())
    return lambda: ops.padded_to_packed(padded, first, total)


@peer(NAME, "torch cat of slices")
def cat():
    import torch

    padded, _, _ = inputs()
    return lambda: torch.cat([rows[:count] for rows, count in zip(padded, COUNTS)])
