"""A contest of recurrent cells: three tasks, one budget of parameters, several seeds.

Lecture 05 compares PyTorch's own RNN, LSTM and GRU here. All data are generated:

* ``adding``: numbers with markers; the answer is the sum of the two marked ones (Hochreiter and
  Schmidhuber, 1997, https://doi.org/10.1162/neco.1997.9.8.1735, in the range 0 to 1);
* ``chaos``: the delay equation of Mackey and Glass (1977, https://doi.org/10.1126/science.267326),
  seen through noise; the answer at each step is the true value ten steps later;
* ``text``: sentences of a tiny English grammar, letter by letter; the answer is the next letter.
  The verb agrees with a noun that may stand seventeen letters before it. All sentences are known,
  so the fewest possible bits are known too.

The learning rate of each entry on each task is the best on the validation set, by the median over
the seeds 100 to 104, none of which the lecture uses. Four rates are tried first; while the best of
them stands at an end, the next one beyond it is tried too. ``python -m unrolled.lessons.contest``
does so and prints :data:`TRIED`, from which :data:`RATES` follows (some minutes on one core). The
test set is drawn with another seed and chooses nothing.
"""

from __future__ import annotations

import functools
import itertools
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

#: The blocks of weights in a cell: one for each gate and for the candidate.
BLOCKS = {"RNN": 1, "GRU": 3, "LSTM": 4}
#: Parameters that a whole network may have.
BUDGET = 2000
#: Sequences in a training set and in a batch.
SEQUENCES, BATCH = 1536, 32
#: The seeds of validation and test data.
VALIDATION, TEST = 998, 999
#: Learning rates, each about three times the one before, and the four that are tried first.
LADDER = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
FIRST = LADDER[3:7]
#: What competes: the three cells, and a GRU or LSTM trained longer or an LSTM started with a forget
#: bias of 1. (The lecture does not train the GRU for longer, which takes too long in class.)
ENTRIES: dict[str, dict[str, Any]] = {
    "RNN": {"cell": "RNN"},
    "LSTM": {"cell": "LSTM"},
    "GRU": {"cell": "GRU"},
    "LSTM, longer": {"cell": "LSTM", "longer": 2.5},
    "GRU, longer": {"cell": "GRU", "longer": 2.5},
    "LSTM, bias 1": {"cell": "LSTM", "forget_bias": 1.0},
}
#: Task, entry, learning rate → the median score on validation data.
TRIED: dict[str, dict[str, dict[float, float]]] = {
    "adding": {
        "RNN": {
            0.0003: 0.1698,
            0.001: 0.169,
            0.003: 0.1694,
            0.01: 0.1706,
            0.03: 0.1735,
            0.1: 0.1707,
            0.3: 0.1734,
        },
        "LSTM": {0.01: 0.1683, 0.03: 0.169, 0.1: 0.1703, 0.3: 0.1556, 1.0: 0.1703},
        "GRU": {0.01: 0.1399, 0.03: 0.0015, 0.1: 0.0004, 0.3: 0.0003, 1.0: 0.0567},
        "LSTM, longer": {0.01: 0.1586, 0.03: 0.0075, 0.1: 0.0022, 0.3: 0.0019, 1.0: 0.1679},
        "GRU, longer": {0.01: 0.0015, 0.03: 0.0003, 0.1: 0.0001, 0.3: 0.0001, 1.0: 0.0856},
        "LSTM, bias 1": {0.01: 0.168, 0.03: 0.1686, 0.1: 0.1669, 0.3: 0.1644, 1.0: 0.1683},
    },
    "chaos": {
        "RNN": {0.001: 0.152, 0.003: 0.1036, 0.01: 0.1176, 0.03: 0.1446, 0.1: 0.813, 0.3: 0.9035},
        "LSTM": {0.01: 0.1098, 0.03: 0.1088, 0.1: 0.0914, 0.3: 0.1096},
        "GRU": {0.01: 0.0811, 0.03: 0.0561, 0.1: 0.0375, 0.3: 0.0766},
        "LSTM, longer": {0.01: 0.0422, 0.03: 0.0307, 0.1: 0.0224, 0.3: 0.0824},
        "GRU, longer": {0.01: 0.0318, 0.03: 0.0195, 0.1: 0.0149, 0.3: 0.0187},
        "LSTM, bias 1": {0.01: 0.079, 0.03: 0.0582, 0.1: 0.0679, 0.3: 0.1026},
    },
    "text": {
        "RNN": {0.01: 1.3161, 0.03: 0.5746, 0.1: 0.5091, 0.3: 5.5623},
        "LSTM": {0.01: 2.8918, 0.03: 1.4159, 0.1: 0.5767, 0.3: 0.5248, 1.0: 0.574},
        "GRU": {0.01: 2.2009, 0.03: 0.7732, 0.1: 0.5205, 0.3: 0.5213},
        "LSTM, longer": {0.01: 1.2008, 0.03: 0.5746, 0.1: 0.5077, 0.3: 0.499, 1.0: 0.6874},
        "GRU, longer": {0.01: 0.6979, 0.03: 0.5119, 0.1: 0.5007, 0.3: 0.5051},
        "LSTM, bias 1": {0.01: 3.0707, 0.03: 1.6498, 0.1: 0.6998, 0.3: 0.5382, 1.0: 0.5791},
    },
}
#: The best of these rates.
RATES = {
    name: {entry: min(tried, key=lambda rate: tried[rate]) for entry, tried in rows.items()}
    for name, rows in TRIED.items()
}

Data = tuple[torch.Tensor, torch.Tensor]


# --- the networks ---------------------------------------------------------------------------------


def parameters(cell: str, n: int, m: int, k: int) -> int:
    """Return the parameters of a network: PyTorch's cell with two biases, then a linear layer.

    Args:
        cell: "RNN", "LSTM" or "GRU".
        n: inputs.
        m: places in the state.
        k: outputs.
    """
    return BLOCKS[cell] * (m * (n + m) + 2 * m) + k * (m + 1)


def places(cell: str, n: int, k: int, budget: int = BUDGET) -> int:
    """Return the largest m with which the network stays within the budget.

    Raises:
        ValueError: not even one place does.
    """
    fitting = itertools.takewhile(lambda m: parameters(cell, n, m, k) <= budget, itertools.count(1))
    m = max(fitting, default=0)
    if not m:
        raise ValueError(f"{budget} parameters are too few for a network of kind {cell}")
    return m


class Network(torch.nn.Module):
    """A recurrent cell along the sequence and a linear layer on each of its states."""

    def __init__(self, cell: str, n: int, m: int, k: int) -> None:
        super().__init__()
        self.cell = getattr(torch.nn, cell)(n, m, batch_first=True)
        self.head = torch.nn.Linear(m, k)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the outputs at every step, (batch, time, k)."""
        states, _ = self.cell(x)  # (batch, time, m)
        return self.head(states)


# --- the tasks ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """What a network has to learn.

    Attributes:
        name: a key of :data:`RATES`.
        inputs: numbers in at each step.
        outputs: numbers out at each step.
        epochs: how often a network sees its training set.
        draw: from a generator and a count to inputs (count, time, inputs) and targets.
        loss: from outputs (count, time, outputs) and targets to the mean loss, the task's score.
    """

    name: str
    inputs: int
    outputs: int
    epochs: int
    draw: Callable[[np.random.Generator, int], Data]
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def adding(rng: np.random.Generator, count: int, steps: int = 20) -> Data:
    """Draw sequences of (number, marker): a marker in the first half and one in the second.

    Returns:
        Inputs (count, steps, 2) and the sums of the marked numbers, (count, 1).
    """
    x = np.zeros((count, steps, 2), dtype=np.float32)
    x[..., 0] = rng.random((count, steps))
    rows, half = np.arange(count), steps // 2
    for where in (rng.integers(0, half, count), rng.integers(half, steps, count)):
        x[rows, where, 1] = 1
    y = (x[..., 0] * x[..., 1]).sum(axis=1, keepdims=True)
    return torch.from_numpy(x), torch.from_numpy(y)


def mackey_glass(rng: np.random.Generator, count: int, steps: int) -> np.ndarray:
    """Return series of the Mackey–Glass equation with delay 17, (count, steps), unit time apart.

    ds/dt = 0.2 s(t - 17) / (1 + s(t - 17)^10) - 0.1 s(t), in Euler steps of a quarter from random
    constant histories, after 300 units of time; shifted and scaled to mean 0 and deviation 1. (With
    steps of a half the computed series is periodic: two neighbours do not part.)
    """
    step, delay, before = 0.25, 68, 1200  # the last two in steps of a quarter
    s = np.empty((delay + before + 4 * steps, count))
    s[: delay + 1] = rng.uniform(0.5, 1.3, count)
    for t in range(delay, len(s) - 1):
        late = s[t - delay]
        square = late * late
        tenth = square * np.square(np.square(square))  # late**10, ten times as fast
        s[t + 1] = s[t] + step * (0.2 * late / (1 + tenth) - 0.1 * s[t])
    return (s[delay + before :: 4].T - 0.928) / 0.226


def chaos(
    rng: np.random.Generator, count: int, steps: int = 25, ahead: int = 10, noise: float = 0.1
) -> Data:
    """Draw noisy Mackey–Glass series; the target is the series without noise, ``ahead`` later.

    Returns:
        Inputs and targets, each (count, steps, 1).
    """
    s = mackey_glass(rng, count, steps + ahead)
    x = s[:, :steps] + rng.normal(0, noise, (count, steps))
    y = s[:, ahead:]
    return torch.tensor(x[..., None]).float(), torch.tensor(y[..., None]).float()


NOUNS = ("cat", "dog", "bird", "child", "teacher", "river", "tree", "poet")
PLURALS = ("cats", "dogs", "birds", "children", "teachers", "rivers", "trees", "poets")
VERBS = ("sleep", "sing", "wait", "grow", "fall", "shine")


@functools.cache
def sentences() -> dict[str, float]:
    """Return every sentence of the grammar with its probability.

    “the cat sleeps. ”, and as often “the cat near the trees sleeps. ” with “near” or “behind” and
    any second noun: the verb agrees with the first.
    """
    nouns = [*((one, False) for one in NOUNS), *((many, True) for many in PLURALS)]
    found = {}
    for (noun, many), verb in itertools.product(nouns, VERBS):
        verb += "" if many else "s"
        share = 1 / len(nouns) / len(VERBS)
        found[f"the {noun} {verb}. "] = share / 2
        for place, (other, _) in itertools.product(("near", "behind"), nouns):
            found[f"the {noun} {place} the {other} {verb}. "] = share / 4 / len(nouns)
    return found


@functools.cache
def alphabet() -> str:
    """Return the letters of the sentences, with space and full stop, in order."""
    return "".join(sorted(set("".join(sentences()))))


@functools.cache
def surprises() -> dict[str, list[float]]:
    """Return for each sentence the bits of each of its letters, given the letters before.

    Nobody who knows the grammar, and nothing else, can do with fewer on the average.
    """
    begun: Counter[str] = Counter()
    for sentence, share in sentences().items():
        for i in range(len(sentence) + 1):
            begun[sentence[:i]] += share  # type: ignore[assignment]
    return {
        s: [math.log2(begun[s[:i]] / begun[s[: i + 1]]) for i in range(len(s))] for s in sentences()
    }


def lines(rng: np.random.Generator, count: int, steps: int) -> list[list[str]]:
    """Draw lists of sentences, each list long enough for ``steps`` letters and one more."""
    every = list(sentences())
    ends = np.cumsum(list(sentences().values()))
    drawn: list[list[str]] = []
    for _ in range(count):
        line: list[str] = []
        while sum(map(len, line)) <= steps:
            line.append(every[min(int(np.searchsorted(ends, rng.random())), len(every) - 1)])
        drawn.append(line)
    return drawn


def text(rng: np.random.Generator, count: int, steps: int = 28) -> Data:
    """Draw text letter by letter; the target is the next letter.

    Returns:
        One-hot inputs (count, steps, letters) and the numbers of the next letters (count, steps).
    """
    number = {letter: i for i, letter in enumerate(alphabet())}
    rows = ["".join(line)[: steps + 1] for line in lines(rng, count, steps)]
    at = torch.tensor([[number[letter] for letter in row] for row in rows])
    return torch.nn.functional.one_hot(at[:, :-1], len(number)).float(), at[:, 1:]


def text_floor(rng: np.random.Generator, count: int, steps: int = 28) -> float:
    """Return the bits per letter that the grammar itself needs on the text of the same draw."""
    known = surprises()
    drawn = lines(rng, count, steps)
    rows = [[b for s in line for b in known[s]][1 : steps + 1] for line in drawn]
    return float(np.mean(rows))


def distant_share(rng: np.random.Generator, count: int, steps: int = 28) -> float:
    """Return the share of targets that show the number of a noun behind which another noun stands.

    Only there does agreement ask for more than the last words; the draw is that of :func:`text`.
    """
    found = 0
    for line in lines(rng, count, steps):
        start = 0
        for sentence in line:
            # The first letter that tells the two numbers apart: the verb's "s", or its full stop.
            decides = start + len(sentence) - (3 if sentence[-3] == "s" else 2)
            far = " near " in sentence or " behind " in sentence
            found += far and 1 <= decides <= steps
            start += len(sentence)
    return found / (count * steps)


def last_error(out: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the mean squared error of the last output."""
    return (out[:, -1] - y).square().mean()


def late_error(out: torch.Tensor, y: torch.Tensor, skip: int = 10) -> torch.Tensor:
    """Return the mean squared error of all outputs but the first few, which know too little."""
    return (out[:, skip:] - y[:, skip:]).square().mean()


def bits(out: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the mean cross-entropy in bits."""
    return torch.nn.functional.cross_entropy(out.flatten(0, 1), y.flatten()) / math.log(2)


#: The tasks by name.
TASKS = {
    task.name: task
    for task in (
        Task("adding", 2, 1, 4, adding, last_error),
        Task("chaos", 1, 1, 2, chaos, late_error),
        Task("text", len(alphabet()), len(alphabet()), 2, text, bits),
    )
}


# --- the contest ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """One network after training: its score on unseen data and the seconds of one epoch."""

    network: Network
    score: float
    seconds: float


@functools.cache
def unseen(name: str, seed: int = TEST, count: int = 1000) -> Data:
    """Return a task's test data (or, with another seed, its validation data), the same for all."""
    return TASKS[name].draw(np.random.default_rng(seed), count)


@functools.cache
def training(name: str, seed: int) -> Data:
    """Return a task's training data of a seed, the same for all entries."""
    return TASKS[name].draw(np.random.default_rng(seed), SEQUENCES)


def regression(width: int, *, squares: bool = False) -> float:
    """Return the test error of least squares on chaos: a model without memory, in closed form.

    Args:
        width: the number of last values that it sees, at least ``late_error``'s 11 for its steps.
        squares: whether it also sees all products of two of them.
    """

    def features(x: torch.Tensor) -> torch.Tensor:
        w = x[..., 0].double().unfold(1, width, 1)  # (count, windows, width)
        w = torch.nn.functional.pad(w, (0, 1), value=1.0)
        i, j = torch.triu_indices(width + 1, width + 1)
        return w[..., i] * w[..., j] if squares else w

    x, y = training("chaos", 0)
    goal = y[:, width - 1 :].flatten(0, 1).double()
    fit = torch.linalg.lstsq(features(x).flatten(0, 1), goal).solution
    x, y = unseen("chaos")
    return float((features(x) @ fit - y[:, width - 1 :]).square().mean())


def learn(
    network: torch.nn.Module, task: Task, data: Data, rate: float, epochs: int, seed: int
) -> None:
    """Train with Adam; the rate rises, then falls to nothing; gradients are clipped."""
    x, y = data
    rng, steps = np.random.default_rng(seed), epochs * len(x) // BATCH
    adam = torch.optim.Adam(network.parameters(), lr=rate, fused=True)
    plan = torch.optim.lr_scheduler.OneCycleLR(adam, rate, steps)
    for _ in range(epochs):
        for batch in torch.from_numpy(rng.permutation(len(x))).split(BATCH):
            loss = task.loss(network(x[batch]), y[batch])
            adam.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            adam.step()
            plan.step()


def run(name: str, entry: str, seed: int, *, rate: float | None = None, on: int = TEST) -> Run:
    """Train one network on a task and score it.

    Args:
        name: of the task.
        entry: of :data:`ENTRIES`.
        seed: of the training data, their order and the starting weights.
        rate: learning rate; from :data:`RATES` by default.
        on: the seed of the data on which it is scored.
    """
    task, how = TASKS[name], ENTRIES[entry]
    data = training(name, seed)
    torch.manual_seed(seed)
    m = places(how["cell"], task.inputs, task.outputs)
    network = Network(how["cell"], task.inputs, m, task.outputs)
    if "forget_bias" in how:
        with torch.no_grad():  # blocks i, f, g, o
            network.cell.bias_ih_l0[m : 2 * m] = how["forget_bias"]
    epochs = round(task.epochs * how.get("longer", 1))
    start = time.perf_counter()
    learn(network, task, data, rate or RATES[name][entry], epochs, seed)
    seconds = (time.perf_counter() - start) / epochs
    with torch.no_grad():
        x, y = unseen(name, on)
        score = task.loss(network(x), y).item()
    return Run(network, score, seconds)


def interval(runs: Sequence[Run]) -> tuple[float, float, float]:
    """Return the median, the lowest and the highest score."""
    scores = [r.score for r in runs]
    return float(np.median(scores)), min(scores), max(scores)


def milliseconds(cell: torch.nn.Module, x: torch.Tensor, turns: int = 30) -> float:
    """Return the shortest time of a cell's way along sequences and back, in milliseconds."""
    times = []
    for _ in range(turns):
        start = time.perf_counter()
        cell(x)[0].sum().backward()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def search(score: Callable[[float], float]) -> dict[float, float]:
    """Score the first rates of the ladder, then go on beyond an end while the best stands there.

    Args:
        score: of a learning rate; less is better.

    Returns:
        Rate → score, in ascending order of the rates.
    """
    tried = {rate: score(rate) for rate in FIRST}
    while True:
        at = LADDER.index(min(tried, key=lambda rate: tried[rate]))
        beyond = [rate for rate in LADDER[max(at - 1, 0) : at + 2] if rate not in tried]
        if not beyond:
            return dict(sorted(tried.items()))
        tried |= {rate: score(rate) for rate in beyond}


def main() -> None:
    """Search the learning rate of each entry on each task; print :data:`TRIED`."""
    torch.set_num_threads(1)

    def score(name: str, entry: str, rate: float) -> float:
        runs = [run(name, entry, seed, rate=rate, on=VALIDATION) for seed in range(100, 105)]
        return round(interval(runs)[0], 4)

    for name in TASKS:
        print(f'    "{name}": {{')
        for entry in ENTRIES:
            tried = search(functools.partial(score, name, entry))
            print(f'        "{entry}": {tried},', flush=True)
        print("    },")


if __name__ == "__main__":
    main()
