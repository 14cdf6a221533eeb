"""A causal, dilated convolution that goes step by step: the cached step equals the whole pass.

::

    y_t = Σ_j W_j x_{t - j d} + b,  j = 0, …, k - 1        x before the first step is 0

Output t sees inputs t, t - d, …, t - (k - 1) d: none ahead of time, (k - 1) d steps back at most.
So a step needs the last (k - 1) d inputs and nothing else: that many vectors are its state, however
long the sequence. Layers on layers with dilations d_1, d_2, … see 1 + (k - 1) Σ d steps.

W_j is W[:, :, k - 1 - j], so that W (m, n, k) is a kernel as PyTorch keeps it: its last place
multiplies the newest input.

Source: A. van den Oord et al. (2016), WaveNet, https://arxiv.org/abs/1609.03499 (causal, dilated);
T. Le Paine et al. (2016), Fast WaveNet generation algorithm, https://arxiv.org/abs/1611.09482 (the
cache).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from unrolled.gates import Array
from unrolled.sequences.shapes import read


@dataclass
class StreamingConvolution:
    """A causal convolution from n to m places.

    Attributes:
        W: kernels, (m, n, k).
        b: biases, (m,).
        dilation: d, the distance between the inputs that a kernel sees.
    """

    W: Array
    b: Array
    dilation: int = 1

    def __post_init__(self) -> None:
        self.W = read("W", self.W, "m", "n", "k")
        self.b = read("b", self.b, len(self.W), dtype=self.W.dtype)
        if self.dilation < 1:
            raise ValueError(f"dilation must be at least 1, not {self.dilation}")

    @property
    def memory(self) -> int:
        """How many inputs a step remembers, (k - 1) d."""
        return (self.W.shape[2] - 1) * self.dilation

    def forward(self, x: ArrayLike) -> Array:
        """Convolve whole sequences.

        Args:
            x: inputs, (B, T, n).

        Returns:
            (B, T, m).

        Raises:
            ValueError: the shape does not fit.
        """
        x = read("x", x, "batch", "time", self.W.shape[1], dtype=self.W.dtype)
        padded = np.pad(x, ((0, 0), (self.memory, 0), (0, 0)))
        y = np.zeros((*x.shape[:2], len(self.W)), dtype=x.dtype)
        for place in range(self.W.shape[2]):
            first = place * self.dilation
            y += padded[:, first : first + x.shape[1]] @ self.W[:, :, place].T
        return y + self.b

    def start(self, batch: int) -> Array:
        """Return the cache before the first step: zeros, (B, (k - 1) d, n)."""
        return np.zeros((batch, self.memory, self.W.shape[1]), dtype=self.W.dtype)

    def step(self, x: ArrayLike, cache: ArrayLike) -> tuple[Array, Array]:
        """Return the output of one more step, and the cache with its input.

        Args:
            x: input, (B, n).
            cache: the inputs before it, the oldest first, (B, (k - 1) d, n); see ``start``.

        Returns:
            y (B, m), cache.

        Raises:
            ValueError: a shape does not fit.
        """
        x = read("x", x, "batch", self.W.shape[1], dtype=self.W.dtype)
        before = read("cache", cache, len(x), self.memory, x.shape[1], dtype=x.dtype)
        seen = np.concatenate([before, x[:, None]], axis=1)  # (B, (k - 1) d + 1, n)
        y = np.einsum("bkn,mnk->bm", seen[:, :: self.dilation], self.W) + self.b
        return y, seen[:, 1:]
