"""Lecture 06's first task: is there a voice in the noise? A dense net and a copied one.

The voice is made: six harmonics of a gliding pitch under an envelope. A recording is noise with or
without it; the noise of each is drawn afresh.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

Floats = NDArray[np.float64]

#: Samples a second, of a recording, of the voice.
RATE, LENGTH, LONG = 4000, 4000, 1000
#: Where a voice may begin: five places in the first half, and as many in the second.
SEEN = np.arange(5) * 250
NEVER_SEEN = SEEN + LENGTH // 2


def recordings(
    rng: np.random.Generator, voice: Floats, size: int, starts: ArrayLike, level: float = 1.0
) -> tuple[torch.Tensor, torch.Tensor, NDArray[np.int64]]:
    """Draw recordings, half of them with the voice.

    Args:
        rng: the source of the noise, of the answers and of the places.
        voice: one voice, (LONG,).
        size: how many recordings.
        starts: the samples at which a voice may begin.
        level: the standard deviation of the voice where that of the noise is 1.

    Returns:
        Recordings (size, LENGTH), each with a standard deviation of 1; whether a voice is in it,
        0 or 1, (size,), both float32; where it begins, or would begin, (size,).
    """
    x = rng.normal(size=(size, LENGTH))
    there = rng.integers(0, 2, size)
    at = rng.choice(np.asarray(starts), size)
    loud = level * voice / voice.std()
    for i in np.flatnonzero(there):
        x[i, at[i] : at[i] + LONG] += loud
    x /= x.std(axis=1, keepdims=True)  # loudness alone shall not tell
    return torch.tensor(x).float(), torch.tensor(there).float(), at


def learn(
    net: nn.Module, x: torch.Tensor, there: torch.Tensor, seed: int, updates: int = 100
) -> None:
    """Train a net with Adam (0.003) on batches of 64 recordings drawn from those given.

    Args:
        net: recordings (batch, LENGTH) to logits (batch,); changed.
        x: the recordings, (size, LENGTH).
        there: the answers, (size,).
        seed: of the batches.
        updates: steps of Adam.
    """
    rng = np.random.default_rng(seed)
    adam = torch.optim.Adam(net.parameters(), lr=0.003, fused=True)
    for _ in range(updates):
        i = rng.integers(0, len(x), 64)
        loss = nn.functional.binary_cross_entropy_with_logits(net(x[i]), there[i])
        adam.zero_grad()
        loss.backward()
        adam.step()


def right(net: nn.Module, x: torch.Tensor, there: torch.Tensor) -> float:
    """Return the share of recordings of which a net says rightly whether the voice is there."""
    with torch.no_grad():
        return float(((net(x) > 0) == (there > 0.5)).float().mean())


def finer(x: ArrayLike, times: int = 2) -> Floats:
    """Return a signal with more samples a second, as sound cards want it: straight lines between.

    Args:
        x: the signal, (samples,).
        times: how many times as many samples.
    """
    x = np.asarray(x, dtype=float)
    return np.interp(np.arange(times * len(x)) / times, np.arange(len(x)), x)
