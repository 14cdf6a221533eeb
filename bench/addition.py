"""Lab 01's batched training beside a loop over single sums, until all 16,384 sums are right.

Ours is lab 01 itself: its functions are taken from the solved notebook. The peer is the loop that
the lab's sources print: sigmoid units without biases, weights drawn from −1 to 1, one sum at a
time, squared error, plain gradient descent of rate 0.1, and one NumPy call for each column of the
sum. Both have 16 hidden units, 7-bit numbers, and stop at the first look at which no sum of the
16,384 has a wrong bit; looking is not timed.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from unrolled.gates import sigmoid

WIDTH, HIDDEN = 7, 16
#: Updates between two looks: batches of 32, single sums. And how many sums there are at most.
OURS, THEIRS, THEIRS_AT_MOST = 25, 500, 60_000
#: What lab 01 defines and its training needs.
DEFINED = frozenset(
    (
        *("encode", "step", "forward", "backward_step", "bptt", "gradients"),
        *("start", "draw", "train", "signed", "exact"),
    )
)
CONSTANTS = frozenset({"WIDTH", "M", "UPDATES"})
NOTEBOOK = Path(__file__).parent.parent / "labs" / "en" / "solutions" / "01_addition.ipynb"


def of_lab() -> dict[str, Any]:
    """Return the functions and constants of lab 01's training; nothing else of it is run.

    Raises:
        KeyError: the lab does not define one of them any more.
    """
    names: dict[str, Any] = {"np": np, "sigmoid": sigmoid}
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        for node in ast.parse(cell.source).body if cell.cell_type == "code" else ():
            constant = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in CONSTANTS
            if constant or (isinstance(node, ast.FunctionDef) and node.name in DEFINED):
                exec(ast.unparse(node), names)
    if missing := (DEFINED | CONSTANTS) - names.keys():
        raise KeyError(f"lab 01 does not define {', '.join(sorted(missing))}")
    return names


def ours(seed: int) -> tuple[float, bool]:
    """Return how long lab 01 takes, and whether all sums were right in the end.

    Its training says what the weights were after every update: so we know how many it needs, and
    time it with so many. Drawing all of its batches counts.
    """
    lab = of_lab()
    pairs = _all(lab["encode"])
    _, path = lab["train"](lab["start"](seed), lab["draw"](seed))
    looks = range(OURS, len(path) + 1, OURS)
    needed = next((n for n in looks if lab["exact"](path[n - 1], *pairs) == 1), None)
    begin = time.perf_counter()
    batches = lab["draw"](seed)
    lab["train"](lab["start"](seed), [part[: needed or len(path)] for part in batches])
    return time.perf_counter() - begin, needed is not None


def theirs(seed: int) -> tuple[float, bool]:
    """Return how long the loop over single sums takes, and whether all were right in the end."""
    rng = np.random.default_rng(seed)
    w_x, w_y, w_h = (
        rng.uniform(-1, 1, shape) for shape in ((2, HIDDEN), (HIDDEN, 1), (HIDDEN, HIDDEN))
    )
    x_all, y_all = _all(of_lab()["encode"])
    seconds, done = 0.0, 0

    def update() -> None:
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
        begin = time.perf_counter()
        for _ in range(THEIRS):
            update()
        seconds += time.perf_counter() - begin
        done += THEIRS
        if right():
            return seconds, True
    return seconds, False


def _all(encode: Callable[..., Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return all sums: (16384, 8, 2) and (16384, 8, 1)."""
    a, b = np.divmod(np.arange(2 ** (2 * WIDTH)), 2**WIDTH)
    return encode(a, b, WIDTH)
