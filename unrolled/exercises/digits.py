"""The exercises of lab 08, "Digits with a CNN": references and cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from unrolled.edits import with_mistakes
from unrolled.exercises import Arguments, Exercise

# --------------------------------------------------------------------------- convolution


def conv2d(x: np.ndarray, K: np.ndarray, stride: int) -> np.ndarray:
    """Return the feature map of one kernel on one channel, without padding.

    y[i, j] = Σ_u Σ_v K[u, v] x[stride · i + u, stride · j + v], which is cross-correlation.

    Args:
        x: the picture, of shape (H, W).
        K: the kernel, of shape (kh, kw); it fits into the picture.
        stride: places from one window to the next, along both axes.

    Returns:
        Shape ((H − kh) // stride + 1, (W − kw) // stride + 1).
    """
    (H, W), (kh, kw) = x.shape, K.shape
    rows, columns = (H - kh) // stride + 1, (W - kw) // stride + 1
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = stride * i, stride * j
            y[i, j] = np.sum(K * x[top : top + kh, left : left + kw])
    return y


def _conv_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    shapes = (((5, 7), (3, 2), 1), ((8, 9), (2, 3), 2), ((4, 3), (4, 3), 1), ((11, 8), (4, 3), 3))
    square = (7, 7), (3, 3), 2  # where a transposed kernel fits, too
    for picture, kernel, stride in (*shapes, square):
        yield rng.normal(0, 1, picture), rng.normal(0, 1, kernel), stride


# --------------------------------------------------------------------------- pooling


def max_pool(maps: np.ndarray, k: int) -> np.ndarray:
    """Return the largest number of each window of k × k places that touch without overlapping.

    Args:
        maps: feature maps, of shape (C, H, W).
        k: places of a window along each axis, at most H and W.

    Returns:
        Shape (C, H // k, W // k); rows and columns that do not fill a window are left out.
    """
    C, H, W = maps.shape
    rows, columns = H // k, W // k
    blocks = maps[:, : rows * k, : columns * k].reshape(C, rows, k, columns, k)
    return blocks.max(axis=(2, 4))


def _pool_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for shape, k in (((2, 4, 6), 2), ((1, 7, 5), 2), ((3, 8, 11), 3), ((2, 4, 5), 4)):
        yield rng.normal(-1, 1, shape), k


# --------------------------------------------------------------------------- receptive field


def sizes(n: int, layers: Sequence[tuple[int, int, int]]) -> tuple[int, int]:
    """Return how many places are left after some layers, and how many an output of them sees.

    Along one axis, layer after layer: n ← ⌊(n + 2p − k) / s⌋ + 1; the field grows by (k − 1) · jump
    and then the jump by the factor s.

    Args:
        n: places of the input.
        layers: (k, s, p) for each: window, stride, padding on each side.

    Returns:
        Outputs of the last layer, and the receptive field of one of them, in places of the input
        (as if the padding were places, too).
    """
    field, jump = 1, 1
    for k, stride, padding in layers:
        n = (n + 2 * padding - k) // stride + 1
        field += (k - 1) * jump
        jump *= stride
    return n, field


def _size_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    n = int(rng.integers(29, 900))
    yield n, [(3, 1, 0)]
    yield n + 1, [(5, 2, 0), (3, 1, 1), (2, 2, 0), (3, 1, 0)]
    yield n, [(3, 2, 1), (2, 2, 0), (4, 1, 2)]
    yield 2 * n, [(5, 2, 2), (3, 3, 0)]
    yield 3 * n, [(7, 4, 3), (3, 3, 0), (2, 1, 0)]
    yield n % 9 + 7, [(3, 1, 1), (3, 2, 1), (3, 1, 1), (3, 1, 1)]  # sees more than there is


# --------------------------------------------------------------------------- shifts


def shift(images: np.ndarray, dy: np.ndarray, dx: np.ndarray) -> np.ndarray:
    """Return pictures moved, each by its own number of places; zeros come in from the edges.

    Args:
        images: of shape (B, H, W).
        dy: rows down, upwards where negative, whole numbers of shape (B,).
        dx: columns to the right, to the left where negative, of shape (B,).

    Returns:
        Shape (B, H, W): out[b, i, j] is images[b, i − dy[b], j − dx[b]], 0 where there is none.
    """
    B, H, W = images.shape
    m = max(np.abs(dy).max(), np.abs(dx).max())
    padded = np.pad(images, ((0, 0), (m, m), (m, m)))
    out = np.zeros_like(images)
    for b in range(B):
        top, left = m - dy[b], m - dx[b]
        out[b] = padded[b, top : top + H, left : left + W]
    return out


def _shift_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for (B, H, W), most in (((5, 6, 8), 2), ((1, 4, 5), 1), ((7, 5, 3), 1)):
        dy, dx = rng.integers(-most, most + 1, (2, B))
        dy[0], dx[0] = most, -most
        yield rng.uniform(0.1, 1, (B, H, W)), dy, dx
    yield rng.uniform(0.1, 1, (3, 5, 4)), np.array([0, -3, 1]), np.array([1, 0, -1])
    yield rng.uniform(0.1, 1, (2, 3, 7)), np.array([1, 0]), np.array([0, -2])


# --------------------------------------------------------------------------- confusion


def confusion(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Return how often each class was taken for each.

    Args:
        labels: the true classes, 0 to classes − 1, of shape (N,).
        predicted: the predicted ones, of shape (N,).
        classes: how many there are.

    Returns:
        Whole numbers of shape (classes, classes); the row is the true class, the column the
        predicted one.
    """
    table = np.zeros((classes, classes), dtype=int)
    np.add.at(table, (labels, predicted), 1)
    return table


def _confusion_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    # The last: more in a field than eight bits hold.
    for N, classes in ((40, 4), (25, 7), (1, int(rng.integers(3, 99))), (1500, 2)):
        labels = rng.integers(0, classes, N)
        wrong = rng.integers(0, classes, N)
        yield labels, np.where(rng.random(N) < 0.5, labels, wrong), classes


#: Nobody has the last two classes.
_TWO_MISSING = np.array([0, 0, 2, 2, 2]), np.array([0, 2, 2, 0, 0]), 5

# --------------------------------------------------------------------------- calibration


def calibration_error(p: np.ndarray, labels: np.ndarray, bins: int) -> float:
    """Return the expected calibration error.

    A prediction's confidence is its largest probability. The range from 0 to 1 is cut into equal
    bins; a confidence of 1 belongs to the last. ECE = Σ_m |B_m| / N · |accuracy_m − confidence_m|
    (Guo et al., 2017, https://arxiv.org/abs/1706.04599, equation 3).

    Args:
        p: probabilities, of shape (N, classes).
        labels: the true classes, of shape (N,).
        bins: how many bins there are.
    """
    confidence = p.max(axis=1)
    right = p.argmax(axis=1) == labels
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for m in range(bins):
        inside = number == m
        if inside.any():
            gap = abs(right[inside].mean() - confidence[inside].mean())
            error += inside.mean() * gap
    return float(error)


def _calibration_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for N, classes, bins in ((60, 4, 5), (35, 3, 10), (1, 2, 3)):
        logits = rng.normal(0, 1.5, (N, classes))
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        right = rng.random(N) < 0.7
        yield p, np.where(right, p.argmax(axis=1), rng.integers(0, classes, N)), bins


#: Confidences of 1 in one bin with another, and empty bins.
_SURE = (
    np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.1, 0.2, 0.7], [0.05, 0.9, 0.05]]),
    np.array([0, 2, 2, 1]),
    4,
)
#: A confidence on the border between two bins: 0.5 is in the upper one, with 0.625.
_BORDER = np.array([[0.5, 0.25, 0.25], [0.125, 0.625, 0.25]]), np.array([1, 1]), 4

EXERCISES = with_mistakes(
    __file__,
    Exercise("digits/conv", conv2d, _conv_cases),
    Exercise("digits/pool", max_pool, _pool_cases),
    Exercise("digits/field", sizes, _size_cases),
    Exercise("digits/shift", shift, _shift_cases),
    Exercise("digits/confusion", confusion, _confusion_cases, corners=(_TWO_MISSING,)),
    Exercise("digits/calibration", calibration_error, _calibration_cases, corners=(_SURE, _BORDER)),
)
