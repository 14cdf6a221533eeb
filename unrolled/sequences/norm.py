"""Layer normalisation: every vector gets mean 0 and variance 1, then a scale and a shift.

::

    x̂ = (x - mean(x)) / sqrt(var(x) + ε)        over the n places of one step of one sequence
    y = γ * x̂ + β

Back, with d = γ * dL/dy and means over the same n places::

    dL/dx = (d - mean(d) - x̂ * mean(d * x̂)) / sqrt(var(x) + ε)

ε is 1e-5 in PyTorch and 1e-3 in Keras.

Source: J. L. Ba, J. R. Kiros, G. E. Hinton (2016), Layer normalization,
https://arxiv.org/abs/1607.06450.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from unrolled.gates import Array
from unrolled.sequences.shapes import read


@dataclass(frozen=True)
class NormTrace:
    """Kept for the way back: x̂ (B, T, n), the deviation (B, T, 1), the output y (B, T, n)."""

    x_hat: Array
    deviation: Array
    y: Array


@dataclass
class LayerNorm:
    """Layer normalisation of vectors of n places.

    Attributes:
        gamma: scales, (n,).
        beta: shifts, (n,).
        epsilon: added to the variance.
    """

    gamma: Array
    beta: Array
    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        self.gamma = read("gamma", self.gamma, "n")
        self.beta = read("beta", self.beta, len(self.gamma), dtype=self.gamma.dtype)

    @classmethod
    def plain(cls, size: int, *, epsilon: float = 1e-5, dtype: DTypeLike = np.float64) -> LayerNorm:
        """Return a layer that only normalises: scales of 1, shifts of 0."""
        return cls(np.ones(size, dtype=dtype), np.zeros(size, dtype=dtype), epsilon)

    @property
    def parameters(self) -> dict[str, Array]:
        """The arrays that are learned, by name."""
        return {"gamma": self.gamma, "beta": self.beta}

    def forward(self, x: ArrayLike) -> NormTrace:
        """Normalise x (B, T, n).

        Raises:
            ValueError: the shape does not fit.
        """
        x = read("x", x, "batch", "time", len(self.gamma), dtype=self.gamma.dtype)
        deviation = np.sqrt(x.var(axis=-1, keepdims=True) + self.epsilon)
        x_hat = (x - x.mean(axis=-1, keepdims=True)) / deviation
        return NormTrace(x_hat, deviation, self.gamma * x_hat + self.beta)

    def backward(self, trace: NormTrace, d_y: ArrayLike) -> tuple[Array, dict[str, Array]]:
        """Return dL/dx (B, T, n) and the derivatives by the parameters.

        Args:
            trace: what ``forward`` returned.
            d_y: the loss's derivative by the output, (B, T, n).
        """
        d_y = read("d_y", d_y, *trace.y.shape, dtype=self.gamma.dtype)
        d, x_hat = self.gamma * d_y, trace.x_hat
        d_x = d - d.mean(axis=-1, keepdims=True)
        d_x = (d_x - x_hat * (d * x_hat).mean(axis=-1, keepdims=True)) / trace.deviation
        return d_x, {"gamma": (d_y * x_hat).sum(axis=(0, 1)), "beta": d_y.sum(axis=(0, 1))}
