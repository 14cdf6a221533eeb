"""The exercises of lab 11, "Autoencoders": references, cases, hints."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unrolled.edits import with_mistakes
from unrolled.exercises import Arguments, Exercise

# --------------------------------------------------------------------------- PCA


def pca(train: np.ndarray, images: np.ndarray, k: int) -> np.ndarray:
    """Return images rebuilt from k numbers each: their principal components.

    Args:
        train: what mean and directions are computed from, of shape (N, n).
        images: what is rebuilt, of shape (B, n).
        k: how many components are kept.

    Returns:
        The rebuilt images, of shape (B, n).
    """
    mean = train.mean(axis=0)  # (n,)
    _, _, rows = np.linalg.svd(train - mean, full_matrices=False)
    directions = rows[:k]  # (k, n)
    codes = (images - mean) @ directions.T  # (B, k)
    return mean + codes @ directions


def _cloud(rng: np.random.Generator, size: int, n: int) -> np.ndarray:
    """Return points of shape (size, n) that are spread unequally and correlated, off the origin."""
    spread = 1.6 ** -np.arange(n)
    turned, _ = np.linalg.qr(rng.normal(0, 1, (n, n)))
    return rng.normal(0, 1, (size, n)) * spread @ turned + rng.uniform(0.5, 2, n)


def _pca_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for size, n, others, k in ((30, 5, 4, 2), (7, 9, 3, 4), (12, 6, 1, 1)):
        points = _cloud(rng, size + others, n)
        yield points[:size], points[size:] + rng.normal(0, 0.5, n), k


# --------------------------------------------------------------------------- angles


def principal_angles(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the principal angles between two subspaces, in degrees, ascending.

    Björck and Golub (1973): the cosines are the singular values of the product of two orthonormal
    bases.

    Args:
        first: a basis as columns, of shape (n, k); the columns need be neither orthogonal nor of
            length 1.
        second: a basis of the other subspace, of the same shape.

    Returns:
        Angles from 0 to 90, of shape (k,).
    """
    one, _ = np.linalg.qr(first)  # (n, k), orthonormal columns
    other, _ = np.linalg.qr(second)
    cosines = np.linalg.svd(one.T @ other)[1]  # (k,), descending
    return np.degrees(np.arccos(np.minimum(cosines, 1)))


def _angles_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for n, k in ((6, 2), (9, 3), (4, 1)):
        first = rng.normal(0, 2, (n, k))
        yield first, first @ rng.normal(0, 1, (k, k)) + rng.normal(0, 0.7, (n, k))
    # All directions but one in common: cosines of 1 that rounding moves to either side.
    first, other = rng.normal(0, 1, (2, 40, 24))
    other[:, 1:] = first[:, 1:]
    yield first, other @ rng.normal(0, 1, (24, 24))


# --------------------------------------------------------------------------- Wiener


def wiener(train: np.ndarray, noisy: np.ndarray, db: float) -> np.ndarray:
    """Return noisy images cleaned by the best linear estimate.

    Args:
        train: clean images, of shape (N, n).
        noisy: images with white noise added, of shape (B, n).
        db: PSNR of the noise, in decibels, for pixels from 0 to 1.

    Returns:
        The estimates of the clean images, of shape (B, n).
    """
    power = 10 ** (-db / 10)  # the noise's variance
    mean = train.mean(axis=0)  # (n,)
    centred = train - mean
    c = centred.T @ centred / len(train)  # (n, n)
    gain = c @ np.linalg.inv(c + power * np.eye(len(mean)))  # (n, n), symmetric
    return mean + (noisy - mean) @ gain


def _wiener_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for size, n, others, db in ((25, 4, 3, 0.0), (9, 6, 2, 7.5), (5, 3, 1, -4)):
        points = _cloud(rng, size + others, n)
        yield points[:size], points[size:] + rng.normal(0, 0.7, (others, n)), db


# --------------------------------------------------------------------------- VAE


def sample_and_kl(
    mean: np.ndarray, log_variance: np.ndarray, noise: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return codes drawn from normal distributions, and how far these are from N(0, I).

    Kingma and Welling (2014), section 2.4 and appendix B.

    Args:
        mean: μ, of shape (B, k).
        log_variance: log σ², of shape (B, k).
        noise: drawn from N(0, 1), of shape (B, k).

    Returns:
        Codes z of shape (B, k), and KL(N(μ, σ²) ‖ N(0, I)) of each example in nats, (B,).
    """
    z = mean + np.exp(log_variance / 2) * noise  # (B, k)
    kl = (mean**2 + np.exp(log_variance) - log_variance - 1) / 2  # (B, k)
    return z, kl.sum(axis=1)


def _vae_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for size, k in ((4, 3), (1, 5), (6, 1), (3, 3)):
        yield (
            rng.normal(0, 1.5, (size, k)),
            rng.uniform(-3, 1.5, (size, k)),
            rng.normal(0, 1, (size, k)),
        )


# --------------------------------------------------------------------------- AUC


def auc(anomalies: np.ndarray, normal: np.ndarray) -> float:
    """Return the area under the ROC curve.

    The probability that an anomaly, drawn at random, has a higher score than a normal example
    (Hanley and McNeil 1982); ties count one half.

    Args:
        anomalies: their scores, of shape (P,); the higher, the more suspect.
        normal: the scores of normal examples, of shape (M,).
    """
    wins = (anomalies[:, None] > normal).mean()  # of all P · M pairs
    ties = (anomalies[:, None] == normal).mean()
    return float(wins + ties / 2)


def _auc_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    # An area below one half is an answer, too.
    for p, m, apart in ((7, 13, 0.8), (26, 9, -1.5), (1, 29, -1.5)):
        yield rng.normal(apart, 1, p), rng.normal(0, 1, m)
    yield rng.integers(1, 6, 8) / 4, rng.integers(0, 5, 17) / 4  # many ties


EXERCISES = with_mistakes(
    __file__,
    Exercise("autoencoders/pca", pca, _pca_cases),
    Exercise("autoencoders/angles", principal_angles, _angles_cases),
    Exercise("autoencoders/wiener", wiener, _wiener_cases),
    Exercise("autoencoders/vae", sample_and_kl, _vae_cases),
    Exercise("autoencoders/auc", auc, _auc_cases),
)
