"""Lab 01's batched training beside a loop over single sums, until all 16,384 sums are right.

Ours is lab 01 itself: its cells are taken from the solved notebook. The peer is the loop that the
course's predecessors print: sigmoid units without biases, weights drawn from −1 to 1, one sum at a
time, squared error, plain gradient descent of rate 0.1, and one NumPy call for each column of the
sum. Both have 16 hidden units, 7-bit numbers, and stop at the first look at which no sum of the
16,384 has a wrong bit; looking is not timed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from unrolled.gates import sigmoid

WIDTH, HIDDEN = 7, 16
#: Updates between two looks, and how many there are at most: batches of 32, single sums.
OURS, OURS_AT_MOST = 25, 1000
THEIRS, THEIRS_AT_MOST = 500, 60_000
#: The lab's cells that define its training.
CELLS = ("encode", "step", "forward", "backward-step", "bptt", "gradients")
NOTEBOOK = Path(__file__).parent.parent / "labs" / "en" / "solutions" / "01_addition.ipynb"

Weights = list[np.ndarray]


def of_lab() -> dict[str, Any]:
    """Return what the cells of lab 01 define.

    Raises:
        KeyError: the lab has no such cell any more.
    """
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    source = {cell.id: cell.source for cell in notebook.cells}
    names: dict[str, Any] = {"np": np, "sigmoid": sigmoid}
    for cell in CELLS:
        exec(source[cell], names)
    return names


def ours(seed: int) -> tuple[float, bool]:
    """Return how long lab 01 takes, and whether all sums were right in the end."""
    lab = of_lab()
    rng = np.random.default_rng(seed)
    p = [
        rng.normal(0, 1 / np.sqrt(2), (HIDDEN, 2)),
        rng.normal(0, 1 / np.sqrt(HIDDEN), (HIDDEN, HIDDEN)),
        np.zeros(HIDDEN),
        rng.normal(0, 1 / np.sqrt(HIDDEN), (1, HIDDEN)),
        np.zeros(1),
    ]
    mean, square = [0 * w for w in p], [0 * w for w in p]
    x_all, y_all = _all(lab["encode"])
    seconds, done = 0.0, 0

    def update(i: int) -> None:
        a, b = rng.integers(0, 2**WIDTH, (2, 32))
        _, grads = lab["gradients"](*lab["encode"](a, b, WIDTH), p)
        for j, g in enumerate(grads):  # Adam, as in the lab
            mean[j] = 0.9 * mean[j] + 0.1 * g
            square[j] = 0.999 * square[j] + 0.001 * g**2
            size = np.sqrt(square[j] / (1 - 0.999**i)) + 1e-8
            p[j] = p[j] - 0.02 * mean[j] / (1 - 0.9**i) / size

    while done < OURS_AT_MOST:
        seconds += _timed(update, range(done + 1, done + OURS + 1))
        done += OURS
        if ((lab["forward"](x_all, y_all, *p)[1] > 0) == (y_all > 0.5)).all():
            return seconds, True
    return seconds, False


def theirs(seed: int) -> tuple[float, bool]:
    """Return how long the loop over single sums takes, and whether all were right in the end."""
    rng = np.random.default_rng(seed)
    w_x, w_y, w_h = (
        rng.uniform(-1, 1, shape) for shape in ((2, HIDDEN), (HIDDEN, 1), (HIDDEN, HIDDEN))
    )
    x_all, y_all = _all(of_lab()["encode"])
    seconds, done = 0.0, 0

    def update(_: int) -> None:
        a, b = rng.integers(0, 2**WIDTH, 2)
        states: list[Any] = [np.zeros(HIDDEN)]
        slopes, inputs = [], []
        for t in range(WIDTH + 1):
            x_t = np.array([[a >> t & 1, b >> t & 1]])
            s_t = sigmoid(x_t @ w_x + states[-1] @ w_h)
            out = sigmoid(s_t @ w_y)
            slopes.append(((a + b >> t & 1) - out) * out * (1 - out))
            states.append(s_t)
            inputs.append(x_t)
        d_x, d_h, d_y = np.zeros_like(w_x), np.zeros_like(w_h), np.zeros_like(w_y)
        later = np.zeros((1, HIDDEN))
        for t in reversed(range(WIDTH + 1)):
            s_t, before = states[t + 1], np.atleast_2d(states[t])
            later = (later @ w_h.T + slopes[t] @ w_y.T) * s_t * (1 - s_t)
            d_y += s_t.T @ slopes[t]
            d_h += before.T @ later
            d_x += inputs[t].T @ later
        for weights, change in ((w_x, d_x), (w_h, d_h), (w_y, d_y)):
            weights += 0.1 * change

    def right() -> bool:
        s: Any = np.zeros((len(x_all), HIDDEN))
        for t in range(WIDTH + 1):
            s = sigmoid(x_all[:, t] @ w_x + s @ w_h)
            if ((s @ w_y > 0) != (y_all[:, t] > 0.5)).any():
                return False
        return True

    while done < THEIRS_AT_MOST:
        seconds += _timed(update, range(THEIRS))
        done += THEIRS
        if right():
            return seconds, True
    return seconds, False


def _all(encode: Callable[..., Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return all sums: (16384, 8, 2) and (16384, 8, 1)."""
    a, b = np.divmod(np.arange(2 ** (2 * WIDTH)), 2**WIDTH)
    return encode(a, b, WIDTH)


def _timed(update: Callable[[int], None], numbers: range) -> float:
    begin = time.perf_counter()
    for i in numbers:
        update(i)
    return time.perf_counter() - begin
