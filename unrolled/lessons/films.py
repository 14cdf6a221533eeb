"""Lecture 07's films of moving squares: how nets learn to forecast the next frame.

A net maps films (B, T, 1, H, W) to logits of each next frame, of the same shape. The loss is the
binary cross-entropy per pixel, in nats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from unrolled.lessons import moving_squares
from unrolled.palette import MUTED

#: Frames of a film, and frames that a net sees before it goes on by itself.
FRAMES, SEEN = moving_squares.SMALL.frames, 7


def draw(
    rng: np.random.Generator, count: int, *, frames: int = FRAMES, dark: float = 0.0
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw films, and what a camera sees of them.

    Args:
        rng: the source of chance.
        count: B.
        frames: T.
        dark: how often the camera fails and shows a black frame; never in the first two.

    Returns:
        What the camera sees and the true films, each (B, T, 1, H, W), float32.
    """
    setting = replace(moving_squares.SMALL, frames=frames)
    true = torch.tensor(moving_squares.movies(rng, count, setting)[:, :, None])
    fails = rng.random((count, frames)) < dark
    fails[:, :2] = False
    seen = torch.where(torch.tensor(fails)[:, :, None, None, None], 0.0, true)
    return seen, true


def loss(logits: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
    """Return the binary cross-entropy per pixel, in nats."""
    return nn.functional.binary_cross_entropy_with_logits(logits, true)


def beside(
    pictures: Sequence[ArrayLike], edges: Sequence[str] | None = None, side: int = 8
) -> NDArray[np.uint8]:
    """Return pictures beside one another, each with an edge, as large pixels (h, w, 3).

    Args:
        pictures: grey values from 0 to 1, (H, W) each, of one size.
        edges: a colour for each, ``#RRGGBB``; grey by default.
        side: of a pixel on the screen.
    """
    large = []
    for picture, colour in zip(pictures, edges or [MUTED] * len(pictures), strict=True):
        grey = np.round(255 * np.clip(np.asarray(picture, dtype=float), 0, 1)).astype(np.uint8)
        pixels = np.kron(grey, np.ones((side, side), np.uint8))[..., None].repeat(3, axis=2)
        framed = np.tile(
            np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], np.uint8),
            (pixels.shape[0] + 8, pixels.shape[1] + 8, 1),
        )
        framed[4:-4, 4:-4] = pixels
        large.append(np.pad(framed, ((8, 8), (8, 8), (0, 0)), constant_values=255))
    return np.concatenate(large, axis=1)


class EachFrame(nn.Module):
    """A layer for pictures, laid on each frame of a film.

    Args:
        layer: (B, C, H, W) → (B, o, H, W).
    """

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, film: torch.Tensor) -> torch.Tensor:
        """Return the layer's answers, (B, T, o, H, W), for a film (B, T, C, H, W)."""
        out: torch.Tensor = self.layer(film.flatten(0, 1)).unflatten(0, film.shape[:2])
        return out


class Window(nn.Module):
    """A net without memory: two convolutions on the last few frames, as channels of one picture.

    Args:
        frames: how many it sees; before the film begins it sees black ones.
        maps: channels between the convolutions.
    """

    def __init__(self, frames: int = 2, maps: int = 16) -> None:
        super().__init__()
        self.frames = frames
        two = nn.Conv2d(frames, maps, 3, padding=1), nn.ReLU(), nn.Conv2d(maps, 1, 3, padding=1)
        self.net = EachFrame(nn.Sequential(*two))

    def forward(self, film: torch.Tensor) -> torch.Tensor:
        """Return logits of each next frame, (B, T, 1, H, W), for a film of the same shape."""
        padded = nn.functional.pad(film[:, :, 0], (0, 0, 0, 0, self.frames - 1, 0))
        seen = padded.unfold(1, self.frames, 1).movedim(-1, 2)  # (B, T, frames, H, W)
        out: torch.Tensor = self.net(seen)
        return out


def learn(
    net: nn.Module,
    seed: int,
    *,
    updates: int = 100,
    rate: float = 0.03,
    batch: int = 16,
    frames: int = 10,
    dark: float = 0.0,
) -> list[float]:
    """Train a net to forecast each next frame of films, fresh ones for each update.

    Adam; the rate rises, then falls to nothing; gradients are clipped.

    Args:
        net: films (B, T, 1, H, W) → logits of the next frames; it is changed.
        seed: of the films.
        updates: how many.
        rate: the learning rate.
        batch: B.
        frames: T, of the films that it learns from.
        dark: how often the camera fails.

    Returns:
        The loss before each update.
    """
    rng, losses = np.random.default_rng(seed), []
    adam = torch.optim.Adam(net.parameters(), lr=rate)
    plan = torch.optim.lr_scheduler.OneCycleLR(adam, rate, updates)
    for _ in range(updates):
        seen, true = draw(rng, batch, frames=frames, dark=dark)
        value = loss(net(seen[:, :-1]), true[:, 1:])
        adam.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step()
        plan.step()
        losses.append(value.item())
    return losses
