"""Lecture 07's contest: convolution through time against recurrent cells, at equal parameters.

Three tasks, generated, an answer at each step:

* ``echo``: signs, -1 or 1; the answer is the sign :data:`LAG` steps before: much to remember, for a
  short and known time;
* ``latch``: signs and rare markers; the answer is the sign that stood at the last marker: one sign
  to remember, for a long and unknown time;
* ``chaos``: that of lecture 05 (``unrolled.lessons.contest``): a window is enough.

A :class:`TCN` of four residual layers with dilations 1, 2, 4, 8 and kernels of 3 sees 31 steps. The
cells are PyTorch's GRU and LSTM with a linear layer, as in lecture 05; each net has the width with
which it has at most :data:`BUDGET` parameters. All learn from the same sequences in the same order,
for the same number of updates. The learning rate of each net on each task is the best on validation
data, by the median over the seeds 100 to 102, none of which the lecture uses; the search goes on
beyond an end of its first four rates while the best stands there. ``python -m
unrolled.lessons.through_time`` does so and prints :data:`TRIED`, from which :data:`RATES` follows.

Source of the block: S. Bai, J. Z. Kolter, V. Koltun (2018), An empirical evaluation of generic
convolutional and recurrent networks for sequence modeling, https://arxiv.org/abs/1803.01271 (there
with two convolutions, weight normalisation and dropout in a block).
"""

from __future__ import annotations

import functools
import itertools
import sys
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from unrolled.lessons import contest
from unrolled.lessons.contest import Data, Task

#: Parameters that a whole net may have.
BUDGET = 2000
#: How far back the answer of ``echo`` stands.
LAG = 20
#: How often a step of ``latch`` has a marker.
MARKED = 1 / 16
#: Steps of a sequence.
STEPS = {"echo": 40, "latch": 64, "chaos": 25}
#: The dilations of the TCN's layers.
DILATIONS = (1, 2, 4, 8)
#: What competes.
NETS = ("TCN", "GRU", "LSTM")


class TCN(nn.Module):
    """Causal convolutions with growing dilation, each added to a track, and a linear layer.

    Args:
        n: inputs at a step.
        m: channels.
        k: outputs at a step.
        kernel: places that a kernel sees.
        dilations: one for each layer.
    """

    def __init__(
        self, n: int, m: int, k: int, *, kernel: int = 3, dilations: Sequence[int] = DILATIONS
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv1d(m if i else n, m, kernel, dilation=d) for i, d in enumerate(dilations)
        )
        self.head = nn.Linear(m, k)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the outputs at every step, (batch, time, k).

        Args:
            x: inputs, (batch, time, n).
        """
        h = x.transpose(1, 2)  # (batch, n, time)
        for layer in self.layers:
            assert isinstance(layer, nn.Conv1d)
            before = (layer.kernel_size[0] - 1) * layer.dilation[0]
            new = torch.relu(layer(nn.functional.pad(h, (before, 0))))  # (batch, m, time)
            h = h + new if h.shape == new.shape else new
        out: torch.Tensor = self.head(h.transpose(1, 2))
        return out


def receptive(kernel: int, dilations: Sequence[int]) -> int:
    """Return how many steps an output sees: 1 + (k - 1) Σ d."""
    return 1 + (kernel - 1) * sum(dilations)


def network(kind: str, n: int, k: int, budget: int = BUDGET) -> nn.Module:
    """Return the widest net of a kind within a budget of parameters.

    Args:
        kind: "TCN", "GRU", "LSTM" or "RNN".
        n: inputs.
        k: outputs.
        budget: parameters that it may have.
    """
    if kind != "TCN":
        return contest.Network(kind, n, contest.places(kind, n, k, budget), k)
    widths = itertools.takewhile(lambda m: parameters(TCN(n, m, k)) <= budget, itertools.count(1))
    return TCN(n, max(widths), k)


def parameters(net: nn.Module) -> int:
    """Return how many numbers a net learns."""
    return sum(p.numel() for p in net.parameters())


# --- the tasks ------------------------------------------------------------------------------------


def echo(rng: np.random.Generator, count: int, steps: int = STEPS["echo"], lag: int = LAG) -> Data:
    """Draw signs; the answer is the sign ``lag`` steps before, 0 where there is none yet.

    Returns:
        Inputs and answers, each (count, steps, 1).
    """
    x = rng.choice([-1.0, 1.0], (count, steps, 1))
    y = np.zeros_like(x)
    y[:, lag:] = x[:, : steps - lag]
    return torch.tensor(x).float(), torch.tensor(y).float()


def latch(
    rng: np.random.Generator, count: int, steps: int = STEPS["latch"], marked: float = MARKED
) -> Data:
    """Draw signs and markers; the answer is the sign at the last marker. The first step has one.

    Returns:
        Inputs (count, steps, 2), the sign and the marker, and answers (count, steps, 1).
    """
    sign = rng.choice([-1.0, 1.0], (count, steps))
    marker = rng.random((count, steps)) < marked
    marker[:, 0] = True
    last = np.maximum.accumulate(np.where(marker, np.arange(steps), 0), axis=1)
    y = np.take_along_axis(sign, last, axis=1)
    x = np.stack([sign, marker], axis=-1)
    return torch.tensor(x).float(), torch.tensor(y[..., None]).float()


def since(x: torch.Tensor) -> np.ndarray:
    """Return how many steps ago the last marker stood, (count, steps).

    Args:
        x: inputs of ``latch``, (count, steps, 2).
    """
    marker = x[..., 1].numpy() > 0
    at = np.arange(marker.shape[1])
    return at - np.maximum.accumulate(np.where(marker, at, 0), axis=1)


def echo_error(out: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the mean squared error where there is something to echo."""
    return (out[:, LAG:] - y[:, LAG:]).square().mean()


def error(out: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the mean squared error of all outputs."""
    return (out - y).square().mean()


#: The tasks by name.
TASKS = {
    "echo": Task("echo", 1, 1, 2, echo, echo_error),
    "latch": Task("latch", 2, 1, 2, latch, error),
    "chaos": contest.TASKS["chaos"],
}

#: Task, net, learning rate → the median score on validation data.
TRIED: dict[str, dict[str, dict[float, float]]] = {
    "echo": {
        "TCN": {0.01: 0.0013, 0.03: 0.0006, 0.1: 0.0006, 0.3: 0.0036},
        "GRU": {0.01: 1.0005, 0.03: 1.0001, 0.1: 0.9514, 0.3: 0.9603},
        "LSTM": {0.01: 1.0002, 0.03: 1.0001, 0.1: 1.0005, 0.3: 1.0, 1.0: 1.001},
    },
    "latch": {
        "TCN": {0.01: 0.4599, 0.03: 0.249, 0.1: 0.0999, 0.3: 0.2489},
        "GRU": {0.01: 0.2396, 0.03: 0.0226, 0.1: 0.0058, 0.3: 0.0034, 1.0: 0.0002, 3.0: 0.9909},
        "LSTM": {0.01: 0.8124, 0.03: 0.0126, 0.1: 0.0016, 0.3: 0.0014, 1.0: 0.0001, 3.0: 0.7403},
    },
    "chaos": {
        "TCN": {0.01: 0.0278, 0.03: 0.0189, 0.1: 0.0178, 0.3: 0.0837},
        "GRU": {0.01: 0.0942, 0.03: 0.0584, 0.1: 0.0376, 0.3: 0.0878},
        "LSTM": {0.01: 0.1222, 0.03: 0.1083, 0.1: 0.1004, 0.3: 0.1028},
    },
}
#: The best of these rates.
RATES = {
    name: {kind: min(tried, key=lambda rate: tried[rate]) for kind, tried in rows.items()}
    for name, rows in TRIED.items()
}

#: ``echo`` with six times the updates, 576: net, learning rate → the median on validation data.
LONGER: dict[str, dict[float, float]] = {
    "TCN": {0.01: 0.0001, 0.03: 0.0, 0.1: 0.0, 0.3: 0.0},
    "GRU": {0.01: 0.7351, 0.03: 0.695, 0.1: 0.8086, 0.3: 0.9144},
    "LSTM": {0.01: 1.0001, 0.03: 1.0001, 0.1: 1.0, 0.3: 1.0},
}


@functools.cache
def training(name: str, seed: int) -> Data:
    """Return a task's training data of a seed, the same for all nets."""
    return TASKS[name].draw(np.random.default_rng(seed), contest.SEQUENCES)


@functools.cache
def unseen(name: str, seed: int = contest.TEST) -> Data:
    """Return a task's test data (or, with another seed, its validation data), the same for all."""
    return TASKS[name].draw(np.random.default_rng(seed), 500)


@functools.cache
def trained(
    name: str, kind: str, seed: int, *, rate: float | None = None, longer: int = 1
) -> nn.Module:
    """Train one net on a task; when asked again, return the same net.

    Args:
        name: of the task.
        kind: of :data:`NETS`.
        seed: of the training data, their order and the starting weights.
        rate: learning rate; from :data:`RATES` by default.
        longer: how many times as many updates.
    """
    task = TASKS[name]
    torch.manual_seed(seed)
    net = network(kind, task.inputs, task.outputs)
    data, epochs = training(name, seed), longer * task.epochs
    contest.learn(net, task, data, rate or RATES[name][kind], epochs, seed)
    return net


def score(name: str, net: nn.Module, on: int = contest.TEST) -> float:
    """Return a net's error on data that it has not seen."""
    x, y = unseen(name, on)
    with torch.no_grad():
        return float(TASKS[name].loss(net(x), y))


def median(name: str, kind: str, rate: float, *, longer: int = 1) -> float:
    """Return the median score on validation data over the seeds 100 to 102."""
    seeds = range(100, 103)
    nets = [trained(name, kind, seed, rate=rate, longer=longer) for seed in seeds]
    return round(float(np.median([score(name, net, contest.VALIDATION) for net in nets])), 4)


def main(argv: Sequence[str] = ()) -> None:
    """Search the learning rate of each net on each task; print :data:`TRIED`.

    With the argument ``longer``: train on ``echo`` six times as long; print :data:`LONGER`.
    """
    torch.set_num_threads(1)
    if "longer" in argv:
        for kind in NETS:
            tried = {rate: median("echo", kind, rate, longer=6) for rate in contest.FIRST}
            print(f'    "{kind}": {tried},', flush=True)
        return
    for name in TASKS:
        print(f'    "{name}": {{')
        for kind in NETS:
            tried = contest.search(functools.partial(median, name, kind))
            print(f'        "{kind}": {tried},', flush=True)
        print("    },")


if __name__ == "__main__":
    main(sys.argv[1:])
