"""Lecture 06's deep nets: convolution after convolution, with a track past them or without."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn


class Tower(nn.Module):
    """A convolution that halves 8 × 8, then many of 3 × 3 with ReLU, then a global maximum.

    Args:
        depth: how many convolutions stand on the first.
        residual: whether each adds to the track: h + F(h) for F(h).
        he: whether the weights are drawn as by He (standard deviation √(2 / inputs), no biases),
            not as PyTorch draws them.
        width: channels.
    """

    def __init__(
        self, depth: int, *, residual: bool = False, he: bool = False, width: int = 8
    ) -> None:
        super().__init__()
        self.residual = residual
        self.first = nn.Conv2d(1, width, 3, stride=2, padding=1)
        self.layers = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in range(depth))
        self.head = nn.Linear(width, 10)
        if he:
            for layer in self.layers:
                assert isinstance(layer, nn.Conv2d)
                assert layer.bias is not None
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)

    def forward(self, x: torch.Tensor, maps: list[torch.Tensor] | None = None) -> torch.Tensor:
        """Return logits, (batch, 10).

        Args:
            x: pictures, (batch, 1, 8, 8).
            maps: takes the feature maps of each depth, (batch, width, 4, 4), if given.
        """
        h = torch.relu(self.first(x))
        for layer in self.layers:
            new = torch.relu(layer(h))
            h = h + new if self.residual else new
            if maps is not None:
                h.retain_grad()
                maps.append(h)
        logits: torch.Tensor = self.head(h.amax(dim=(2, 3)))
        return logits


def gradient_norms(tower: Tower, x: torch.Tensor, y: torch.Tensor) -> np.ndarray:
    """Return the norm of the loss's gradient by the maps of each depth, that of the last as 1.

    Args:
        tower: a net.
        x: pictures, (batch, 1, 8, 8).
        y: what they show, (batch,).
    """
    maps: list[torch.Tensor] = []
    nn.functional.cross_entropy(tower(x, maps), y).backward()
    norms = np.array([float(h.grad.double().norm()) for h in maps if h.grad is not None])
    return norms / norms[-1]
