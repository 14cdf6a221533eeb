"""Lecture 08's comparison in bits: PNG, JPEG, and codes that are rounded and counted."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image


def sheet(x: np.ndarray, columns: int = 32) -> np.ndarray:
    """Return pictures (count, 64) as one grey sheet of 8-bit pixels; missing ones are white.

    JPEG cuts a sheet into blocks of 8×8, so each of its blocks is one picture.
    """
    rows = -(-len(x) // columns)
    grey = np.full((rows * columns, 64), 0.0)
    grey[: len(x)] = x
    blocks = grey.reshape(rows, columns, 8, 8).transpose(0, 2, 1, 3)
    return np.round(255 * (1 - blocks.reshape(8 * rows, 8 * columns))).astype(np.uint8)


def cut(grey: np.ndarray, count: int) -> np.ndarray:
    """Return the pictures (count, 64) of a sheet; the inverse of :func:`sheet`."""
    rows, columns = grey.shape[0] // 8, grey.shape[1] // 8
    blocks = grey.reshape(rows, 8, columns, 8).transpose(0, 2, 1, 3)
    return 1 - blocks.reshape(-1, 64)[:count] / 255


def png_bits(x: np.ndarray) -> float:
    """Return PNG's bits for a picture, all pictures on one sheet."""
    buffer = io.BytesIO()
    Image.fromarray(sheet(x)).save(buffer, "PNG", optimize=True)
    return 8 * len(buffer.getvalue()) / len(x)


def jpeg(x: np.ndarray, quality: int) -> tuple[float, np.ndarray]:
    """Return JPEG's bits for a picture, all pictures on one sheet, and what comes back."""
    buffer = io.BytesIO()
    Image.fromarray(sheet(x)).save(buffer, "JPEG", quality=quality, optimize=True)
    bits = 8 * len(buffer.getvalue()) / len(x)
    return bits, cut(np.asarray(Image.open(buffer), dtype=float), len(x))


def rounded(codes: np.ndarray, known: np.ndarray, step: float) -> tuple[float, np.ndarray]:
    """Return the bits for a rounded code, and the rounded codes.

    Each number of the code is rounded to a multiple of ``step``. Its bits are what an ideal
    coder pays that knows how often each multiple came in ``known`` (one more for each, so that
    none costs infinitely much), and as often as needed nothing else: no header, no decoder.

    Args:
        codes: (count, k).
        known: codes of other data, (others, k): the coder's statistics come from these.
        step: distance between two allowed values.
    """
    whole, seen = np.round(codes / step).astype(int), np.round(known / step).astype(int)
    bits = 0.0
    for mine, theirs in zip(whole.T, seen.T, strict=True):
        low, high = min(mine.min(), theirs.min()), max(mine.max(), theirs.max())
        counts = np.bincount(theirs - low, minlength=high - low + 1) + 1.0
        bits -= np.log2(counts[mine - low] / counts.sum()).sum()
    return bits / len(codes), whole * step


def curve(
    encode: Callable[[np.ndarray], np.ndarray],
    decode: Callable[[np.ndarray], np.ndarray],
    train: np.ndarray,
    test: np.ndarray,
    steps: np.ndarray,
) -> np.ndarray:
    """Return bits for a picture and PSNR, (steps, 2), for several steps of rounding."""
    known, codes = encode(train), encode(test)
    points = []
    for step in steps:
        bits, kept = rounded(codes, known, step)
        points.append((bits, psnr(decode(kept), test)))
    return np.array(points)


def psnr(x: np.ndarray, truth: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio in dB; the peak is 1."""
    return float(-10 * np.log10(np.mean((np.clip(x, 0, 1) - truth) ** 2)))
