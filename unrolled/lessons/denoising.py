"""Lecture 08's denoisers: filters for digits, and points of the plane whose density is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from scipy import ndimage, signal

from unrolled.lessons.codec import psnr

Filter = Callable[[np.ndarray], np.ndarray]


def gaussian(width: float) -> Filter:
    """Return a Gaussian blur of a width in pixels, for pictures (count, 64)."""
    return lambda x: ndimage.gaussian_filter(
        x.reshape(-1, 8, 8), (0, width, width), mode="nearest"
    ).reshape(len(x), -1)


def median(size: int) -> Filter:
    """Return a median of windows size × size, for pictures (count, 64)."""
    return lambda x: ndimage.median_filter(
        x.reshape(-1, 8, 8), (1, size, size), mode="nearest"
    ).reshape(len(x), -1)


def wiener(size: int, sigma: float) -> Filter:
    """Return SciPy's Wiener filter of windows size × size: it keeps what noise cannot explain."""
    return lambda x: signal.wiener(x.reshape(-1, 8, 8), (1, size, size), sigma**2).reshape(
        len(x), -1
    )


def linear(train: np.ndarray, sigma: float) -> Filter:
    """Return the best affine denoiser for the mean and the covariance of the clean pictures."""
    mean, S = train.mean(axis=0), np.cov(train.T)
    A = S @ np.linalg.inv(S + sigma**2 * np.eye(len(S)))  # (n, n)
    return lambda x: mean + (x - mean) @ A.T


def remembering(train: np.ndarray, sigma: float) -> Filter:
    """Return the best denoiser if there were no clean points but the training ones.

    It averages them, each weighted by how likely it made the noisy point (and no parameter is
    learned).
    """

    def average(x: np.ndarray) -> np.ndarray:
        square = (x**2).sum(1)[:, None] - 2 * x @ train.T + (train**2).sum(1)  # (count, train)
        log = -square / (2 * sigma**2)
        weight = np.exp(log - log.max(axis=1, keepdims=True))
        return weight @ train / weight.sum(axis=1, keepdims=True)

    return average


def tuned(filters: list[Filter], noisy: np.ndarray, clean: np.ndarray) -> Filter:
    """Return the filter that is best on these pictures, in dB."""
    return max(filters, key=lambda one: psnr(one(noisy), clean))


def spiral(rng: np.random.Generator, count: int = 600) -> np.ndarray:
    """Return points (count, 2) near a spiral that turns once and a half."""
    t = np.sqrt(rng.uniform(0.04, 1, count)) * 3 * np.pi
    points = 0.2 * t[:, None] * np.stack([np.cos(t), np.sin(t)], axis=1)
    return points + 0.03 * rng.normal(size=points.shape)


class Denoiser:
    """A network (2 + 1) → 64 → 64 → 2 that takes noise of any strength from points of the plane.

    It is told the strength, and predicts the noise: of ``x + sigma·eps`` it returns ``eps``.

    Args:
        seed: of the weights, the batches and the noise.
        weakest: smallest standard deviation of the noise.
        strongest: largest one.
    """

    def __init__(self, seed: int, *, weakest: float = 0.05, strongest: float = 3.0) -> None:
        self.random = torch.Generator().manual_seed(seed)
        self.low, self.high = np.log(weakest), np.log(strongest)
        torch.manual_seed(seed)
        self.net = torch.nn.Sequential(
            torch.nn.Linear(3, 64), torch.nn.SiLU(),
            torch.nn.Linear(64, 64), torch.nn.SiLU(), torch.nn.Linear(64, 2),
        )  # fmt: skip

    def _noise(self, x: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        scaled = x / (1 + sigma**2).sqrt()
        return self.net(torch.cat([scaled, sigma.log()], dim=1))

    def learn(self, data: np.ndarray, *, updates: int = 2000, batch: int = 128) -> None:
        """Train on points (count, 2), each time with fresh noise of a random strength."""
        x = torch.as_tensor(data, dtype=torch.float32)
        adam = torch.optim.Adam(self.net.parameters(), 5e-3, fused=True)
        falling = torch.optim.lr_scheduler.CosineAnnealingLR(adam, updates)
        for _ in range(updates):
            clean = x[torch.randint(len(x), (batch,), generator=self.random)]
            log = torch.rand(batch, 1, generator=self.random) * (self.high - self.low) + self.low
            eps = torch.randn(batch, 2, generator=self.random)
            loss = ((self._noise(clean + log.exp() * eps, log.exp()) - eps) ** 2).mean()
            adam.zero_grad()
            loss.backward()
            adam.step()
            falling.step()

    def __call__(self, x: np.ndarray, sigma: float) -> np.ndarray:
        """Return the points (count, 2) without their noise of this strength."""
        with torch.no_grad():
            tensor = torch.as_tensor(x, dtype=torch.float32)
            eps = self._noise(tensor, torch.full((len(x), 1), float(sigma)))
        return x - sigma * eps.numpy()
