"""Lecture 02's Jacobians of a network's state over a lag, and how large they are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

WARM_UP = 200  # steps before the measurement: the initial state is forgotten, or chaos has set in


class Chain(NamedTuple):
    """Norms of ∂h_T/∂h_t.

    Attributes:
        norms: spectral norms for the lags 1, 2, …
        bounds: γ^k σ_max^k for the same lags; γ is the largest slope of tanh on the way.
    """

    norms: np.ndarray
    bounds: np.ndarray

    @property
    def factor(self) -> float:
        """The factor per step: a geometric mean between the lag 10 and the last one."""
        last = len(self.norms)
        return float((self.norms[-1] / self.norms[9]) ** (1 / (last - 10)))


def chain(
    radius: float, seed: int, *, squash: bool, drive: float = 1.0, m: int = 32, steps: int = 50
) -> Chain:
    """Multiply the Jacobians of a random network along its own path.

    Args:
        radius: the spectral radius of W_h.
        seed: of weights, initial state and inputs.
        squash: whether the network has a tanh; a linear network's Jacobian is W_h at every step.
        drive: standard deviation of the inputs, one number a step.
        m: hidden units.
        steps: the largest lag.
    """
    rng = np.random.default_rng(seed)
    W_h = rng.normal(size=(m, m))
    W_h *= radius / np.abs(np.linalg.eigvals(W_h)).max()
    w_x, h, J = rng.normal(size=m), rng.normal(size=m), np.eye(m)
    norms, slopes = [], []
    for t in range(-WARM_UP if squash else 0, steps):
        D = np.ones(m)
        if squash:
            h = np.tanh(W_h @ h + drive * w_x * rng.normal())
            D = 1 - h**2
        if t >= 0:
            J = D[:, None] * (W_h @ J)  # (m, m): one more factor
            norms.append(np.linalg.norm(J, 2))
            slopes.append(D.max())
    lags = np.arange(1, steps + 1)
    sigma_max = np.linalg.norm(W_h, 2)
    return Chain(np.array(norms), (np.maximum.accumulate(slopes) * sigma_max) ** lags)


def held(c: float, *, squash: bool, steps: int = 40) -> np.ndarray:
    """Return ‖∂h_T/∂h_t‖ for the lags 1, 2, … of two units with W_h = c [[1, −1], [1, −1]].

    The spectral radius of W_h is 0 and its square is zero. The input holds the state at
    (0, √0.9), where the slopes of tanh are 1 and 0.1.

    Args:
        c: the scale of W_h; its largest singular value is 2c.
        squash: whether the network has a tanh.
        steps: the largest lag.
    """
    W_h = c * np.array([[1.0, -1.0], [1.0, -1.0]])
    h = np.array([0.0, np.sqrt(0.9)])
    J, norms = np.eye(2), []
    for _ in range(steps):
        x = np.arctanh(h) - W_h @ h  # W_x = I: the input that keeps the state where it is
        D = np.ones(2)
        if squash:
            h = np.tanh(W_h @ h + x)
            D = 1 - h**2
        J = D[:, None] * (W_h @ J)
        norms.append(np.linalg.norm(J, 2))
    return np.array(norms)
