"""Reading arrays that must have a shape: a clear error where they do not.

Letters for sizes: B sequences in the batch, T steps, n inputs, m places in a vector state, d_k and
d_v places in a key and in a value.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Numbers = NDArray[Any]


def read(name: str, array: ArrayLike, *shape: int | str, dtype: DTypeLike | None = None) -> Numbers:
    """Return an array after checking its shape.

    Args:
        name: what to call it in the error.
        array: what is read; a floating or complex dtype is kept unless ``dtype`` is given, other
            numbers become float64.
        *shape: a number where the size is known; a letter or a word where any size will do.
        dtype: the dtype to return.

    Raises:
        ValueError: the shape is another one.
    """
    array = np.asarray(array)
    fits = array.ndim == len(shape) and all(
        isinstance(wanted, str) or wanted == size
        for wanted, size in zip(shape, array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join(str(size) for size in shape) + ("," if len(shape) == 1 else "")
        raise ValueError(f"{name} must be of shape ({wanted}), not {array.shape}")
    if dtype is None and not np.issubdtype(array.dtype, np.inexact):
        dtype = np.float64
    return array if dtype is None else array.astype(dtype, copy=False)


def read_or_zeros(
    name: str, array: ArrayLike | None, *shape: int, dtype: DTypeLike = np.float64
) -> Numbers:
    """Return a copy of an array in the given dtype, or zeros of its shape for None.

    Raises:
        ValueError: the shape is another one.
    """
    if array is None:
        return np.zeros(shape, dtype=dtype)
    return read(name, array, *shape, dtype=dtype).copy()
