"""Lecture 04's task for reading gates: save, ask, clear; and the one-cell networks that learn it.

Sixteen cells stand in one layer, yet none hears another: each is a network of its own. Four of
them have all gates; in four each one gate is welded open, so that it stays at 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

#: What may come with a number, in the order of the channels 1, 2, 3 of the input.
COMMANDS = ("save", "ask", "clear")
#: The gate that is welded open in networks 0–3, 4–7, 8–11, 12–15; "" is none.
WELDED = ("", "f", "i", "o")
_BLOCKS = "ifgo"  # PyTorch's order
_OPEN = 100.0  # a bias at which a sigmoid is 1


def stream(rng: np.random.Generator, size: int, steps: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """Draw sequences of numbers with at most one command a step, and the right answers.

    Returns:
        Inputs (size, steps, 4): number, save, ask, clear; and the answers (size, steps, 1).
    """
    x = np.zeros((size, steps, 4))
    x[..., 0] = rng.uniform(-1, 1, (size, steps))
    command = rng.choice(4, (size, steps), p=(0.6, 0.1, 0.2, 0.1))
    x[..., 1:] = command[..., None] == [1, 2, 3]
    return x, answers(x)


def answers(x: np.ndarray) -> np.ndarray:
    """Return what a memory that obeys would say, (size, steps, 1), to inputs (size, steps, 4)."""
    held, said = np.zeros(len(x)), []
    for number, save, ask, clear in x.transpose(1, 2, 0):
        held = np.where(save, number, held) * (1 - clear)
        said.append(ask * held)
    return np.stack(said, axis=1)[..., None]


def _layer() -> Any:
    """Return a layer of 16 cells with 4 inputs; its parameters have no types of their own."""
    return torch.nn.LSTM(4, 16, batch_first=True)


class Cells:
    """Sixteen LSTM cells, each a network of its own, whose answer is its h times one number.

    Attributes:
        net: one ``torch.nn.LSTM`` with 4 inputs that holds all of them.
        scale: the number by which each cell's h is multiplied, (16,).

    Args:
        seed: of the starting weights, normal with a standard deviation of 0.1. The forget gates
            start with a bias of 1.
    """

    def __init__(self, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.net = _layer()
        for parameter in self.net.parameters():
            torch.nn.init.normal_(parameter, std=0.1)
        free = torch.ones(4, 16)
        for k, gate in enumerate(WELDED):
            if gate:
                free[_BLOCKS.index(gate), 4 * k : 4 * k + 4] = 0
        self._free = free.reshape(64, 1)
        self._alone = torch.eye(16).repeat(4, 1)
        self.scale = torch.nn.Parameter(torch.ones(16))
        with torch.no_grad():
            self.net.bias_ih_l0[16:32] = 1.0  # the block f
            self.net.bias_hh_l0.copy_(_OPEN * (1 - self._free[:, 0]))
        self.net.bias_hh_l0.requires_grad_(False)
        self._separate()

    def _separate(self) -> None:
        """Remove the weights between cells, and those into welded gates."""
        with torch.no_grad():
            self.net.weight_ih_l0 *= self._free  # (64, 4)
            self.net.weight_hh_l0 *= self._free * self._alone  # (64, 16)
            self.net.bias_ih_l0 *= self._free[:, 0]  # (64,)

    def learn(self, rng: np.random.Generator, updates: int = 400) -> None:
        """Train all cells at once with Adam, on batches of 64 sequences.

        The loss is the sum of the cells' squared errors, so no cell feels another.
        """
        learned = [p for p in self.net.parameters() if p.requires_grad]
        adam = torch.optim.Adam([*learned, self.scale], lr=0.05)
        for _ in range(updates):
            x, y = (torch.tensor(k).float() for k in stream(rng, 64))
            h, _ = self.net(x)  # (64, 24, 16)
            loss = (self.scale * h - y).square().mean(dim=(0, 1)).sum()
            adam.zero_grad()
            loss.backward()
            adam.step()
            self._separate()  # Adam has moved them
