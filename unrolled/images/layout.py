"""Where the channels stand: first, as here and in PyTorch, or last, as in Keras.

::

    channels first    NCT, NCHW    (batch, channels, time), (batch, channels, height, width)
    channels last     NTC, NHWC    (batch, time, channels), (batch, height, width, channels)

Changing one into the other moves an axis: every number keeps its place in the picture.
``reshape`` gives the right shape too and mixes the picture's numbers up.

The layout outlives the convolutions: what flattens feature maps for a dense layer flattens them in
its own order, channel by channel or place by place. A dense layer's weights must then be reordered
as well, or the two libraries compute different functions from equal kernels.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def channels_last(x: ArrayLike) -> NDArray[Any]:
    """Return a batch (B, C, …) as (B, …, C), what Keras' layers take."""
    return np.ascontiguousarray(np.moveaxis(_batch(x), 1, -1))


def channels_first(x: ArrayLike) -> NDArray[Any]:
    """Return a batch (B, …, C) as (B, C, …), what PyTorch's layers and those here take."""
    return np.ascontiguousarray(np.moveaxis(_batch(x), -1, 1))


def _batch(x: ArrayLike) -> NDArray[Any]:
    """Return the batch, checked to have an axis besides those of batch and channels."""
    x = np.asarray(x)
    if x.ndim < 3:
        raise ValueError(
            "a batch has at least the axes batch, channels and one of places, "
            f"not {x.shape}; x[None] adds the batch"
        )
    return x


def dense_channels_last(W: ArrayLike, maps: tuple[int, ...]) -> NDArray[Any]:
    """Return a dense layer's weights for feature maps flattened channels last.

    Args:
        W: weights for maps flattened channels first, (m, C·H·W).
        maps: the maps' shape, channels first, (C, H, W) or (C, T).

    Returns:
        (m, H·W·C): its product with the maps flattened channels last is the same.

    Raises:
        ValueError: the weights are not for such maps.
    """
    W = _dense(W, maps)
    return channels_last(W.reshape(len(W), *maps)).reshape(W.shape)


def dense_channels_first(W: ArrayLike, maps: tuple[int, ...]) -> NDArray[Any]:
    """Return a dense layer's weights for feature maps flattened channels first.

    Args:
        W: weights for maps flattened channels last, (m, H·W·C).
        maps: the maps' shape, channels *first*, (C, H, W) or (C, T).

    Returns:
        (m, C·H·W).

    Raises:
        ValueError: the weights are not for such maps.
    """
    W = _dense(W, maps)
    return channels_first(W.reshape(len(W), *maps[1:], maps[0])).reshape(W.shape)


def _dense(W: ArrayLike, maps: tuple[int, ...]) -> NDArray[Any]:
    """Return the weights, checked to have a column for each number of the maps."""
    W = np.asarray(W)
    if W.ndim != 2 or W.shape[1] != prod(maps):
        raise ValueError(
            f"with maps of shape {maps}, W must be (m, {prod(maps)}), one row for each unit, "
            f"not {W.shape}; a Keras kernel is (inputs, m): give its transpose"
        )
    return W
