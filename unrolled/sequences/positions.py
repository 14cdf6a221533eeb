"""Positions for attention, which by itself cannot tell order: sinusoidal, learned, rotary.

::

    sinusoidal   x_t + P_t, with P[t, 2i] = sin(t / 10000^(2i/n)), P[t, 2i+1] = cos(…)
    learned      x_t + P_t, with P a table of parameters
    rotary       in q_t and k_t each pair (2i, 2i+1) is turned by the angle t / 10000^(2i/d)

Steps are counted from 0. Sinusoidal and learned positions are added to the inputs; rotary ones
turn queries and keys. As q_t · k_s of turned vectors depends on t and s by t - s alone, attention
then sees distances.

Rotary positions pair neighbouring places here, as in the source; some libraries pair place i with
place i + d/2, which is the same after a fixed reordering of the weights' rows.

Sources: A. Vaswani et al. (2017), Attention is all you need, NeurIPS,
https://arxiv.org/abs/1706.03762 (section 3.5); J. Su et al. (2021), RoFormer,
https://arxiv.org/abs/2104.09864 (equation 34).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from unrolled.gates import Array
from unrolled.sequences.shapes import read


def angles(positions: ArrayLike, size: int, base: float = 10_000.0) -> Array:
    """Return the angle t / base^(2i/size) of every position and pair, (T, size / 2).

    Args:
        positions: the steps' numbers, (T,).
        size: the number of places, even.
        base: the slowest pair turns about this many times slower than the first.

    Raises:
        ValueError: ``size`` is odd, or ``positions`` is no list of numbers.
    """
    if size % 2 or size < 2:
        raise ValueError(f"places are used in pairs: their number must be even, not {size}")
    positions = read("positions", positions, "time", dtype=np.float64)
    return positions[:, None] * base ** (-np.arange(0, size, 2) / size)


def sinusoidal(time: int, size: int) -> Array:
    """Return the table of sinusoidal positions, (T, n).

    Args:
        time: T.
        size: n, even.

    Raises:
        ValueError: n is odd.
    """
    table = np.empty((time, size))
    turned = angles(np.arange(time), size)
    table[:, 0::2], table[:, 1::2] = np.sin(turned), np.cos(turned)
    return table


@dataclass
class LearnedPositions:
    """A vector for every position up to a longest one.

    Attributes:
        P: the table, (longest, n).
    """

    P: Array

    def __post_init__(self) -> None:
        self.P = read("P", self.P, "longest", "n")

    def forward(self, x: ArrayLike) -> Array:
        """Return x_t + P_t, (B, T, n).

        Args:
            x: (B, T, n), with T no greater than the longest.

        Raises:
            ValueError: the shape does not fit, or the sequences are too long.
        """
        x = read("x", x, "batch", "time", self.P.shape[1], dtype=self.P.dtype)
        if x.shape[1] > len(self.P):
            raise ValueError(
                f"there are {len(self.P)} positions and {x.shape[1]} steps: learned positions end "
                "where the table ends"
            )
        return x + self.P[: x.shape[1]]

    def backward(self, d_y: ArrayLike) -> tuple[Array, Array]:
        """Return dL/dx (B, T, n), which is d_y, and dL/dP (longest, n), zeros past the T steps.

        Args:
            d_y: the loss's derivative by the output, (B, T, n).
        """
        d_y = read("d_y", d_y, "batch", "time", self.P.shape[1], dtype=self.P.dtype)
        d_P = np.zeros_like(self.P)
        d_P[: d_y.shape[1]] = d_y.sum(axis=0)
        return d_y, d_P


def rotate(x: ArrayLike, positions: ArrayLike | None = None, *, back: bool = False) -> Array:
    """Turn every pair of places by its position's angle.

    Args:
        x: queries or keys, (…, T, d), d even.
        positions: the steps' numbers, (T,); 0 … T - 1 by default.
        back: whether to turn back. A rotation's transpose is its inverse, so this is also how
            gradients travel back through it.

    Returns:
        Of the same shape.

    Raises:
        ValueError: d is odd, or ``positions`` has not T numbers.
    """
    x = np.asarray(x)
    if x.ndim < 2:
        raise ValueError(f"x must be (..., time, d), not {x.shape}")
    time, size = x.shape[-2:]
    positions = np.arange(time) if positions is None else read("positions", positions, time)
    turn = angles(positions, size).astype(np.result_type(x, np.float32), copy=False)
    cos, sin = np.cos(turn), np.sin(turn) * (-1 if back else 1)
    first, second = x[..., 0::2], x[..., 1::2]
    y = np.empty(x.shape, dtype=turn.dtype)
    y[..., 0::2] = first * cos - second * sin
    y[..., 1::2] = first * sin + second * cos
    return y
