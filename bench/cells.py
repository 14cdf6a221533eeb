"""Measuring the NumPy cells against PyTorch and Keras: forward and backward over a batch.

``python -m bench.cells`` prints a Markdown table and writes ``bench/cells.json``. All three
libraries do the same work on the same numbers: the outputs of a batch, then, from given derivatives
by the outputs, the gradients of weights, inputs and biases. They take turns, so that whatever else
the machine does falls on all of them; the ratios are medians of the ratios within a turn. Times are
for comparing within one run, on one machine; nothing asserts them.
"""

from __future__ import annotations

import os

# Thread counts are read when the libraries are loaded.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "2"
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from press.arguments import positive
from unrolled.cells import GRU, LSTM, SimpleRNN
from unrolled.cells.weights import to_keras, to_pytorch

RESULTS = Path(__file__).resolve().parent.parent / "bench" / "cells.json"
THREADS = 2
BATCH, TIME, INPUTS, SIZE = 64, 100, 32, 128
TURNS, REPEATS = 9, 5
LIBRARIES = ("NumPy", "PyTorch", "Keras")

Work = Callable[[], Any]


def works(cell: Any, x: Any, d: Any) -> dict[str, Work]:
    """Return what each library has to do: a function that returns (outputs, dL/dx).

    Args:
        cell: the NumPy cell.
        x: inputs, (B, T, n).
        d: the loss's derivative by the outputs, (B, T, m).
    """
    import tensorflow as tf
    import torch

    def ours() -> tuple[Any, Any]:
        trace = cell.forward(x)
        return trace.states, cell.backward(trace, d).x

    module = to_pytorch(cell)
    tx, td = torch.tensor(x, requires_grad=True), torch.tensor(d)

    def pytorch() -> tuple[Any, Any]:
        module.zero_grad(set_to_none=True)
        tx.grad = None
        outputs, _ = module(tx)
        outputs.backward(td)
        return outputs.detach(), tx.grad

    (layer,) = to_keras(cell)
    kx, kd = tf.Variable(x), tf.constant(d)
    variables = [kx, *(weight.value for weight in layer.trainable_weights)]

    @tf.function
    def step() -> Any:
        with tf.GradientTape() as tape:
            outputs = layer(kx)
        return outputs, tape.gradient(outputs, variables, output_gradients=kd)

    def keras() -> tuple[Any, Any]:
        outputs, gradients = step()
        return outputs.numpy(), gradients[0].numpy()

    return dict(zip(LIBRARIES, (ours, pytorch, keras), strict=True))


def hold_threads() -> None:
    """Give all libraries the same number of threads."""
    import tensorflow as tf
    import torch

    torch.set_num_threads(THREADS)
    tf.config.threading.set_intra_op_parallelism_threads(THREADS)
    tf.config.threading.set_inter_op_parallelism_threads(THREADS)


def milliseconds(work: Work, repeats: int) -> float:
    """Return the median time of a few runs in a row."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


def times(cell: Any, turns: int) -> dict[str, list[float]]:
    """Return what each library took in each turn, in milliseconds.

    Raises:
        AssertionError: the libraries did not compute the same.
    """
    rng = np.random.default_rng(0)
    x = rng.normal(size=(BATCH, TIME, INPUTS)).astype(np.float32)
    d = rng.normal(size=(BATCH, TIME, SIZE)).astype(np.float32)
    todo = works(cell, x, d)
    done = {name: [np.asarray(a) for a in work()] for name, work in todo.items()}
    for name in LIBRARIES[1:]:
        for one, other in zip(done["NumPy"], done[name], strict=True):
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-4 * np.abs(other).max())
    taken: dict[str, list[float]] = {name: [] for name in todo}
    for _ in range(turns):
        for name, work in todo.items():
            work()  # a library's threads wake up, the others' go to sleep
            taken[name].append(milliseconds(work, REPEATS))
    return taken


def measure(cell: Any, turns: int) -> dict[str, dict[str, float]]:
    """Return each library's median milliseconds and its median ratio to PyTorch.

    Raises:
        AssertionError: the libraries did not compute the same.
    """
    taken = times(cell, turns)
    base = taken["PyTorch"]
    return {
        name: {
            "ms": round(statistics.median(times), 1),
            "ratio": round(statistics.median(a / b for a, b in zip(times, base, strict=True)), 2),
        }
        for name, times in taken.items()
    }


def table(results: dict[str, Any]) -> str:
    """Return the results as a Markdown table."""
    lines = [
        "| forward + backward, ms (× PyTorch) | " + " | ".join(LIBRARIES) + " |",
        "|---|" + "--:|" * len(LIBRARIES),
    ]
    for name, row in results["cells"].items():
        cells = (f"{row[library]['ms']:.1f} ({row[library]['ratio']:.2f})" for library in LIBRARIES)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure all cells, print the table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=positive, default=TURNS, help="how often each library runs")
    args = parser.parse_args()
    hold_threads()
    rng = np.random.default_rng(1)
    kinds: tuple[Any, ...] = (SimpleRNN, LSTM, GRU)
    results = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "setting": {
            "batch": BATCH,
            "time": TIME,
            "inputs": INPUTS,
            "size": SIZE,
            "dtype": "float32",
            "threads": THREADS,
            "turns": args.turns,
        },
        "cells": {
            kind.__name__: measure(kind.random(INPUTS, SIZE, rng, dtype=np.float32), args.turns)
            for kind in kinds
        },
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(table(results))


if __name__ == "__main__":
    main()
