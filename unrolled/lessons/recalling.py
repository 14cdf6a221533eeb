"""Lecture 02's trial of two initialisations: give back the first number after many zeros."""

from __future__ import annotations

import numpy as np
import torch


def recall(seed: int, *, orthogonal: bool, steps: int = 40, updates: int = 300) -> np.ndarray:
    """Train a network of 32 units with Adam; return the mean squared error before each update.

    Args:
        seed: of weights and data.
        orthogonal: whether W_h starts orthogonal; otherwise PyTorch's default initialisation.
        steps: length of a sequence: one number, uniform on [−1, 1], then zeros.
        updates: number of updates, 32 sequences each.
    """
    torch.manual_seed(seed)
    net, head = torch.nn.RNN(1, 32, batch_first=True), torch.nn.Linear(32, 1)
    if orthogonal:
        torch.nn.init.orthogonal_(net.get_parameter("weight_hh_l0"))
    adam = torch.optim.Adam([*net.parameters(), *head.parameters()], 0.003)
    losses = []
    for _ in range(updates):
        x = torch.zeros(32, steps, 1)
        x[:, 0] = 2 * torch.rand(32, 1) - 1
        states, _ = net(x)  # (32, steps, 32)
        loss = (head(states[:, -1]) - x[:, 0]).square().mean()
        losses.append(loss.item())
        adam.zero_grad()
        loss.backward()
        adam.step()
    return np.array(losses)
