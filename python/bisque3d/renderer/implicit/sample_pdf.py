"""Drawing of numbers from densities that are constant within bins, over the op `sample_pdf`."""

import torch

from ..._ops import ops


def sample_pdf(bins: torch.Tensor, weights: torch.Tensor, n_samples: int, det: bool = False, eps: float = 1e-5) -> torch.Tensor:
    """Draws n_samples numbers [..., n_samples] from each density, by inversion of its cumulative distribution.

    bins [..., B + 1] are the borders of the bins, weights [..., B] how likely they are; eps is added to each weight. With `det` the
    quantiles are equal steps from 0 to 1, else they are drawn with torch.rand. Differentiable by bins and weights, with the bin of each
    sample held fixed. Raises ValueError for other shapes, and for weights of -eps or less.

    >>> sample_pdf(torch.tensor([0.0, 1.0, 2.0]), torch.tensor([0.0, 1.0]), 3, det=True)
    tensor([0.0000, 1.5000, 2.0000])
    """
    if weights.shape[-1] + 1 != bins.shape[-1] or weights.shape[:-1] != bins.shape[:-1]:
        raise ValueError(f"Inconsistent shapes of bins and weights: {tuple(bins.shape)}, {tuple(weights.shape)}; expected (..., B + 1), (..., B).")
    _check_weights(weights, eps)
    shape = bins.shape[:-1] + (n_samples,)
    densities = bins.shape[:-1].numel()
    u = None if det else torch.rand(shape, dtype=bins.dtype, device=bins.device).reshape(densities, n_samples)
    flat = [tensor.reshape(densities, tensor.shape[-1]) for tensor in (bins, weights)]
    return ops.sample_pdf(*flat, n_samples, u, eps).reshape(shape)


def sample_pdf_python(bins: torch.Tensor, weights: torch.Tensor, N_samples: int, det: bool = False, eps: float = 1e-5) -> torch.Tensor:
    """The same as sample_pdf in plain torch: to read, and to compare with.

    >>> sample_pdf_python(torch.tensor([0.0, 1.0, 2.0]), torch.tensor([0.0, 1.0]), 3, det=True)
    tensor([0.0000, 1.5000, 2.0000])
    """
    _check_weights(weights, eps)
    shares = weights + eps
    cumulative = torch.nn.functional.pad((shares / shares.sum(-1, keepdim=True)).cumsum(-1), (1, 0))
    shape = (*cumulative.shape[:-1], N_samples)
    if det:
        u = torch.linspace(0.0, 1.0, N_samples, dtype=cumulative.dtype, device=cumulative.device).expand(shape).contiguous()
    else:
        u = torch.rand(shape, dtype=cumulative.dtype, device=cumulative.device)
    above = torch.searchsorted(cumulative.detach(), u, right=True)
    below, above = (above - 1).clamp_min(0), above.clamp_max(bins.shape[-1] - 1)
    start, end = cumulative.gather(-1, below), cumulative.gather(-1, above)
    low, high = bins.gather(-1, below), bins.gather(-1, above)
    width = end - start
    within = (u - start) / torch.where(width < eps, 1.0, width)
    return low + within * (high - low)


def _check_weights(weights: torch.Tensor, eps: float) -> None:
    """Compiled code does not look at values: there, such a weight counts as -eps."""
    if not torch.compiler.is_compiling() and weights.numel() > 0 and weights.detach().min() <= -eps:
        raise ValueError(f"Negative weights provided: expected weights above -eps = {-eps}.")
