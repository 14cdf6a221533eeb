"""Lecture 11's contest of memories: who recalls pairs, who tells an order, and who copies.

One layer of each kind stands between the input and the same small head. A *pair* is one step, a key
and a value side by side (one-hot); a *question* is a step with a key alone. The key names the pair
that is asked for, so nothing is tested but the memory. Real models stack many layers, and there key
and value are steps of their own. Then one layer of attention is not enough, because a key has to be
joined to the value after it first; here that work is done.

To *copy* is to repeat a text once it has ended. All kinds are told the place in the text at every
step, as sines and cosines: the place is the key, and copying is recall of pairs in a fixed order.

====================  ==================  ============================  ===========
kind                  state, 64 numbers   here                          in parallel
====================  ==================  ============================  ===========
``LSTM``              h and c, 32 each    ``torch.nn.LSTM``             no
``minGRU``            h, 64               a scan                        yes
``linear attention``  S, 8 × 8            ((Q K^T) * M) V               yes
``delta rule``        S, 8 × 8            a triangular system           yes
``attention``         16 a step, growing  softmax of Q K^T              yes
====================  ==================  ============================  ===========

Linear attention and attention cannot tell order (without a decay, without positions). ``attention +
positions`` sees the sine and cosine of each step beside the input; in ``linear attention + decay``
a number from the input, α_t, fades the state.

The learning rate of each kind on each task is the best on validation data, with seeds that the
lecture does not use. Two rates are tried first; while the best of those tried has a neighbour on
:data:`LADDER` that was not tried, it is tried, too. ``python -m unrolled.lessons.remembering`` does
so and prints the entries of :data:`TRIED` and, for the seeds that are reported, of :data:`FOUND`
(some minutes on one core). The test data are drawn with another seed and choose nothing.

In the order task there are 20 steps; lab 04 goes further with the LSTM.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from unrolled.sequences.positions import sinusoidal

#: Keys and values that there are.
KEYS, VALUES = 16, 8
#: Numbers of pairs in training and tests.
PAIRS = (2, 4, 8, 16)
#: Lengths of the texts that are copied.
LENGTHS = (4, 8, 16)
#: Questions after the pairs.
ASKED = 8
#: Numbers in the state of every kind but attention.
STATE = 64
#: Learning rates, and those that are tried first.
LADDER = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
FIRST = LADDER[2:4]
#: The seeds that choose the rate, and those that are reported.
CHOOSING, SEEDS = (100, 101, 102), range(3)
#: The kinds of memory.
KINDS = ("LSTM", "minGRU", "linear attention", "delta rule", "attention")
#: Those of them whose last output does not change when the earlier steps change places.
BLIND = ("linear attention", "attention")
#: What those become when they are told the order.
MORE = ("linear attention + decay", "attention + positions")

#: (task, kind) → learning rate → the score on validation data.
TRIED: dict[tuple[str, str], dict[float, float]] = {
    ("pairs", "LSTM"): {0.01: 0.418, 0.03: 0.737, 0.1: 0.251},
    ("pairs", "minGRU"): {0.01: 0.665, 0.03: 0.786, 0.1: 0.126},
    ("pairs", "linear attention"): {0.01: 0.958, 0.03: 0.982, 0.1: 0.974},
    ("pairs", "delta rule"): {0.003: 0.813, 0.01: 0.873, 0.03: 0.726},
    ("pairs", "attention"): {0.003: 1.0, 0.01: 1.0, 0.03: 1.0},
    ("copy", "LSTM"): {0.003: 0.516, 0.01: 0.726, 0.03: 0.295},
    ("copy", "minGRU"): {0.01: 0.574, 0.03: 0.608, 0.1: 0.127},
    ("copy", "linear attention"): {0.01: 0.64, 0.03: 0.716, 0.1: 0.127},
    ("copy", "delta rule"): {0.01: 0.71, 0.03: 0.733, 0.1: 0.127},
    ("copy", "attention"): {0.003: 1.0, 0.01: 1.0, 0.03: 1.0},
    ("order", "LSTM"): {0.001: 1.0, 0.003: 1.0, 0.01: 0.925, 0.03: 0.517},
    ("order", "minGRU"): {0.003: 1.0, 0.01: 1.0, 0.03: 0.741},
    ("order", "linear attention"): {0.001: 0.755, 0.003: 0.757, 0.01: 0.747, 0.03: 0.743},
    ("order", "delta rule"): {0.003: 1.0, 0.01: 1.0, 0.03: 1.0},
    ("order", "attention"): {0.003: 0.735, 0.01: 0.747, 0.03: 0.747},
    ("order", "linear attention + decay"): {0.003: 0.958, 0.01: 1.0, 0.03: 0.517},
    ("order", "attention + positions"): {0.003: 0.993, 0.01: 1.0, 0.03: 1.0},
}

#: (task, kind) → for every reported seed the shares of right answers, one for each setting.
FOUND: dict[tuple[str, str], list[list[float]]] = {
    ("pairs", "LSTM"): [
        [0.98, 0.783, 0.528, 0.374],
        [0.997, 0.89, 0.674, 0.461],
        [0.992, 0.876, 0.642, 0.442],
    ],
    ("pairs", "minGRU"): [
        [0.996, 0.939, 0.751, 0.471],
        [0.99, 0.915, 0.695, 0.396],
        [0.998, 0.954, 0.78, 0.493],
    ],
    ("pairs", "linear attention"): [
        [1.0, 0.988, 0.911, 0.752],
        [1.0, 0.998, 0.991, 0.962],
        [1.0, 0.999, 0.996, 0.964],
    ],
    ("pairs", "delta rule"): [
        [0.983, 0.945, 0.876, 0.758],
        [0.979, 0.956, 0.913, 0.783],
        [0.946, 0.841, 0.718, 0.595],
    ],
    ("pairs", "attention"): [[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]],
    ("copy", "LSTM"): [[0.997, 0.71, 0.442], [0.984, 0.643, 0.398], [1.0, 0.738, 0.454]],
    ("copy", "minGRU"): [[0.985, 0.742, 0.435], [0.942, 0.68, 0.412], [0.125, 0.13, 0.129]],
    ("copy", "linear attention"): [
        [0.961, 0.717, 0.444],
        [0.956, 0.744, 0.453],
        [0.957, 0.747, 0.448],
    ],
    ("copy", "delta rule"): [[0.994, 0.798, 0.479], [0.896, 0.7, 0.435], [0.993, 0.802, 0.472]],
    ("copy", "attention"): [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]],
    ("order", "LSTM"): [[1.0], [1.0], [1.0]],
    ("order", "minGRU"): [[1.0], [1.0], [1.0]],
    ("order", "linear attention"): [[0.762], [0.782], [0.728]],
    ("order", "delta rule"): [[1.0], [1.0], [1.0]],
    ("order", "attention"): [[0.728], [0.782], [0.728]],
    ("order", "linear attention + decay"): [[1.0], [1.0], [1.0]],
    ("order", "attention + positions"): [[1.0], [1.0], [1.0]],
}

#: Kind → the same for pairs after four times as many updates, with the first seed alone.
LONGER: dict[str, list[float]] = {
    "LSTM": [0.997, 0.991, 0.971, 0.917],
    "minGRU": [1.0, 0.995, 0.951, 0.779],
    "linear attention": [1.0, 0.958, 0.848, 0.727],
    "delta rule": [1.0, 0.993, 0.966, 0.9],
}

Data = tuple[Tensor, Tensor]


def rate(name: str, kind: str) -> float:
    """Return the best of the rates that were tried."""
    tried = TRIED[name, kind]
    return max(tried, key=lambda rate: tried[rate])


# --- the memories ---------------------------------------------------------------------------------


def scan(a: Tensor, b: Tensor) -> Tensor:
    """Return the states of h_t = a_t * h_{t-1} + b_t from zeros, by doubling.

    Args:
        a: decays, (B, T, m).
        b: what is written, (B, T, m).
    """
    span = 1
    while span < a.shape[1]:
        b = torch.cat([b[:, :span], a[:, span:] * b[:, :-span] + b[:, span:]], dim=1)
        a = torch.cat([a[:, :span], a[:, span:] * a[:, :-span]], dim=1)
        span *= 2
    return b


def delta(q: Tensor, k: Tensor, v: Tensor, beta: Tensor) -> Tensor:
    """Return what the delta rule reads, (B, T, d_v), from a state of zeros, without a loop.

    What step t writes beside k_t is u_t = β_t (v_t - Σ_{s<t} u_s k_s · k_t): a triangular system.

    Args:
        q: queries, (B, T, d_k).
        k: keys, (B, T, d_k).
        v: values, (B, T, d_v).
        beta: rates of writing, (B, T).
    """
    against = torch.tril(beta[..., None] * (k @ k.mT), diagonal=-1)
    system = against + torch.eye(k.shape[1])
    u = torch.linalg.solve_triangular(system, beta[..., None] * v, upper=False, unitriangular=True)
    return torch.tril(q @ k.mT) @ u


class Memory(nn.Module):
    """One layer of a kind, and a head that sees its output and the input.

    Args:
        kind: one of :data:`KINDS` or :data:`MORE`.
        inputs: n.
        outputs: numbers out at each step.
        state: numbers in the state.
    """

    def __init__(self, kind: str, inputs: int, outputs: int, state: int = STATE) -> None:
        super().__init__()
        self.kind = kind
        side = math.isqrt(state)
        out = {"LSTM": state // 2, "minGRU": state}.get(kind, side)
        if kind == "LSTM":
            self.lstm = nn.LSTM(inputs, out, batch_first=True)
        elif kind == "minGRU":
            self.maps = nn.Linear(inputs, 2 * out)
        else:
            seen = inputs + (8 if kind == "attention + positions" else 0)
            self.maps = nn.Linear(seen, 3 * side)
            self.rate = nn.Linear(inputs, 1)
        self.head = nn.Sequential(nn.Linear(out + inputs, 64), nn.ReLU(), nn.Linear(64, outputs))

    def read(self, x: Tensor) -> Tensor:
        """Return what the layer gives at every step, (B, T, …)."""
        if self.kind == "LSTM":
            return self.lstm(x)[0]
        if self.kind == "minGRU":
            z, candidate = self.maps(x).chunk(2, dim=-1)
            return scan(torch.sigmoid(-z), torch.sigmoid(z) * candidate)
        seen = x
        if self.kind == "attention + positions":
            table = torch.from_numpy(sinusoidal(x.shape[1], 8)).float()
            seen = torch.cat([x, table.expand(len(x), -1, -1)], dim=-1)
        q, k, v = self.maps(seen).chunk(3, dim=-1)
        if self.kind == "delta rule":
            k = nn.functional.normalize(k, dim=-1)
            return delta(q, k, v, torch.sigmoid(self.rate(x)[..., 0]))
        scores = q @ k.mT  # (B, T, T)
        if self.kind.startswith("attention"):
            ahead = torch.ones(scores.shape[1:], dtype=torch.bool).triu(1)
            return torch.softmax(scores.masked_fill(ahead, -math.inf), dim=-1) @ v
        if self.kind == "linear attention":
            return torch.tril(scores) @ v
        log = nn.functional.logsigmoid(self.rate(x)[..., 0]).cumsum(dim=1)  # (B, T)
        return torch.tril(scores * torch.exp(torch.tril(log[:, :, None] - log[:, None]))) @ v

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs at every step, (B, T, outputs)."""
        return self.head(torch.cat([self.read(x), x], dim=-1))


def parameters(kind: str, state: int = STATE) -> int:
    """Return how many parameters a kind's layer has on the pairs, without the head."""
    net = Memory(kind, KEYS + VALUES, VALUES, state)
    own = net.maps.parameters() if hasattr(net, "maps") else net.lstm.parameters()
    extra = sum(p.numel() for p in net.rate.parameters()) if kind == "delta rule" else 0
    return sum(p.numel() for p in own) + extra


# --- the tasks ------------------------------------------------------------------------------------


def pairs(rng: np.random.Generator, count: int, number: int, asked: int = ASKED) -> Data:
    """Draw sequences of pairs with different keys, then questions.

    Returns:
        Inputs (count, number + asked, KEYS + VALUES) and the values asked for, (count, asked).
    """
    keys = rng.permuted(np.tile(np.arange(KEYS), (count, 1)), axis=1)[:, :number]
    values = rng.integers(0, VALUES, (count, number))
    which = rng.integers(0, number, (count, asked))
    x = np.zeros((count, number + asked, KEYS + VALUES), dtype=np.float32)
    rows = np.arange(count)[:, None]
    x[rows, np.arange(number), keys] = 1
    x[rows, np.arange(number), KEYS + values] = 1
    x[rows, number + np.arange(asked), keys[rows, which]] = 1
    return torch.from_numpy(x), torch.from_numpy(values[rows, which])


def copy(rng: np.random.Generator, count: int, length: int) -> Data:
    """Draw texts of 8 symbols; the second half of a sequence is there to repeat the first.

    Returns:
        Inputs (count, 2 · length, 17): one-hot symbols, 1 in the half that repeats, the place in
        the half as 8 sines and cosines; and the texts (count, length).
    """
    text = rng.integers(0, 8, (count, length))
    x = np.zeros((count, 2 * length, 17), dtype=np.float32)
    x[:, :length, :8] = np.eye(8, dtype=np.float32)[text]
    x[:, length:, 8] = 1
    x[:, :, 9:] = np.tile(sinusoidal(length, 8), (2, 1))
    return torch.from_numpy(x), torch.from_numpy(text)


def order(rng: np.random.Generator, count: int, steps: int) -> Data:
    """Draw lab 04's temporal order: one-hot (count, steps, 8) and classes (count,)."""
    symbols = rng.integers(0, 4, (count, steps))
    t1 = rng.integers(steps // 10, steps // 5 + 1, count)
    t2 = rng.integers(steps // 2, steps * 6 // 10 + 1, count)
    first, second = rng.integers(0, 2, (2, count))
    rows = np.arange(count)
    symbols[rows, t1], symbols[rows, t2] = 4 + first, 4 + second
    symbols[:, 0], symbols[:, -1] = 6, 7
    x = np.eye(8, dtype=np.float32)[symbols]
    return torch.from_numpy(x), torch.from_numpy(2 * first + second)


@dataclass(frozen=True)
class Task:
    """What is learned: its sizes, and how it is drawn and scored. The answers end a sequence.

    Attributes:
        inputs: numbers in at each step.
        outputs: numbers out.
        updates: of 64 sequences each.
        settings: lengths or numbers of pairs, one drawn for each batch; each is tested.
        draw: from a generator, a count and a setting to inputs and targets.
    """

    inputs: int
    outputs: int
    updates: int
    settings: tuple[int, ...]
    draw: Callable[[np.random.Generator, int, int], Data]

    def loss(self, out: Tensor, y: Tensor) -> Tensor:
        """Return the mean loss of the answers, (B, T, outputs) against the targets."""
        last = out[:, -y[0].numel() :]
        return nn.functional.cross_entropy(last.flatten(0, 1), y.flatten())

    def right(self, out: Tensor, y: Tensor) -> float:
        """Return the share of right answers."""
        last = out[:, -y[0].numel() :]
        return float((last.argmax(dim=-1).flatten() == y.flatten()).float().mean())


#: The tasks by name.
TASKS = {
    "pairs": Task(KEYS + VALUES, VALUES, 2000, PAIRS, pairs),
    "order": Task(8, 4, 500, (20,), order),
    "copy": Task(17, 8, 1000, LENGTHS, copy),
}


def train(
    name: str,
    kind: str,
    rate: float,
    seed: int,
    *,
    state: int = STATE,
    updates: int | None = None,
    tick: Callable[[], object] | None = None,
) -> Memory:
    """Return a network after training with Adam, the rate falling in a straight line to 0."""
    task = TASKS[name]
    updates = task.updates if updates is None else updates
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Memory(kind, task.inputs, task.outputs, state)
    adam = torch.optim.Adam(net.parameters(), rate)
    for update in range(updates):
        adam.param_groups[0]["lr"] = rate * (1 - update / updates)
        x, y = task.draw(rng, 64, int(rng.choice(task.settings)))
        loss = task.loss(net(x), y)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step()
        if tick:
            tick()
    return net


@torch.no_grad()
def scores(name: str, net: Memory, seed: int = 999) -> list[float]:
    """Return the share of right answers at every setting, on 500 sequences each."""
    task = TASKS[name]
    rng = np.random.default_rng(seed)
    found = []
    for setting in task.settings:
        x, y = task.draw(rng, 500, setting)
        found.append(round(task.right(net(x), y), 3))
    return found


# --- the search -----------------------------------------------------------------------------------


def search(name: str, kind: str) -> dict[float, float]:
    """Return the mean score on validation data of each rate that had to be tried, in order."""
    tried: dict[float, float] = {}
    wanted = list(FIRST)
    while wanted:
        for rate in wanted:
            runs = [scores(name, train(name, kind, rate, seed), 998) for seed in CHOOSING]
            tried[rate] = round(float(np.mean(runs)), 3)
        best = LADDER.index(max(tried, key=lambda rate: tried[rate]))
        around = LADDER[max(best - 1, 0) : best + 2]
        wanted = [rate for rate in around if rate not in tried]
    return dict(sorted(tried.items()))


def main(names: list[str]) -> None:
    """Try the rates, run the seeds at the best, print both; with “longer”, fill LONGER."""
    torch.set_num_threads(1)
    for name in [name for name in names or TASKS if name in TASKS]:
        for kind in (*KINDS, *MORE) if name == "order" else KINDS:
            tried = search(name, kind)
            best = max(tried, key=lambda rate: tried[rate])
            found = [scores(name, train(name, kind, best, seed)) for seed in SEEDS]
            print(f'("{name}", "{kind}"): {tried}, {found}', flush=True)
    if "longer" in names:
        updates = 4 * TASKS["pairs"].updates
        for kind in KINDS[:-1]:
            net = train("pairs", kind, rate("pairs", kind), SEEDS[0], updates=updates)
            print(f'"{kind}": {scores("pairs", net)}', flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
