"""Random recurrent layers and batches for the tests of ``unrolled.cells``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from unrolled.cells import GRU, LSTM, SimpleRNN

TOLERANCES = {"float64": 1e-10, "float32": 1e-5}

#: Every cell with every option, by name.
CELLS: dict[str, Callable[..., Any]] = {
    "rnn-tanh": lambda n, m, rng, **o: SimpleRNN.random(n, m, rng, **o),
    "rnn-relu": lambda n, m, rng, **o: SimpleRNN.random(n, m, rng, activation="relu", **o),
    "lstm": lambda n, m, rng, **o: LSTM.random(n, m, rng, **o),
    "lstm-peepholes": lambda n, m, rng, **o: LSTM.random(n, m, rng, peepholes=True, **o),
    "lstm-coupled": lambda n, m, rng, **o: LSTM.random(n, m, rng, coupled=True, **o),
    "lstm-coupled-peepholes": lambda n, m, rng, **o: LSTM.random(
        n, m, rng, coupled=True, peepholes=True, **o
    ),
    **{
        f"gru-{reset}-{update}": lambda n, m, rng, r=reset, u=update, **o: GRU.random(
            n, m, rng, reset=r, update=u, **o
        )
        for reset in ("before", "after")
        for update in ("keeps", "takes")
    },
}


def random_sizes(count: int, seed: int = 0) -> list[tuple[int, int, int, int]]:
    """Sizes B, T, n, m: each of them 1 in turn, all of them 1, and random ones."""
    rng = np.random.default_rng(seed)
    fixed = [(1, 1, 1, 1), (1, 6, 3, 4), (4, 1, 3, 2), (3, 5, 1, 4), (2, 7, 3, 1)]
    drawn = [tuple(map(int, rng.integers(1, 9, size=4))) for _ in range(count)]
    return [*fixed, *drawn]


def make(name: str, n: int, m: int, rng: np.random.Generator, dtype: str = "float64") -> Any:
    """A cell with weights and biases large enough to bend its gates."""
    scale = 0.4 if name == "rnn-relu" else 0.7
    cell = CELLS[name](n, m, rng, scale=scale, dtype=dtype)
    for parameter in ("b", "b_h"):
        if getattr(cell, parameter, None) is not None:
            array = getattr(cell, parameter)
            array[:] = rng.normal(0, 0.5, array.shape)
    return cell


def agree(ours: Any, theirs: Any, tolerance: float) -> None:
    """Equal shapes and dtypes, and values within the tolerance of the largest."""
    theirs = np.asarray(theirs)
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    scale = max(1.0, float(np.abs(theirs).max(initial=0)))
    assert np.abs(ours - theirs).max(initial=0) <= tolerance * scale
