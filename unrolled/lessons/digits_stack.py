"""Lecture 02's stack of bits in one number: how many come back depends on its precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def remembered(number: Callable[[int], Any], seed: int, depth: int = 60) -> int:
    """Push random bits, pop them as long as they come back right; return how many did.

    Args:
        number: makes the number that holds the stack: ``np.float32``, ``np.float64``, ``Fraction``.
        seed: of the bits.
        depth: how many bits are pushed.
    """
    bits = np.random.default_rng(seed).integers(0, 2, depth).tolist()
    s, right = number(0), 0
    for bit in bits:  # push: in base 4 write 1 or 3 in front
        s = (s + 2 * bit + 1) / 4
    for bit in reversed(bits):
        if int(4 * s >= 2) != bit:
            break
        s, right = 4 * s - (2 * bit + 1), right + 1
    return right
