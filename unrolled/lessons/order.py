"""The task of lecture 01: which of two letters came first, and how a model learns it."""

from __future__ import annotations

import numpy as np
import torch

#: The letters, in the order of their one-hots; the task is about the first two.
LETTERS = "ABCDEFGH"
A, B = 0, 1

#: The classes of a step: neither A nor B has come, A came first, B came first.
NOTHING, A_FIRST, B_FIRST = 0, 1, 2


def order_task(
    rng: np.random.Generator, batch: int, steps: int = 12
) -> tuple[np.ndarray, np.ndarray]:
    """Draw sequences of letters with one A and one B in each, and the mirror of each.

    The second half of the batch are the mirrors of the first half: A and B change places.

    Args:
        rng: where the letters are drawn from.
        batch: how many sequences; an even number.
        steps: letters in a sequence, at least two.

    Returns:
        The letters as one-hots, float32, (batch, steps, 8), and the class of each step, integers,
        (batch, steps).

    Raises:
        ValueError: the batch is odd, or there is no room for both letters.
    """
    if batch < 2 or batch % 2:
        raise ValueError(f"each sequence comes with its mirror: an even batch, not {batch}")
    if steps < 2:
        raise ValueError(f"A and B need two steps at least, not {steps}")
    x = rng.integers(2, len(LETTERS), (batch // 2, steps))
    for row in x:
        row[rng.choice(steps, 2, replace=False)] = A, B
    mirror = np.select([x == A, x == B], [B, A], x)
    x = np.concatenate([x, mirror])  # (batch, steps)
    come = np.maximum.accumulate(x <= B, axis=1)  # A or B by now?
    first = x[np.arange(batch), come.argmax(axis=1)]
    y = np.where(come, A_FIRST + first[:, None], NOTHING)
    return np.eye(len(LETTERS), dtype=np.float32)[x], y


class OneNumber(torch.nn.Linear):
    """A readout of one number a, for A first with the probability sigmoid(a), else B first.

    It gives the classes' pre-activations, (−30, a, 0), so that it is trained and tested as a
    readout of three classes is; the class “nothing yet” has a probability of practically zero.
    """

    def __init__(self, inputs: int) -> None:
        super().__init__(inputs, 1)

    def forward(self, s: torch.Tensor) -> torch.Tensor:
        """Return pre-activations (…, 3) of states (…, inputs)."""
        a = super().forward(s)
        return torch.cat([torch.full_like(a, -30.0), a, torch.zeros_like(a)], dim=-1)


def accuracy(model: torch.nn.Module, x: np.ndarray, y: np.ndarray) -> float:
    """Return how often a model, after the last letter, finds the letter that came first likelier.

    Args:
        model: takes (batch, steps, 8) and gives the classes' pre-activations, (batch, steps, 3).
        x: letters as one-hots, (batch, steps, 8).
        y: classes, (batch, steps).
    """
    with torch.no_grad():
        a = model(torch.tensor(x))[:, -1]  # (batch, 3)
    says_a = (a[:, A_FIRST] > a[:, B_FIRST]).numpy()
    return float(np.mean(says_a == (y[:, -1] == A_FIRST)))


def train(
    model: torch.nn.Module,
    seed: int,
    *,
    lengths: tuple[int, int] = (12, 12),
    every: bool = False,
    updates: int = 200,
    test: tuple[np.ndarray, np.ndarray] | None = None,
) -> list[float]:
    """Train a model on fresh sequences: Adam at 0.02, 64 sequences an update.

    Args:
        model: as in :func:`accuracy`; trained in place.
        seed: of the sequences.
        lengths: the shortest and the longest sequence; each update has one length.
        every: whether the loss is taken at every step, or after the last letter alone.
        updates: how many.
        test: sequences and classes on which the accuracy is measured after each update.

    Returns:
        The accuracy on the test after each update; empty without a test.
    """
    rng = np.random.default_rng(seed)
    adam = torch.optim.Adam(model.parameters(), lr=0.02)
    curve = []
    for _ in range(updates):
        steps = int(rng.integers(*lengths, endpoint=True))
        x, y = map(torch.tensor, order_task(rng, 64, steps))
        a = model(x)  # (64, steps, 3)
        if not every:
            a, y = a[:, -1:], y[:, -1:]
        adam.zero_grad()
        torch.nn.functional.cross_entropy(a.mT, y).backward()
        adam.step()
        if test is not None:
            curve.append(accuracy(model, *test))
    return curve
