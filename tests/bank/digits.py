"""Answers to the exercises of lab 08."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch.nn import functional

from bank import Answers

# --- conv ---------------------------------------------------------------------------------------


def conv_blank(x, K, stride):
    raise NotImplementedError


def conv_windows(x, K, stride):
    seen = sliding_window_view(x, K.shape)[::stride, ::stride]
    return np.einsum("ijuv,uv->ij", seen, K)


def conv_torch(x, K, stride):
    x, K = (torch.tensor(a, dtype=torch.float32)[None, None] for a in (x, K))
    return functional.conv2d(x, K, stride=stride)[0, 0]


def conv_by_place(x, K, stride):
    rows = range(0, x.shape[0] - K.shape[0] + 1, stride)
    columns = range(0, x.shape[1] - K.shape[1] + 1, stride)
    y = np.zeros((len(rows), len(columns)), dtype=np.float32)
    for u in range(K.shape[0]):
        for v in range(K.shape[1]):
            y += K[u, v] * x[np.ix_([r + u for r in rows], [c + v for c in columns])]
    return y


def conv_list(x, K, stride):
    (a, b), (c, d) = x.shape, K.shape
    return np.array(
        [
            [(x[i : i + c, j : j + d] * K).sum() for j in range(0, b - d + 1, stride)]
            for i in range(0, a - c + 1, stride)
        ]
    )


def conv_scipy(x, K, stride):
    from scipy.signal import convolve2d

    return convolve2d(x, K, mode="valid")[::stride, ::stride]


def conv_same(x, K, stride):
    from scipy.signal import correlate2d

    return correlate2d(x, K, mode="same")[::stride, ::stride]


def conv_transposed(x, K, stride):
    across = K.T if K.shape[0] == K.shape[1] else K
    return conv_windows(x, across, stride)


CONV = Answers(
    wrong={
        "SciPy's convolution": conv_scipy,
        "padded": conv_same,
        "a square kernel transposed": conv_transposed,
    },
    right={
        "windows, einsum": conv_windows,
        "PyTorch's": conv_torch,
        "place by place, float32": conv_by_place,
        "two comprehensions": conv_list,
    },
    blank=conv_blank,
)

# --- pool ---------------------------------------------------------------------------------------


def pool_blank(maps, k):
    raise NotImplementedError


def pool_loops(maps, k):
    C, H, W = maps.shape
    out = np.empty((C, H // k, W // k))
    for c in range(C):
        for i in range(H // k):
            for j in range(W // k):
                out[c, i, j] = maps[c, i * k : i * k + k, j * k : j * k + k].max()
    return out


def pool_torch(maps, k):
    return functional.max_pool2d(torch.tensor(maps, dtype=torch.float32), k)


def pool_windows(maps, k):
    return sliding_window_view(maps, (k, k), (1, 2))[:, ::k, ::k].max((-1, -2))


def pool_places(maps, k):
    _, H, W = maps.shape
    H, W = H // k * k, W // k * k
    parts = [maps[:, u:H:k, v:W:k] for u in range(k) for v in range(k)]
    return np.max(parts, axis=0).astype(np.float32)


def pool_swapped(maps, k):
    return pool_loops(maps, k).swapaxes(1, 2)


def pool_from_zero(maps, k):
    out = np.zeros((maps.shape[0], maps.shape[1] // k, maps.shape[2] // k))
    for u in range(k):
        for v in range(k):
            part = maps[:, u::k, v::k][:, : out.shape[1], : out.shape[2]]
            out = np.maximum(out, part)
    return out


POOL = Answers(
    wrong={"axes swapped": pool_swapped, "from zero": pool_from_zero},
    right={
        "loops": pool_loops,
        "PyTorch's": pool_torch,
        "every k-th window": pool_windows,
        "place by place, float32": pool_places,
    },
    blank=pool_blank,
)

# --- field --------------------------------------------------------------------------------------


def field_blank(n, layers):
    raise NotImplementedError


def field_backwards(n, layers):
    for k, s, p in layers:
        n = (n + p + p - k) // s + 1
    seen = 1
    for k, s, _ in reversed(layers):
        seen = (seen - 1) * s + k
    return n, seen


def field_product(n, layers):
    strides = [1, *(s for _, s, _ in layers)]
    field = 1 + sum((k - 1) * np.prod(strides[: i + 1]) for i, (k, _, _) in enumerate(layers))
    for k, s, p in layers:
        n = len(range(0, n + 2 * p - k + 1, s))
    return [n, int(field)]


def field_recursive(n, layers):
    if not layers:
        return n, 1
    (k, s, p), *rest = layers
    out, seen = field_recursive((n + 2 * p - k) // s + 1, rest)
    return out, (seen - 1) * s + k


def field_ceil(n, layers):
    size, field = n, field_backwards(n, layers)[1]
    for k, s, p in layers:
        size = -(-(size + 2 * p - k) // s) + 1
    return size, field


def field_halves(n, layers):
    jump, seen = 1, 1
    for k, s, p in layers:
        n, seen = (n + 2 * p - k) // s + 1, seen + (k - 1) * jump
        jump *= 2 if s > 1 else 1
    return n, seen


FIELD = Answers(
    wrong={"rounded up": field_ceil, "any stride is 2": field_halves},
    right={
        "from the end": field_backwards,
        "products, a list": field_product,
        "recursive": field_recursive,
    },
    blank=field_blank,
)

# --- shift --------------------------------------------------------------------------------------


def shift_blank(images, dy, dx):
    raise NotImplementedError


def shift_pixels(images, dy, dx):
    B, H, W = images.shape
    out = np.zeros((B, H, W))
    for b in range(B):
        for i in range(H):
            for j in range(W):
                if 0 <= i - dy[b] < H and 0 <= j - dx[b] < W:
                    out[b, i, j] = images[b, i - dy[b], j - dx[b]]
    return out


def shift_gather(images, dy, dx):
    B, H, W = images.shape
    i, j = np.arange(H) - dy[:, None], np.arange(W) - dx[:, None]  # (B, H), (B, W)
    inside = ((i >= 0) & (i < H))[:, :, None] & ((j >= 0) & (j < W))[:, None, :]
    rows = np.arange(B)[:, None, None]
    taken = images[rows, i.clip(0, H - 1)[:, :, None], j.clip(0, W - 1)[:, None, :]]
    return np.where(inside, taken, 0).astype(np.float32)


def shift_scipy(images, dy, dx):
    from scipy import ndimage

    moves = zip(images, dy, dx, strict=True)
    return np.stack([ndimage.shift(image, (a, b), order=0) for image, a, b in moves])


def shift_rolled(images, dy, dx):
    out = []
    for image, a, b in zip(images, dy, dx, strict=True):
        moved = np.roll(image, (a, b), (0, 1))
        moved[: max(a, 0)] = 0
        moved[:, : max(b, 0)] = 0
        moved[len(moved) + min(a, 0) :] = 0
        moved[:, moved.shape[1] + min(b, 0) :] = 0
        out.append(moved)
    return torch.tensor(np.array(out))


def shift_in_place(images, dy, dx):
    images[:] = shift_pixels(images, dy, dx)
    return images


def shift_wrapped(images, dy, dx):
    moves = zip(images, dy, dx, strict=True)
    return np.stack([np.roll(np.roll(image, a, 0), b, 1) for image, a, b in moves])


SHIFT = Answers(
    wrong={"in place": shift_in_place, "wrapped": shift_wrapped},
    right={
        "pixel by pixel": shift_pixels,
        "gathered, float32": shift_gather,
        "SciPy's": shift_scipy,
        "rolled and wiped, a tensor": shift_rolled,
    },
    blank=shift_blank,
)

# --- confusion ----------------------------------------------------------------------------------


def confusion_blank(labels, predicted, classes):
    raise NotImplementedError


def confusion_loop(labels, predicted, classes):
    table = np.zeros((classes, classes), dtype=np.int32)
    for a, b in zip(labels, predicted, strict=True):
        table[a, b] += 1
    return table


def confusion_bincount(labels, predicted, classes):
    return np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, -1)


def confusion_product(labels, predicted, classes):
    one = np.eye(classes, dtype=int)
    return one[labels].T @ one[predicted]


def confusion_sklearn(labels, predicted, classes):
    from sklearn.metrics import confusion_matrix

    return confusion_matrix(labels, predicted, labels=range(classes))


def confusion_sets(labels, predicted, classes):
    table = np.zeros((classes, classes), dtype=int)
    for a, b in set(zip(labels.tolist(), predicted.tolist(), strict=True)):
        table[a, b] += 1
    return table


def confusion_bytes(labels, predicted, classes):
    table = np.zeros((classes, classes), dtype=np.uint8)
    np.add.at(table, (labels, predicted), 1)
    return table


CONFUSION = Answers(
    wrong={"each pair once": confusion_sets, "counts of eight bits": confusion_bytes},
    right={
        "a loop, int32": confusion_loop,
        "bincount": confusion_bincount,
        "one-hot": confusion_product,
        "scikit-learn's": confusion_sklearn,
    },
    blank=confusion_blank,
)

# --- calibration --------------------------------------------------------------------------------


def calibration_blank(p, labels, bins):
    raise NotImplementedError


def calibration_sums(p, labels, bins):
    confidence = p.max(1)
    gaps = (p.argmax(1) == labels) - confidence
    number = [min(int(c * bins), bins - 1) for c in confidence]
    sums = [0.0] * bins
    for n, gap in zip(number, gaps, strict=True):
        sums[n] += gap
    return sum(map(abs, sums)) / len(labels)


def calibration_bincount(p, labels, bins):
    confidence = p.max(axis=1).astype(np.float32)
    number = np.clip(np.floor(confidence * bins), 0, bins - 1).astype(int)
    gaps = (p.argmax(axis=1) == labels) - confidence
    return np.abs(np.bincount(number, gaps)).sum() / len(p)


def calibration_edges(p, labels, bins):
    p, labels = torch.tensor(p), torch.tensor(labels)
    confidence, predicted = p.max(dim=1)
    edges = np.linspace(0, 1, bins + 1)
    edges[-1] += 1e-9
    total = torch.zeros(())
    for low, high in pairwise(edges):
        inside = (confidence >= low) & (confidence < high)
        if inside.sum() == 0:
            continue
        accuracy = (predicted == labels)[inside].double().mean()
        total = total + inside.sum() / len(p) * (accuracy - confidence[inside].mean()).abs()
    return total


def calibration_worst(p, labels, bins):
    confidence = p.max(1)
    gaps = (p.argmax(1) == labels) - confidence
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    return max(abs(gaps[number == m].mean()) for m in range(bins) if (number == m).any())


def calibration_upper_edges(p, labels, bins):
    confidence = p.max(1)
    gaps = (p.argmax(1) == labels) - confidence
    number = np.digitize(confidence, np.linspace(0, 1, bins + 1), right=True)
    return sum(abs(gaps[number == m].sum()) for m in range(1, bins + 1)) / len(p)


def calibration_sure_apart(p, labels, bins):
    confidence = p.max(1)
    gaps = (p.argmax(1) == labels) - confidence
    return np.abs(np.bincount((confidence * bins).astype(int), gaps)).sum() / len(p)


CALIBRATION = Answers(
    wrong={
        "the worst bin": calibration_worst,
        "upper edges": calibration_upper_edges,
        "confidences of 1 in a bin of their own": calibration_sure_apart,
    },
    right={
        "sums of gaps": calibration_sums,
        "bincount, float32": calibration_bincount,
        "edges, tensors": calibration_edges,
    },
    blank=calibration_blank,
)

BANK = {
    "digits/conv": CONV,
    "digits/pool": POOL,
    "digits/field": FIELD,
    "digits/shift": SHIFT,
    "digits/confusion": CONFUSION,
    "digits/calibration": CALIBRATION,
}

#: Exercise → wrong answer → words of the hint that it must get.
HINTS = {
    "digits/conv": {"SciPy's convolution": "flipped"},
    "digits/pool": {"from zero": "may be negative"},
    "digits/shift": {"wrapped": "wraps around"},
    "digits/confusion": {"each pair once": "once only"},
    "digits/field": {"any stride is 2": "whatever it is"},
    "digits/calibration": {
        "upper edges": "upper bin",
        "confidences of 1 in a bin of their own": "belongs to the last bin",
    },
}
