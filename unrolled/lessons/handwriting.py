"""Lecture 06's digits: scikit-learn's 1797 pictures of 8 × 8, and nets that read them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

#: How many of the pictures one learns from; the others test.
TRAINED_ON = 1200


def pictures() -> tuple[torch.Tensor, torch.Tensor]:
    """Return the pictures, (1797, 1, 8, 8), from 0 to 1, and what they show, (1797,)."""
    digits = load_digits()
    return torch.tensor(digits.images / 16).float()[:, None], torch.tensor(digits.target)


def shares(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the numbers of the pictures to learn from and to test with, drawn by a seed."""
    order = torch.tensor(np.random.default_rng(seed).permutation(1797))
    return order[:TRAINED_ON], order[TRAINED_ON:]


def learn(
    net: nn.Module,
    x: torch.Tensor,
    y: torch.Tensor,
    seed: int,
    updates: int = 200,
    rate: float = 0.02,
    batch: int = 32,
) -> None:
    """Train a net with Adam, its rate falling to zero along a cosine.

    Args:
        net: pictures to ten logits; changed.
        x: the pictures, (size, 1, 8, 8).
        y: what they show, (size,).
        seed: of the batches.
        updates: steps of Adam.
        rate: the first.
        batch: pictures in a step.
    """
    draw = torch.Generator().manual_seed(seed)
    adam = torch.optim.Adam(net.parameters(), lr=rate, fused=True)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(adam, updates)
    for _ in range(updates):
        i = torch.randint(len(x), (batch,), generator=draw)
        loss = nn.functional.cross_entropy(net(x[i]), y[i])
        adam.zero_grad()
        loss.backward()
        adam.step()
        slower.step()


def right(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """Return the share of pictures that a net reads rightly."""
    with torch.no_grad():
        return float((net(x).argmax(dim=1) == y).float().mean())


def trained(
    make: Callable[[], nn.Module], x: torch.Tensor, y: torch.Tensor, seed: int
) -> tuple[nn.Module, float]:
    """Return a net made and trained with a seed, and what it reads rightly of the test set.

    Args:
        make: returns a fresh net.
        x: all pictures, (1797, 1, 8, 8).
        y: what they show.
        seed: of the division, of the weights and of the batches.
    """
    train, test = shares(seed)
    torch.manual_seed(seed)
    net = make()
    learn(net, x[train], y[train], seed)
    return net, right(net, x[test], y[test])
