"""A small continuous network that hears a recording at a changing pace (lecture 04)."""

from __future__ import annotations

import numpy as np

#: Steps of the reference in one unit of the recording's time.
FINE = 400


def recording(time: np.ndarray) -> np.ndarray:
    """Return the recording's two channels at the given times, (len(time), 2)."""
    return np.stack([np.sin(0.9 * time) + np.sin(0.41 * time), np.cos(0.63 * time)], axis=-1)


def paces(rng: np.random.Generator, steps: int = 300) -> np.ndarray:
    """Draw how much of the recording passes in each step: stretches of 25 steps at one pace each.

    The paces are uniform on a logarithmic scale from 0.02 to 0.3.
    """
    stretches = np.exp(rng.uniform(np.log(0.02), np.log(0.3), -(-steps // 25)))
    return np.repeat(stretches, 25)[:steps]


class Network:
    """Units with dh/dt = tanh(W_x x + W_h h + b) − h, the weights drawn once.

    Args:
        rng: the source of the weights.
        size: the number of units, m.
    """

    def __init__(self, rng: np.random.Generator, size: int = 8) -> None:
        self.W_x = rng.normal(0, 1, (size, 2))
        self.W_h = rng.normal(0, 0.8 / size**0.5, (size, size))
        self.b = rng.normal(0, 0.3, size)

    def run(self, x: np.ndarray, gate: np.ndarray) -> np.ndarray:
        """Return the states h_t = g_t tanh(…) + (1 − g_t) h_{t−1}, (T, m), from h_0 = 0.

        Args:
            x: inputs, (T, 2).
            gate: one number g_t for each step, (T,).
        """
        h, states = np.zeros(len(self.b)), []
        for x_t, g in zip(x, gate, strict=True):
            h = g * np.tanh(self.W_x @ x_t + self.W_h @ h + self.b) + (1 - g) * h
            states.append(h)
        return np.array(states)

    def exact(self, times: np.ndarray) -> np.ndarray:
        """Return the states in the recording's own time, to within a fine Euler step."""
        grid = np.arange(1, int(times[-1] * FINE) + 2) / FINE
        states = self.run(recording(grid), np.full(len(grid), 1 / FINE))
        at = [np.interp(times, grid, unit) for unit in states.T]
        return np.stack(at, axis=-1)
