"""The embedding: a table of vectors, one row per token, and the look-up of rows by number.

::

    x_t = E[i_t]                 look-up; the same as E^T times the one-hot vector of i_t
    dL/dE[i] = Σ_{t: i_t = i} dL/dx_t

The gradient is a scatter-add: each position adds what it received to the row it came from. A token
that occurs twice is moved by both; the row of a token that does not occur has the gradient zero.

Source: Y. Bengio, R. Ducharme, P. Vincent, C. Jauvin (2003), A neural probabilistic language model,
Journal of Machine Learning Research 3, 1137–1155.

Letters for sizes: V tokens in the vocabulary, m places in a vector.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unrolled.gates import Array

Numbers = NDArray[np.integer[Any]]


def look_up(E: ArrayLike, tokens: ArrayLike) -> Array:
    """Return the rows of the table that the tokens name.

    Args:
        E: the table, (V, m).
        tokens: numbers from 0 to V - 1, any shape (...).

    Returns:
        (..., m); a copy, so that changing it does not change the table.

    Raises:
        ValueError: the table is no matrix, or a number is not in it.
    """
    E = np.asarray(E)
    if E.ndim != 2:
        raise ValueError(f"the table must be a matrix (V, m), not of shape {E.shape}")
    return E[read_tokens(tokens, len(E))]


def look_up_gradient(
    tokens: ArrayLike, d_x: ArrayLike, vocabulary: int, *, padding: int | None = None
) -> Array:
    """Return the loss's derivative by the table: a scatter-add of the derivatives by its rows.

    Args:
        tokens: what was looked up, any shape (...).
        d_x: the loss's derivative by what was found, (..., m).
        vocabulary: V.
        padding: a token whose row is not learned: its gradient is zero, as PyTorch's
            ``padding_idx`` has it.

    Returns:
        (V, m).

    Raises:
        ValueError: a number is not in the table, or a shape does not fit.
    """
    i = read_tokens(tokens, vocabulary)
    d_x = np.asarray(d_x)
    if d_x.ndim != i.ndim + 1 or d_x.shape[:-1] != i.shape:
        raise ValueError(f"d_x must be {(*i.shape, 'm')}, a vector per token, not {d_x.shape}")
    d_E = np.zeros((vocabulary, d_x.shape[-1]), dtype=d_x.dtype)
    # Not d_E[i] += d_x: of a token that occurs twice that would keep one derivative alone.
    np.add.at(d_E, i, d_x)
    if padding is not None:
        d_E[padding] = 0
    return d_E


def read_tokens(tokens: ArrayLike, vocabulary: int, name: str = "tokens") -> Numbers:
    """Return tokens as an array of integers.

    Raises:
        ValueError: they are no integers, or one is not in the vocabulary. A negative number is
            refused too: NumPy would count it from the end.
    """
    i = np.asarray(tokens)
    if i.size == 0:
        i = i.astype(np.int64)
    if not np.issubdtype(i.dtype, np.integer):
        raise ValueError(f"{name} must be integers, not {i.dtype}")
    if i.size and (i.min() < 0 or i.max() >= vocabulary):
        raise ValueError(
            f"{name} must lie between 0 and {vocabulary - 1}, the rows of the table; "
            f"they lie between {i.min()} and {i.max()}"
        )
    return i
