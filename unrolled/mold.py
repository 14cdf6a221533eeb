"""What an exercise's function returns, and how a student's result is cast into that.

A check accepts numbers of any precision and tensors of any library. The cells below an exercise
were written for what the reference returns: an array of float64, a tuple, a float. So what a check
hands on returns just that. A mold says it as plain data: ``["array float64", "float"]`` is a tuple
of an array and a number.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from unrolled.compare import to_array

#: The name of a leaf, or the molds of a tuple's elements.
Mold = str | list[Any]


def mold(value: Any) -> Mold:
    """Return the mold of a reference's result.

    Raises:
        TypeError: a check compares no such value.
    """
    if isinstance(value, tuple):
        return [mold(part) for part in value]
    if isinstance(value, str):
        return "str"
    if isinstance(value, np.ndarray):
        return f"array {value.dtype.name}"
    if _is_tensor(value):
        return f"tensor {str(value.dtype).removeprefix('torch.')}"
    for name, types in (("bool", (bool, np.bool_)), ("int", (int, np.integer))):
        if isinstance(value, types):
            return name
    if isinstance(value, float):
        return "float"
    raise TypeError(f"a reference may not return a {type(value).__name__}")


def fits(value: Any, form: Mold) -> bool:
    """Whether a value is what the mold says already, so that casting it would change nothing."""
    if isinstance(form, list):
        parts = _parts(form, value) if type(value) is tuple else None
        return parts is not None and all(
            fits(item, one) for item, one in zip(value, parts, strict=True)
        )
    if isinstance(value, np.ndarray) and type(value) is not np.ndarray:
        return False  # a matrix or a masked array
    if _is_tensor(value) and value.requires_grad:
        return False
    if isinstance(value, str):
        return form == "str" and type(value) is str
    try:
        return mold(value) == form and not _is_foreign(value)
    except TypeError:
        return False


def _is_foreign(value: Any) -> bool:
    """Whether an array has the other byte order, which no tensor can be made of."""
    return isinstance(value, np.ndarray) and not value.dtype.isnative


def cast(value: Any, form: Mold, arguments: tuple[Any, ...] = ()) -> Any:
    """Return a value in the types that the mold says; as it is if that cannot be done.

    Args:
        value: a result that a check accepts.
        form: what the reference returns.
        arguments: what the function was called with: a result as precise as one of them stays so.
    """
    if isinstance(form, list):
        array = None if isinstance(value, (tuple, list)) else to_array(value)
        items = tuple(array) if array is not None and array.ndim == 1 else value
        parts = _parts(form, items) if isinstance(items, (tuple, list)) else None
        if parts is None:
            return value
        return tuple(cast(item, one, arguments) for item, one in zip(items, parts, strict=True))
    if fits(value, form):
        return value
    if form == "str":
        return str(value) if isinstance(value, str) else value
    array = to_array(value)
    if array is None:
        return value
    what, _, dtype = form.partition(" ")
    if what == "tensor":
        import torch

        return torch.tensor(array, dtype=getattr(torch, dtype))
    if what == "array":
        same = {one.dtype for one in map(to_array, arguments) if one is not None and one.shape}
        return array if array.dtype in same else array.astype(dtype)
    return {"float": float, "int": int, "bool": bool}[what](array) if array.shape == () else value


def molded(function: Callable[..., Any], form: Mold) -> Callable[..., Any]:
    """Return the function with its results cast; name, docstring and parameters stay.

    What it prints and raises passes through; ``inspect.unwrap`` finds the function itself.
    """

    @functools.wraps(function)
    def cast_results(*args: Any, **kwargs: Any) -> Any:
        return cast(function(*args, **kwargs), form, (*args, *kwargs.values()))

    return cast_results


def _parts(form: list[Any], items: Any) -> list[Any] | None:
    """Return the mold of each item; a reference may return tuples of different lengths."""
    if len(form) == len(items):
        return form
    same = bool(form) and all(part == form[0] for part in form)
    kinds = {str(part).partition(" ")[0] for part in form}
    return [form[0]] * len(items) if same or kinds == {"array"} else None


def _is_tensor(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "requires_grad")
