"""Lecture 04's task for measuring reach: remember the sign that came first, through noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes

#: The loss of an answer that ignores the input.
GUESSING = float(np.log(2))


def batch(
    rng: np.random.Generator, size: int = 32, steps: int = 20
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw sequences whose first step brings a sign, while all steps bring noise.

    Returns:
        Inputs (size, steps, 2): the sign (0 after the first step), the noise from −1 to 1;
        and the signs, −1 or 1, (size,). Both are float32.
    """
    sign = rng.choice([-1.0, 1.0], size)
    x = np.zeros((size, steps, 2))
    x[:, 0, 0] = sign
    x[..., 1] = rng.uniform(-1, 1, (size, steps))
    return torch.tensor(x).float(), torch.tensor(sign).float()


def learn(net: Any, rng: np.random.Generator, steps: int, updates: int = 200) -> np.ndarray:
    """Train a recurrent network, with a linear readout of its last state, on batches of 32.

    Args:
        net: a ``torch.nn.RNN``, ``LSTM`` or ``GRU`` with 2 inputs and ``batch_first=True``;
            it is changed.
        rng: the source of the sequences.
        steps: their length.
        updates: steps of Adam, at a rate of 0.01.

    Returns:
        The loss of each batch before its update, in nats, (updates,).
    """
    head = torch.nn.Linear(net.hidden_size, 1)
    losses = []
    adam = torch.optim.Adam([*net.parameters(), *head.parameters()], lr=0.01)
    for _ in range(updates):
        x, sign = batch(rng, 32, steps)  # (32, steps, 2), (32,)
        h, _ = net(x)  # (32, steps, m)
        logit = head(h[:, -1])[:, 0]  # (32,)
        label = (sign > 0).float()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logit, label)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    return np.array(losses)


def draw(ax: Axes, runs: np.ndarray, colour: str, label: str, *, window: int = 8) -> None:
    """Draw learning curves in one colour, each a moving average.

    Args:
        ax: where to.
        runs: losses, (runs, updates).
        colour: of all lines.
        label: of the group.
        window: updates that are averaged.
    """
    for k, losses in enumerate(runs):
        line = np.convolve(losses, np.ones(window) / window, mode="valid")
        name = label if k == 0 else "_"
        ax.plot(np.arange(len(line)) + window, line, color=colour, lw=1.8, label=name)
