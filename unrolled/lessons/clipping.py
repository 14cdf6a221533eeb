"""Lecture 02's training with and without a clipped gradient: the sum of twenty numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from unrolled.cells import SimpleRNN

CEILING = 1e9  #: what a loss that has overflowed is set to


class Run(NamedTuple):
    """What a run of training leaves.

    Attributes:
        losses: the mean squared error before each update, at most `CEILING`.
        norms: the gradient's norm before clipping.
        silent: hidden units that are never above 0 on 500 new sequences.
    """

    losses: np.ndarray
    norms: np.ndarray
    silent: int


def clip(grads: list[np.ndarray], limit: float) -> tuple[list[np.ndarray], float]:
    """Return the gradients, shortened together to the limit if they are longer; and their norm."""
    norm = float(np.sqrt(sum(np.sum(g**2) for g in grads)))
    scale = 1.0 if norm <= limit else limit / norm  # a gradient of zero stays zero
    return [g * scale for g in grads], norm


def train(seed: int, rate: float, limit: float, *, m: int = 32, updates: int = 600) -> Run:
    """Teach a ReLU network that starts from W_h = I the sum of 20 numbers, uniform on [−1, 1].

    Args:
        seed: of weights and data.
        rate: learning rate of plain gradient descent.
        limit: the largest norm of a gradient; infinity for no clipping.
        m: hidden units.
        updates: number of updates, 32 sequences each.
    """
    rng = np.random.default_rng(seed)
    w = rng.normal(0, 0.1, (m, 1))
    net = SimpleRNN(rng.normal(0, 0.1, (m, 1)), np.eye(m), np.zeros(m), activation="relu")
    losses, norms = np.full(updates, CEILING), np.full(updates, np.nan)
    for k in range(updates):
        x = rng.uniform(-1, 1, (32, 20, 1))  # (batch, time, 1)
        trace = net.forward(x)
        last = trace.states[:, -1]  # (batch, m)
        error = last @ w - x.sum(axis=1)  # (batch, 1)
        d = 2 * error / len(x)
        g = net.backward(trace, d_h=d @ w.T)
        grads, norms[k] = clip([g.W_x, g.W_h, g.b, last.T @ d], limit)
        if not np.isfinite(norms[k]):
            break  # overflow: the weights are lost
        losses[k] = min(np.mean(error**2), CEILING)
        for p, grad in zip((net.W_x, net.W_h, net.b, w), grads, strict=True):
            p -= rate * grad
    with np.errstate(all="ignore"):  # the weights may have overflowed
        states = net.forward(rng.uniform(-1, 1, (500, 20, 1))).states  # (batch, time + 1, m)
    return Run(losses, norms, int(np.sum(~(states > 0).any(axis=(0, 1)))))
