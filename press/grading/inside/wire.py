"""Values as text: how inputs' copies and results leave the sandbox.

The text comes from a process that runs a student's code, so that reading it must be safe whatever
it says: it is JSON, arrays are raw bytes of a few known number types, and nothing is executed.
"""

from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np

from unrolled.compare import to_array

#: No array may be larger (bytes); the cases of an exercise are tiny.
LARGEST = 1 << 20
#: No answer may hold more values, however nested: reading them is done where no limit holds.
MOST_VALUES = 20_000
_KINDS = "fiub"
#: How :func:`encode` writes them.
_NUMBERS = re.compile(r"[<|][fiub][1248]")


def encode(value: Any, depth: int = 0) -> dict[str, Any]:
    """Return a value as plain JSON data.

    Numbers, arrays and tensors become arrays; tuples and lists keep their kind; what cannot be
    compared anyway is named by its type.
    """
    if value is None or isinstance(value, str):
        return {"is": "none"} if value is None else {"is": "str", "text": str(value)[:10_000]}
    if isinstance(value, (tuple, list)) and depth < 4 and len(value) <= 1000:
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {"is": kind, "items": [encode(item, depth + 1) for item in value]}
    if value is ...:
        return {"is": "other", "type": "ellipsis"}
    array = to_array(value)
    if array is not None and array.dtype.kind == "U" and array.ndim == 1:
        return encode(array.tolist(), depth)  # an array of strings stands for a tuple of them
    if array is None or array.dtype.kind not in _KINDS or array.nbytes > LARGEST:
        return {"is": "other", "type": type(value).__name__[:60]}
    if array.dtype.itemsize == 16:  # long double: no other machine reads it
        array = array.astype(np.float64)
    data = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    return {
        "is": "array",
        "dtype": data.dtype.str,
        "shape": list(array.shape),
        "data": base64.b64encode(data.tobytes()).decode(),
    }


def decode(data: Any) -> Any:
    """Return the value that :func:`encode` was given.

    Raises:
        ValueError: the data are not what :func:`encode` writes, or too many.
    """
    return _decoded(data, 0, [MOST_VALUES])


def _decoded(data: Any, depth: int, left: list[int]) -> Any:
    left[0] -= 1
    if left[0] < 0:
        raise ValueError("too many values")
    if not isinstance(data, dict) or depth > 8:
        raise ValueError("not an encoded value")
    kind = data.get("is")
    if kind == "none":
        return None
    if kind == "str" and isinstance(data.get("text"), str):
        return data["text"]
    if kind in ("tuple", "list") and isinstance(data.get("items"), list):
        items = [_decoded(item, depth + 1, left) for item in data["items"]]
        return tuple(items) if kind == "tuple" else items
    if kind == "other":
        if data.get("type") == "ellipsis":
            return ...
        return type(identifier(data.get("type")) or "object", (), {})()
    if kind == "array":
        return _array(data)
    raise ValueError(f"not an encoded value: {str(kind)[:40]!r}")


def legible(text: str) -> str:
    """Return a text without halves of characters (lone surrogates), which no file can hold."""
    return text.encode("utf-8", "replace").decode()


def identifier(said: Any) -> str:
    """Return what a kernel says is the name of a type, as one that a type can have."""
    return "".join(c for c in str(said) if c.isidentifier() or c.isdigit())[:60]


def _array(data: dict[str, Any]) -> np.ndarray:
    shape, code, text = data.get("shape"), data.get("dtype"), data.get("data")
    if not isinstance(code, str) or not isinstance(text, str):
        raise ValueError("not an encoded array")
    if not _NUMBERS.fullmatch(code):
        raise ValueError(f"unknown numbers {code[:10]!r}")
    try:
        dtype = np.dtype(code)
    except TypeError as error:
        raise ValueError(f"unknown numbers {code!r}") from error
    if not isinstance(shape, list) or len(shape) > 16 or len(text) > 2 * LARGEST:
        raise ValueError("not an encoded array")
    if not all(type(n) is int and 0 <= n <= LARGEST for n in shape):
        raise ValueError("not a shape")
    raw = base64.b64decode(text, validate=True)
    count = 1
    for n in shape:
        count *= n
    if len(raw) != count * dtype.itemsize:
        raise ValueError("an array whose bytes do not fill its shape")
    return np.frombuffer(raw, dtype=dtype).reshape(shape).astype(dtype.newbyteorder("="))
