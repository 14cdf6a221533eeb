"""Windows on lines and pictures: how many there are, what they see, and the way back.

Along one axis of n places a window of k places starts at every s-th place (stride) and skips d - 1
places between its own (dilation). With p_before + p_after places of padding::

    span    = d (k - 1) + 1                                   places from its first to its last
    outputs = ⌊(n + p_before + p_after - span) / s⌋ + 1

Padding "same" gives ⌈n / s⌉ outputs, "causal" lets no output see what comes after it::

    valid    p_before = p_after = 0
    same     p = max((⌈n / s⌉ - 1) s + span - n, 0),  p_before = ⌊p / 2⌋,  p_after = p - p_before
    causal   p_before = span - 1,  p_after = 0

An odd p puts the odd place *after*: right and below, in Keras and, at stride 1, in PyTorch. There
PyTorch's "same" ends: it refuses a stride. Its padding=p is p on both sides, which at stride 2 and
an even n is another function than "same": the same number of outputs, one place further left.

Source: V. Dumoulin, F. Visin (2016), A guide to convolution arithmetic for deep learning,
https://arxiv.org/abs/1603.07285.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import index
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, DTypeLike

from unrolled.gates import Array

#: What pads an axis: a word, places on both sides, or (before, after).
Padding = str | int | tuple[int, int]

#: What a layer takes: one value for all axes, or one for each.
Sizes = int | Sequence[int]
Paddings = str | int | Sequence[int | tuple[int, int]]

WORDS = ("valid", "same", "causal")
NAMES = {1: ("time",), 2: ("height", "width")}


@dataclass(frozen=True)
class Axis:
    """A window along one axis.

    Attributes:
        window: k, the places a window sees.
        stride: s, the places from one window to the next.
        dilation: d, the places from one place of a window to its next.
        padding: "valid", "same", "causal", a number of places on both sides, or (before, after).
        name: what error messages call the axis.
    """

    window: int
    stride: int = 1
    dilation: int = 1
    padding: Padding = "valid"
    name: str = "the axis"

    def __post_init__(self) -> None:
        for name in ("window", "stride", "dilation"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"{name} along {self.name} must be at least 1, not {getattr(self, name)}"
                )
        if isinstance(self.padding, str):
            if self.padding not in WORDS:
                raise ValueError(
                    "padding is 'valid', 'same', 'causal', a number or (before, after), "
                    f"not {self.padding!r}"
                )
        elif min(self._given()) < 0:
            raise ValueError(
                f"padding along {self.name} is negative, {self.padding}; cut the input instead"
            )

    def _given(self) -> tuple[int, int]:
        """Return the padding before and after, given as numbers."""
        assert not isinstance(self.padding, str)
        return self.padding if isinstance(self.padding, tuple) else (self.padding, self.padding)

    @property
    def span(self) -> int:
        """The places from the first a window sees to the last, d(k - 1) + 1."""
        return self.dilation * (self.window - 1) + 1

    def pads(self, n: int) -> tuple[int, int]:
        """Return the places of padding before and after an axis of n places."""
        if self.padding == "valid":
            return 0, 0
        if self.padding == "causal":
            return self.span - 1, 0
        if self.padding == "same":
            outputs = -(-n // self.stride)  # ⌈n / s⌉
            p = max((outputs - 1) * self.stride + self.span - n, 0)
            return p // 2, p - p // 2
        return self._given()

    def outputs(self, n: int) -> int:
        """Return the number of windows on an axis of n places.

        Raises:
            ValueError: not one window fits.
        """
        padded = n + sum(self.pads(n))
        if n < 1:
            raise ValueError(f"{self.name} of the input is empty: it needs at least one place")
        if padded < self.span:
            dilated = f", {self.span} places with its dilation" if self.dilation > 1 else ""
            raise ValueError(
                f"a window of {self.window}{dilated} does not fit into {padded} places of padded "
                f"{self.name}: add {self.span - padded} of padding (padding='same' never runs out) "
                "or take a smaller window or dilation"
            )
        return (padded - self.span) // self.stride + 1


def output_size(
    n: int, window: int, *, stride: int = 1, dilation: int = 1, padding: Padding = "valid"
) -> int:
    """Return how many outputs a window gives along an axis of n places.

    Args:
        n: places of the input.
        window: k.
        stride: s.
        dilation: d.
        padding: "valid", "same", "causal", places on both sides, or (before, after).

    Raises:
        ValueError: the window does not fit, or a size is below 1.
    """
    return Axis(window, stride, dilation, padding).outputs(n)


def read_axes(
    window: Sequence[int], stride: Sizes, dilation: Sizes, padding: Paddings
) -> list[Axis]:
    """Return a layer's windows, axis by axis, from one setting for all axes or one for each.

    Raises:
        ValueError: there are more or fewer settings than axes, or one of them is impossible.
        TypeError: a setting is no whole number.
    """
    count = len(window)
    strides, dilations = (
        read_sizes("stride", stride, count),
        read_sizes("dilation", dilation, count),
    )
    paddings: list[Any]
    if isinstance(padding, str) or not isinstance(padding, Sequence):
        paddings = [padding] * count
    else:
        if len(padding) != count:
            pair = "; padding before and after is written [(before, after)]" if count == 1 else ""
            raise ValueError(
                f"padding must be one value or one for each of {count} axes, not {padding}{pair}"
            )
        paddings = list(padding)
    return [
        Axis(k, s, d, _read_padding(p), name)
        for k, s, d, p, name in zip(window, strides, dilations, paddings, NAMES[count], strict=True)
    ]


def read_sizes(name: str, sizes: Sizes, count: int) -> tuple[int, ...]:
    """Return one whole number for each axis.

    Raises:
        ValueError: there are not as many as axes.
        TypeError: one of them is no whole number.
    """
    each = tuple(map(index, sizes)) if isinstance(sizes, Sequence) else (index(sizes),) * count
    if len(each) != count:
        raise ValueError(f"{name} must be one number or one for each of {count} axes, not {sizes}")
    return each


def _read_padding(padding: Any) -> Padding:
    """Return one axis' padding with whole numbers."""
    if isinstance(padding, str):
        return padding
    if isinstance(padding, Sequence):
        if len(padding) != 2:
            raise ValueError(f"padding along an axis is a number or (before, after), not {padding}")
        return index(padding[0]), index(padding[1])
    return index(padding)


def read_inputs(
    x: ArrayLike,
    axes: Sequence[Axis],
    *,
    channels: int | None = None,
    dtype: DTypeLike | None = None,
) -> Array:
    """Return a batch, channels first, (B, C, T) or (B, C, H, W), as floating-point numbers.

    Args:
        x: the batch.
        axes: the windows along its last axes.
        channels: C, if it is known.
        dtype: of the result; by default that of ``x`` if floating, else float64.

    Raises:
        ValueError: ``x`` has not this shape.
    """
    x = np.asarray(x)
    if dtype is None:
        dtype = x.dtype if np.issubdtype(x.dtype, np.floating) else np.float64
    names = NAMES[len(axes)]
    if x.ndim != 2 + len(axes) or (channels is not None and x.shape[1] != channels):
        wanted = ", ".join(("batch", "channels" if channels is None else str(channels), *names))
        advice = ""
        if x.ndim == 1 + len(axes):
            advice = "; x[None] adds the batch, x[:, None] the channel"
        elif x.ndim == 2 + len(axes) and x.shape[-1] == channels:
            advice = "; its channels stand last: channels_first(x) moves them"
        raise ValueError(f"x must be ({wanted}), not {x.shape}{advice}")
    return x.astype(dtype, copy=False)


def read_gradient(d_y: ArrayLike, y: Array) -> Array:
    """Return the loss's derivative by the outputs, in their dtype.

    Raises:
        ValueError: it has not the shape of the outputs.
    """
    d_y = np.asarray(d_y, dtype=y.dtype)
    if d_y.shape != y.shape:
        raise ValueError(f"d_y must have the shape of the outputs, {y.shape}, not {d_y.shape}")
    return d_y


def pad(x: Array, axes: Sequence[Axis], value: float = 0.0) -> Array:
    """Return the batch (B, C, …) with each axis padded by ``value`` on both sides."""
    pads = [a.pads(n) for a, n in zip(axes, x.shape[2:], strict=True)]
    if not any(map(sum, pads)):
        return x
    return np.pad(x, [(0, 0), (0, 0), *pads], constant_values=value)


def _last(places: Iterable[Any]) -> tuple[Any, ...]:
    """Return the index of these places along the last axes, and of everything before them."""
    return ..., *places


def unpad(padded: Array, axes: Sequence[Axis], sizes: Sequence[int]) -> Array:
    """Return the middle of a padded batch: what ``pad`` was given, of these sizes."""
    starts = [a.pads(n)[0] for a, n in zip(axes, sizes, strict=True)]
    return padded[_last(slice(p, p + n) for p, n in zip(starts, sizes, strict=True))]


def windows(padded: Array, axes: Sequence[Axis]) -> Array:
    """Return what every window sees: a view, in which no number is copied.

    In one dimension ``windows[b, c, i, k]`` is ``padded[b, c, s i + d k]``; in two,
    ``windows[b, c, i, j, u, v]`` is ``padded[b, c, s i + d u, s j + d v]``.

    Args:
        padded: (B, C, T) or (B, C, H, W), padding included.
        axes: the windows along the last axes.

    Returns:
        (B, C, outputs along each axis, places of a window along each axis), read-only.
    """
    spans = tuple(a.span for a in axes)
    every = sliding_window_view(padded, spans, axis=tuple(range(2, padded.ndim)))  # stride 1
    starts = [slice(None, None, a.stride) for a in axes]
    places = [slice(None, None, a.dilation) for a in axes]
    return every[_last(starts + places)]


def add_windows(d_windows: Array, shape: tuple[int, ...], axes: Sequence[Axis]) -> Array:
    """Return the way back of ``windows``: each place adds up what every window says of it.

    Args:
        d_windows: a loss's derivative by what the windows see, shaped like ``windows``' result.
        shape: the padded batch's.
        axes: the windows along the last axes.

    Returns:
        The loss's derivative by the padded batch.
    """
    d_padded = np.zeros(shape, dtype=d_windows.dtype)
    outputs = d_windows.shape[2 : 2 + len(axes)]
    for place in np.ndindex(*(a.window for a in axes)):  # the same place of all windows at once
        seen = _last(
            slice(u * a.dilation, u * a.dilation + (m - 1) * a.stride + 1, a.stride)
            for u, a, m in zip(place, axes, outputs, strict=True)
        )
        d_padded[seen] += d_windows[_last(place)]
    return d_padded
