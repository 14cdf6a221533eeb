"""Lecture 05's contest in full: its cells, and what they have to beat.

:mod:`unrolled.lessons.contest` lets three cells compete as PyTorch makes them. Here stands a third
task in which a distant word decides (:mod:`unrolled.lessons.agreement`), and the opponents that
nobody may leave out, on the same data, with the same updates and the same budget of parameters:

* ``identity``: a simple network with ReLU whose W_h starts as the identity matrix and whose biases
  start at zero (Le, Jaitly, Hinton, 2015, https://arxiv.org/abs/1504.00941);
* ``orthogonal``: PyTorch's simple network with tanh, but W_h starts orthogonal;
* ``window``: no memory: a layer of ReLUs on the last few inputs, then a linear layer.

In closed form, without a budget: :func:`products`, least squares on the whole sequence of adding,
:func:`contest.regression` on chaos, and :func:`ngram`, counts of words or letters.

``python -m unrolled.lessons.rivals`` searches the learning rates as the contest does, with the
seeds of :data:`VALIDATED`, trains the networks of :data:`SCORES`, and prints both tables (half an
hour on one slow core; one task alone: its name as an argument).
"""

from __future__ import annotations

import functools
import math
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from unrolled.lessons import agreement, contest
from unrolled.lessons.contest import TEST, VALIDATION, Network, Task

#: The tasks of lecture 05.
TASKS: dict[str, Task] = {
    "adding": contest.TASKS["adding"],
    "chaos": contest.TASKS["chaos"],
    "agreement": agreement.TASK,
}
#: The same and the contest's text by letters, which the lecture only mentions.
_EVERY: dict[str, Task] = {**contest.TASKS, **TASKS}
#: What competes beside the contest's cells.
ENTRIES = ("identity", "orthogonal", "window")
#: The seeds whose median on validation data chooses a rate: two in agreement, elsewhere five.
VALIDATED = {"agreement": range(100, 102)}
#: How many inputs the window sees: of those tried the best on validation.
WIDTH = {"adding": 20, "chaos": 25, "agreement": 7, "text": 8}
#: What was tried: all of adding's sequence; in agreement 7 words reach from any verb to its noun.
WIDTHS = {"adding": (20,), "chaos": (11, 25), "agreement": (4, 7), "text": (4, 6, 8)}
#: Task, entry, learning rate → the median score on validation data.
TRIED: dict[str, dict[str, dict[float, float]]] = {
    "adding": {
        "identity": {0.01: 0.0369, 0.03: 0.0282, 0.1: 0.1685, 0.3: 0.1715},
        "orthogonal": {
            0.0003: 0.1701,
            0.001: 0.1695,
            0.003: 0.17,
            0.01: 0.1704,
            0.03: 0.1707,
            0.1: 0.1705,
            0.3: 0.1747,
        },
        "window": {
            0.001: 0.1575,
            0.003: 0.1546,
            0.01: 0.1567,
            0.03: 0.1571,
            0.1: 0.1599,
            0.3: 0.1702,
        },
    },
    "chaos": {
        "identity": {0.003: 0.0628, 0.01: 0.0408, 0.03: 0.0479, 0.1: 0.0945, 0.3: 0.2994},
        "orthogonal": {0.003: 0.0819, 0.01: 0.0754, 0.03: 0.1277, 0.1: 0.7759, 0.3: 0.9055},
        "window": {0.01: 0.0553, 0.03: 0.0264, 0.1: 0.0294, 0.3: 0.0522},
    },
    "agreement": {
        "identity": {0.01: 2.1148, 0.03: 2.0492, 0.1: 2.0499, 0.3: 2.2067},
        "orthogonal": {0.01: 2.1834, 0.03: 2.0571, 0.1: 2.0407, 0.3: 2.1957},
        "window": {0.01: 2.1927, 0.03: 2.0903, 0.1: 2.0605, 0.3: 2.0571, 1.0: 2.7322},
        "RNN": {0.01: 2.179, 0.03: 2.0528, 0.1: 2.0407, 0.3: 2.2194},
        "GRU": {0.01: 2.2296, 0.03: 2.1343, 0.1: 2.0421, 0.3: 2.0666},
        "LSTM": {0.01: 2.3074, 0.03: 2.2165, 0.1: 2.1047, 0.3: 2.1359},
    },
    "text": {
        "identity": {0.01: 2.2234, 0.03: 0.9469, 0.1: 0.5544, 0.3: 1.0418},
        "orthogonal": {0.01: 1.3877, 0.03: 0.5827, 0.1: 0.5025, 0.3: 2.6643},
        "window": {0.01: 1.4562, 0.03: 0.5918, 0.1: 0.5013, 0.3: 0.4959, 1.0: 0.711},
    },
}
#: Task, entry → the test scores of the seeds 0 to 4 at the best of these rates.
SCORES: dict[str, dict[str, list[float]]] = {
    "adding": {
        "identity": [0.1712, 0.1699, 0.1712, 0.0284, 0.0375],
        "orthogonal": [0.1758, 0.1755, 0.1762, 0.174, 0.1773],
        "window": [0.1611, 0.1621, 0.1621, 0.161, 0.159],
    },
    "chaos": {
        "identity": [0.0353, 0.0348, 0.0508, 0.038, 0.04],
        "orthogonal": [0.0797, 0.0821, 0.0613, 0.0714, 0.0904],
        "window": [0.0269, 0.0232, 0.025, 0.0224, 0.0298],
    },
    "agreement": {
        "identity": [2.0869, 2.0538, 2.0484, 2.0605, 2.0479],
        "orthogonal": [2.0432, 2.0403, 2.0431, 2.041, 2.0427],
        "window": [2.0386, 2.0564, 2.0523, 2.0684, 2.0433],
    },
}


def best_rate(name: str, entry: str) -> float:
    """Return the learning rate with the best score on validation data.

    In agreement an LSTM that is trained longer or started otherwise has the rate of the plain one.
    """
    if entry in contest.ENTRIES and name in contest.RATES:
        return contest.RATES[name][entry]
    tried = TRIED[name].get(entry) or TRIED[name][contest.ENTRIES[entry]["cell"]]
    return min(tried, key=lambda rate: tried[rate])


# --- the networks ---------------------------------------------------------------------------------


class Window(torch.nn.Module):
    """ReLUs on the last ``width`` inputs, zeros before the first, and a linear layer on them."""

    def __init__(self, n: int, m: int, k: int, width: int) -> None:
        super().__init__()
        self.width = width
        self.hidden = torch.nn.Linear(width * n, m)
        self.head = torch.nn.Linear(m, k)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the outputs at every step, (batch, time, k)."""
        before = torch.nn.functional.pad(x, (0, 0, self.width - 1, 0))
        seen = before.unfold(1, self.width, 1).flatten(2)  # (batch, time, n * width)
        return self.head(torch.relu(self.hidden(seen)))


@dataclass(frozen=True)
class Run:
    """One network after training: its score on unseen data and the seconds of one epoch."""

    network: torch.nn.Module
    score: float
    seconds: float


def units(width: int, n: int, k: int, budget: int = contest.BUDGET) -> int:
    """Return the largest number of hidden units with which a window stays within the budget."""
    return (budget - k) // (width * n + 1 + k)


def network(name: str, entry: str, *, width: int | None = None) -> torch.nn.Module:
    """Return an untrained network for a task.

    Args:
        name: of the task.
        entry: of :data:`ENTRIES` or of the contest's.
        width: of the window; from :data:`WIDTH` by default.
    """
    n, k = _EVERY[name].inputs, _EVERY[name].outputs
    if entry == "window":
        width = width or WIDTH[name]
        return Window(n, units(width, n, k), k, width)
    how = contest.ENTRIES.get(entry, {"cell": "RNN"})
    m = contest.places(how["cell"], n, k)
    net = Network(how["cell"], n, m, k)
    with torch.no_grad():
        if entry == "identity":
            net.cell = torch.nn.RNN(n, m, nonlinearity="relu", batch_first=True)
            torch.nn.init.eye_(net.cell.weight_hh_l0)
            net.cell.bias_ih_l0.zero_()
            net.cell.bias_hh_l0.zero_()
        elif entry == "orthogonal":
            torch.nn.init.orthogonal_(net.cell.weight_hh_l0)
        elif "forget_bias" in how:  # blocks i, f, g, o
            net.cell.bias_ih_l0[m : 2 * m] = how["forget_bias"]
    return net


@functools.cache
def training(name: str, seed: int) -> contest.Data:
    """Return a task's training data of a seed, the same for all entries."""
    return _EVERY[name].draw(np.random.default_rng(seed), contest.SEQUENCES)


@functools.cache
def unseen(name: str, seed: int = TEST, count: int = 1000) -> contest.Data:
    """Return a task's test data (or, with another seed, its validation data), the same for all."""
    return _EVERY[name].draw(np.random.default_rng(seed), count)


def run(
    name: str,
    entry: str,
    seed: int,
    *,
    rate: float | None = None,
    on: int = TEST,
    width: int | None = None,
) -> Run:
    """Train one network on a task and score it; the contest's own runs are the contest's.

    Args:
        name: of the task.
        entry: of :data:`ENTRIES` or of the contest's.
        seed: of the training data, their order and the starting weights.
        rate: learning rate; the best one tried by default.
        on: the seed of the data on which it is scored.
        width: of the window; from :data:`WIDTH` by default.
    """
    rate = best_rate(name, entry) if rate is None else rate
    if name in contest.TASKS and entry in contest.ENTRIES:
        done = contest.run(name, entry, seed, rate=rate, on=on)
        return Run(done.network, done.score, done.seconds)
    task = _EVERY[name]
    torch.manual_seed(seed)
    net = network(name, entry, width=width)
    epochs = round(task.epochs * contest.ENTRIES.get(entry, {}).get("longer", 1))
    start = time.perf_counter()
    contest.learn(net, task, training(name, seed), rate, epochs, seed)
    seconds = (time.perf_counter() - start) / epochs
    with torch.no_grad():
        x, y = unseen(name, on)
        score = task.loss(net(x), y).item()
    return Run(net, score, seconds)


def updates(name: str) -> int:
    """Return how often the weights of a network change on a task (not trained longer)."""
    return TASKS[name].epochs * contest.SEQUENCES // contest.BATCH


# --- in closed form -------------------------------------------------------------------------------


def products(*, squares: bool) -> float:
    """Return the test error of least squares on all 40 numbers of adding's sequences.

    Args:
        squares: whether the model also sees all products of two of them.
    """

    def features(x: torch.Tensor) -> np.ndarray:
        w = torch.nn.functional.pad(x.flatten(1).double(), (0, 1), value=1.0)  # (count, 41)
        i, j = torch.triu_indices(41, 41)
        return (w[:, i] * w[:, j] if squares else w).numpy()

    x, y = training("adding", 0)
    fit = np.linalg.lstsq(features(x), y.double().numpy(), rcond=1e-10)[0]
    x, y = unseen("adding")
    return float(np.square(features(x) @ fit - y.numpy()).mean())


def ngram(order: int, name: str = "agreement", *, on: int = TEST) -> float:
    """Return the bits per word (or letter) of an n-gram model of a text.

    Counts of the training data of seed 0, each order smoothed with the one below it (Witten and
    Bell, 1991, https://doi.org/10.1109/18.87000), the lowest with the uniform distribution.

    Args:
        order: n; the model sees the last n − 1 words, fewer at the beginning.
        name: "agreement", or "text" for the contest's text by letters.
        on: the seed of the data on which it is scored.
    """
    counts: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
    for row, i in _targets(*training(name, 0)):
        for k in range(min(order, i + 1)):
            counts[tuple(row[i - k : i])][row[i]] += 1
    x, y = unseen(name, on)

    @functools.cache
    def chance(token: int, before: tuple[int, ...]) -> float:
        below = chance(token, before[1:]) if before else 1 / x.shape[2]
        seen = counts.get(before)
        if not seen:
            return below
        return (seen[token] + len(seen) * below) / (seen.total() + len(seen))

    return float(
        np.mean(
            [
                -math.log2(chance(row[i], tuple(row[max(0, i - order + 1) : i])))
                for row, i in _targets(x, y)
            ]
        )
    )


def _targets(x: torch.Tensor, y: torch.Tensor) -> list[tuple[list[int], int]]:
    """Return each row of tokens with each place that is a target."""
    rows = torch.cat([x[:, :1].argmax(-1), y], dim=1).tolist()
    return [(row, i) for row in rows for i in range(1, len(row))]


# --- comparing in pairs ---------------------------------------------------------------------------


def pairs(scores: Sequence[float], others: Sequence[float]) -> tuple[int, float]:
    """Compare two entries seed by seed: the same seed, the same data.

    Returns:
        On how many seeds the first is better (lower), and the median of the differences
        ``scores − others``.
    """
    gaps = np.subtract(scores, others)
    return int((gaps < 0).sum()), float(np.median(gaps))


# --- the search -----------------------------------------------------------------------------------


def _search(name: str, entry: str, width: int | None = None) -> dict[float, float]:
    def score(rate: float) -> float:
        scores = [
            run(name, entry, seed, rate=rate, on=VALIDATION, width=width).score
            for seed in VALIDATED.get(name, range(100, 105))
        ]
        return round(float(np.median(scores)), 4)

    return contest.search(score)


def main(names: Sequence[str]) -> None:
    """Search the rates and score the networks of some tasks; print what the tables hold."""
    torch.set_num_threads(1)
    for name in names:
        for entry in (*ENTRIES, *(contest.BLOCKS if name == "agreement" else ())):
            for width in WIDTHS[name] if entry == "window" else (None,):
                tried = _search(name, entry, width)
                rate = min(tried, key=lambda r: tried[r])
                done = [run(name, entry, s, rate=rate, width=width).score for s in range(5)]
                print(name, entry, width or "", tried, [round(s, 4) for s in done], flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or list(TASKS))
