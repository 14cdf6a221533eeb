"""Lab 11's digits: loading them, drawing them in rows, finding neighbours, making what is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from unrolled.data import mnist, scale

#: Of the 1797 small digits, how many are for training.
SMALL_TRAIN = 1200


class DigitSet(NamedTuple):
    """Handwritten digits as rows of n = side² numbers from 0 to 1.

    Attributes:
        train: images to learn from, float32, of shape (N, n).
        train_labels: their digits, of shape (N,).
        test: other images, float32, of shape (B, n).
        test_labels: their digits, of shape (B,).
        side: height and width of an image in pixels.
    """

    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray
    side: int


def load(chosen: str) -> DigitSet:
    """Return the digits of a scale: scikit-learn's 1797 of 8 × 8 pixels, or MNIST.

    The small ones are put in a random order, always the same, and the first 1200 are the training
    set; MNIST keeps its own division.

    Args:
        chosen: ``"small"`` or ``"full"``.

    Raises:
        ValueError: the scale is neither.
        DataError: MNIST cannot be had (see :func:`unrolled.data.fetch`).
    """
    return scale(chosen, small=_small, full=_full)()


def _small() -> DigitSet:
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)  # grey levels 0 to 16
    order = np.random.default_rng(0).permutation(len(images))
    images, labels = (images[order] / 16).astype(np.float32), labels[order]
    few, rest = slice(SMALL_TRAIN), slice(SMALL_TRAIN, None)
    return DigitSet(images[few], labels[few], images[rest], labels[rest], 8)


def _full() -> DigitSet:
    digits = mnist()  # grey levels 0 to 255
    train, test = (
        (images.reshape(len(images), -1) / 255).astype(np.float32)
        for images in (digits.train_images, digits.test_images)
    )
    return DigitSet(
        train, digits.train_labels.astype(int), test, digits.test_labels.astype(int), 28
    )


def draw_rows(
    axes: Sequence[Axes],
    rows: Sequence[np.ndarray],
    side: int,
    *,
    limits: tuple[float, float] = (0, 1),
    cmap: str = "Greys",
) -> None:
    """Draw rows of images, one row in each axes, without ticks and frames.

    Args:
        axes: one for each row.
        rows: images as numbers, each of shape (images, side²).
        side: height and width of an image in pixels.
        limits: the values of the lightest and the darkest grey.
        cmap: matplotlib's name of a colour map.
    """
    for ax, images in zip(axes, rows, strict=True):
        strip = np.full((side, len(images) * (side + 1) - 1), np.nan)
        for i, image in enumerate(images):
            strip[:, i * (side + 1) : i * (side + 1) + side] = image.reshape(side, side)
        ax.imshow(strip, vmin=limits[0], vmax=limits[1], cmap=cmap, interpolation="nearest")
        ax.set_xticks([])
        ax.set_yticks([])
        ax.spines[:].set_visible(False)


def squared_distances(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the squared Euclidean distance of each image to each of the others.

    Args:
        images: of shape (B, n).
        others: of shape (M, n).

    Returns:
        Of shape (B, M), float32; rounding never makes a distance negative.
    """
    one, other = (np.sum(np.square(x), axis=1) for x in (images, others))
    return np.maximum(one[:, None] + other - 2 * (images @ others.T), 0)


def not_digits(
    images: np.ndarray, labels: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures that are no digits, made of digits.

    Args:
        images: of shape (B, n).
        labels: their digits, of shape (B,).
        rng: of the pairs and permutations.

    Returns:
        Means of two images of different digits, of shape (at most B, n), and images in which each
        pixel comes from another digit, of shape (B, n).
    """
    partner = rng.permutation(len(images))
    differ = labels != labels[partner]
    blends = (images[differ] + images[partner[differ]]) / 2
    return blends, rng.permuted(images, axis=0)
