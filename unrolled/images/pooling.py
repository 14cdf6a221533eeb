"""Pooling: each channel by itself, every window becomes one number.

With x̃ the padded input and stride s, here in two dimensions, the windows kh × kw::

    max        y[b,c,i,j] = max_{u,v} x̃[b, c, s i + u, s j + v]
    average    y[b,c,i,j] = 1/(kh kw) Σ_{u,v} x̃[b, c, s i + u, s j + v]
    global     one window, as large as the input: y[b,c] is the maximum or the mean of a map

The stride is the window unless given, so that windows touch without overlapping. Three traps:

- Padding for a maximum is -∞, not 0, so that it never wins.
- Padding for an average counts in PyTorch: the sum of a corner's few real places is divided by
  kh kw all the same. In Keras it does not count, nor here, unless ``count_padding``.
- Equal maxima (after a ReLU there are many zeros): the gradient goes to the first, as in both
  libraries' windows and in PyTorch's ``AdaptiveMaxPool``. Keras' *global* maximum and PyTorch's
  ``amax`` share it out among them.

Source: I. Goodfellow, Y. Bengio, A. Courville (2016), Deep learning, MIT Press, section 9.3,
https://www.deeplearningbook.org/contents/convnets.html; global averages: M. Lin, Q. Chen, S. Yan
(2013), Network in network, https://arxiv.org/abs/1312.4400.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unrolled.gates import Array
from unrolled.images import windows as win
from unrolled.images.windows import Axis, Paddings, Sizes


@dataclass(frozen=True)
class PoolTrace:
    """What a pooling layer did on a batch, kept for the way back.

    Attributes:
        x: the batch, (B, C, T) or (B, C, H, W).
        y: the outputs, (B, C, outputs along each axis), or (B, C) of a global layer.
        kept: of a maximum, the place in each window that won, counted row by row; of an average,
            the number of places that each window's sum is divided by.
    """

    x: Array
    y: Array
    kept: NDArray[Any]


@dataclass
class Pooling:
    """What the pooling layers share.

    Attributes:
        window: places along each axis, one for all or one for each.
        stride: s, one for all axes or one for each; the window by default.
        padding: "valid", "same", or places on both sides, for all axes; or for each axis places on
            both sides or (before, after). Less than a window: none may see padding alone.
    """

    window: Sizes
    stride: Sizes | None = None
    padding: Paddings = "valid"

    dimensions: ClassVar[int]

    def __post_init__(self) -> None:
        if self.padding == "causal":
            raise ValueError("padding='causal' is for convolutions; give [(before, after)] instead")
        for axis in self.axes:
            if not isinstance(axis.padding, str) and max(axis.pads(1)) >= axis.window:
                raise ValueError(
                    f"padding {axis.padding} along {axis.name} must be less than the window, "
                    f"{axis.window}: a window may not see padding alone"
                )

    @property
    def axes(self) -> list[Axis]:
        """The windows along each axis; ``receptive_field`` takes them."""
        window = win.read_sizes("window", self.window, self.dimensions)
        return win.read_axes(
            window, window if self.stride is None else self.stride, 1, self.padding
        )

    def _read(self, x: ArrayLike) -> Array:
        """Return the batch as numbers; refuse one of another shape, or too small for a window."""
        x = win.read_inputs(x, self.axes)
        for axis, n in zip(self.axes, x.shape[2:], strict=True):
            axis.outputs(n)
        return x

    def _places(self) -> tuple[int, ...]:
        """Return the places of a window along each axis."""
        return tuple(a.window for a in self.axes)

    def _add(self, d_seen: Array, x: Array) -> Array:
        """Return the loss's derivative by the batch from that by what the windows see."""
        axes = self.axes
        padded = tuple(n + sum(a.pads(n)) for a, n in zip(axes, x.shape[2:], strict=True))
        d_padded = win.add_windows(d_seen, (*x.shape[:2], *padded), axes)
        return win.unpad(d_padded, axes, x.shape[2:])


@dataclass
class MaxPooling(Pooling):
    """The largest number of each window; use ``MaxPool1D`` or ``MaxPool2D``."""

    def forward(self, x: ArrayLike) -> PoolTrace:
        """Pool a batch.

        Args:
            x: inputs, channels first, (B, C, T) or (B, C, H, W).

        Raises:
            ValueError: a shape does not fit.
        """
        x = self._read(x)
        seen = win.windows(win.pad(x, self.axes, -np.inf), self.axes)
        flat = seen.reshape(*seen.shape[: x.ndim], -1)  # a window's places in one row
        winner = flat.argmax(axis=-1)[..., None]  # the first of equals
        return PoolTrace(x, np.take_along_axis(flat, winner, -1)[..., 0], winner[..., 0])

    def backward(self, trace: PoolTrace, d_y: ArrayLike) -> Array:
        """Return dL/dx: each window's derivative goes whole to the place that won.

        Args:
            trace: what ``forward`` returned.
            d_y: the loss's derivative by ``trace.y``.

        Raises:
            ValueError: ``d_y`` has not the shape of the outputs.
        """
        d_y = win.read_gradient(d_y, trace.y)
        d_seen = np.zeros((*d_y.shape, int(np.prod(self._places()))), dtype=d_y.dtype)
        np.put_along_axis(d_seen, trace.kept[..., None], d_y[..., None], axis=-1)
        return self._add(d_seen.reshape(*d_y.shape, *self._places()), trace.x)


@dataclass
class AveragePooling(Pooling):
    """The mean of each window; use ``AveragePool1D`` or ``AveragePool2D``.

    Attributes:
        count_padding: whether places of padding count as zeros in the mean, as PyTorch counts them
            unless told not to (``count_include_pad``).
    """

    count_padding: bool = False

    def forward(self, x: ArrayLike) -> PoolTrace:
        """Pool a batch.

        Args:
            x: inputs, channels first, (B, C, T) or (B, C, H, W).

        Raises:
            ValueError: a shape does not fit.
        """
        x = self._read(x)
        total = self._sums(x)
        ones = np.ones((1, 1, *x.shape[2:]), dtype=x.dtype)
        real = np.full_like(ones, np.prod(self._places()), shape=(1, 1, *total.shape[2:]))
        if not self.count_padding:
            real = self._sums(ones)
        return PoolTrace(x, total / real, real)

    def _sums(self, x: Array) -> Array:
        """Return the sum of each window's places."""
        seen = win.windows(win.pad(x, self.axes), self.axes)
        return seen.sum(axis=tuple(range(x.ndim, seen.ndim)))

    def backward(self, trace: PoolTrace, d_y: ArrayLike) -> Array:
        """Return dL/dx: each window's derivative is shared out evenly among its places.

        Args:
            trace: what ``forward`` returned.
            d_y: the loss's derivative by ``trace.y``.

        Raises:
            ValueError: ``d_y`` has not the shape of the outputs.
        """
        share = win.read_gradient(d_y, trace.y) / trace.kept
        each = share.reshape(*share.shape, *(1,) * self.dimensions)
        return self._add(np.broadcast_to(each, (*share.shape, *self._places())), trace.x)


class MaxPool1D(MaxPooling):
    """The largest number of each stretch of time: x (B, C, T)."""

    dimensions = 1


class MaxPool2D(MaxPooling):
    """The largest number of each patch of a picture: x (B, C, H, W)."""

    dimensions = 2


class AveragePool1D(AveragePooling):
    """The mean of each stretch of time: x (B, C, T)."""

    dimensions = 1


class AveragePool2D(AveragePooling):
    """The mean of each patch of a picture: x (B, C, H, W)."""

    dimensions = 2


@dataclass(frozen=True)
class GlobalMaxPool:
    """The largest number of each feature map: (B, C, …) becomes (B, C)."""

    def forward(self, x: ArrayLike) -> PoolTrace:
        """Pool a batch, (B, C, T) or (B, C, H, W).

        Raises:
            ValueError: it has another shape, or maps without a place.
        """
        x = _read_maps(x)
        flat = x.reshape(*x.shape[:2], -1)
        winner = flat.argmax(axis=-1)
        return PoolTrace(x, np.take_along_axis(flat, winner[..., None], -1)[..., 0], winner)

    def backward(self, trace: PoolTrace, d_y: ArrayLike) -> Array:
        """Return dL/dx: a map's derivative goes whole to the place that won.

        Raises:
            ValueError: ``d_y`` is not (B, C).
        """
        d_y = win.read_gradient(d_y, trace.y)
        d_x = np.zeros((*d_y.shape, int(np.prod(trace.x.shape[2:]))), dtype=d_y.dtype)
        np.put_along_axis(d_x, trace.kept[..., None], d_y[..., None], axis=-1)
        return d_x.reshape(trace.x.shape)


@dataclass(frozen=True)
class GlobalAveragePool:
    """The mean of each feature map: (B, C, …) becomes (B, C)."""

    def forward(self, x: ArrayLike) -> PoolTrace:
        """Pool a batch, (B, C, T) or (B, C, H, W).

        Raises:
            ValueError: it has another shape, or maps without a place.
        """
        x = _read_maps(x)
        places = np.asarray(np.prod(x.shape[2:]), dtype=x.dtype)
        return PoolTrace(x, x.mean(axis=tuple(range(2, x.ndim))), places)

    def backward(self, trace: PoolTrace, d_y: ArrayLike) -> Array:
        """Return dL/dx: a map's derivative is shared out evenly among its places.

        Raises:
            ValueError: ``d_y`` is not (B, C).
        """
        share = win.read_gradient(d_y, trace.y) / trace.kept
        share = share.reshape(*share.shape, *(1,) * (trace.x.ndim - 2))
        return np.broadcast_to(share, trace.x.shape).copy()


def _read_maps(x: ArrayLike) -> Array:
    """Return feature maps (B, C, T) or (B, C, H, W) as floating-point numbers."""
    x = np.asarray(x)
    if x.ndim not in (3, 4) or 0 in x.shape[2:]:
        raise ValueError(
            "x must be (batch, channels, time) or (batch, channels, height, width) with a place at "
            f"least, not {x.shape}"
        )
    return x.astype(x.dtype if np.issubdtype(x.dtype, np.floating) else np.float64, copy=False)
