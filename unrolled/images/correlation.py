"""Cross-correlation and convolution of one line or picture with one kernel.

::

    correlation    (x ⋆ K)[i] = Σ_u K[u] x[i + u]        the kernel as it is written
    convolution    (x * K)[i] = Σ_u K[u] x[i - u]        the kernel turned round, end to start

and in two dimensions with (i, j) for i and (u, v) for u; there both axes are turned. The layers
called convolutional, here, in PyTorch and in Keras, compute the first. To a net it is all the same:
it learns the kernel, turned or not. Convolution proper commutes, x * K = K * x, and for that it
takes the turn.

Source: I. Goodfellow, Y. Bengio, A. Courville (2016), Deep learning, MIT Press, section 9.1,
https://www.deeplearningbook.org/contents/convnets.html.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from unrolled.gates import Array

MODES = ("full", "valid", "same")


def correlate(x: ArrayLike, K: ArrayLike, mode: str = "valid") -> Array:
    """Return the cross-correlation of a line or a picture with a kernel.

    Args:
        x: (T,) or (H, W).
        K: (k,) or (kh, kw).
        mode: "valid", where the kernel lies wholly on x, n - k + 1 places along each axis; "full",
            where it touches x at all, n + k - 1; "same", the middle of that, n. With an even k the
            middle is no middle: the odd place of padding is *after* x, as in the layers.

    Raises:
        ValueError: the kernel has other axes than x or, in "valid", more places.
    """
    x, K = _read(x, K, mode)
    pads = {"valid": _nothing, "full": _all_but_one, "same": lambda k: ((k - 1) // 2, k // 2)}
    return _correlate(np.pad(x, [pads[mode](k) for k in K.shape]), K)


def convolve(x: ArrayLike, K: ArrayLike, mode: str = "full") -> Array:
    """Return the convolution of a line or a picture with a kernel, as ``scipy.signal.convolve``.

    Args:
        x: (T,) or (H, W).
        K: (k,) or (kh, kw).
        mode: as in ``correlate``; but "same" with an even k has, as SciPy has it, its odd place of
            padding *before* x.

    Raises:
        ValueError: the kernel has other axes than x or, in "valid", more places.
    """
    x, K = _read(x, K, mode)
    pads = {"valid": _nothing, "full": _all_but_one, "same": lambda k: (k // 2, (k - 1) // 2)}
    return _correlate(np.pad(x, [pads[mode](k) for k in K.shape]), np.flip(K))


def _nothing(k: int) -> tuple[int, int]:
    """Return the padding of "valid", before and after."""
    return 0, 0


def _all_but_one(k: int) -> tuple[int, int]:
    """Return the padding of "full", before and after."""
    return k - 1, k - 1


def _correlate(x: Array, K: Array) -> Array:
    """Return Σ_u K[u] x[i + u] wherever the kernel lies wholly on x."""
    seen = sliding_window_view(x, K.shape)  # seen[i, u] = x[i + u]
    return np.tensordot(seen, K, axes=K.ndim)


def _read(x: ArrayLike, K: ArrayLike, mode: str) -> tuple[Array, Array]:
    """Return line or picture and kernel as arrays of floating-point numbers."""
    x, K = np.asarray(x), np.asarray(K)
    if mode not in MODES:
        raise ValueError(f"mode must be 'full', 'valid' or 'same', not {mode!r}")
    if x.ndim not in (1, 2) or K.ndim != x.ndim or not K.size:
        raise ValueError(
            "x and K must both be lines or both be pictures, "
            f"not of shapes {x.shape} and {K.shape}; Conv1D and Conv2D take batches and channels"
        )
    if mode == "valid" and any(k > n for k, n in zip(K.shape, x.shape, strict=True)):
        raise ValueError(
            f"a kernel {K.shape} does not fit on {x.shape}: take mode='full' or a smaller kernel"
        )
    dtype = np.result_type(x, K)
    if not np.issubdtype(dtype, np.floating):
        dtype = np.dtype(np.float64)
    return x.astype(dtype, copy=False), K.astype(dtype, copy=False)
