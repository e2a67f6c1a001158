from harness import bench, ict, peer

NAME = "sample_pdf_65k_rays_128"


def inputs():
    import torch

    return torch.rand(65_536, 65).sort(1).values, torch.rand(65_536, 64), 128, torch.rand(65_536, 128)


@bench(NAME, work="128 samples of each of 65,536 distributions of 64 bins")
def ours():
    ops, given = ict.ops(), inputs()
    return lambda: ops.sample_pdf(*given)


@peer(NAME, "torch cumsum, searchsorted and gather")
def in_torch():
    import torch

    bins, weights, _, u = inputs()

    def call():
        share = weights + 1e-5
        ends = torch.cat([torch.zeros_like(share[:, :1]), share.cumsum(1)], 1)
        at = u * ends[:, -1:]
        bin = (torch.searchsorted(ends, at, right=True) - 1).clamp(0, 63)
        fraction = (at - ends.gather(1, bin)) / share.gather(1, bin)
        low, high = bins.gather(1, bin), bins.gather(1, bin + 1)
        return low + fraction * (high - low)

    return call
