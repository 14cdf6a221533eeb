"""Lecture 02's labelling task: in a cluster of consonants the first one rules, or the last."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch

LETTERS = "atd"  #: a vowel, a voiceless and a voiced consonant
Rule = Literal["first", "last"]


def words(
    rng: np.random.Generator, batch: int, rule: Rule, steps: int = 12
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw random words and label each letter by the rule.

    Args:
        rng: the source of the letters.
        batch: number of words.
        rule: which consonant of a cluster the others take after.
        steps: letters in a word.

    Returns:
        Letters and labels, both (batch, steps), numbers of `LETTERS`.
    """
    x = rng.integers(0, 3, (batch, steps))
    y = x.copy()
    for t in range(1, steps):  # in a cluster the first one rules
        joined = (x[:, t] > 0) & (x[:, t - 1] > 0)
        y[joined, t] = y[joined, t - 1]
    if rule == "last":  # the same, read from the end
        x, y = x[:, ::-1].copy(), y[:, ::-1].copy()
    return torch.tensor(x), torch.tensor(y)


def label(seed: int, rule: Rule, *, both: bool = False, updates: int = 250) -> float:
    """Train a labeller of 16 units (a way); return its share of right labels on 2000 new words.

    Args:
        seed: of weights and words.
        rule: as in :func:`words`.
        both: whether the network reads both ways.
        updates: number of updates, 32 words each.
    """
    torch.manual_seed(seed)
    net = torch.nn.RNN(3, 16, batch_first=True, bidirectional=both)
    head = torch.nn.Linear(16 * (1 + both), 3)
    adam = torch.optim.Adam([*net.parameters(), *head.parameters()], 0.01)
    rng, one_hot = np.random.default_rng(seed), torch.eye(3)
    for _ in range(updates):
        x, y = words(rng, 32, rule)
        logits = head(net(one_hot[x])[0])  # (batch, time, 3): a loss at every step
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
        adam.zero_grad()
        loss.backward()
        adam.step()
    x, y = words(np.random.default_rng(99), 2000, rule)
    with torch.no_grad():
        right = head(net(one_hot[x])[0]).argmax(dim=2) == y
    return right.float().mean().item()
