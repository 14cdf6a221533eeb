"""Lecture 08's linear autoencoders: trained to the end, and held against the principal components."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch


class Weights(NamedTuple):
    """A trained autoencoder with one layer on each side.

    Attributes:
        W: the encoder's, (k, n).
        V: the decoder's, (n, k).
        error: squared error of the reconstruction, per example.
    """

    W: np.ndarray
    V: np.ndarray
    error: float


def start(seed: int, n: int, k: int) -> list[torch.Tensor]:
    """Return random W (k, n), b (k,), V (n, k), c (n,), float64."""
    random = torch.Generator().manual_seed(seed)
    W = 0.1 * torch.randn(k, n, generator=random, dtype=torch.float64)
    V = 0.1 * torch.randn(n, k, generator=random, dtype=torch.float64)
    return [W, torch.zeros(k, dtype=W.dtype), V, torch.zeros(n, dtype=W.dtype)]


def trained(
    x: np.ndarray,
    k: int,
    seed: int,
    *,
    decay: float = 0.0,
    act: Callable[[torch.Tensor], torch.Tensor] = lambda a: a,
    steps: int = 300,
) -> Weights:
    """Train an autoencoder n → k → n with L-BFGS on all data at once.

    Args:
        x: the data (examples, n).
        k: numbers in the code.
        seed: of the starting weights.
        decay: weight of the sum of all squared weights of both matrices, beside the squared
            error per example.
        act: the code's activation; the output is linear.
        steps: of L-BFGS.
    """
    data = torch.as_tensor(x, dtype=torch.float64)
    W, b, V, c = parameters = start(seed, x.shape[1], k)
    for p in parameters:
        p.requires_grad_()
    lbfgs = torch.optim.LBFGS(
        parameters, max_iter=steps, history_size=20, line_search_fn="strong_wolfe",
        tolerance_grad=1e-10, tolerance_change=1e-14,
    )  # fmt: skip

    def error() -> torch.Tensor:
        out = act(data @ W.T + b) @ V.T + c
        return ((out - data) ** 2).sum() / len(data)

    def closure() -> torch.Tensor:
        lbfgs.zero_grad()
        loss = error()
        if decay:
            loss = loss + decay * (W.square().sum() + V.square().sum())
        loss.backward()
        return loss

    lbfgs.step(closure)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        return Weights(W.numpy(), V.numpy(), float(error()))


def compressed(x: np.ndarray) -> np.ndarray:
    """Return n rows with the same covariance as the centred data (examples, n), scaled alike.

    A linear autoencoder without biases has the same loss per example on them: the squared error
    of a linear map depends on the second moments alone.
    """
    R = np.linalg.qr(x - x.mean(axis=0), mode="r")  # (n, n)
    return R * np.sqrt(len(R) / len(x))
