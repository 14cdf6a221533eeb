"""The line that says whether two implementations agree, and within what tolerance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from unrolled.messages import Message


def verdict(
    other: str,
    ours: Any = None,
    theirs: Any = None,
    /,
    *,
    tolerance: float = 1e-10,
    name: str = "NumPy",
    **pairs: tuple[Any, Any],
) -> None:
    """Compare our arrays with another implementation's and show the verdict.

    ``verdict("PyTorch", ours, theirs)`` shows ``✓ NumPy = PyTorch: equal within 1e-10``. The line
    depends on the tolerance alone: the measured difference is rounding, and every processor rounds
    in its own order, even where one of them happens to find none. Several arrays are compared as
    named pairs: ``verdict("Keras", output=(y, y_keras), gradient=(dw, dw_keras))``.

    Args:
        other: the other implementation's name.
        ours: our array, of any shape.
        theirs: their array (NumPy, PyTorch, Keras or TensorFlow), of the same shape.
        tolerance: largest difference that is allowed, absolute, element by element: 1e-10 for
            float64, 1e-5 for float32; 0 where nothing is rounded, and the line says “exact”.
        name: our implementation's name.
        pairs: further pairs (ours, theirs) with their names.

    Raises:
        AssertionError: shapes differ, a value is not finite, or a difference is above tolerance.
        ValueError: there is nothing to compare, or the tolerance is not a number from 0 up.
    """
    if not 0 <= tolerance < math.inf:
        raise ValueError(f"a tolerance is a number from 0 up, for example 1e-5, not {tolerance}")
    named: dict[str, tuple[Any, Any]] = dict(pairs)
    if ours is not None or theirs is not None:
        if ours is None or theirs is None:
            raise ValueError("verdict needs both arrays: verdict('PyTorch', ours, theirs)")
        named = {"": (ours, theirs), **pairs}
    if not named:
        raise ValueError(
            "nothing to compare: verdict('PyTorch', ours, theirs) or "
            "verdict('PyTorch', output=(ours, theirs))"
        )
    for what, (mine, other_value) in named.items():
        label = f"{what}: " if what else ""
        a, b = _array(mine), _array(other_value)
        if a.shape != b.shape:
            raise AssertionError(
                f"✗ {label}{name} has shape {a.shape}, {other} has shape {b.shape}"
            )
        for side, values in ((name, a), (other, b)):
            if not np.isfinite(values).all():
                raise AssertionError(f"✗ {label}{side} has values that are not finite")
        gaps = np.abs(a - b)
        gap = float(gaps.max(initial=0.0))
        if not gap <= tolerance:
            where = tuple(int(i) for i in np.unravel_index(gaps.argmax(), gaps.shape))
            raise AssertionError(
                f"✗ {label}{name} ≠ {other}: largest difference {gap:.2g} at {where} "
                f"({a[where]:.6g} against {b[where]:.6g}), tolerance {tolerance:g}; "
                f"shape {a.shape}"
            )
    names = ", ".join(what for what in named if what)
    pair = f"✓ {name} = {other}" + (f" ({names})" if names else "")
    if tolerance == 0:
        Message(pl=f"{pair}: dokładnie", en=f"{pair}: exact").show()
    else:
        Message(
            pl=f"{pair}: równe z dokładnością do {tolerance:g}",
            en=f"{pair}: equal within {tolerance:g}",
        ).show()


def _array(value: Any) -> np.ndarray:
    """Return a tensor of any library as a float64 array of the same shape."""
    if hasattr(value, "detach"):  # PyTorch, with or without a gradient, on any device
        value = value.detach().cpu().double().numpy()
    elif hasattr(value, "numpy"):  # Keras and TensorFlow
        value = value.numpy()
    return np.asarray(value, dtype=np.float64)
