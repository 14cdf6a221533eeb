"""Lecture 06's moving picture: a kernel slides over a picture and writes its feature map."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from unrolled import palette
from unrolled.gates import Array
from unrolled.images import correlate

#: The side of a pixel on the screen, the width of a frame around pixels, and the gap.
SIDE, EDGE, GAP = 40, 5, 60


def _colour(name: str) -> NDArray[np.uint8]:
    """Return a colour of the palette, red, green, blue."""
    return np.array([int(name[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)


def _large(grey: Array) -> NDArray[np.uint8]:
    """Return grey values from 0 to 1 as large pixels, (SIDE H, SIDE W, 3)."""
    values = np.round(255 * np.clip(grey, 0, 1)).astype(np.uint8)
    return np.kron(values, np.ones((SIDE, SIDE), np.uint8))[..., None].repeat(3, axis=2)


def _framed(picture: NDArray[np.uint8], i: int, j: int, k: int, name: str) -> None:
    """Draw a frame around k × k pixels from row i and column j on."""
    part = picture[SIDE * i : SIDE * (i + k), SIDE * j : SIDE * (j + k)]
    inner = part[EDGE:-EDGE, EDGE:-EDGE].copy()
    part[:] = _colour(name)
    part[EDGE:-EDGE, EDGE:-EDGE] = inner


def frames(picture: Array, K: Array) -> Iterator[NDArray[np.uint8]]:
    """Yield the picture with a window on it beside the feature map as far as it is written.

    Args:
        picture: grey values from 0 to 1, (H, W).
        K: a square kernel, (k, k).

    Yields:
        One frame for each place of the kernel, row by row.
    """
    y = correlate(picture, K)  # (H - k + 1, W - k + 1)
    shown = 0.5 + 0.5 * y / np.abs(y).max()
    written = _large(np.ones_like(shown))
    wide, paper = len(K), _colour(palette.PAPER)
    high = SIDE * len(picture)
    gap = np.tile(paper, (high, GAP, 1))
    for i, j in np.ndindex(*y.shape):
        left = _large(picture)
        _framed(left, i, j, wide, palette.STATE)
        written[SIDE * i : SIDE * (i + 1), SIDE * j : SIDE * (j + 1)] = _large(shown)[
            SIDE * i : SIDE * (i + 1), SIDE * j : SIDE * (j + 1)
        ]
        right = written.copy()
        _framed(right, i, j, 1, palette.OUTPUT)
        below = np.tile(paper, (high - len(right), right.shape[1], 1))
        middle = np.concatenate([below[: len(below) // 2], right, below[len(below) // 2 :]])
        yield np.concatenate([left, gap, middle], axis=1)
