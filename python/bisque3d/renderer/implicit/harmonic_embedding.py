"""HarmonicEmbedding: sines and cosines of coordinates at several frequencies."""

import torch


class HarmonicEmbedding(torch.nn.Module):
    """Embeds coordinates x [..., D] as [sin(f x_0) of all n frequencies f, ..., sin(f x_D), the same of cos, x].

    The frequencies are omega_0 2^i for i < n_harmonic_functions, or without `logspace` equal steps between the first and the last of these.
    With `append_input` the embedding ends with x itself. With variances diag_cov [..., D] of the coordinates, sines and cosines are those
    expected of a Gaussian about x, as in mip-NeRF: times exp(-f^2 diag_cov / 2).

    >>> HarmonicEmbedding(n_harmonic_functions=2)(torch.zeros(4, 3)).shape
    torch.Size([4, 15])
    >>> HarmonicEmbedding(n_harmonic_functions=2).get_output_dim(3)
    15
    """

    def __init__(self, n_harmonic_functions: int = 6, omega_0: float = 1.0, logspace: bool = True, append_input: bool = True) -> None:
        super().__init__()
        if n_harmonic_functions < 0:
            raise ValueError(f"HarmonicEmbedding: expected n_harmonic_functions to be at least 0, but got {n_harmonic_functions}.")
        if logspace:
            frequencies = 2.0 ** torch.arange(n_harmonic_functions, dtype=torch.float32)
        else:
            frequencies = torch.linspace(1.0, 2.0 ** (n_harmonic_functions - 1), n_harmonic_functions, dtype=torch.float32)
        self.register_buffer("_frequencies", frequencies * omega_0, persistent=False)
        self.append_input = append_input

    def forward(self, x: torch.Tensor, diag_cov: torch.Tensor | None = None, **kwargs) -> torch.Tensor:
        """[..., D] -> [..., get_output_dim(D)]."""
        angles = (x[..., None] * self._frequencies).flatten(-2)
        parts = [angles.sin(), angles.cos()]
        if diag_cov is not None:
            damping = (diag_cov[..., None] * self._frequencies.square() * -0.5).exp().flatten(-2)
            parts = [part * damping for part in parts]
        if self.append_input:
            parts.append(x)
        return torch.cat(parts, -1)

    @staticmethod
    def get_output_dim_static(input_dims: int, n_harmonic_functions: int, append_input: bool) -> int:
        """The size of the embedding of `input_dims` coordinates."""
        return input_dims * (2 * n_harmonic_functions + int(append_input))

    def get_output_dim(self, input_dims: int = 3) -> int:
        """The size of this embedding of `input_dims` coordinates."""
        return self.get_output_dim_static(input_dims, len(self._frequencies), self.append_input)
