"""Lecture 08's autoencoders with a linear output, trained to the end: a look at their weights."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from unrolled.gates import sigmoid


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


def start(seed: int, n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return random weights W (k, n) and V (n, k)."""
    rng = np.random.default_rng(seed)
    return 0.1 * rng.normal(size=(k, n)), 0.1 * rng.normal(size=(n, k))


def compressed(x: np.ndarray) -> np.ndarray:
    """Return n rows with the same second moments as the centred data (examples, n).

    A linear autoencoder without biases has the same squared error on them, row by row n times
    larger than example by example: it depends on the second moments alone.
    """
    R = np.linalg.qr(x - x.mean(axis=0), mode="r")  # (n, n)
    return R * np.sqrt(len(R) / len(x))


def linear(x: np.ndarray, k: int, seed: int, *, decay: float = 0.0, steps: int = 600) -> Weights:
    """Train x̂ = V W x with L-BFGS on all data at once.

    Args:
        x: centred data (examples, n), or their :func:`compressed` rows.
        k: numbers in the code.
        seed: of the starting weights.
        decay: weight of the sum of all squared weights, beside the squared error per example.
        steps: of L-BFGS, at most.
    """
    W, V = start(seed, x.shape[1], k)
    S = x.T @ x / len(x)  # (n, n): all that the error depends on

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        W, V = (part.reshape(shape) for part, shape in zip(np.split(flat, 2), shapes, strict=True))
        miss = V @ W - np.eye(len(S))  # (n, n)
        seen = miss @ S
        error = (seen * miss).sum() + decay * (flat @ flat)
        d_V = 2 * seen @ W.T + 2 * decay * V
        d_W = 2 * V.T @ seen + 2 * decay * W
        return error, np.concatenate([d_W.ravel(), d_V.ravel()])

    shapes = W.shape, V.shape
    options = {"maxiter": steps, "maxcor": 20, "gtol": 1e-10, "ftol": 1e-15}
    flat = np.concatenate([W.ravel(), V.ravel()])
    best = minimize(loss, flat, jac=True, method="L-BFGS-B", options=options).x
    W, V = (part.reshape(shape) for part, shape in zip(np.split(best, 2), shapes, strict=True))
    return Weights(W, V, float(loss(best)[0] - decay * (best @ best)))


def one_sigmoid(x: np.ndarray, k: int, seed: int, *, steps: int = 150) -> Weights:
    """Train x̂ = V σ(W x + b) + c with L-BFGS on all data (examples, n) at once."""
    W, V = start(seed, x.shape[1], k)
    start_at = [W, np.zeros(k), V, x.mean(axis=0)]
    cuts = np.cumsum([part.size for part in start_at])[:-1]

    def parts(flat: np.ndarray) -> list[np.ndarray]:
        pieces = np.split(flat, cuts)
        return [p.reshape(part.shape) for p, part in zip(pieces, start_at, strict=True)]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        W, b, V, c = parts(flat)
        z = sigmoid(x @ W.T + b)  # (examples, k)
        delta = 2 * (z @ V.T + c - x) / len(x)  # (examples, n)
        d_z = (delta @ V) * z * (1 - z)
        gradients = d_z.T @ x, d_z.sum(axis=0), delta.T @ z, delta.sum(axis=0)
        error = float(np.square(delta).sum() * len(x) / 4)
        return error, np.concatenate([g.ravel() for g in gradients])

    flat = np.concatenate([part.ravel() for part in start_at])
    best = minimize(loss, flat, jac=True, method="L-BFGS-B", options={"maxiter": steps}).x
    W, _, V, _ = parts(best)
    return Weights(W, V, loss(best)[0])
